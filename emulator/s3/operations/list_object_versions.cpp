#include <algorithm>

#include "emulator/base/xml.h"
#include "emulator/s3/listed_object.h"
#include "emulator/s3/listing_xml.h"
#include "emulator/s3/object_answer.h"
#include "emulator/s3/object_headers.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/prefixes.h"
#include "emulator/s3/service.h"
#include "emulator/s3/version_id.h"

namespace emulator::s3 {
namespace {

using VersionRange = ObjectStore::VersionRange;

// Behind a common prefix; false: nothing can be there.
bool seek_past(VersionRange& range, std::string_view prefix) {
  range.from_key = after_all_with(std::string(prefix));
  range.before_sequencer.clear();
  return !range.from_key.empty();
}

std::string listed_id(const Object& object) {
  return object.version_id.empty() ? std::string(null_version) : object.version_id;
}

}  // namespace

// Where a page begins. A version that is gone meanwhile is still a place, since its id says where
// it was; but for the null version, whose key is then listed from its latest on: a client that
// deletes page by page sees all that is left.
Result<bool> Service::seek(const ListObjectVersionsInput& input, VersionRange& range) {
  if (input.key_marker.empty()) return true;
  const std::string_view rolled_up = common_prefix(input.key_marker, input.prefix, input.delimiter);
  if (!rolled_up.empty()) return seek_past(range, rolled_up);
  range.from_key = input.key_marker;
  if (input.version_id_marker.empty()) {
    range.from_key += '\0';  // the next key that there can be
  } else if (input.version_id_marker == null_version) {
    const auto found = find_version(input.bucket, input.key_marker, input.version_id_marker);
    if (!found) return tl::unexpected(found.error());
    if (*found) range.before_sequencer = (*found)->sequencer;
  } else {
    range.before_sequencer = sequencer_of(input.version_id_marker).value_or("");
  }
  return true;
}

// In batches as Service::list_objects: a common prefix costs one seek and a few rows, however many
// versions it stands for.
Result<ListObjectVersionsOutput> Service::list_object_versions(
    const ListObjectVersionsInput& input) {
  if (const auto bucket = find_bucket(input.bucket); !bucket) return tl::unexpected(bucket.error());
  constexpr std::size_t smallest_batch = 4;
  std::size_t batch_size = input.delimiter.empty() ? input.max_keys + 1 : smallest_batch;
  ListObjectVersionsOutput output;
  if (input.max_keys == 0) return output;
  VersionRange range{.prefix = input.prefix, .from_key = {}, .before_sequencer = {}};
  auto more = seek(input, range);
  if (!more) return tl::unexpected(std::move(more.error()));
  while (*more) {
    const std::size_t room =
        input.max_keys - output.versions.size() - output.common_prefixes.size();
    range.limit = std::min(batch_size, room + 1);
    auto batch = store_.list_versions(input.bucket, range);
    if (!batch) return storage_failed(batch.error());
    more = batch->size() == range.limit;
    batch_size *= 4;
    for (ListedVersion& version : *batch) {
      if (output.versions.size() + output.common_prefixes.size() == input.max_keys) {
        output.truncated = true;
        return output;
      }
      const Object& object = version.object;
      const std::string rolled_up(common_prefix(object.key, input.prefix, input.delimiter));
      output.next_key_marker = rolled_up.empty() ? object.key : rolled_up;
      output.next_version_id_marker = rolled_up.empty() ? listed_id(object) : "";
      if (!rolled_up.empty()) {
        output.common_prefixes.push_back(rolled_up);
        more = seek_past(range, rolled_up);
        batch_size = smallest_batch;
        break;
      }
      range.from_key = object.key;
      range.before_sequencer = object.sequencer;
      output.versions.push_back(std::move(version));
    }
  }
  return output;
}

namespace {

struct VersionsRequest {
  ListObjectVersionsInput input;
  bool url_encoded = false;
};

Result<void> check_markers(const ListObjectVersionsInput& input) {
  if (input.version_id_marker.empty()) return {};
  if (!input.key_marker.empty()) return check_version_id(input.version_id_marker);
  return invalid_argument("A version-id marker cannot be specified without a key marker.",
                          "version-id-marker", input.version_id_marker);
}

Result<VersionsRequest> versions_request(const Call& call) {
  const auto max_keys = page_size(call, "max-keys");
  if (!max_keys) return tl::unexpected(max_keys.error());
  const auto url_encoded = wants_url_encoding(call);
  if (!url_encoded) return tl::unexpected(url_encoded.error());
  VersionsRequest request{{.bucket = call.bucket,
                           .prefix = call.parameter("prefix").value_or(""),
                           .delimiter = call.parameter("delimiter").value_or(""),
                           .key_marker = call.parameter("key-marker").value_or(""),
                           .version_id_marker = call.parameter("version-id-marker").value_or(""),
                           .max_keys = *max_keys},
                          *url_encoded};
  if (auto checked = check_markers(request.input); !checked)
    return tl::unexpected(std::move(checked.error()));
  return request;
}

class VersionsWriter {
 public:
  VersionsWriter(const VersionsRequest& request, const ServiceOptions& options)
      : request_(request), entries_(xml_, request.url_encoded, options) {}

  std::string write(const ListObjectVersionsOutput& output) {
    const ListObjectVersionsInput& input = request_.input;
    xml_.leaf("Name", input.bucket);
    entries_.name("Prefix", input.prefix);
    entries_.name("KeyMarker", input.key_marker);
    xml_.leaf("VersionIdMarker", input.version_id_marker);
    if (output.truncated) {
      entries_.name("NextKeyMarker", output.next_key_marker);
      if (!output.next_version_id_marker.empty())
        xml_.leaf("NextVersionIdMarker", output.next_version_id_marker);
    }
    xml_.leaf("MaxKeys", std::to_string(input.max_keys));
    if (!input.delimiter.empty()) entries_.name("Delimiter", input.delimiter);
    if (request_.url_encoded) xml_.leaf("EncodingType", "url");
    xml_.leaf("IsTruncated", output.truncated ? "true" : "false");
    for (const ListedVersion& listed : output.versions) version(listed);
    entries_.prefixes(output.common_prefixes);
    return xml_.take();
  }

 private:
  void version(const ListedVersion& version) {
    const Object& object = version.object;
    xml_.open(object.is_delete_marker ? "DeleteMarker" : "Version");
    entries_.name("Key", object.key);
    xml_.leaf("VersionId", listed_id(object))
        .leaf("IsLatest", version.is_latest ? "true" : "false");
    if (object.is_delete_marker) {
      xml_.leaf("LastModified", whole_seconds(object.last_modified));
      entries_.owner();
    } else {
      entries_.properties(listed(object), true);
    }
    xml_.close();
  }

  const VersionsRequest& request_;
  base::XmlWriter xml_{"ListVersionsResult", s3_namespace};
  EntryWriter entries_;
};

}  // namespace

Result<base::HttpResponse> rest_list_object_versions(Call& call, const std::string&) {
  const auto request = versions_request(call);
  if (!request) return tl::unexpected(request.error());
  const auto output = call.service.list_object_versions(request->input);
  if (!output) return tl::unexpected(output.error());
  return xml_response(VersionsWriter(*request, call.service.options()).write(*output));
}

}  // namespace emulator::s3
