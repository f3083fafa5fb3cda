#include "emulator/s3/hashed_body.h"

#include <algorithm>
#include <utility>

#include "emulator/base/text.h"

namespace emulator::s3 {

HashedBody::HashedBody(std::unique_ptr<BodyWriter> body, base::WorkerPool* workers, const ChecksumKind* checksum)
    : body_(std::move(body)), md5_(base::HashKind::md5, workers) {
  if (checksum != nullptr) checksum_ = checksum->start();
}

Result<void> HashedBody::append(std::string_view piece) {
  md5_.update(piece);
  if (checksum_) checksum_->update(piece);
  if (auto appended = body_->append(piece); !appended) return storage_failed(appended.error());
  return {};
}

Result<void> HashedBody::append_from(BodyReader& from, const ByteRange& range) {
  std::string buffer(static_cast<std::size_t>(std::min<std::uint64_t>(range.size, 256 * 1024)), '\0');
  std::uint64_t at = range.first;
  std::uint64_t left = range.size;
  while (left > 0) {
    const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer.size()));
    const auto got = from.read(at, std::span(buffer).first(wanted));
    if (!got) return storage_failed(got.error());
    if (*got == 0) return fail(ErrorCode::internal_error, "the stored body of the source is too short");
    if (auto appended = append(std::string_view(buffer).substr(0, *got)); !appended) return appended;
    at += *got;
    left -= *got;
  }
  return {};
}

Result<std::string> HashedBody::etag(std::string_view expected_md5) {
  std::string etag = base::to_hex(md5_.finish());
  if (expected_md5.empty() || expected_md5 == etag) return etag;
  return tl::unexpected(
      Error{ErrorCode::bad_digest, {}, {{"ExpectedDigest", std::string(expected_md5)}, {"CalculatedDigest", etag}}});
}

std::string HashedBody::checksum() { return base::to_base64(checksum_->finish()); }

Result<BodyRef> HashedBody::finish() {
  auto body = body_->finish();
  if (!body) return storage_failed(body.error());
  return std::move(*body);
}

}  // namespace emulator::s3
