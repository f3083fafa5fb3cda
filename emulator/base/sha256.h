#pragma once
// SHA-256 in the form of md5.h, for background_hash.h: OpenSSL's, one text after the other, since
// a processor that has instructions for it gains nothing from several at once.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "emulator/base/digest.h"

namespace emulator::base {

class Sha256 {
 public:
  void update(std::string_view bytes) { hash_.update(bytes); }
  std::string finish() { return hash_.finish(); }  // raw bytes, once

  struct Piece {
    Sha256* text;
    std::string_view bytes;
  };
  static constexpr std::size_t lanes = 1;
  static void update_together(std::span<Piece> pieces) {
    for (const Piece& piece : pieces) piece.text->update(piece.bytes);
  }

 private:
  Hash hash_{HashKind::sha256};
};

}  // namespace emulator::base
