#pragma once
// What the tables of the SQLite store share: reading rows, and how headers and counts are kept in columns.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "emulator/sqlite/database.h"

namespace emulator::s3 {

inline std::int64_t signed_value(std::uint64_t value) { return static_cast<std::int64_t>(value); }
inline std::uint64_t unsigned_value(std::int64_t value) { return static_cast<std::uint64_t>(value); }

// Length-prefixed, because a metadata value may hold any byte.
std::string pack_headers(const std::map<std::string, std::string>& headers);
std::map<std::string, std::string> unpack_headers(std::string_view packed);

// Calls `take` for each row until it answers false, and leaves the statement ready for the next use.
template <class Take>
base::Result<void> each_row(sqlite::Statement& statement, Take take) {
  while (true) {
    const auto row = statement.step();
    if (row && *row && take(static_cast<const sqlite::Statement&>(statement))) continue;
    statement.reset();
    if (!row) return tl::unexpected(row.error());
    return {};
  }
}

// Creates the tables, or adds what a folder of an older version lacks. An Error if a newer Sluice made it.
base::Result<void> bring_up_to_date(sqlite::Database& database);

}  // namespace emulator::s3
