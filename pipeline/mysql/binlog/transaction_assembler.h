#pragma once
// Events in log order -> committed transactions. Rows of what was rolled back never come out; rows of a prepared XA transaction are held
// until its XA COMMIT, which may be in a later file. DDL comes out as a SchemaChange. A row change that was logged as SQL (statement format)
// has no rows to give: it is an Error, or, with `warn` set, a warning that names the statement.

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "pipeline/mysql/binlog/event.h"
#include "pipeline/mysql/binlog/rows.h"
#include "pipeline/mysql/change_source.h"
#include "pipeline/mysql/ddl.h"

namespace pipeline::mysql::binlog {

class TransactionAssembler {
 public:
  using Warn = std::function<void(const Position& at, const std::string& message)>;
  explicit TransactionAssembler(Warn warn = {}) : warn_(std::move(warn)) {}

  // The events that follow are of this file. Table ids of the file before are forgotten.
  void begin_file(std::string name);
  // The transaction that this event completed, if it did. Its changes view its own storage, not the event.
  Result<std::optional<Transaction>> add(const Event& event, const FormatDescriptionEvent& format);
  // Whether a transaction is open: the log ended before its commit.
  bool inside_transaction() const { return open_.started; }

 private:
  struct Group {
    bool started = false;     // a GTID, BEGIN or row event was seen
    bool begun = false;       // inside BEGIN: the commit is still to come
    bool standalone = false;  // MariaDB: the next statement is the whole group
    bool held = false;        // XA: prepared
    Transaction transaction;
    std::map<std::string, std::size_t> savepoints;  // name -> how many changes there were
  };
  struct Prepared {
    std::vector<RowChange> changes;
    std::vector<std::string> storage;
  };
  using Completed = Result<std::optional<Transaction>>;

  Completed gtid(const Event& event);
  Completed mariadb_gtid(const Event& event);
  Completed query(const Event& event);
  Completed statement(const Event& event, const QueryEvent& query, std::string sql);
  Completed schema_change(const Event& event, const QueryEvent& query, Statement statement, std::string sql);
  Completed statement_format(const Event& event, std::string_view sql);
  Completed xa_prepare(const Event& event);
  Completed payload(const Event& event, const FormatDescriptionEvent& format);
  Result<void> table_map(const Event& event, const FormatDescriptionEvent& format);
  Result<void> rows(const Event& event, const FormatDescriptionEvent& format);
  Completed complete(const Event& event);
  Completed roll_back(const Event& event);
  void start_group(const Event& event);
  void release(const std::string& xid);

  Warn warn_;
  std::string file_;
  Group open_;
  std::map<std::uint64_t, const MappedTable*> tables_;     // by table id, within a statement
  std::map<std::string, MappedTable, std::less<>> known_;  // by the bytes of their TABLE_MAP: equal maps share one schema
  std::map<std::string, Prepared> prepared_;               // by xid
};

}  // namespace pipeline::mysql::binlog
