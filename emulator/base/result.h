#pragma once
// Outcomes. A function that can fail for a reason its caller can act on returns a Result; no
// exception crosses a boundary of ours. Services with a wire protocol have an Error of their own
// (s3::Error, rds::SqlError); everything else uses this one: what is wrong, where, and what would
// be right.

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace emulator::base {

// A place in a file that the user wrote. line and column count from 1; 0 = not known.
struct Location {
  std::string file;
  int line = 0;
  int column = 0;
};

struct Error {
  std::string message;
  std::string hint = {};  // what to do about it; may be empty
  Location where = {};

  // "file:line:column: message (hint)", leaving out what is not known.
  std::string text() const;
};

template <class T, class E = Error>
using Result = tl::expected<T, E>;

// For what runs once an event or a row: `return {}` zeroes the room that an Error would take, by an
// instruction that costs as much as decoding a value or two; a copy of this does not.
inline const Result<void> success;

inline tl::unexpected<Error> fail(std::string message, std::string hint = {}) {
  return tl::unexpected<Error>(Error{std::move(message), std::move(hint), {}});
}

}  // namespace emulator::base
