#pragma once
// MD5 of several texts side by side. Each step of MD5 waits for the one before it, so that one text
// leaves most of a processor idle: four at once take little longer than one. For bodies of several
// clients (background_hash.h); for one text alone there is base::Hash.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace emulator::base {

class Md5 {
 public:
  void update(std::string_view bytes);
  std::string finish();  // raw bytes, once

  // As update() of each text with its piece, all at once; no text twice.
  struct Piece {
    Md5* text;
    std::string_view bytes;
  };
  static constexpr std::size_t lanes = 4;  // how many at once are worth the most
  static void update_together(std::span<Piece> pieces);

 private:
  void complete_block(std::string_view& bytes);
  void run_blocks(std::string_view& bytes);
  void keep(std::string_view bytes);
  static void run_lanes(std::span<Piece* const> pieces, std::size_t blocks);

  std::array<std::uint32_t, 4> state_{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476};
  std::array<char, 64> begun_{};  // the first of a block whose rest has not come
  std::size_t begun_bytes_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace emulator::base
