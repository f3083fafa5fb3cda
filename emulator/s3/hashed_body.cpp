#include "emulator/s3/hashed_body.h"

#include <algorithm>
#include <utility>

#include "emulator/base/text.h"

namespace emulator::s3 {

HashedBody::HashedBody(std::unique_ptr<BodyWriter> body, base::WorkerPool* workers,
                       const ChecksumKind* checksum)
    : body_(std::move(body)), md5_(workers) {
  if (checksum != nullptr) checksum_ = checksum->start();
}

Result<void> HashedBody::append(std::string_view piece) {
  md5_.update(piece);
  if (checksum_) checksum_->update(piece);
  if (auto appended = body_->append(piece); !appended) return storage_failed(appended.error());
  return {};
}

Result<bool> HashedBody::append_slice(BodyReader& from, ByteRange& range) {
  constexpr std::uint64_t slice_bytes = 1024 * 1024;
  std::string buffer(static_cast<std::size_t>(std::min(range.size, slice_bytes)), '\0');
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    const auto got = from.read(range.first + filled, std::span(buffer).subspan(filled));
    if (!got) return storage_failed(got.error());
    if (*got == 0)
      return fail(ErrorCode::internal_error, "the stored body of the source is too short");
    filled += *got;
  }
  if (auto appended = append(buffer); !appended) return tl::unexpected(std::move(appended.error()));
  range.first += filled;
  range.size -= filled;
  return range.size == 0;
}

Result<std::string> HashedBody::etag(std::string_view expected_md5) {
  const std::string digest = md5_.finish();
  std::string etag = base::to_hex(digest);
  if (expected_md5.empty() || expected_md5 == etag) return etag;
  // AWS writes the one in hex and the other in base64.
  return tl::unexpected(Error{ErrorCode::bad_digest,
                              {},
                              {{"ExpectedDigest", std::string(expected_md5)},
                               {"CalculatedDigest", base::to_base64(digest)}}});
}

std::string HashedBody::checksum() { return base::to_base64(checksum_->finish()); }

Result<BodyRef> HashedBody::finish() {
  auto body = body_->finish();
  if (!body) return storage_failed(body.error());
  return std::move(*body);
}

}  // namespace emulator::s3
