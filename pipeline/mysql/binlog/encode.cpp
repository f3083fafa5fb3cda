#include "pipeline/mysql/binlog/encode.h"

#include "emulator/base/bytes.h"
#include "emulator/base/check.h"
#include "emulator/base/digest.h"

namespace pipeline::mysql::binlog {

namespace {

using emulator::base::append_le;

void put_u32(std::string& out, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) out[at + i] = static_cast<char>(value >> (8 * i) & 0xFF);
}

std::uint32_t get_u32(const std::string& bytes, std::size_t at) {
  emulator::base::ByteReader in(std::string_view(bytes).substr(at, 4));
  return in.u32();
}

constexpr std::size_t end_position_offset = 13;

}  // namespace

void append_lenenc(std::string& out, std::uint64_t value) {
  if (value < 251) return append_le(out, value, 1);
  if (value <= 0xFFFF) {
    out.push_back('\xFC');
    return append_le(out, value, 2);
  }
  if (value <= 0xFFFFFF) {
    out.push_back('\xFD');
    return append_le(out, value, 3);
  }
  out.push_back('\xFE');
  append_le(out, value, 8);
}

std::size_t lenenc_size(std::uint64_t value) {
  return value < 251 ? 1 : value <= 0xFFFF ? 3 : value <= 0xFFFFFF ? 4 : 9;
}

void append_lenenc_string(std::string& out, std::string_view text) {
  append_lenenc(out, text.size());
  out += text;
}

std::size_t begin_event(std::string& out, const NewEvent& event) {
  const std::size_t start = out.size();
  append_le(out, event.timestamp, 4);
  append_le(out, static_cast<std::uint64_t>(event.type), 1);
  append_le(out, event.server_id, 4);
  append_le(out, 0, 8);  // size, end position
  append_le(out, event.flags, 2);
  return start;
}

void finish_event(std::string& out, std::size_t start) {
  out.append(checksum_bytes, '\0');
  const std::size_t size = out.size() - start;
  CHECK(size <= 0xFFFFFFFFull);
  put_u32(out, start + size_offset, static_cast<std::uint32_t>(size));
}

void seal_events(std::string& out, std::size_t start, std::uint64_t position) {
  while (start < out.size()) {
    const std::size_t size = get_u32(out, start + size_offset);
    position += size;
    put_u32(out, start + end_position_offset,
            static_cast<std::uint32_t>(position));  // wraps past 4 GiB, as MySQL's does
    const std::string_view covered = std::string_view(out).substr(start, size - checksum_bytes);
    put_u32(out, start + size - checksum_bytes, emulator::base::crc32(covered));
    start += size;
  }
}

}  // namespace pipeline::mysql::binlog
