#pragma once
// Where `sluice binlog --from` begins: FILE:POS, FILE, POS (of the first file), a GTID set of MySQL
// or the GTIDs of MariaDB. Everything after it is printed: transactions that end behind the
// position, or whose GTID is not among those that were had.

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "pipeline/mysql/binlog/gtid.h"
#include "pipeline/mysql/change_source.h"

namespace pipeline::commands {

struct BinlogFrom {
  std::string text;                                       // as it was given
  std::optional<mysql::Position> position;                // file "": the first one
  std::optional<mysql::binlog::GtidSet> gtids;            // MySQL's
  std::map<std::uint32_t, std::uint64_t> last_of_domain;  // MariaDB's

  bool is_gtid() const { return gtids || !last_of_domain.empty(); }
  // Whether a transaction of this GTID comes after it.
  bool precedes(const std::string& transaction) const;
};

mysql::Result<BinlogFrom> parse_binlog_from(const std::string& text);

// Whether "schema.table" is one that the patterns name: % stands for any characters, everything
// else for itself.
bool is_wanted_table(const std::vector<std::string>& patterns, std::string_view schema,
                     std::string_view table);

}  // namespace pipeline::commands
