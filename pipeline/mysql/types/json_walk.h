#pragma once
// Walks MySQL's binary JSON (binlog.md section 8) and tells a sink what it meets; text and values
// are two sinks. Only this folder includes it.

#include "emulator/base/bytes.h"
#include "pipeline/mysql/types/codecs.h"

namespace pipeline::mysql::types {

enum class JsonTag : std::uint8_t {
  small_object = 0,
  large_object = 1,
  small_array = 2,
  large_array = 3,
  literal = 4,
  int16 = 5,
  uint16 = 6,
  int32 = 7,
  uint32 = 8,
  int64 = 9,
  uint64 = 10,
  real = 11,
  string = 12,
  opaque = 15,
};

inline constexpr int json_depth_max = 100;

// A length in groups of seven bits, low group first.
inline std::uint64_t read_json_length(emulator::base::ByteReader& in) {
  std::uint64_t length = 0;
  for (int shift = 0; shift < 35; shift += 7) {
    const std::uint8_t byte = in.u8();
    length |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) break;
  }
  return length;
}

// Sink: begin(is_object, count), key(text), element() before each value, end(is_object),
// literal(byte), integer(i64), unsigned_integer(u64), real(double), string(text), opaque(type,
// bytes); the last three give a Result<void>.
template <class Sink>
class JsonWalk {
 public:
  explicit JsonWalk(Sink& sink) : sink_(sink) {}

  // `binary` is a whole document: its kind, then its value.
  Result<void> document(std::string_view binary) {
    budget_ = binary.size();
    return value(static_cast<std::uint8_t>(binary[0]), binary.substr(1), 0);
  }

 private:
  Result<void> value(std::uint8_t tag, std::string_view bytes, int depth) {
    if (!spend(1)) return overlaps();
    emulator::base::ByteReader in(bytes);
    switch (static_cast<JsonTag>(tag)) {
      case JsonTag::small_object:
        return container(bytes, 2, true, depth);
      case JsonTag::large_object:
        return container(bytes, 4, true, depth);
      case JsonTag::small_array:
        return container(bytes, 2, false, depth);
      case JsonTag::large_array:
        return container(bytes, 4, false, depth);
      case JsonTag::literal:
        return sink_.literal(in.u8());
      case JsonTag::int16:
        sink_.integer(static_cast<std::int16_t>(in.u16()));
        break;
      case JsonTag::uint16:
        sink_.unsigned_integer(in.u16());
        break;
      case JsonTag::int32:
        sink_.integer(static_cast<std::int32_t>(in.u32()));
        break;
      case JsonTag::uint32:
        sink_.unsigned_integer(in.u32());
        break;
      case JsonTag::int64:
        sink_.integer(static_cast<std::int64_t>(in.u64()));
        break;
      case JsonTag::uint64:
        sink_.unsigned_integer(in.u64());
        break;
      case JsonTag::real:
        sink_.real(in.u64());
        break;
      case JsonTag::string:
        return string(in);
      case JsonTag::opaque: {
        const std::uint8_t type = in.u8();
        const std::string_view body = in.take(read_json_length(in));
        if (in.failed()) return cut_short();
        if (!spend(body.size())) return overlaps();
        return sink_.opaque(type, body);
      }
      default:
        return fail("a JSON value of unknown kind " + std::to_string(tag));
    }
    if (in.failed()) return cut_short();
    return {};
  }

  Result<void> string(emulator::base::ByteReader& in) {
    const std::string_view text = in.take(read_json_length(in));
    if (in.failed()) return cut_short();
    if (!spend(text.size())) return overlaps();
    sink_.string(text);
    return {};
  }

  // No byte of an honest document is used twice, so what has been shown never outgrows it. Damaged
  // offsets could make it explode.
  bool spend(std::size_t bytes) {
    if (bytes > budget_) return false;
    budget_ -= bytes;
    return true;
  }
  static tl::unexpected<emulator::base::Error> overlaps() {
    return fail("a JSON value uses the same bytes twice");
  }
  static tl::unexpected<emulator::base::Error> cut_short() {
    return fail("a JSON value is cut short");
  }

  static bool inlined(std::uint8_t tag, int width) {
    switch (static_cast<JsonTag>(tag)) {
      case JsonTag::literal:
      case JsonTag::int16:
      case JsonTag::uint16:
        return true;
      case JsonTag::int32:
      case JsonTag::uint32:
        return width == 4;
      default:
        return false;
    }
  }

  // Offsets count from the start of the container's own bytes. Every value's bytes lie behind its
  // entries, so a container cannot hold itself.
  Result<void> container(std::string_view bytes, int width, bool is_object, int depth) {
    if (depth >= json_depth_max) return fail("a JSON value is nested too deep");
    emulator::base::ByteReader in(bytes);
    const std::uint64_t count = in.le(width);
    const std::uint64_t size = in.le(width);
    if (in.failed() || size > bytes.size()) return cut_short();
    bytes = bytes.substr(0, size);
    const std::uint64_t w = static_cast<std::uint64_t>(width);
    const std::uint64_t entry_bytes = (1 + w) + (is_object ? w + 2 : 0);
    if (count > size || 2 * w + count * entry_bytes > size) return cut_short();
    const std::uint64_t values_at = 2 * w + (is_object ? count * (w + 2) : 0);
    const std::uint64_t first_free = 2 * w + count * entry_bytes;
    sink_.begin(is_object, count);
    for (std::uint64_t i = 0; i < count; ++i) {
      sink_.element(i);
      if (is_object) {
        emulator::base::ByteReader key(bytes.substr(2 * w + i * (w + 2)));
        const std::uint64_t at = key.le(width);
        const std::uint64_t length = key.le(2);
        if (at < first_free || at > size || length > size - at) return cut_short();
        if (!spend(length)) return overlaps();
        sink_.key(bytes.substr(at, length));
      }
      emulator::base::ByteReader entry(bytes.substr(values_at + i * (w + 1)));
      const std::uint8_t tag = entry.u8();
      std::string_view inner = bytes.substr(values_at + i * (w + 1) + 1, w);
      if (!inlined(tag, width)) {
        const std::uint64_t at = entry.le(width);
        if (at < first_free || at >= size) return cut_short();
        inner = bytes.substr(at);
      }
      if (auto done = value(tag, inner, depth + 1); !done) return done;
    }
    sink_.end(is_object);
    return {};
  }

  Sink& sink_;
  std::size_t budget_ = 0;
};

}  // namespace pipeline::mysql::types
