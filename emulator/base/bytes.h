#pragma once
// Reading and writing of binary formats. A ByteReader never reads past its end: the first read that
// does not fit sets failed(), returns zero or empty, and every later one does too; check once at
// the end.

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace emulator::base {

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  std::size_t offset() const { return offset_; }
  std::size_t left() const { return bytes_.size() - offset_; }
  bool failed() const { return failed_; }

  // Little- and big-endian unsigned integers of 1 to 8 bytes.
  std::uint64_t le(int width) {
    std::uint64_t value = 0;
    if (!fits(static_cast<std::size_t>(width))) return 0;
    for (int i = width - 1; i >= 0; --i)
      value = value << 8 | byte(offset_ + static_cast<std::size_t>(i));
    offset_ += static_cast<std::size_t>(width);
    return value;
  }
  std::uint64_t be(int width) {
    std::uint64_t value = 0;
    if (!fits(static_cast<std::size_t>(width))) return 0;
    for (int i = 0; i < width; ++i)
      value = value << 8 | byte(offset_ + static_cast<std::size_t>(i));
    offset_ += static_cast<std::size_t>(width);
    return value;
  }
  // Little-endian, in one load where the machine is.
  std::uint8_t u8() { return word<std::uint8_t>(); }
  std::uint16_t u16() { return word<std::uint16_t>(); }
  std::uint32_t u32() { return word<std::uint32_t>(); }
  std::uint64_t u64() { return word<std::uint64_t>(); }

  std::string_view take(std::uint64_t size) {
    if (!fits(size)) return {};
    const std::string_view out(bytes_.data() + offset_, size);
    offset_ += size;
    return out;
  }
  void skip(std::uint64_t size) { take(size); }
  std::string_view rest() { return take(left()); }

 private:
  bool fits(std::uint64_t size) {
    if (failed_ || size > left()) failed_ = true;
    return !failed_;
  }
  template <class Word>
  Word word() {
    if constexpr (std::endian::native != std::endian::little)
      return static_cast<Word>(le(sizeof(Word)));
    Word value = 0;
    if (!fits(sizeof value)) return 0;
    std::memcpy(&value, bytes_.data() + offset_, sizeof value);
    offset_ += sizeof value;
    return value;
  }
  std::uint8_t byte(std::size_t at) const { return static_cast<std::uint8_t>(bytes_[at]); }

  std::string_view bytes_;
  std::size_t offset_ = 0;
  bool failed_ = false;
};

inline void append_le(std::string& out, std::uint64_t value, int width) {
  for (int i = 0; i < width; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xFF));
}
inline void append_be(std::string& out, std::uint64_t value, int width) {
  for (int i = width - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i) & 0xFF));
}

}  // namespace emulator::base
