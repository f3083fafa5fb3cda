#pragma once
// Reading the rows of a prepared statement.

#include "emulator/sqlite/database.h"

namespace emulator::sqlite {

// Calls `take` for each row until it answers false, and leaves the statement ready for the next
// use.
template <class Take>
Result<void> each_row(Statement& statement, Take take) {
  while (true) {
    const auto row = statement.step();
    if (row && *row && take(static_cast<const Statement&>(statement))) continue;
    statement.reset();
    if (!row) return tl::unexpected(row.error());
    return {};
  }
}

}  // namespace emulator::sqlite
