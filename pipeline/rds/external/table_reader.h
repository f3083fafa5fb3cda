#pragma once
// The rows of one table of a running server, as cells. Bytes come in the column's own charset and
// go through the same codec as those of the log, so that the full load and the changes say the
// same. Chunked by primary key where it has an order that SQL can go on from: a lost connection
// costs a chunk, not the load; other tables are one result.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "pipeline/mysql/schema.h"
#include "pipeline/rds/external/sql_client.h"

namespace pipeline::rds::external {

// Rows as a row image packs them, one after the other.
struct PackedRows {
  struct Cell {
    mysql::Cell::State state;
    std::uint32_t size;
  };
  std::string bytes;
  std::vector<Cell> cells;  // of all rows

  void clear() {
    bytes.clear();
    cells.clear();
  }
  // Views hold until the rows change; false from `row` ends it, and is what comes back.
  bool for_each(std::size_t columns, const std::function<bool(const mysql::Row&)>& row) const;
};

class TableReader {
 public:
  // `table` as read_tables describes it.
  explicit TableReader(mysql::TablePtr table, std::uint64_t chunk_rows = 50'000);

  bool is_chunked() const { return !key_.empty(); }
  bool at_end() const { return at_end_; }
  // The next chunk, or the whole table, appended to `rows`; whoever is told of each row may take
  // them. False from it ends the table. After an Error a chunked table goes on behind the last row
  // that was given, with this client or another.
  Result<void> read(SqlClient& client, PackedRows& rows, const std::function<bool()>& added);

 private:
  enum class Packing : std::uint8_t { text, bytes, number_le, number_be, unsupported };
  struct Key {
    std::size_t column;
    std::string
        introducer;  // before the quoted hex of a string: "_latin1 "; "" for what is quoted as text
    bool is_string;
  };

  std::string statement() const;
  std::string after_last() const;
  Result<void> pack(const SqlClient::Row& values, PackedRows& out) const;
  Result<void> pack_value(std::size_t column, std::string_view value, std::string& out) const;
  std::string literal(const Key& key, std::string_view value) const;
  void remember_key(const SqlClient::Row& values);

  mysql::TablePtr table_;
  std::uint64_t chunk_rows_;
  std::vector<Packing> packing_;
  std::vector<Key> key_;
  std::vector<std::string> last_;  // the last row's key; empty: at the start
  bool at_end_ = false;
};

}  // namespace pipeline::rds::external
