#pragma once
// What the tables of the SQLite store share: reading rows, and how headers and counts are kept in
// columns.

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "emulator/base/bytes.h"
#include "emulator/sqlite/database.h"
#include "emulator/sqlite/rows.h"

namespace emulator::s3 {

inline std::int64_t signed_value(std::uint64_t value) { return static_cast<std::int64_t>(value); }
inline std::uint64_t unsigned_value(std::int64_t value) {
  return static_cast<std::uint64_t>(value);
}

// Length-prefixed, because a metadata value may hold any byte.
std::string pack_headers(const std::map<std::string, std::string>& headers);
std::map<std::string, std::string> unpack_headers(std::string_view packed);
// Calls take(name, value) for each where it lies.
template <class Take>
void each_header(std::string_view packed, Take take) {
  base::ByteReader reader(packed);
  while (reader.left() > 0 && !reader.failed()) {
    const std::string_view name = reader.take(reader.u32());
    take(name, reader.take(reader.u32()));
  }
}

using sqlite::each_row;

// A statement that a class of tables keeps prepared for its life.
template <class Tables>
struct StatementRow {
  sqlite::Statement Tables::*statement;
  std::string_view sql;
};
template <class Tables, std::size_t count>
base::Result<void> prepare_all(sqlite::Database& database, Tables& tables,
                               const std::array<StatementRow<Tables>, count>& rows) {
  for (const StatementRow<Tables>& row : rows) {
    auto prepared = database.prepare(row.sql);
    if (!prepared) return tl::unexpected(prepared.error());
    tables.*row.statement = std::move(*prepared);
  }
  return {};
}

inline base::Result<std::int64_t> one_integer(sqlite::Statement& statement) {
  std::int64_t value = 0;
  return each_row(statement,
                  [&](const sqlite::Statement& row) { return value = row.integer(0), false; })
      .map([&] { return value; });
}

// Creates the tables, or adds what a folder of an older version lacks. An Error if a newer Sluice
// made it.
base::Result<void> bring_up_to_date(sqlite::Database& database);

}  // namespace emulator::s3
