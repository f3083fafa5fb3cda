#pragma once
// Pieces that event writers share: length-encoded integers, and events whose size, end position and
// checksum are filled in last.

#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/mysql/binlog/event.h"

namespace pipeline::mysql::binlog {

void append_lenenc(std::string& out, std::uint64_t value);
std::size_t lenenc_size(std::uint64_t value);
void append_lenenc_string(std::string& out, std::string_view text);

struct NewEvent {
  EventType type;
  std::uint32_t timestamp = 0;
  std::uint32_t server_id = 0;
  std::uint16_t flags = 0;
};

// Appends a header whose size and end position are still 0; returns where it starts. The body is
// appended next, then finish_event.
std::size_t begin_event(std::string& out, const NewEvent& event);
// Sets the size and leaves room for the checksum.
void finish_event(std::string& out, std::size_t start);
// Sets end position and CRC32 of every finished event from out[start] on; `position` is the file
// offset of out[start].
void seal_events(std::string& out, std::size_t start, std::uint64_t position);

// The body of a TABLE_MAP event (binlog.md section 6). full: names, labels, geometry types, primary
// key, visibility too.
void append_table_map(std::string& out, std::uint64_t table_id, const TableSchema& table,
                      bool full);

}  // namespace pipeline::mysql::binlog
