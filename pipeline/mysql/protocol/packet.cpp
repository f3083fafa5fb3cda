#include "pipeline/mysql/protocol/packet.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "emulator/base/bytes.h"

namespace pipeline::mysql::protocol {

namespace {

using emulator::base::append_le;

constexpr std::size_t capacity_least = 1 << 16;
constexpr std::size_t capacity_wanted = 1 << 20;  // once the stream fills what there is
constexpr std::size_t space_least = 1 << 14;

}  // namespace

void append_packet(std::string& out, std::string_view payload, std::uint8_t& sequence) {
  while (true) {
    const std::string_view part = payload.substr(0, packet_bytes_max);
    append_le(out, part.size(), 3);
    out.push_back(static_cast<char>(sequence++));
    out += part;
    payload.remove_prefix(part.size());
    if (part.size() < packet_bytes_max) return;
  }
}

std::span<char> PacketReader::space() {
  const std::size_t from = joined_ != 0 ? joined_begin_ : begin_;
  const std::size_t kept = end_ - from;
  if (capacity_ - end_ < space_least && (kept > capacity_ / 2 || capacity_ < capacity_wanted)) {
    const std::size_t capacity =
        capacity_ == 0 ? capacity_least : std::max(capacity_wanted, 2 * kept);
    std::unique_ptr<char[]> larger(new char[capacity]);
    if (kept != 0) std::memcpy(larger.get(), buffer_.get() + from, kept);
    buffer_ = std::move(larger);
    capacity_ = capacity;
    move_start(from);
  } else if (kept <= capacity_ / 8 || capacity_ - end_ < space_least) {
    if (from != 0 && kept != 0) std::memmove(buffer_.get(), buffer_.get() + from, kept);
    move_start(from);
  }
  return {buffer_.get() + end_, capacity_ - end_};
}

void PacketReader::move_start(std::size_t by) {
  begin_ -= by;
  end_ -= by;
  joined_begin_ = 0;
}

void PacketReader::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::span<char> room = space();
    const std::size_t size = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), size);
    filled(size);
    bytes.remove_prefix(size);
  }
}

Result<std::optional<std::string_view>> PacketReader::next() {
  while (end_ - begin_ >= packet_head_bytes) {
    emulator::base::ByteReader head(bytes(begin_, packet_head_bytes));
    const auto size = static_cast<std::size_t>(head.le(3));
    const std::uint8_t sequence = head.u8();
    if (sequence != sequence_)
      return malformed(fmt::format("its number is {}, not {}", sequence, sequence_));
    if (joined_ + size > payload_bytes_max_)
      return fail(error_number::packet_too_large, "Got packet bigger than the largest allowed");
    if (end_ - begin_ - packet_head_bytes < size) return std::nullopt;
    ++sequence_;
    const std::size_t part = begin_ + packet_head_bytes;
    begin_ = part + size;
    if (joined_ == 0)
      joined_begin_ = part;
    else  // it moves over the heads between the parts
      std::memmove(buffer_.get() + joined_begin_ + joined_, buffer_.get() + part, size);
    joined_ += size;
    if (size == packet_bytes_max) continue;
    const std::string_view payload = bytes(joined_begin_, joined_);
    joined_ = 0;
    return payload;
  }
  return std::nullopt;
}

bool PacketReader::has_whole() const {
  if (end_ - begin_ < packet_head_bytes) return false;
  emulator::base::ByteReader head(bytes(begin_, packet_head_bytes));
  return end_ - begin_ - packet_head_bytes >= head.le(3);
}

void append_lenenc(std::string& out, std::uint64_t value) {
  if (value < 0xFB) return append_le(out, value, 1);
  const int width = value <= 0xFFFF ? 2 : value <= 0xFFFFFF ? 3 : 8;
  out.push_back(static_cast<char>(width == 8 ? 0xFE : 0xFA + width));
  append_le(out, value, width);
}

void append_lenenc_string(std::string& out, std::string_view text) {
  append_lenenc(out, text.size());
  out += text;
}

}  // namespace pipeline::mysql::protocol
