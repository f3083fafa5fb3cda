#include "emulator/base/text.h"
#include "emulator/s3/encryption.h"
#include "emulator/s3/hashed_body.h"
#include "emulator/s3/names.h"
#include "emulator/s3/object_headers.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"
#include "emulator/s3/upload_request.h"

namespace emulator::s3 {

struct Service::PartUpload::State {
  Service& service;
  UploadPartInput input;
  MultipartUpload upload;
  HashedBody body;
};

namespace {

// nullptr: the part comes with a checksum by the upload's algorithm, so that there is none to
// compute.
const ChecksumKind* checksum_to_compute(const UploadPartInput& input,
                                        const MultipartUpload& upload) {
  const ChecksumKind& kind = checksum_kind(upload);
  return input.checksum_header == kind.header ? nullptr : &kind;
}

tl::unexpected<Error> other_checksum(const MultipartUpload& upload, std::string_view given) {
  return fail(ErrorCode::invalid_request,
              "Checksum Type mismatch occurred, expected checksum Type: " +
                  base::to_lower(checksum_kind(upload).name) +
                  ", actual checksum Type: " + base::to_lower(given));
}

// What the client chose for the upload, it has to use for each part; where it chose nothing it may
// send what it likes.
Result<void> check_checksum(const UploadPartInput& input, const MultipartUpload& upload) {
  if (!input.checksum_is_given || upload.checksum_algorithm.empty()) return {};
  const ChecksumKind* given = find_checksum_by_header(input.checksum_header);
  if (given == &checksum_kind(upload)) return {};
  return other_checksum(upload, given->name);
}

}  // namespace

Service::PartUpload::PartUpload(Service& service, UploadPartInput input, MultipartUpload upload) {
  HashedBody body(service.store_.new_body(input.size), service.options_.workers,
                  checksum_to_compute(input, upload));
  state_.reset(new State{service, std::move(input), std::move(upload), std::move(body)});
}

Service::PartUpload::~PartUpload() = default;

const MultipartUpload& Service::PartUpload::upload() const { return state_->upload; }

Result<void> Service::PartUpload::append(std::string_view piece) {
  return state_->body.append(piece);
}

Result<bool> Service::PartUpload::append_slice(BodyReader& from, ByteRange& range) {
  return state_->body.append_slice(from, range);
}

Result<Part> Service::PartUpload::finish(const std::string& checksum) {
  Service& service = state_->service;
  const MultipartUpload& upload = state_->upload;
  auto etag = state_->body.etag(state_->input.expected_md5);
  if (!etag) return tl::unexpected(std::move(etag.error()));
  // The upload may have been completed or aborted while the part came.
  if (const auto still = service.find_upload(state_->input.upload); !still)
    return tl::unexpected(still.error());
  const bool computed = checksum_to_compute(state_->input, upload) != nullptr;
  Part part{.number = state_->input.number,
            .etag = std::move(*etag),
            .last_modified = service.now(),
            .checksum = computed ? state_->body.checksum() : checksum};
  const auto body = state_->body.finish();
  if (!body) return tl::unexpected(body.error());
  part.size = body->size;
  if (auto put = service.store_.put_part(upload, part, *body); !put) {
    service.store_.discard(*body);
    return storage_failed(put.error());
  }
  service.trace_.record("s3", "part",
                        {{"bucket", upload.bucket},
                         {"key", upload.key},
                         {"upload", upload.id},
                         {"part", std::uint64_t{part.number}},
                         {"size", part.size}});
  return part;
}

Result<MultipartUpload> Service::find_upload(const UploadAddress& address) {
  if (auto key = check_key(address.key); !key) return tl::unexpected(std::move(key.error()));
  auto upload = store_.find_upload(address.bucket, address.key, address.upload_id);
  if (!upload) return storage_failed(upload.error());
  if (*upload) return std::move(**upload);
  if (const auto bucket = find_bucket(address.bucket); !bucket)
    return tl::unexpected(bucket.error());
  return tl::unexpected(Error{ErrorCode::no_such_upload, {}, {{"UploadId", address.upload_id}}});
}

Result<std::unique_ptr<Service::PartUpload>> Service::begin_upload_part(
    const UploadPartInput& input) {
  if (input.number < 1 || input.number > parts_max)
    return bad_part_number(std::to_string(input.number));
  auto upload = find_upload(input.upload);
  if (!upload) return tl::unexpected(std::move(upload.error()));
  if (auto held = check_checksum(input, *upload); !held)
    return tl::unexpected(std::move(held.error()));
  return std::unique_ptr<PartUpload>(new PartUpload(*this, input, std::move(*upload)));
}

namespace {

class UploadPartSink final : public BodySink {
 public:
  UploadPartSink(std::unique_ptr<Service::PartUpload> upload, bool checksum_is_given)
      : upload_(std::move(upload)), checksum_is_given_(checksum_is_given) {}

  Result<void> append(std::string_view bytes) override { return upload_->append(bytes); }
  Result<base::HttpResponse> finish(const VerifiedChecksum& checksum) override {
    const auto part = upload_->finish(checksum.value);
    if (!part) return tl::unexpected(part.error());
    base::HttpResponse response;
    response.headers.add("etag", quoted(part->etag));
    add_encryption(upload_->upload().headers, response.headers);
    // Where nobody chose a checksum, what is computed for the whole is not told of a part.
    const MultipartUpload& upload = upload_->upload();
    if (!upload.checksum_algorithm.empty())
      response.headers.add(std::string(checksum_kind(upload).header), part->checksum);
    if (checksum_is_given_) response.headers.set(checksum.header, checksum.value);
    return response;
  }

 private:
  std::unique_ptr<Service::PartUpload> upload_;
  bool checksum_is_given_;
};

// The whole's is one of the parts' where the client chose so; then each comes with its own.
Result<void> check_checksum_is_given(const IncomingBody& body, const MultipartUpload& upload) {
  if (body.checksum_is_given() || upload.checksum_algorithm.empty() ||
      upload.checksum_type != composite)
    return {};
  return other_checksum(upload, "null");
}

}  // namespace

Result<std::unique_ptr<BodySink>> rest_upload_part(Call& call, const IncomingBody& body) {
  if (auto checked = check_headers(call); !checked)
    return tl::unexpected(std::move(checked.error()));
  auto address = upload_address(call);
  if (!address) return tl::unexpected(std::move(address.error()));
  const auto number = part_number(call);
  if (!number) return tl::unexpected(number.error());
  auto upload = call.service.begin_upload_part({.upload = std::move(*address),
                                                .number = *number,
                                                .size = body.size(),
                                                .expected_md5 = body.expected_md5(),
                                                .checksum_header = body.checksum_header(),
                                                .checksum_is_given = body.checksum_is_given()});
  if (!upload) return tl::unexpected(std::move(upload.error()));
  if (auto given = check_checksum_is_given(body, (*upload)->upload()); !given)
    return tl::unexpected(std::move(given.error()));
  return std::make_unique<UploadPartSink>(std::move(*upload), body.checksum_is_given());
}

}  // namespace emulator::s3
