// TRANSACTION_PAYLOAD (zstd) and MariaDB's compressed events (zlib). Sizes that a log announces are
// bounds, not orders: memory grows only with what really comes out.

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <bit>
#include <limits>
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
constexpr std::uint64_t window_bytes_max = 1u << 27;  // of zstd's highest level, and its own bound

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

// How far back the first frame reaches into what came out of it (RFC 8878, 3.1.1.1); no bound where
// the frame is one segment, which has no window of its own.
std::uint64_t window_bytes(std::string_view frame) {
  constexpr std::size_t descriptor_at = 4, window_at = 5;
  constexpr unsigned one_segment = 0x20;
  if (frame.size() <= window_at || (static_cast<unsigned char>(frame[descriptor_at]) & one_segment))
    return std::numeric_limits<std::uint64_t>::max();
  const unsigned window = static_cast<unsigned char>(frame[window_at]);
  const std::uint64_t base = std::uint64_t{1} << (10 + (window >> 3));
  return base + base / 8 * (window & 7);
}

tl::unexpected<emulator::base::Error> unreadable(std::size_t code) {
  return fail(
      fmt::format("a compressed transaction that zstd cannot read: {}", ZSTD_getErrorName(code)));
}
tl::unexpected<emulator::base::Error> larger_than_it_says() {
  return fail("a compressed transaction larger than it says");
}
tl::unexpected<emulator::base::Error> shorter_than_it_says() {
  return fail("a compressed transaction shorter than it says");
}

Result<void> unpack_whole(const Payload& payload, PackedEvents& events) {
  const auto declared = static_cast<std::size_t>(payload.uncompressed_size);
  const std::unique_ptr<char[]> whole(new char[declared]);
  const std::size_t size =
      ZSTD_decompress(whole.get(), declared, payload.bytes.data(), payload.bytes.size());
  if (ZSTD_getErrorCode(size) == ZSTD_error_dstSize_tooSmall) return larger_than_it_says();
  if (ZSTD_isError(size)) return unreadable(size);
  if (size != declared) return shorter_than_it_says();
  return events.add({whole.get(), size});
}

// In memory of a window, which no frame has larger than the whole.
Result<void> unpack_in_pieces(const Payload& payload, PackedEvents& events) {
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                        ZSTD_freeDCtx);
  const int window_bits = std::bit_width(std::min(payload.uncompressed_size, window_bytes_max) - 1);
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, std::max(window_bits, 10));
  ZSTD_inBuffer in{payload.bytes.data(), payload.bytes.size(), 0};
  const std::unique_ptr<char[]> piece(new char[ZSTD_DStreamOutSize()]);
  std::size_t state = 0;
  std::uint64_t size = 0;
  bool filled = false;
  while (in.pos < in.size || filled) {
    ZSTD_outBuffer to{piece.get(), ZSTD_DStreamOutSize(), 0};
    state = ZSTD_decompressStream(context.get(), &to, &in);
    if (ZSTD_isError(state)) return unreadable(state);
    size += to.pos;
    if (size > payload.uncompressed_size) return larger_than_it_says();
    if (auto done = events.add({piece.get(), to.pos}); !done) return done;
    filled = to.pos == to.size;
  }
  if (state != 0) return fail("a compressed transaction that is cut short");
  return size == payload.uncompressed_size ? Result<void>() : shorter_than_it_says();
}

// One or more frames, back to back. What a window holds as a whole is unpacked as a whole: in no
// more memory than it says that it has, and no byte of it twice.
Result<void> unpack_zstd(const Payload& payload, PackedEvents& events) {
  // The most that zstd packs: a block of one byte that repeats.
  constexpr std::uint64_t block_bytes_max = 1u << 17, packed_block_bytes_min = 4;
  const std::uint64_t declared = payload.uncompressed_size;
  if (declared / block_bytes_max > payload.bytes.size() / packed_block_bytes_min)
    return fail(
        fmt::format("a compressed transaction that says it has {} bytes, which its {} cannot hold",
                    declared, payload.bytes.size()));
  const bool fits = declared <= std::min(window_bytes(payload.bytes), window_bytes_max);
  return fits ? unpack_whole(payload, events) : unpack_in_pieces(payload, events);
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
