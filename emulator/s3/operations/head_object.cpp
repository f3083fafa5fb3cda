#include "emulator/s3/names.h"
#include "emulator/s3/object_answer.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"

namespace emulator::s3 {

Result<Object> Service::head_object(const std::string& bucket, const std::string& key) {
  if (auto named = check_key(key); !named) return tl::unexpected(std::move(named.error()));
  auto object = find_object(bucket, key);
  if (!object) return tl::unexpected(std::move(object.error()));
  if (*object) return std::move(**object);
  if (const auto found = find_bucket(bucket); !found) return tl::unexpected(found.error());
  return tl::unexpected(Error{ErrorCode::no_such_key, {}, {{"Key", key}}});
}

Result<base::HttpResponse> rest_head_object(Call& call, const std::string&) {
  const auto object = call.service.head_object(call.bucket, call.key);
  if (!object) return tl::unexpected(object.error());
  auto answer = answer_object(call, *object);
  if (!answer) return tl::unexpected(std::move(answer.error()));
  if (answer->has_body) answer->response.headers.set("content-length", std::to_string(answer->range.size));
  return std::move(answer->response);
}

}  // namespace emulator::s3
