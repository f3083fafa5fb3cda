#include "emulator/base/text.h"
#include "emulator/base/xml.h"
#include "emulator/s3/conditions.h"
#include "emulator/s3/copy_source.h"
#include "emulator/s3/encryption.h"
#include "emulator/s3/object_answer.h"
#include "emulator/s3/object_headers.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"
#include "emulator/s3/sliced_answer.h"
#include "emulator/s3/upload_request.h"

namespace emulator::s3 {
namespace {

// Only "bytes=first-last", and all of it in the source: stricter than Range.
Result<ByteRange> parse_source_range(const std::string& text, std::uint64_t source_size) {
  constexpr std::string_view unit = "bytes=";
  const auto bad_range = [&](std::string message) {
    return invalid_argument(std::move(message), "x-amz-copy-source-range", text);
  };
  const auto bad = [&] {
    return bad_range(
        "The x-amz-copy-source-range value must be of the form bytes=first-last where first and "
        "last are the "
        "zero-based offsets of the first and last bytes to copy");
  };
  if (!text.starts_with(unit)) return bad();
  const std::string_view range = std::string_view(text).substr(unit.size());
  const std::size_t dash = range.find('-');
  if (dash == std::string_view::npos) return bad();
  const auto first = base::parse_unsigned(range.substr(0, dash)),
             last = base::parse_unsigned(range.substr(dash + 1));
  if (!first || !last || *last < *first) return bad();
  if (*first >= source_size)
    return fail(ErrorCode::invalid_request,
                "The specified copy range is invalid for the source object size");
  // AWS says InvalidArgument here; Ceph's suite wants InvalidRange, as AWS answered before.
  if (*last >= source_size)
    return fail(
        ErrorCode::invalid_range,
        "Range specified is not valid for source object of size: " + std::to_string(source_size));
  return ByteRange{*first, *last - *first + 1};
}

}  // namespace

struct Service::PartCopy::State {
  std::unique_ptr<PartUpload> upload;
  std::unique_ptr<BodyReader> from;
  ByteRange left;
  std::string source_version_id;
};

Service::PartCopy::PartCopy(std::unique_ptr<State> state) : state_(std::move(state)) {}
Service::PartCopy::~PartCopy() = default;

Result<std::unique_ptr<Service::PartCopy>> Service::begin_upload_part_copy(
    const UploadPartCopyInput& input, const Conditions& source_conditions) {
  auto upload = begin_upload_part({.upload = input.upload, .number = input.number});
  if (!upload) return tl::unexpected(upload.error());
  auto source = open_copy_source(input.source_bucket, input.source_key, input.source_version_id);
  if (!source) return tl::unexpected(source.error());
  if (auto held = check_copy_source(source_conditions, source->object, now()); !held) {
    return tl::unexpected(std::move(held.error()));
  }
  Result<ByteRange> range = ByteRange{0, source->object.size};
  if (!input.source_range.empty())
    range = parse_source_range(input.source_range, source->object.size);
  if (!range) return tl::unexpected(std::move(range.error()));
  if (auto fits = check_copied_size(range->size); !fits)
    return tl::unexpected(std::move(fits.error()));
  std::string source_version_id = version_id(source->object);
  return std::unique_ptr<PartCopy>(new PartCopy(std::make_unique<PartCopy::State>(PartCopy::State{
      std::move(*upload), std::move(source->body), *range, std::move(source_version_id)})));
}

Result<bool> Service::PartCopy::step() {
  return state_->upload->append_slice(*state_->from, state_->left);
}

Result<UploadPartCopyOutput> Service::PartCopy::finish() {
  auto part = state_->upload->finish();
  if (!part) return tl::unexpected(std::move(part.error()));
  return UploadPartCopyOutput{state_->upload->upload(), std::move(*part),
                              std::move(state_->source_version_id)};
}

Result<UploadPartCopyOutput> Service::upload_part_copy(const UploadPartCopyInput& input,
                                                       const Conditions& source_conditions) {
  auto copy = begin_upload_part_copy(input, source_conditions);
  if (!copy) return tl::unexpected(std::move(copy.error()));
  return all_slices(**copy);
}

namespace {

base::HttpResponse copied(const UploadPartCopyOutput& output) {
  const Part& part = output.part;
  base::XmlWriter xml("CopyPartResult", s3_namespace);
  xml.leaf("LastModified", whole_seconds(part.last_modified)).leaf("ETag", quoted(part.etag));
  if (!output.upload.checksum_algorithm.empty())
    xml.leaf(checksum_element(checksum_kind(output.upload)), part.checksum);
  base::HttpResponse response = xml_response(xml.take());
  add_encryption(output.upload.headers, response.headers);
  add_source_version_id(output.source_version_id, response.headers);
  return response;
}

}  // namespace

Result<base::HttpResponse> rest_upload_part_copy(Call& call, const std::string&) {
  if (auto checked = check_headers(call); !checked)
    return tl::unexpected(std::move(checked.error()));
  auto source = parse_copy_source(call.header("x-amz-copy-source"));
  if (!source) return tl::unexpected(std::move(source.error()));
  auto address = upload_address(call);
  if (!address) return tl::unexpected(std::move(address.error()));
  const auto number = part_number(call);
  if (!number) return tl::unexpected(number.error());
  auto begun = call.service.begin_upload_part_copy(
      {.source_bucket = std::move(source->bucket),
       .source_key = std::move(source->key),
       .source_version_id = std::move(source->version_id),
       .source_range = std::string(call.header("x-amz-copy-source-range")),
       .upload = std::move(*address),
       .number = *number},
      conditions_of(call, "x-amz-copy-source-"));
  if (!begun) return tl::unexpected(std::move(begun.error()));
  const std::shared_ptr<Service::PartCopy> copy =
      std::move(*begun);  // shared by the two that work on it
  return answer_in_slices(
      call, [copy] { return copy->step(); },
      [copy] {
        return copy->finish().map(
            [](const UploadPartCopyOutput& output) { return copied(output); });
      });
}

}  // namespace emulator::s3
