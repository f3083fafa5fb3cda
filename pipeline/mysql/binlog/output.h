#pragma once
// Text on its way out: a buffer that printing writes into directly, emptied through a function when
// it is full. A line that turns out to be wrong half way can be taken back, as long as it is not
// longer than the buffer.

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <string_view>

namespace pipeline::mysql::binlog {

class Output {
 public:
  explicit Output(std::function<void(std::string_view)> write) : write_(std::move(write)) {}

  // At least this much room to write at; done() says up to where it was used.
  char* room(std::size_t bytes) {
    if (static_cast<std::size_t>(limit_ - end_) < bytes) grow(bytes);
    return end_;
  }
  void done(char* end) { end_ = end; }
  void append(std::string_view text) {
    char* const at = room(text.size());
    std::memcpy(at, text.data(), text.size());
    end_ = at + text.size();
  }

  void begin_line() {
    if (size() >= full_bytes) flush();
    line_ = size();
  }
  void take_back_line() { end_ = begin() + line_; }
  // In the middle of a line, so that one of any length will do.
  void flush_if_long() {
    if (size() >= long_bytes) flush();
  }
  void flush() {
    if (size() > 0) write_({begin(), size()});
    end_ = begin();
    line_ = 0;
  }

 private:
  static constexpr std::size_t full_bytes = 1 << 16, long_bytes = 1 << 20;

  char* begin() const { return buffer_.get(); }
  std::size_t size() const { return static_cast<std::size_t>(end_ - begin()); }
  void grow(std::size_t bytes) {
    const std::size_t used = size(), wanted = std::max(std::size_t{4096}, 2 * (used + bytes));
    std::unique_ptr<char[]> larger(new char[wanted]);
    if (used > 0) std::memcpy(larger.get(), begin(), used);
    buffer_ = std::move(larger);
    end_ = begin() + used;
    limit_ = begin() + wanted;
  }

  std::function<void(std::string_view)> write_;
  std::unique_ptr<char[]> buffer_;
  char* end_ = nullptr;
  char* limit_ = nullptr;
  std::size_t line_ = 0;
};

}  // namespace pipeline::mysql::binlog
