#pragma once
// Events in log order -> committed transactions. Rows of what was rolled back never come out; rows
// of a prepared XA transaction are held until its XA COMMIT, which may be in a later file. DDL
// comes out as a SchemaChange. A row change that was logged as SQL (statement format) has no rows
// to give: it is an Error, or, with `warn` set, a warning that names the statement.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "pipeline/mysql/binlog/event.h"
#include "pipeline/mysql/binlog/row_log.h"
#include "pipeline/mysql/binlog/rows.h"
#include "pipeline/mysql/change_source.h"
#include "pipeline/mysql/ddl.h"
#include "pipeline/mysql/schema_tracker.h"

namespace pipeline::mysql::binlog {

class TransactionAssembler {
 public:
  using Warn = std::function<void(const Position& at, const std::string& message)>;
  explicit TransactionAssembler(Warn warn = {}) : warn_(std::move(warn)) {}

  // The events that follow are of this file. Table ids of the file before are forgotten.
  void begin_file(std::string name);
  // Rows and DDL of other tables are left out, as if nothing had changed them.
  using Wanted = std::function<bool(std::string_view schema, std::string_view table)>;
  void only_tables(Wanted wanted) { wanted_ = std::move(wanted); }

  // The transaction that this event completed, if it did. Its changes view its own storage, not the
  // event.
  Result<std::optional<Transaction>> add(const Event& event, const FormatDescriptionEvent& format);
  // The same for those who read rows once, in order, and keep none: true when a transaction
  // committed. committed() is then all of it but its changes, which lie in committed_rows(); both
  // hold until the next event.
  Result<bool> take(const Event& event, const FormatDescriptionEvent& format);
  const Transaction& committed() const { return open_.transaction; }
  const RowLog& committed_rows() const { return open_rows_; }
  // `spare`: memory for rows to come.
  RowLog take_committed_rows(std::string spare) {
    RowLog next;
    next.use(std::move(spare));
    return std::exchange(open_rows_, std::move(next));
  }
  // Follows the log's DDL and completes its TABLE_MAPs. Seed it before the first event; take it
  // along where a stream starts again.
  SchemaTracker& schema() { return schema_; }
  // Whether a transaction is open: the log ended before its commit.
  bool inside_transaction() const { return open_.started && !open_.complete; }
  // Where the first of the transactions begins that are prepared (XA) and neither committed nor
  // rolled back: whoever starts anew and wants their rows must read from there.
  std::optional<Position> oldest_prepared() const;
  std::size_t prepared() const { return prepared_.size(); }
  // The events that follow begin with a transaction: what is open will come again. Prepared ones
  // are kept.
  void forget_open_transaction() {
    begin_group();
    tables_.clear();
  }

 private:
  struct Group {
    bool started = false;     // a GTID, BEGIN or row event was seen
    bool begun = false;       // inside BEGIN: the commit is still to come
    bool standalone = false;  // MariaDB: the next statement is the whole group
    bool complete = false;    // it waits to be read, until the next event
    bool alters_nothing =
        false;  // MariaDB: it is the beginning of an ALTER, or the end of one that failed
    Transaction transaction;                          // without its changes
    std::map<std::string, std::uint64_t> savepoints;  // name -> RowLog::size()
  };
  struct Prepared {
    RowLog rows;
    Position start;
    std::uint64_t number;  // in the order of the log
  };
  struct Seen {
    std::string description;  // the TABLE_MAP's bytes after its id
    MappedTablePtr table;
  };
  using Completed = Result<bool>;

  Completed gtid(const Event& event);
  Completed mariadb_gtid(const Event& event);
  Completed query(const Event& event);
  Completed statement(const Event& event, const QueryEvent& query, std::string sql);
  Completed schema_change(const Event& event, const QueryEvent& query, Statement statement,
                          std::string sql);
  bool concerns(const Statement& statement) const;
  Completed statement_format(const Event& event, std::string_view sql);
  Result<void> rows_lost(const Event& event, std::string_view sql);
  Result<void> rows_of_query(const Event& event, const Statement& scanned, std::string_view schema,
                             std::string_view sql);
  Completed xa_prepare(const Event& event);
  Completed payload(const Event& event, const FormatDescriptionEvent& format);
  Result<void> table_map(const Event& event, const FormatDescriptionEvent& format);
  Result<MappedTablePtr> table_of(const Event& event, std::string_view description,
                                  const FormatDescriptionEvent& format);
  Result<void> rows(const Event& event, const FormatDescriptionEvent& format);
  const MappedTablePtr* mapped(std::uint64_t table_id) const;
  Completed complete(const Event& event);
  Completed roll_back(const Event& event);
  void server_started(const Event& event);
  void begin_group();
  void start_group(const Event& event);
  void release(const std::string& xid);

  Warn warn_;
  Wanted wanted_;
  std::string file_;
  Group open_;
  RowLog open_rows_;
  std::vector<std::pair<std::uint64_t, MappedTablePtr>> tables_;  // by table id, within a statement
  std::map<std::uint64_t, Seen> seen_;  // by table id: a statement's map is mostly the one before
  std::map<std::string, MappedTablePtr, std::less<>>
      known_;  // by the bytes of their TABLE_MAP: equal maps share one schema
  std::map<std::string, Prepared> prepared_;  // by xid
  std::uint64_t prepared_count_ = 0;          // ever
  Dialect dialect_;                           // of the server that wrote the file
  SchemaTracker schema_;
  std::uint64_t known_version_ = 0;  // of schema_ when known_ was begun
};

// The rows of what committed, as cells that view the transaction's storage.
Result<void> append_changes(const RowLog& rows, Transaction& transaction);

}  // namespace pipeline::mysql::binlog
