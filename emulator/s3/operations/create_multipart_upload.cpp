#include "emulator/base/text.h"
#include "emulator/base/xml.h"
#include "emulator/s3/encryption.h"
#include "emulator/s3/names.h"
#include "emulator/s3/object_headers.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"

namespace emulator::s3 {
namespace {

// AWS: "Checking object integrity", the table of algorithms and checksum types. CRC64NVME is of the
// whole object only, a SHA of the parts only; fills in the type where the client names none.
Result<void> settle_checksum(CreateMultipartUploadInput& input) {
  std::string& type = input.checksum_type;
  for (std::string_view known : {composite, full_object}) {
    if (base::equals_ignoring_case(type, known)) type = known;
  }
  if (!type.empty() && type != composite && type != full_object)
    return fail(ErrorCode::invalid_request, "Value for x-amz-checksum-type header is invalid.");
  if (input.checksum_algorithm.empty()) {
    if (type.empty()) return {};
    return fail(ErrorCode::invalid_request,
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm "
                "header.");
  }
  const ChecksumKind* kind = find_checksum_by_name(input.checksum_algorithm);
  if (kind == nullptr) {
    return fail(ErrorCode::invalid_request,
                "Checksum algorithm provided is unsupported. Please try again with any of the "
                "valid types: [" +
                    checksum_names() + "]");
  }
  input.checksum_algorithm = std::string(kind->name);
  const bool only_full = kind == &default_checksum();
  if (type.empty()) type = only_full ? full_object : composite;
  if ((type == composite && only_full) || (type == full_object && kind->combine == nullptr)) {
    return fail(ErrorCode::invalid_request,
                "The " + type + " checksum type cannot be used with the " +
                    base::to_lower(kind->name) + " checksum algorithm.");
  }
  return {};
}

}  // namespace

Result<MultipartUpload> Service::create_multipart_upload(const CreateMultipartUploadInput& given) {
  CreateMultipartUploadInput input = given;
  if (auto key = check_key(input.key); !key) return tl::unexpected(std::move(key.error()));
  const auto bucket = find_bucket(input.bucket);
  if (!bucket) return tl::unexpected(bucket.error());
  if (auto may = check_lock_headers(*bucket, input.headers, now()); !may)
    return tl::unexpected(std::move(may.error()));
  if (auto settled = settle_checksum(input); !settled)
    return tl::unexpected(std::move(settled.error()));
  apply_default_encryption(*bucket, options_.account, input.headers);
  const auto order = next_sequencer();
  if (!order) return tl::unexpected(order.error());
  MultipartUpload upload{.bucket = std::move(input.bucket),
                         .key = std::move(input.key),
                         .id = *order + random_.hex(48),
                         .initiated = now(),
                         .headers = std::move(input.headers),
                         .checksum_algorithm = std::move(input.checksum_algorithm),
                         .checksum_type = std::move(input.checksum_type)};
  if (auto put = store_.put_upload(upload); !put) return storage_failed(put.error());
  trace_.record("s3", "create_upload",
                {{"bucket", upload.bucket}, {"key", upload.key}, {"upload", upload.id}});
  return upload;
}

Result<base::HttpResponse> rest_create_multipart_upload(Call& call, const std::string&) {
  auto headers = stored_headers(call);
  if (!headers) return tl::unexpected(std::move(headers.error()));
  const auto upload = call.service.create_multipart_upload(
      {.bucket = call.bucket,
       .key = call.key,
       .headers = std::move(*headers),
       .checksum_algorithm = std::string(call.header("x-amz-checksum-algorithm")),
       .checksum_type = std::string(call.header("x-amz-checksum-type"))});
  if (!upload) return tl::unexpected(upload.error());
  base::XmlWriter xml("InitiateMultipartUploadResult", s3_namespace);
  xml.leaf("Bucket", upload->bucket).leaf("Key", upload->key).leaf("UploadId", upload->id);
  base::HttpResponse response = xml_response(xml.take());
  add_encryption(upload->headers, response.headers);
  add_abort_date(call.service.lifecycle_rules(upload->bucket), *upload, response.headers);
  if (!upload->checksum_algorithm.empty()) {
    response.headers.add("x-amz-checksum-algorithm", upload->checksum_algorithm);
    response.headers.add("x-amz-checksum-type", upload->checksum_type);
  }
  return response;
}

}  // namespace emulator::s3
