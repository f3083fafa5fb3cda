#pragma once
// Bytes of one binlog file -> events, sans I/O. Checks the magic, sizes, checksums and positions;
// every error names the file and the offset. It counts offsets itself and knows the file's
// FORMAT_DESCRIPTION.
//
//   Reader reader("binlog.000001");
//   reader.feed(piece);                       // any number of pieces of any size; or
//   Reader::over(name, whole_file) while (auto event = reader.next(); *event) use(**event);   //
//   nullopt: more bytes are needed reader.finish();                          // an Error if the
//   file ended inside an event

#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "pipeline/mysql/binlog/event.h"

namespace pipeline::mysql::binlog {

class Reader {
 public:
  explicit Reader(std::string file_name) : file_(std::move(file_name)) {}
  // Reads bytes that the caller keeps: nothing is copied.
  static Reader over(std::string file_name, std::string_view whole_file);

  // Room to read the next bytes into, at least some; filled() says how many came. Views of earlier
  // events end here. Never more than one event and a piece are held.
  std::span<char> room();
  void filled(std::size_t bytes);
  // The same for bytes at hand.
  void feed(std::string_view bytes);
  Result<std::optional<Event>> next();
  // What is left over: none, or a torn event.
  Result<void> finish() const;

  // For events that come one by one, as packets of the replication protocol do. From now on they
  // are of this file.
  void begin_file(std::string name, std::uint64_t offset);
  // One whole event, viewed, not copied. Its server may have left out some before it, never gone
  // back.
  Result<Event> take(std::string_view event);

  // After the FORMAT_DESCRIPTION, and only if bytes up to there are at hand: goes on at this
  // offset.
  Result<void> skip_to(std::uint64_t offset);

  std::uint64_t offset() const { return offset_; }
  const std::string& file() const { return file_; }
  const FormatDescriptionEvent& format() const { return format_; }
  bool has_format() const { return has_format_; }
  // The server had the file open when it was copied, or has it still: its end may be torn.
  bool in_use() const { return in_use_; }
  emulator::base::Error error_at(std::uint64_t offset, emulator::base::Error why) const;

 private:
  Result<std::optional<Event>> next_event();
  Result<Event> next_packet(std::string_view bytes);
  Result<void> check(const EventHeader& header, std::string_view bytes) const;
  Result<Event> open(const EventHeader& header, std::string_view bytes);

  struct Free {
    void operator()(char* bytes) const { std::free(bytes); }
  };
  void hold(
      std::size_t bytes);  // as much room, from the start of the buffer, and keeps what is unread

  std::string file_;
  std::unique_ptr<char, Free> buffer_;
  std::size_t capacity_ = 0;
  std::string_view bytes_;  // from offset_ on
  std::uint64_t offset_ = 0;
  FormatDescriptionEvent format_;
  bool has_format_ = false;
  bool in_use_ = false;
};

// The post-header length tells how many bytes a table id has: 4 in very old files, else 6.
int table_id_bytes(const FormatDescriptionEvent& format);

}  // namespace pipeline::mysql::binlog
