#include "emulator/s3/service.h"

namespace emulator::s3 {

Result<std::vector<Bucket>> Service::list_buckets() {
  auto buckets = store_.buckets();
  if (!buckets) return storage_failed(buckets.error());
  return std::move(*buckets);
}

}  // namespace emulator::s3
