#include "emulator/s3/conditions.h"
#include "emulator/s3/names.h"
#include "emulator/s3/object_headers.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"
#include "emulator/s3/version_id.h"

namespace emulator::s3 {

// AWS: "Deleting object versions from a versioning-enabled bucket".
Result<DeleteObjectOutput> Service::delete_object(const DeleteObjectInput& input,
                                                  const std::optional<RequestIds>& ids) {
  if (auto named = check_key(input.key); !named) return tl::unexpected(std::move(named.error()));
  const auto bucket = find_bucket(input.bucket);
  if (!bucket) return tl::unexpected(bucket.error());
  auto found = input.version_id.empty() ? find_object(input.bucket, input.key)
                                        : find_version(input.bucket, input.key, input.version_id);
  if (!found) return tl::unexpected(std::move(found.error()));
  if (auto held = check_delete(input.conditions, input.key, *found); !held)
    return tl::unexpected(std::move(held.error()));
  const bool keeps_versions = versioning_of(*bucket) != Versioning::never;
  if (*found && (input.version_id.empty() || !keeps_versions)) {
    if (auto done = overtake_uploads(input.bucket, input.key); !done)
      return tl::unexpected(std::move(done.error()));
  }
  if (input.version_id.empty() && keeps_versions)
    return put_delete_marker(*bucket, input, ids ? *ids : new_request_ids());
  DeleteObjectOutput output{input.version_id, *found && (*found)->is_delete_marker};
  if (!*found) {
    if (auto may = check_was_given(input.version_id); !may)
      return tl::unexpected(std::move(may.error()));
    return output;
  }
  if (auto may = check_is_removable(**found, now(), input.bypass_governance); !may)
    return tl::unexpected(std::move(may.error()));
  if (auto done = remove_version(*bucket, std::move(**found), ids ? *ids : new_request_ids());
      !done) {
    return tl::unexpected(std::move(done.error()));
  }
  return output;
}

// Uploads in progress under the key learn that what there was has gone; a later write they see by
// its sequencer.
Result<void> Service::overtake_uploads(const std::string& bucket, const std::string& key) {
  ObjectStore::UploadRange range{.prefix = key, .from_key = key, .after_id = {}, .limit = 100};
  while (true) {
    auto uploads = store_.uploads(bucket, range);
    if (!uploads) return storage_failed(uploads.error());
    for (MultipartUpload& upload : *uploads) {
      if (upload.key != key) return {};
      range.after_id = upload.id;
      if (!upload.headers.emplace(overtaken_header, "").second) continue;
      if (auto put = store_.put_upload(upload); !put) return storage_failed(put.error());
    }
    if (uploads->size() < range.limit) return {};
  }
}

// To delete a version again is fine; an id that no version can have had is none.
Result<void> Service::check_was_given(const std::string& version_id) {
  const auto sequencer = sequencer_of(version_id);
  if (!sequencer) return {};  // of the null version, or none was named
  const auto next = next_sequencer();
  if (!next) return tl::unexpected(next.error());
  if (*sequencer < *next) return {};
  return tl::unexpected(invalid_version_id(version_id));
}

Result<DeleteObjectOutput> Service::put_delete_marker(const Bucket& bucket,
                                                      const DeleteObjectInput& input,
                                                      const RequestIds& ids) {
  auto sequencer = next_sequencer();
  if (!sequencer) return tl::unexpected(std::move(sequencer.error()));
  Object marker{.bucket = input.bucket,
                .key = input.key,
                .last_modified = now(),
                .sequencer = std::move(*sequencer)};
  marker.is_delete_marker = true;
  if (versioning_of(bucket) == Versioning::enabled)
    marker.version_id = new_version_id(random_, marker.sequencer);
  auto announcement = plan_events(bucket, marker, "ObjectRemoved:DeleteMarkerCreated", ids);
  if (!announcement) return tl::unexpected(std::move(announcement.error()));
  if (auto put = store_.put_delete_marker(marker, announcement->events); !put)
    return storage_failed(put.error());
  const std::string id = version_id(marker);
  announce(trace_.record("s3", "delete_marker",
                         {{"bucket", marker.bucket}, {"key", marker.key}, {"version", id}}),
           marker, *announcement);
  return DeleteObjectOutput{id, true};
}

Result<void> Service::remove_version(const Bucket& bucket, Object object, const RequestIds& ids) {
  const Object stored = object;
  auto sequencer = next_sequencer();
  if (!sequencer) return tl::unexpected(std::move(sequencer.error()));
  object.sequencer = std::move(*sequencer);  // that of the event
  auto announcement = plan_events(bucket, object, "ObjectRemoved:Delete", ids);
  if (!announcement) return tl::unexpected(std::move(announcement.error()));
  if (auto removed = store_.remove(stored, announcement->events); !removed)
    return storage_failed(removed.error());
  std::vector<sim::Field> fields{{"bucket", object.bucket}, {"key", object.key}};
  if (const std::string id = version_id(object); !id.empty()) fields.emplace_back("version", id);
  announce(trace_.record("s3", "delete", std::move(fields)), object, *announcement);
  return {};
}

Result<base::HttpResponse> rest_delete_object(Call& call, const std::string&) {
  const auto version_id = requested_version(call);
  if (!version_id) return tl::unexpected(version_id.error());
  const auto deleted = call.service.delete_object({.bucket = call.bucket,
                                                   .key = call.key,
                                                   .version_id = *version_id,
                                                   .conditions = conditions_of(call),
                                                   .bypass_governance = bypasses_governance(call)},
                                                  call.ids);
  if (!deleted) return tl::unexpected(deleted.error());
  base::HttpResponse response = empty_response(204);
  if (deleted->is_delete_marker) response.headers.add("x-amz-delete-marker", "true");
  add_version_id(deleted->version_id, response.headers);
  return response;
}

}  // namespace emulator::s3
