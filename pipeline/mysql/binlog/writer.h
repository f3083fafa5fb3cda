#pragma once
// Writes binlog files as MySQL 8.4 does: row events v2 with full table metadata, GTIDs, CRC32
// everywhere (binlog.md sections 2 to 8). Sans I/O: every function appends whole events to `out`.
// `position` is the offset in the log file of the first byte it appends (so `out` may be the file's
// content so far, with position = out.size(), or a buffer of its own). The caller decides when a
// file ends.
//
//   Writer writer({.server_id = 1, .server_version = "8.4.3-sluice"});
//   writer.begin_file(file, now, previous);                               // magic,
//   FORMAT_DESCRIPTION, PREVIOUS_GTIDS writer.append_transaction(file, file.size(), {gtid,
//   commit_time}, statements, xid); writer.append_ddl(file, file.size(), {gtid, commit_time},
//   "shop", "CREATE TABLE t (id INT PRIMARY KEY)"); writer.append_rotate(file, file.size(), now,
//   "binlog.000002");        // then begin_file on the next one; or append_stop

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "emulator/base/time_text.h"
#include "pipeline/mysql/binlog/event.h"
#include "pipeline/mysql/binlog/gtid.h"
#include "pipeline/mysql/change_source.h"

namespace pipeline::mysql::binlog {

struct WriterOptions {
  std::uint32_t server_id = 1;
  std::string server_version = "8.4.3-sluice";
  bool full_metadata = true;  // binlog_row_metadata: FULL (names, labels, keys) or MINIMAL
  std::size_t rows_event_bytes =
      8192;  // binlog_row_event_max_size: a rows event is closed once it is past it
};

struct CommitInfo {
  Gtid gtid = {};                       // an empty uuid = ANONYMOUS_GTID
  emulator::base::Instant committed{};  // event times, and immediate_commit_ts
  std::uint32_t thread_id = 1;          // of the session
};

// The row changes of one SQL statement, triggers and cascades included, in the order they happened.
// Every cell is packed as section 8 says; absent cells make a partial image (binlog_row_image
// MINIMAL). Changes of one table, operation and shape in a row share an event; all changes of a
// table have the same TablePtr.
struct RowsStatement {
  std::span<const RowChange> changes;
  std::string_view sql =
      {};  // not empty: a ROWS_QUERY event precedes it (binlog_rows_query_log_events)
};

class Writer {
 public:
  explicit Writer(WriterOptions options = {}) : options_(std::move(options)) {}

  // A new file from its first byte: magic, FORMAT_DESCRIPTION, PREVIOUS_GTIDS.
  void begin_file(std::string& out, emulator::base::Instant now, const GtidSet& previous);
  // Goes on in a file that holds this many transactions already (last_committed and sequence_number
  // count on from there).
  void resume_file(std::int64_t transactions) { sequence_ = transactions; }

  // GTID, BEGIN, then per statement TABLE_MAPs and rows, then XID. Without any change it is GTID,
  // BEGIN, COMMIT.
  void append_transaction(std::string& out, std::uint64_t position, const CommitInfo& commit,
                          std::span<const RowsStatement> statements, std::uint64_t xid);
  // GTID and QUERY: a statement that is a group of its own (DDL, GRANT...). default_schema may be
  // "".
  void append_ddl(std::string& out, std::uint64_t position, const CommitInfo& commit,
                  std::string_view default_schema, std::string_view sql);

  void append_rotate(std::string& out, std::uint64_t position, emulator::base::Instant now,
                     std::string_view next_file);
  void append_stop(std::string& out, std::uint64_t position, emulator::base::Instant now);

 private:
  struct KnownTable {
    TablePtr table;
    std::uint64_t id;
  };
  std::uint64_t table_id(const TablePtr& table);
  void append_statement(std::string& events, std::uint32_t when, const RowsStatement& statement);
  void append_group(std::string& out, std::uint64_t position, const CommitInfo& commit,
                    bool rows_only, std::string_view events);

  WriterOptions options_;
  std::int64_t sequence_ = 0;  // transactions in this file
  std::uint64_t next_table_id_ = 100;
  std::map<std::string, KnownTable, std::less<>> tables_;  // by TableSchema::name()
};

}  // namespace pipeline::mysql::binlog
