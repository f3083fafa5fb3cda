#include "pipeline/glue/native/store.h"

#include <fmt/format.h>

namespace pipeline::glue::native {

using emulator::base::Error;
using emulator::base::Result;
using emulator::s3::ErrorCode;

Error error_of(const emulator::s3::Error& error, std::string_view bucket, std::string_view key) {
  return Error{fmt::format("s3://{}/{}: {}", bucket, key, error.text())};
}

Result<std::optional<std::string>> get_object(emulator::s3::Service& s3, const std::string& bucket,
                                              const std::string& key) {
  auto got = s3.get_object(bucket, key);
  if (got) {
    auto body = got->read();
    if (!body) return tl::unexpected(error_of(body.error(), bucket, key));
    return std::move(*body);
  }
  if (got.error().code == ErrorCode::no_such_key || got.error().code == ErrorCode::no_such_bucket)
    return std::optional<std::string>();
  return tl::unexpected(error_of(got.error(), bucket, key));
}

Result<void> put_object(emulator::s3::Service& s3, const std::string& bucket,
                        const std::string& key, std::string_view body) {
  auto put = s3.put_object({.bucket = bucket, .key = key}, body);
  if (!put) return tl::unexpected(error_of(put.error(), bucket, key));
  return {};
}

Result<void> delete_object(emulator::s3::Service& s3, const std::string& bucket,
                           const std::string& key) {
  auto removed = s3.delete_object({.bucket = bucket, .key = key});
  if (!removed) return tl::unexpected(error_of(removed.error(), bucket, key));
  return {};
}

Result<std::vector<emulator::s3::ListedObject>> list_objects(emulator::s3::Service& s3,
                                                             const std::string& bucket,
                                                             const std::string& prefix) {
  std::vector<emulator::s3::ListedObject> all;
  emulator::s3::ListObjectsInput input{.bucket = bucket, .prefix = prefix};
  while (true) {
    auto page = s3.list_objects(input);
    if (!page) return tl::unexpected(error_of(page.error(), bucket, prefix));
    for (auto& object : page->objects) all.push_back(std::move(object));
    if (!page->truncated) return all;
    input.start_after = page->next_start_after;
  }
}

}  // namespace pipeline::glue::native
