#include "emulator/s3/incoming_body.h"

#include <algorithm>
#include <array>
#include <utility>

#include "emulator/base/text.h"

namespace emulator::s3 {
namespace {

// Values of x-amz-content-sha256 that are no digest.
struct PayloadKind {
  std::string_view value;
  bool chunked;
  bool signed_chunks;
};
constexpr std::array payload_kinds{
    PayloadKind{"UNSIGNED-PAYLOAD", false, false},
    PayloadKind{"STREAMING-UNSIGNED-PAYLOAD-TRAILER", true, false},
    PayloadKind{"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", true, true},
    PayloadKind{"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", true, true},
};

bool says_aws_chunked(const base::HttpRequest& request) {
  for (std::string_view coding : base::split(request.headers.get("content-encoding"), ',')) {
    if (base::trim(coding) == "aws-chunked") return true;
  }
  return false;
}

tl::unexpected<Error> checksum_differs(std::string_view header) {
  const ChecksumKind* kind = find_checksum_by_header(header);
  return fail(ErrorCode::bad_digest, "The " + std::string(kind->name) +
                                         " you specified did not match the calculated checksum.");
}

bool has_the_size_of(std::string_view header, std::string_view value) {
  const auto bytes = base::from_base64(value);
  return bytes && bytes->size() == find_checksum_by_header(header)->bytes;
}

}  // namespace

Result<IncomingBody> IncomingBody::begin(const base::HttpRequest& request, const Options& options) {
  IncomingBody body;
  using Reader = Result<void> (IncomingBody::*)(const base::HttpRequest&);
  constexpr std::array<Reader, 3> readers{&IncomingBody::read_content_md5,
                                          &IncomingBody::read_checksum,
                                          &IncomingBody::read_trailer_names};
  if (auto done = body.read_content_sha256(request, options); !done)
    return tl::unexpected(std::move(done.error()));
  for (const Reader read : readers) {
    if (read == &IncomingBody::read_checksum && !options.checksum_of_body) continue;
    if (auto done = (body.*read)(request); !done) return tl::unexpected(std::move(done.error()));
  }
  if (auto done = body.read_length(request, options); !done)
    return tl::unexpected(std::move(done.error()));
  body.checksum_is_given_ = !body.checksum_header_.empty();
  if (options.with_default_checksum && body.checksum_header_.empty()) {
    body.checksum_header_ = std::string(default_checksum().header);
    body.checksum_ = default_checksum().start();
  }
  return body;
}

Result<void> IncomingBody::read_content_sha256(const base::HttpRequest& request,
                                               const Options& options) {
  const std::string_view value = request.headers.get("x-amz-content-sha256");
  if (value.empty()) {
    if (says_aws_chunked(request) && request.headers.has("x-amz-decoded-content-length"))
      decoder_.emplace(false, options.small_unsigned_chunks);
    return {};
  }
  for (const PayloadKind& kind : payload_kinds) {
    if (value != kind.value) continue;
    if (kind.chunked) decoder_.emplace(kind.signed_chunks, options.small_unsigned_chunks);
    return {};
  }
  if (value.starts_with("STREAMING-")) {
    return fail(ErrorCode::not_implemented,
                "x-amz-content-sha256: " + std::string(value) + " is not implemented");
  }
  const auto digest = base::from_hex(value);
  if (!digest || digest->size() != 32) {
    return invalid_argument(
        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, "
        "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, "
        "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
        "x-amz-content-sha256", std::string(value));
  }
  expected_sha256_ = base::to_lower(value);
  sha256_.emplace(options.workers);
  return {};
}

Result<void> IncomingBody::read_content_md5(const base::HttpRequest& request) {
  const auto value = request.headers.find("content-md5");
  if (!value) return {};
  const auto digest = base::from_base64(*value);
  if (!digest || digest->size() != 16) {
    return tl::unexpected(
        Error{ErrorCode::invalid_digest, {}, {{"Content-MD5", std::string(*value)}}});
  }
  expected_md5_ = base::to_hex(*digest);
  return {};
}

Result<void> IncomingBody::start_checksum(std::string_view header) {
  const ChecksumKind* kind = find_checksum_by_header(header);
  if (kind == nullptr)
    return fail(ErrorCode::not_implemented, std::string(header) + " is not implemented");
  if (!checksum_header_.empty()) {
    return fail(
        ErrorCode::invalid_request,
        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
  }
  checksum_header_ = std::string(header);
  checksum_ = kind->start();
  return {};
}

Result<void> IncomingBody::read_checksum(const base::HttpRequest& request) {
  for (const auto& [name, value] : request.headers.all()) {
    if (find_checksum_by_header(name) == nullptr && !is_unknown_checksum_header(name)) continue;
    if (auto started = start_checksum(name); !started) return started;
    expected_checksum_ = value;
  }
  if (!checksum_header_.empty() && !has_the_size_of(checksum_header_, expected_checksum_)) {
    return fail(ErrorCode::invalid_request,
                "Value for " + checksum_header_ + " header is invalid.");
  }
  return {};
}

Result<void> IncomingBody::read_trailer_names(const base::HttpRequest& request) {
  for (std::string_view part : base::split(request.headers.get("x-amz-trailer"), ',')) {
    const std::string name = base::to_lower(base::trim(part));
    if (name.empty()) continue;
    if (!decoder_)
      return fail(ErrorCode::invalid_request, "x-amz-trailer needs a body in aws-chunked form");
    if (!name.starts_with("x-amz-checksum-")) {
      return fail(ErrorCode::invalid_request,
                  "The value specified in the x-amz-trailer header is not supported");
    }
    if (auto started = start_checksum(name); !started) return started;
    trailer_names_.push_back(name);
  }
  if (request.headers.has("x-amz-sdk-checksum-algorithm") && checksum_header_.empty()) {
    return fail(ErrorCode::invalid_request,
                "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or "
                "x-amz-trailer headers "
                "were found.");
  }
  const ChecksumKind* const said =
      find_checksum_by_name(request.headers.get("x-amz-sdk-checksum-algorithm"));
  if (said != nullptr && said->header != checksum_header_) {
    return fail(ErrorCode::invalid_request,
                "Value for x-amz-sdk-checksum-algorithm header is invalid.");
  }
  return {};
}

Result<void> IncomingBody::read_length(const base::HttpRequest& request, const Options& options) {
  bytes_max_ = options.bytes_max;
  if (decoder_) {
    length_ = base::parse_unsigned(request.headers.get("x-amz-decoded-content-length"));
    if (!length_) return fail(ErrorCode::missing_content_length);
  } else {
    length_ = request.content_length;
    if (!length_ && options.length_required) return fail(ErrorCode::missing_content_length);
  }
  if (length_ && *length_ > bytes_max_) {
    return tl::unexpected(Error{ErrorCode::entity_too_large,
                                {},
                                {{"ProposedSize", std::to_string(*length_)},
                                 {"MaxSizeAllowed", std::to_string(bytes_max_)}}});
  }
  return {};
}

Result<void> IncomingBody::take(std::string_view piece, const AwsChunkedDecoder::Sink& sink) {
  if (!decoder_) return take_decoded(piece, sink);
  return decoder_->decode(piece, [&](std::string_view bytes) { return take_decoded(bytes, sink); });
}

Result<void> IncomingBody::take_decoded(std::string_view bytes,
                                        const AwsChunkedDecoder::Sink& sink) {
  received_ += bytes.size();
  if (received_ > bytes_max_) return fail(ErrorCode::entity_too_large);
  if (length_ && received_ > *length_) return fail(ErrorCode::incomplete_body);
  if (sha256_) sha256_->update(bytes);
  if (checksum_) checksum_->update(bytes);
  return sink(bytes);
}

Result<VerifiedChecksum> IncomingBody::finish() {
  if ((decoder_ && !decoder_->complete()) || (length_ && received_ != *length_))
    return fail(ErrorCode::incomplete_body);
  if (sha256_) {
    const std::string computed = base::to_hex(sha256_->finish());
    if (computed != expected_sha256_) {
      return tl::unexpected(Error{ErrorCode::sha256_mismatch,
                                  {},
                                  {{"ClientComputedContentSHA256", expected_sha256_},
                                   {"S3ComputedContentSHA256", computed}}});
    }
  }
  if (auto taken = take_trailers(); !taken) return tl::unexpected(std::move(taken.error()));
  return check_checksum();
}

// Exactly the announced trailers must have come (the signature of a signed trailer is no trailer of
// its own).
Result<void> IncomingBody::take_trailers() {
  if (!decoder_) return {};
  for (const auto& [name, value] : decoder_->trailers()) {
    if (name == "x-amz-trailer-signature") continue;
    if (std::find(trailer_names_.begin(), trailer_names_.end(), name) == trailer_names_.end()) {
      return fail(ErrorCode::malformed_trailer);
    }
    if (!has_the_size_of(name, value))
      return fail(ErrorCode::invalid_request, "Value for " + name + " trailing header is invalid.");
    expected_checksum_ = value;
  }
  if (!trailer_names_.empty() && expected_checksum_.empty())
    return fail(ErrorCode::malformed_trailer);
  return {};
}

Result<VerifiedChecksum> IncomingBody::check_checksum() {
  if (!checksum_) return VerifiedChecksum{};
  std::string computed = base::to_base64(checksum_->finish());
  if (!expected_checksum_.empty() && computed != expected_checksum_)
    return checksum_differs(checksum_header_);
  return VerifiedChecksum{checksum_header_, std::move(computed)};
}

}  // namespace emulator::s3
