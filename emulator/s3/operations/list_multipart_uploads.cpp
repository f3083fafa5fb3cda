#include "emulator/base/text.h"
#include "emulator/base/xml.h"
#include "emulator/s3/listing_xml.h"
#include "emulator/s3/object_answer.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/prefixes.h"
#include "emulator/s3/service.h"
#include "emulator/s3/upload_request.h"

namespace emulator::s3 {
namespace {

using UploadRange = ObjectStore::UploadRange;

// Behind a common prefix; false: nothing can be there.
bool seek_past(UploadRange& range, std::string_view prefix) {
  range.from_key = after_all_with(std::string(prefix));
  range.after_id.clear();
  return !range.from_key.empty();
}

// False: nothing can be behind the markers.
bool start(UploadRange& range, const ListMultipartUploadsInput& input) {
  if (input.key_marker.empty()) return true;
  const std::string_view rolled_up = common_prefix(input.key_marker, input.prefix, input.delimiter);
  if (!rolled_up.empty()) return seek_past(range, rolled_up);
  range.from_key = input.key_marker;
  range.after_id = input.upload_id_marker;
  if (input.upload_id_marker.empty()) range.from_key += '\0';  // the next key that there can be
  return true;
}

constexpr std::size_t upload_id_length = 64;

// The id of an upload of another key, or of none, is no marker. One that is gone is: clients end
// the uploads of one page before they ask for the next.
Result<bool> is_marker(ObjectStore& store, const ListMultipartUploadsInput& input) {
  if (input.upload_id_marker.size() != upload_id_length || !base::from_hex(input.upload_id_marker))
    return false;
  const auto found = store.find_upload(input.bucket, input.key_marker, input.upload_id_marker);
  if (!found) return storage_failed(found.error());
  if (*found) return true;
  UploadRange range{.prefix = {}, .from_key = {}, .after_id = {}};
  while (true) {
    const auto batch = store.uploads(input.bucket, range);
    if (!batch) return storage_failed(batch.error());
    for (const MultipartUpload& upload : *batch) {
      if (upload.id == input.upload_id_marker) return upload.key == input.key_marker;
    }
    if (batch->size() < range.limit) return true;
    range.from_key = batch->back().key;
    range.after_id = batch->back().id;
  }
}

}  // namespace

Result<ListMultipartUploadsOutput> Service::list_multipart_uploads(
    const ListMultipartUploadsInput& input) {
  if (const auto bucket = find_bucket(input.bucket); !bucket) return tl::unexpected(bucket.error());
  if (!input.upload_id_marker.empty()) {
    const auto holds = is_marker(store_, input);
    if (!holds) return tl::unexpected(holds.error());
    if (!*holds)
      return invalid_argument("Invalid uploadId marker", "upload-id-marker",
                              input.upload_id_marker);
  }
  ListMultipartUploadsOutput output;
  UploadRange range{
      .prefix = input.prefix, .from_key = {}, .after_id = {}, .limit = input.max_uploads + 1};
  bool more = input.max_uploads > 0 && start(range, input);
  while (more) {
    auto batch = store_.uploads(input.bucket, range);
    if (!batch) return storage_failed(batch.error());
    more = batch->size() == range.limit;
    for (MultipartUpload& upload : *batch) {
      if (output.uploads.size() + output.common_prefixes.size() == input.max_uploads) {
        output.truncated = true;
        return output;
      }
      const std::string rolled_up(common_prefix(upload.key, input.prefix, input.delimiter));
      output.next_key_marker = rolled_up.empty() ? upload.key : rolled_up;
      output.next_upload_id_marker = rolled_up.empty() ? upload.id : "";
      if (!rolled_up.empty()) {
        output.common_prefixes.push_back(rolled_up);
        more = seek_past(range, rolled_up);
        break;
      }
      range.from_key = upload.key;
      range.after_id = upload.id;
      output.uploads.push_back(std::move(upload));
    }
  }
  // At the end the markers are those of the last upload (AWS, recorded), not of a common prefix.
  const bool any = !output.uploads.empty();
  output.next_key_marker = any ? output.uploads.back().key : std::string();
  output.next_upload_id_marker = any ? output.uploads.back().id : std::string();
  return output;
}

namespace {

struct UploadsRequest {
  ListMultipartUploadsInput input;
  bool url_encoded = false;
};

Result<UploadsRequest> uploads_request(const Call& call) {
  const auto max_uploads = page_size(call, "max-uploads");
  if (!max_uploads) return tl::unexpected(max_uploads.error());
  const auto url_encoded = wants_url_encoding(call);
  if (!url_encoded) return tl::unexpected(url_encoded.error());
  return UploadsRequest{{.bucket = call.bucket,
                         .prefix = call.parameter("prefix").value_or(""),
                         .delimiter = call.parameter("delimiter").value_or(""),
                         .key_marker = call.parameter("key-marker").value_or(""),
                         .upload_id_marker = call.parameter("key-marker").value_or("").empty()
                                                 ? ""
                                                 : call.parameter("upload-id-marker").value_or(""),
                         .max_uploads = *max_uploads},
                        *url_encoded};
}

class UploadsWriter {
 public:
  UploadsWriter(const UploadsRequest& request, const ServiceOptions& options)
      : request_(request), options_(options) {}

  std::string write(const ListMultipartUploadsOutput& output) {
    const ListMultipartUploadsInput& input = request_.input;
    xml_.leaf("Bucket", input.bucket);
    name("KeyMarker", input.key_marker);
    xml_.leaf("UploadIdMarker", input.upload_id_marker);
    name("NextKeyMarker", output.next_key_marker);
    xml_.leaf("NextUploadIdMarker", output.next_upload_id_marker);
    if (!input.prefix.empty()) name("Prefix", input.prefix);
    if (!input.delimiter.empty()) name("Delimiter", input.delimiter);
    if (request_.url_encoded) xml_.leaf("EncodingType", "url");
    xml_.leaf("MaxUploads", std::to_string(input.max_uploads))
        .leaf("IsTruncated", output.truncated ? "true" : "false");
    for (const MultipartUpload& entry : output.uploads) upload(entry);
    for (const std::string& prefix : output.common_prefixes) {
      xml_.open("CommonPrefixes");
      name("Prefix", prefix);
      xml_.close();
    }
    return xml_.take();
  }

 private:
  void name(std::string_view element, std::string_view text) {
    xml_.leaf(element, request_.url_encoded ? base::percent_encode(text, "/") : std::string(text));
  }

  void upload(const MultipartUpload& upload) {
    xml_.open("Upload");
    name("Key", upload.key);
    xml_.leaf("UploadId", upload.id);
    write_upload_properties(xml_, upload, options_);
    xml_.leaf("Initiated", whole_seconds(upload.initiated)).close();
  }

  const UploadsRequest& request_;
  const ServiceOptions& options_;
  base::XmlWriter xml_{"ListMultipartUploadsResult", s3_namespace};
};

}  // namespace

Result<base::HttpResponse> rest_list_multipart_uploads(Call& call, const std::string&) {
  const auto request = uploads_request(call);
  if (!request) return tl::unexpected(request.error());
  const auto output = call.service.list_multipart_uploads(request->input);
  if (!output) return tl::unexpected(output.error());
  return xml_response(UploadsWriter(*request, call.service.options()).write(*output));
}

}  // namespace emulator::s3
