// TRANSACTION_PAYLOAD (zstd) and MariaDB's compressed events (zlib). Sizes that a log announces are
// bounds, not orders: memory grows only with what really comes out.

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <memory>

#include "pipeline/mysql/binlog/event.h"

namespace pipeline::mysql::binlog {

namespace {

using emulator::base::ByteReader;
using emulator::base::fail;

enum class PayloadField : std::uint8_t {
  end = 0,
  size = 1,
  compression = 2,
  uncompressed_size = 3
};
constexpr std::uint64_t compression_zstd = 0, compression_none = 255;

struct Payload {
  std::uint64_t compression = compression_none;
  std::uint64_t uncompressed_size = 0;
  std::string_view bytes;
};

Result<Payload> parse_payload(std::string_view body) {
  ByteReader in(body);
  Payload out;
  std::uint64_t size = 0;
  while (!in.failed()) {
    const std::uint64_t field = read_lenenc(in);
    if (field == static_cast<std::uint64_t>(PayloadField::end)) break;
    ByteReader value(in.take(read_lenenc(in)));
    const std::uint64_t number = read_lenenc(value);
    if (field == static_cast<std::uint64_t>(PayloadField::size)) size = number;
    if (field == static_cast<std::uint64_t>(PayloadField::compression)) out.compression = number;
    if (field == static_cast<std::uint64_t>(PayloadField::uncompressed_size))
      out.uncompressed_size = number;
  }
  out.bytes = in.take(size);
  if (in.failed()) return fail("a TRANSACTION_PAYLOAD event that is cut short");
  return out;
}

// Cuts unpacked bytes into events as they come out.
class PackedEvents {
 public:
  PackedEvents(std::uint64_t offset, const EachPackedEvent& each) : offset_(offset), each_(each) {}

  Result<void> add(std::string_view piece) {
    if (pending_.empty()) {  // mostly an event lies in one piece
      if (auto done = take(piece); !done) return done;
      pending_ = piece;
      return {};
    }
    pending_ += piece;
    std::string_view left = pending_;
    if (auto done = take(left); !done) return done;
    pending_.erase(0, pending_.size() - left.size());
    return {};
  }
  Result<void> finish() const {
    if (!pending_.empty())
      return fail("an event inside a compressed transaction that is cut short");
    return {};
  }

 private:
  Result<void> take(std::string_view& bytes) {
    while (bytes.size() >= header_bytes) {
      auto header = parse_header(bytes);
      if (!header) return tl::unexpected(header.error());
      if (header->size < header_bytes || header->size > event_bytes_max)
        return fail(
            fmt::format("an event of {} bytes inside a compressed transaction", header->size));
      if (header->size > bytes.size()) break;
      const Event event{*header, offset_, bytes.substr(header_bytes, header->size - header_bytes)};
      if (auto done = each_(event); !done) return done;
      bytes.remove_prefix(header->size);
    }
    return {};
  }

  std::uint64_t offset_;
  const EachPackedEvent& each_;
  std::string pending_;
};

// One or more frames, back to back.
Result<void> unpack_zstd(const Payload& payload, PackedEvents& events) {
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                        ZSTD_freeDCtx);
  ZSTD_inBuffer in{payload.bytes.data(), payload.bytes.size(), 0};
  const std::unique_ptr<char[]> piece(new char[ZSTD_DStreamOutSize()]);
  std::size_t state = 0;
  std::uint64_t size = 0;
  bool filled = false;
  while (in.pos < in.size || filled) {
    ZSTD_outBuffer to{piece.get(), ZSTD_DStreamOutSize(), 0};
    state = ZSTD_decompressStream(context.get(), &to, &in);
    if (ZSTD_isError(state))
      return fail(fmt::format("a compressed transaction that zstd cannot read: {}",
                              ZSTD_getErrorName(state)));
    size += to.pos;
    if (size > payload.uncompressed_size)
      return fail("a compressed transaction larger than it says");
    if (auto done = events.add({piece.get(), to.pos}); !done) return done;
    filled = to.pos == to.size;
  }
  if (state != 0) return fail("a compressed transaction that is cut short");
  if (size != payload.uncompressed_size)
    return fail("a compressed transaction shorter than it says");
  return {};
}

}  // namespace

Result<void> for_each_packed_event(const Event& payload, const EachPackedEvent& each) {
  auto parsed = parse_payload(payload.body);
  if (!parsed) return tl::unexpected(parsed.error());
  PackedEvents events(payload.offset, each);
  Result<void> done;
  if (parsed->compression == compression_zstd)
    done = unpack_zstd(*parsed, events);
  else if (parsed->compression == compression_none)
    done = events.add(parsed->bytes);
  else
    return fail(fmt::format("transaction compression {} is not supported", parsed->compression));
  return done ? events.finish() : done;
}

Result<std::string> inflate_mariadb(std::string_view bytes) {
  constexpr std::size_t deflate_ratio_max = 1100;
  ByteReader in(bytes);
  const std::uint8_t head = in.u8();
  const int width = head & 7;
  if ((head & 0x80) == 0 || (head & 0x70) != 0 || width == 0 || width > 4)
    return fail("a compressed event of an unknown form");
  const std::uint64_t size = in.be(width);
  const std::string_view deflated = in.rest();
  if (in.failed() || size / deflate_ratio_max > deflated.size())
    return fail("a compressed event that is cut short");
  std::string out(size, '\0');
  auto length = static_cast<uLongf>(size);
  const int result = uncompress(reinterpret_cast<Bytef*>(out.data()), &length,
                                reinterpret_cast<const Bytef*>(deflated.data()),
                                static_cast<uLong>(deflated.size()));
  if (result != Z_OK || length != size) return fail("a compressed event that does not inflate");
  return out;
}

}  // namespace pipeline::mysql::binlog
