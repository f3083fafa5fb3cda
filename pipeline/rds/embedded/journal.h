#pragma once
// The row changes of the open transaction, already packed as the binlog packs them: what commit
// writes and rollback forgets. RowCapture writes them here as SQLite makes them, so the journal is
// complete by construction.

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "pipeline/mysql/binlog/writer.h"
#include "pipeline/mysql/change_source.h"
#include "pipeline/rds/embedded/table.h"

namespace pipeline::rds::embedded {

class Journal {
 public:
  struct Mark {
    std::size_t changes = 0;
    std::size_t statements = 0;
  };

  void begin_statement(std::string_view sql);
  void insert(const TableDefinition& table, const std::vector<Value>& after);
  // Nothing if the two are equal.
  void update(const TableDefinition& table, const std::vector<Value>& before,
              const std::vector<Value>& after);
  void remove(const TableDefinition& table, const std::vector<Value>& before);

  // While one lives nothing is written down: DDL copies and removes rows, of which the log gets the
  // statement only.
  class Pause {
   public:
    explicit Pause(Journal& journal) : journal_(journal), before_(journal.paused_) {
      journal_.paused_ = true;
    }
    ~Pause() { journal_.paused_ = before_; }
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;

   private:
    Journal& journal_;
    bool before_;
  };
  bool paused() const { return paused_; }

  Mark mark() const { return {changes_.size(), statements_.size()}; }
  void rewind(const Mark& mark);
  void clear();

  bool empty() const { return changes_.empty(); }
  const std::vector<mysql::RowChange>& changes() const { return changes_; }
  // Per SQL statement that changed anything. with_sql: for binlog_rows_query_log_events.
  std::vector<mysql::binlog::RowsStatement> statements(bool with_sql) const;
  std::vector<std::string> table_names() const;  // each once, in the order of their first change

  // Appends cells that view the arena. Also for read_table, with an arena of its own.
  static void pack(const std::vector<mysql::Column>& columns, const std::vector<Value>& values,
                   std::string& bytes, mysql::Row& cells);

 private:
  struct StatementStart {
    std::size_t first = 0;
    std::string sql;
  };
  mysql::Row packed(const TableDefinition& table, const std::vector<Value>& values);

  std::vector<mysql::RowChange> changes_;
  std::vector<StatementStart> statements_;
  std::deque<std::string> arena_;
  std::string scratch_;
  bool paused_ = false;
};

}  // namespace pipeline::rds::embedded
