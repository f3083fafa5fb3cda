#pragma once
// Packets of the MySQL protocol, sans I/O: three bytes of length, one of sequence, then the
// payload; a payload of 16 MiB - 1 bytes or more is spread over several. Memory grows with what has
// arrived, never with what a header promises.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "pipeline/mysql/protocol/error.h"

namespace pipeline::mysql::protocol {

inline constexpr std::size_t packet_head_bytes = 4;
inline constexpr std::size_t packet_bytes_max = 0xFFFFFF;

// Appends the packet or packets of this payload, and moves the sequence number on.
void append_packet(std::string& out, std::string_view payload, std::uint8_t& sequence);

// Bytes in, payloads out. A payload is a view into the reader's buffer: nothing is copied but what
// is spread over several packets.
//
//   reader.filled(read(socket, reader.space()));
//   while (auto payload = reader.next(); payload && *payload) use(**payload);
class PacketReader {
 public:
  explicit PacketReader(std::size_t payload_bytes_max = (1u << 30) + (1u << 26))
      : payload_bytes_max_(payload_bytes_max) {}

  // Room for bytes to come, at least some. Views of earlier payloads end here.
  std::span<char> space();
  void filled(std::size_t bytes) { end_ += bytes; }
  // For bytes that are at hand.
  void feed(std::string_view bytes);

  // The next payload; nullopt: more bytes are needed. The view holds until space(), feed() or
  // next().
  Result<std::optional<std::string_view>> next();

  // The sequence number that the next packet must have: the one after the last packet read or
  // written.
  void expect_sequence(std::uint8_t sequence) { sequence_ = sequence; }
  std::uint8_t sequence() const { return sequence_; }
  std::size_t buffered() const { return end_ - begin_; }
  // Whether the next packet is there as a whole.
  bool has_whole() const;

 private:
  void move_start(std::size_t by);
  std::string_view bytes(std::size_t from, std::size_t size) const {
    return {buffer_.get() + from, size};
  }

  std::size_t payload_bytes_max_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;  // of the packet that next() looks at
  std::size_t end_ = 0;    // of what has arrived
  std::size_t joined_begin_ = 0;
  std::size_t joined_ = 0;  // bytes of a payload that goes on
  std::uint8_t sequence_ = 0;
};

// Length-encoded integers and strings.
void append_lenenc(std::string& out, std::uint64_t value);
void append_lenenc_string(std::string& out, std::string_view text);

}  // namespace pipeline::mysql::protocol
