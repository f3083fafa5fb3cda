#include "pipeline/mysql/binlog/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "emulator/base/check.h"
#include "emulator/base/digest.h"

namespace pipeline::mysql::binlog {

namespace {

using emulator::base::Error;
using emulator::base::fail;

constexpr std::string_view encrypted_magic =
    "\xFD"
    "bin";
constexpr std::uint16_t relay_log = 0x40;

std::uint32_t little_endian(std::string_view bytes) {
  return static_cast<std::uint32_t>(emulator::base::ByteReader(bytes).u32());
}

// The in-use flag of a FORMAT_DESCRIPTION changes when the file is closed, and is left out of its
// checksum.
std::uint32_t checksum_of(const EventHeader& header, std::string_view covered) {
  if (header.type != EventType::format_description || (header.flags & event_flag::in_use) == 0)
    return emulator::base::crc32(covered);
  std::string head(covered.substr(0, header_bytes));
  head[flags_offset] = static_cast<char>(head[flags_offset] & ~event_flag::in_use);
  return emulator::base::crc32(covered.substr(header_bytes), emulator::base::crc32(head));
}

}  // namespace

int table_id_bytes(const FormatDescriptionEvent& format) {
  constexpr std::uint8_t old_table_map_head = 6;
  return format.post_header_lengths[static_cast<std::size_t>(EventType::table_map) - 1] ==
                 old_table_map_head
             ? 4
             : 6;
}

Reader Reader::over(std::string file_name, std::string_view whole_file) {
  Reader reader(std::move(file_name));
  reader.bytes_ = whole_file;
  return reader;
}

void Reader::hold(std::size_t bytes) {
  constexpr std::size_t kept_max = 4u << 20;  // a large event must not hold its memory for good
  if (!bytes_.empty() && bytes_.data() != buffer_.get())
    std::memmove(buffer_.get(), bytes_.data(), bytes_.size());
  const bool too_large = capacity_ > kept_max && bytes < capacity_ / 4;
  if (capacity_ < bytes || too_large) {
    auto* grown =
        static_cast<char*>(std::realloc(buffer_.get(), bytes));  // large blocks move without a copy
    CHECK(grown != nullptr);
    static_cast<void>(buffer_.release());
    buffer_.reset(grown);
    capacity_ = bytes;
  }
  bytes_ = {buffer_.get(), bytes_.size()};
}

std::span<char> Reader::room() {
  constexpr std::size_t piece_bytes = 1
                                      << 18;  // stays in the processor's cache until it is decoded
  const std::size_t unread = bytes_.size();
  std::size_t wanted = unread + piece_bytes;
  if (unread >= 2 * piece_bytes) {  // inside a large event: grow with it, not past it
    const std::size_t event = little_endian(bytes_.substr(size_offset));
    wanted = std::max(wanted, std::min(event, 2 * unread));
  }
  hold(wanted);
  return {buffer_.get() + unread, capacity_ - unread};
}

void Reader::filled(std::size_t bytes) { bytes_ = {buffer_.get(), bytes_.size() + bytes}; }

void Reader::feed(std::string_view bytes) {
  hold(std::max(bytes_.size() + bytes.size(), capacity_));
  std::memcpy(buffer_.get() + bytes_.size(), bytes.data(), bytes.size());
  filled(bytes.size());
}

Error Reader::error_at(std::uint64_t offset, Error why) const {
  why.message = fmt::format("{} at {}: {}", file_, offset, why.message);
  return why;
}

Result<std::optional<Event>> Reader::next() {
  const std::uint64_t at = offset_;
  auto event = next_event();
  if (!event) return tl::unexpected(error_at(at, event.error()));
  return event;
}

Result<std::optional<Event>> Reader::next_event() {
  if (offset_ == 0) {
    if (bytes_.size() < magic.size()) return std::nullopt;
    const std::string_view found = bytes_.substr(0, magic.size());
    if (found == encrypted_magic)
      return fail("the binlog is encrypted (MySQL's binlog_encryption): that is not supported");
    if (found != magic) return fail("not a binlog: it does not start with FE 62 69 6E");
    bytes_.remove_prefix(magic.size());
    offset_ = magic.size();
  }
  if (bytes_.size() < header_bytes) return std::nullopt;
  auto header = parse_header(bytes_);
  if (!header) return tl::unexpected(header.error());
  if (header->size < header_bytes || header->size > event_bytes_max)
    return fail(fmt::format("an event of {} bytes", header->size));
  if (!has_format_ && header->type != EventType::format_description)
    return fail(fmt::format("the first event is of type {}, not FORMAT_DESCRIPTION",
                            static_cast<int>(header->type)));
  if (bytes_.size() < header->size) return std::nullopt;
  if (header->type == EventType::mariadb_start_encryption)
    return fail("the binlog is encrypted (MariaDB's encrypt_binlog): that is not supported");
  auto event = open(*header, bytes_.substr(0, header->size));
  if (!event) return tl::unexpected(event.error());
  bytes_.remove_prefix(header->size);
  offset_ += header->size;
  return std::optional<Event>(*event);
}

Result<void> Reader::check(const EventHeader& header, std::string_view bytes) const {
  const auto end = static_cast<std::uint32_t>(offset_ + header.size);  // 32 bits: wraps past 4 GiB
  const bool says_end =
      header.end_position != 0 && (header.flags & (event_flag::artificial | relay_log)) == 0;
  if (says_end && header.end_position != end)
    return fail(fmt::format("the event says that it ends at {}, but it ends at {}",
                            header.end_position, end));
  // A server that streams from mid-file changes the FORMAT_DESCRIPTION, and its checksum only if
  // the log has them.
  const bool is_format = header.type == EventType::format_description;
  const bool has_one = format_.checksums ||
                       (is_format && format_.has_checksum_algorithm && header.end_position != 0);
  if (!has_one) return success;
  const std::uint32_t found = little_endian(bytes.substr(bytes.size() - checksum_bytes));
  const std::uint32_t right = checksum_of(header, bytes.substr(0, bytes.size() - checksum_bytes));
  if (found != right)
    return fail(
        fmt::format("the checksum of the event is wrong: {:08x}, computed {:08x}", found, right));
  return success;
}

Result<Event> Reader::open(const EventHeader& header, std::string_view bytes) {
  const bool is_format = header.type == EventType::format_description;
  if (is_format) {
    auto format = parse_format_description(bytes.substr(header_bytes));
    if (!format) return tl::unexpected(format.error());
    format_ = std::move(*format);
    has_format_ = true;
    in_use_ = (header.flags & event_flag::in_use) != 0;
  }
  const std::size_t tail =
      format_.checksums || (is_format && format_.has_checksum_algorithm) ? checksum_bytes : 0;
  if (bytes.size() < header_bytes + tail)
    return fail(fmt::format("an event of {} bytes", header.size));
  if (auto done = check(header, bytes); !done) return tl::unexpected(done.error());
  if (event_name(header.type).empty() && (header.flags & event_flag::ignorable) == 0)
    return fail(fmt::format("event type {} is not known and may not be skipped",
                            static_cast<int>(header.type)));
  return Event{header, offset_, bytes.substr(header_bytes, bytes.size() - header_bytes - tail)};
}

void Reader::begin_file(std::string name, std::uint64_t offset) {
  file_ = std::move(name);
  offset_ = offset;
}

Result<Event> Reader::take(std::string_view bytes) {
  const std::uint64_t at = offset_;
  auto event = next_packet(bytes);
  if (!event) return tl::unexpected(error_at(at, event.error()));
  return event;
}

Result<Event> Reader::next_packet(std::string_view bytes) {
  auto header = parse_header(bytes);
  if (!header) return tl::unexpected(header.error());
  if (header->size != bytes.size())
    return fail(fmt::format("an event of {} bytes in a packet of {}", header->size, bytes.size()));
  const bool is_format = header->type == EventType::format_description;
  if (!has_format_ && !is_format)
    return fail(fmt::format("the first event is of type {}, not FORMAT_DESCRIPTION",
                            static_cast<int>(header->type)));
  const bool is_heartbeat =
      header->type == EventType::heartbeat || header->type == EventType::heartbeat_v2;
  // These lie elsewhere, or nowhere, in the file.
  if (is_heartbeat || (is_format && offset_ != magic.size())) header->end_position = 0;
  const bool moves =
      header->end_position != 0 && (header->flags & (event_flag::artificial | relay_log)) == 0;
  if (moves) {
    const std::uint32_t ahead =
        header->end_position - header->size - static_cast<std::uint32_t>(offset_);
    if (ahead >= 1u << 31)
      return fail(
          fmt::format("the server goes back, to an event that ends at {}", header->end_position));
    offset_ += ahead;
  }
  auto event = open(*header, bytes);
  if (event && moves) offset_ = event->end();
  return event;
}

Result<void> Reader::finish() const {
  if (offset_ == 0)
    return tl::unexpected(error_at(0, Error{"not a binlog: the file has less than four bytes"}));
  if (bytes_.empty() && !has_format_)
    return tl::unexpected(
        error_at(offset_, Error{"the file ends before its FORMAT_DESCRIPTION event"}));
  if (bytes_.empty()) return {};
  return tl::unexpected(
      error_at(offset_, Error{"the file ends inside an event",
                              "an active or crashed log may; pass what precedes it"}));
}

Result<void> Reader::skip_to(std::uint64_t offset) {
  if (offset < offset_ || offset - offset_ > bytes_.size())
    return tl::unexpected(
        error_at(offset, Error{fmt::format("no such position: the file has bytes {} to {}", offset_,
                                           offset_ + bytes_.size())}));
  bytes_.remove_prefix(offset - offset_);
  offset_ = offset;
  return {};
}

}  // namespace pipeline::mysql::binlog
