#include "emulator/s3/service.h"

namespace emulator::s3 {

Result<Bucket> Service::head_bucket(const std::string& name) { return find_bucket(name); }

}  // namespace emulator::s3
