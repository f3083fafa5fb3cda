#include "emulator/s3/names.h"
#include "emulator/s3/service.h"

namespace emulator::s3 {

Result<Bucket> Service::create_bucket(const std::string& name, const std::string& region) {
  if (auto named = check_bucket_name(name); !named) return tl::unexpected(std::move(named.error()));
  auto found = store_.find_bucket(name);
  if (!found) return storage_failed(found.error());
  const std::string& wanted = region.empty() ? options_.region : region;
  if (*found) {
    // Only us-east-1 lets the owner create a bucket twice (AWS: CreateBucket, BucketAlreadyOwnedByYou).
    if ((*found)->region == "us-east-1" && wanted == "us-east-1") return std::move(**found);
    return tl::unexpected(Error{ErrorCode::bucket_already_owned_by_you, {}, {{"BucketName", name}}});
  }
  const Bucket bucket{.name = name, .region = wanted, .created = now()};
  if (auto put = store_.put_bucket(bucket); !put) return storage_failed(put.error());
  trace_.record("s3", "create_bucket", {{"bucket", name}});
  return bucket;
}

}  // namespace emulator::s3
