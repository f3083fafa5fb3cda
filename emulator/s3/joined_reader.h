#pragma once
// A body that is kept in pieces, read as one. A piece is opened when it is read, and one at a time:
// an object may have 10,000 of them. Whoever makes the pieces sees to it that they can be opened as
// long as the reader lives.

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "emulator/s3/object_store.h"

namespace emulator::s3 {

struct BodyPiece {
  std::uint64_t size = 0;
  std::function<base::Result<std::unique_ptr<BodyReader>>()> open;
};
std::unique_ptr<BodyReader> read_joined(std::vector<BodyPiece> pieces);

}  // namespace emulator::s3
