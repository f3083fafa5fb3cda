#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"

namespace emulator::s3 {

Result<void> Service::delete_bucket(const std::string& name) {
  if (const auto bucket = find_bucket(name); !bucket) return tl::unexpected(bucket.error());
  const auto first = store_.list_versions(
      name, {.prefix = {}, .from_key = {}, .before_sequencer = {}, .limit = 1});
  if (!first) return storage_failed(first.error());
  if (!first->empty()) {
    const char* const why = versioning(name) == Versioning::never
                                ? ""
                                : "The bucket you tried to delete is not empty. You must delete "
                                  "all versions in the bucket.";
    return tl::unexpected(Error{ErrorCode::bucket_not_empty, why, {{"BucketName", name}}});
  }
  if (auto removed = store_.remove_bucket(name); !removed) return storage_failed(removed.error());
  notifications_.erase(name);
  versioning_.erase(name);
  lifecycle_rules_.erase(name);
  trace_.record("s3", "delete_bucket", {{"bucket", name}});
  return {};
}

Result<base::HttpResponse> rest_delete_bucket(Call& call, const std::string&) {
  if (auto deleted = call.service.delete_bucket(call.bucket); !deleted)
    return tl::unexpected(std::move(deleted.error()));
  return empty_response(204);
}

}  // namespace emulator::s3
