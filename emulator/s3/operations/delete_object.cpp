#include "emulator/s3/conditions.h"
#include "emulator/s3/names.h"
#include "emulator/s3/object_answer.h"
#include "emulator/s3/object_headers.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"

namespace emulator::s3 {

Result<void> Service::delete_object(const std::string& bucket_name, const std::string& key,
                                    const Conditions& conditions, const std::optional<RequestIds>& ids) {
  if (auto named = check_key(key); !named) return named;
  const auto bucket = find_bucket(bucket_name);
  if (!bucket) return tl::unexpected(bucket.error());
  auto current = find_object(bucket_name, key);
  if (!current) return tl::unexpected(std::move(current.error()));
  if (auto held = check_delete(conditions, *current); !held) return held;
  if (!*current) return {};
  Object object = std::move(**current);
  auto sequencer = next_sequencer();
  if (!sequencer) return tl::unexpected(std::move(sequencer.error()));
  object.sequencer = std::move(*sequencer);
  auto announcement = plan_events(*bucket, object, "ObjectRemoved:Delete", ids ? *ids : new_request_ids());
  if (!announcement) return tl::unexpected(std::move(announcement.error()));
  if (auto removed = store_.remove(bucket_name, key, announcement->events); !removed) return storage_failed(removed.error());
  announce(trace_.record("s3", "delete", {{"bucket", bucket_name}, {"key", key}}), object, *announcement);
  return {};
}

Result<base::HttpResponse> rest_delete_object(Call& call, const std::string&) {
  if (auto checked = check_version_id(call.parameter("versionId")); !checked) return tl::unexpected(std::move(checked.error()));
  const auto deleted = call.service.delete_object(call.bucket, call.key, conditions_of(call), call.ids);
  if (!deleted) return tl::unexpected(deleted.error());
  return empty_response(204);
}

}  // namespace emulator::s3
