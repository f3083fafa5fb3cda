#include "emulator/s3/service.h"

namespace emulator::s3 {

Result<ObjectBody> Service::get_object(const std::string& bucket, const std::string& key) {
  auto object = head_object(bucket, key);
  if (!object) return tl::unexpected(std::move(object.error()));
  auto body = store_.open(*object);
  if (!body) return storage_failed(body.error());
  return ObjectBody{std::move(*object), std::move(*body)};
}

}  // namespace emulator::s3
