#pragma once
// A copy of tables kept by nothing but the changes of a log: the judge of the decoder. Values are
// text; a table is rows of column name -> value.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pipeline/mysql/change_source.h"
#include "pipeline/mysql/table_state.h"

namespace pipeline::mysql {

class Replay {
 public:
  using NamedRow = std::map<std::string, std::optional<std::string>>;

  void load(const std::vector<TableState>& states);
  // Rows that a change should have found but did not, and values that would not decode, are added
  // to problems().
  void apply(const Transaction& transaction);
  void truncate_partition(const std::string& table,
                          const std::function<bool(const NamedRow&)>& in_it);
  const std::vector<std::string>& problems() const { return problems_; }
  // Differences between the tables here and the truth, at most `shown` of them.
  std::vector<std::string> differences(const std::vector<TableState>& truth,
                                       std::size_t shown = 10) const;
  std::map<std::string, std::vector<NamedRow>>& tables() { return tables_; }

 private:
  void apply(const SchemaChange& change);
  void apply(const RowChange& change);
  void alter(const std::string& table, const std::string& sql);
  std::optional<NamedRow> named(const RowChange& change, const Row& row);

  std::map<std::string, std::vector<NamedRow>> tables_;
  std::map<std::string, NamedRow>
      defaults_;  // by table: columns with a DEFAULT in their CREATE TABLE
  std::vector<std::string> problems_;
};

}  // namespace pipeline::mysql
