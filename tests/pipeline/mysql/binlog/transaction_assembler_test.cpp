// Transactions of events that are made here, byte by byte: what servers write seldom, or only in
// versions that no recording is of.
#include "pipeline/mysql/binlog/transaction_assembler.h"

#include <gtest/gtest.h>

#include "emulator/base/bytes.h"
#include "pipeline/mysql/binlog/json_lines.h"

namespace pipeline::mysql::binlog {
namespace {

using emulator::base::append_le;

std::string query_body(std::string_view sql) {
  std::string out;
  append_le(out, 1, 4);  // thread
  append_le(out, 0, 4);
  append_le(out, 1, 1);  // length of the database's name
  append_le(out, 0, 2 + 2);
  out += "d";
  out.push_back('\0');
  return out += sql;
}

// One INT column `id`, no charsets.
std::string table_map_body() {
  std::string out;
  append_le(out, 7, 6);
  append_le(out, 1, 2);
  out += std::string("\1d\0\1t\0", 6);
  out += std::string("\1\3\0\1", 4);
  return out += std::string("\4\3\2id", 5);
}

std::string insert_body(std::int32_t id) {
  std::string out;
  append_le(out, 7, 6);
  append_le(out, 1, 2);
  append_le(out, 2, 2);
  out += std::string("\1\1\0", 3);
  append_le(out, static_cast<std::uint32_t>(id), 4);
  return out;
}

class Assembled : public testing::Test {
 protected:
  explicit Assembled(bool warns = true)
      : assembler_(warns
                       ? TransactionAssembler::Warn([this](const Position&, const std::string& m) {
                           warnings_ += m + "\n";
                         })
                       : nullptr) {
    format_.server_version = "10.11.19-MariaDB-log";
    format_.post_header_lengths.assign(168, 8);
    assembler_.begin_file("log.000001");
  }

  void add(EventType type, std::string_view body) {
    Event event{{}, offset_, body};
    event.header.type = type;
    event.header.size = static_cast<std::uint32_t>(body.size() + header_bytes);
    offset_ = event.end();
    auto taken = assembler_.add(event, format_);
    if (!taken) error_ = taken.error().message;
    if (!taken || !*taken) return;
    out_ += "|";
    if ((*taken)->schema_change) out_ += (*taken)->schema_change->sql;
    for (const RowChange& change : (*taken)->changes)
      is_unsigned_ = change.table->columns.back().is_unsigned;
    for (const RowChange& change : (*taken)->changes)
      out_ += std::to_string(emulator::base::ByteReader(change.after[0].bytes).u32()) + " ";
  }
  void query(std::string_view sql) { add(EventType::query, query_body(sql)); }
  void insert(std::int32_t id) {
    add(EventType::table_map, table_map_body());
    add(EventType::write_rows, insert_body(id));
  }
  void start_server(std::uint32_t created) {
    format_.created = created;
    add(EventType::format_description, "");
  }

  TransactionAssembler assembler_;
  FormatDescriptionEvent format_;
  std::uint64_t offset_ = 4;
  bool is_unsigned_ = false;  // the last column of the last change
  std::string out_, warnings_, error_;
};

struct Strict : Assembled {
  Strict() : Assembled(false) {}
};

TEST_F(Assembled, TakesSavepointsInAnyCaseAsServersDo) {
  query("BEGIN");
  insert(1);
  query("SAVEPOINT `Sp`");
  insert(2);
  query("ROLLBACK TO `sP`");
  insert(3);
  query("SAVEPOINT sp");  // set anew, further on
  insert(4);
  query("ROLLBACK TO SAVEPOINT SP");
  query("COMMIT");
  EXPECT_EQ(out_, "|1 3 ");
  EXPECT_EQ(error_, "");
}

TEST_F(Assembled, DoesNotGuessWhereASavepointThatItHasNotSeenWas) {
  query("BEGIN");
  insert(1);
  query("ROLLBACK TO `s`");
  EXPECT_EQ(error_, "ROLLBACK TO a savepoint that its transaction has not set: ROLLBACK TO `s`");
}

TEST_F(Assembled, DropsWhatAServerWasWritingWhenItDied) {
  query("BEGIN");
  insert(1);
  assembler_.begin_file("log.000002");
  start_server(1700000000);
  query("BEGIN");
  insert(2);
  query("COMMIT");
  EXPECT_EQ(out_, "|2 ");
  EXPECT_EQ(
      warnings_,
      "the server started anew: the transaction that begins at log.000001:4 did not commit\n");
}

std::string xa_prepare_body(char name, bool one_phase) {
  std::string out(1, one_phase ? '\1' : '\0');
  append_le(out, 1, 4);  // format
  append_le(out, 1, 4);
  append_le(out, 0, 4);
  return out += name;
}

TEST_F(Assembled, HoldsPreparedRowsUntilTheirXaCommitInAnotherFile) {
  query("XA START X'61',X'',1");
  insert(1);
  query("XA END X'61',X'',1");
  add(EventType::xa_prepare, xa_prepare_body('a', false));
  query("XA START X'62',X'',1");
  insert(2);
  query("XA END X'62',X'',1");
  add(EventType::xa_prepare, xa_prepare_body('b', false));
  EXPECT_EQ(assembler_.oldest_prepared().value().text(), "log.000001:4");
  assembler_.begin_file("log.000002");
  start_server(1700000000);  // what is prepared outlives the server
  query("BEGIN");
  insert(3);
  query("COMMIT");
  query("XA ROLLBACK X'61',X'',1");
  query("XA COMMIT X'62',X'',1");
  EXPECT_EQ(out_, "|||3 ||2 ");
  EXPECT_FALSE(assembler_.oldest_prepared());
  EXPECT_EQ(error_ + warnings_, "");
}

TEST_F(Assembled, TakesAnXaCommitInOnePhaseForACommit) {
  query("XA START X'61',X'',1");
  insert(1);
  query("XA END X'61',X'',1");
  add(EventType::xa_prepare, xa_prepare_body('a', true));
  EXPECT_EQ(out_, "|1 ");
}

TEST_F(Assembled, SaysThatATransactionWasPreparedBeforeTheLogBegins) {
  query("XA COMMIT X'61',X'',1");
  EXPECT_EQ(out_, "|");
  EXPECT_EQ(warnings_,
            "XA COMMIT of a transaction that was prepared before this log begins: X'61',X'',1\n");
}

// SET gtid_next='...'; BEGIN; COMMIT, as a DBA makes one: a place to go on from.
TEST_F(Assembled, GivesATransactionWithoutRows) {
  add(EventType::mariadb_gtid, std::string(19, '\0'));
  query("BEGIN");
  query("COMMIT");
  EXPECT_EQ(out_, "|");
  EXPECT_EQ(error_, "");
}

// A server that was upgraded: the same TABLE_MAP means other signs in its next file.
TEST_F(Assembled, ReadsATableMapAnewWhereAnotherVersionWroteTheLog) {
  // YEAR, TINYINT, and signs of which MySQL 8.0.15 has one only, 9.7 two.
  std::string map;
  append_le(map, 7, 6);
  append_le(map, 1, 2);
  map += std::string("\1d\0\1t\0\2\x0D\1\0\3", 11) + "\1\1\x80" + std::string("\4\4\1y\1n", 6);
  std::string row;
  append_le(row, 7, 6);
  append_le(row, 1, 2);
  append_le(row, 2, 2);
  row += "\2\3" + std::string("\0\1\xFF", 3);
  std::string signs;
  for (const char* version : {"8.0.15", "9.7.4", "8.0.15"}) {
    format_.server_version = version;
    start_server(0);
    query("BEGIN");
    add(EventType::table_map, map);
    add(EventType::write_rows, row);
    query("COMMIT");
    signs += is_unsigned_ ? 'u' : '-';
  }
  EXPECT_EQ(signs, "u-u");
}

TEST_F(Assembled, PassesOverTheEventsOfGroupReplication) {
  query("BEGIN");
  add(EventType::view_change, std::string(60, '\1'));
  query("COMMIT");
  add(EventType::transaction_context, std::string(20, '\1'));
  query("BEGIN");
  insert(1);
  query("COMMIT");
  EXPECT_EQ(out_, "||1 ");
  EXPECT_EQ(error_, "");
}

TEST_F(Assembled, GoesOnBehindALoadOfAFileThatIsThereAsBlocksOnly) {
  query("BEGIN");
  add(EventType::begin_load_query, "....data");
  add(EventType::append_block, "....data");
  add(EventType::delete_file, "....");
  query("ROLLBACK");
  query("BEGIN");
  insert(1);
  query("COMMIT");
  EXPECT_EQ(out_, "||1 ");
  EXPECT_NE(warnings_, "");
  EXPECT_EQ(error_, "");
}

TEST_F(Assembled, GoesOnOverAFileThatBeginsWithoutAStart) {
  query("BEGIN");
  insert(1);
  start_server(0);
  query("COMMIT");
  EXPECT_EQ(out_, "|1 ");
}

TEST_F(Assembled, NamesEveryRowChangeThatIsThereAsSqlOnly) {
  for (const char* sql :
       {"WITH q AS (SELECT 1 AS i) UPDATE t SET a=1",
        "SET STATEMENT max_statement_time=1, x=SUBSTRING('a' FROM 1 FOR 1) FOR UPDATE t SET a=1",
        "ANALYZE FORMAT=JSON DELETE FROM t", "analyze update t set a=1",
        "CREATE TABLE u AS SELECT * FROM t", "CREATE TABLE u (a INT) SELECT 1 AS a",
        "CREATE OR REPLACE TABLE u (SELECT 1)",
        "CREATE TABLE u ENGINE=InnoDB WITH q AS (SELECT 1) SELECT * FROM q"}) {
    warnings_.clear();
    query(sql);
    EXPECT_EQ(warnings_, std::string("a row change logged as a statement (binlog_format is not "
                                     "ROW), its rows are not in the log: ") +
                             sql + "\n");
  }
  warnings_.clear();
  for (const char* sql :
       {"ANALYZE TABLE t", "ANALYZE LOCAL TABLE t", "CREATE TEMPORARY TABLE u SELECT 1",
        "CREATE TABLE u (a INT) START TRANSACTION",
        "CREATE TABLE u (a INT AS (1+1)) WITH SYSTEM VERSIONING", "CREATE TABLE u LIKE t",
        "CREATE VIEW v AS SELECT 1"})
    query(sql);
  EXPECT_EQ(warnings_ + error_, "");
}

TEST_F(Strict, RefusesRowsThatAreThereAsAQueryOnly) {
  query("CREATE TABLE u AS SELECT * FROM t");
  EXPECT_EQ(error_,
            "a row change logged as a statement (binlog_format is not ROW), its rows are not in "
            "the log: CREATE TABLE u AS SELECT * FROM t");
}

TEST_F(Assembled, StopsWhereTheLogHasAGap) {
  add(EventType::incident, std::string("\1\0\1x", 4));
  EXPECT_EQ(error_, "the server lost changes here (an INCIDENT event): only a new full load helps");
}

TEST_F(Assembled, RefusesTheRowsOfMySql51ByName) {
  add(EventType::write_rows_v0, "");
  EXPECT_EQ(error_,
            "a WRITE_ROWS_V0 event (MySQL before 5.1.18): that form of rows is not supported");
}

TEST_F(Assembled, PassesOverARowsEventThatOnlyEndsAStatement) {
  query("BEGIN");
  insert(1);
  std::string dummy;
  append_le(dummy, 0xFFFFFF, 6);
  append_le(dummy, 1, 2);
  append_le(dummy, 2, 2);
  add(EventType::write_rows, dummy);
  query("COMMIT");
  EXPECT_EQ(out_ + error_, "|1 ");
}

TEST_F(Assembled, ReadsTableIdsOfFourBytes) {
  format_.post_header_lengths[static_cast<std::size_t>(EventType::table_map) - 1] = 6;
  query("BEGIN");
  const auto without_two = [](std::string body) { return body.erase(4, 2); };
  add(EventType::table_map, without_two(table_map_body()));
  add(EventType::write_rows, without_two(insert_body(1)));
  query("COMMIT");
  EXPECT_EQ(out_ + error_, "|1 ");
}

TEST_F(Assembled, NeedsATableMapBeforeRows) {
  add(EventType::write_rows, insert_body(1));
  EXPECT_EQ(error_, "rows of table id 7 without a TABLE_MAP before them");
}

// As MariaDB 10.11 wrote them under binlog_alter_two_phase: an ALTER that began, and its end.
TEST_F(Assembled, TakesAnAlterInTwoPhasesOnce) {
  const auto gtid = [this](char sequence, char extra) {
    std::string body(21, '\0');
    body[0] = sequence;
    body[12] = 0x29;
    body[13] = extra;
    add(EventType::mariadb_gtid, body);
  };
  constexpr char began = 2, committed = 4, rolled_back = 8;
  query("CREATE TABLE x (a INT)");
  gtid(1, began);
  query("ALTER TABLE x ADD COLUMN b INT");
  gtid(2, committed);
  query("ALTER TABLE x ADD COLUMN b INT");
  gtid(3, began);
  query("ALTER TABLE x ADD COLUMN c INT");
  gtid(4, rolled_back);
  query("ALTER TABLE x ADD COLUMN c INT");
  EXPECT_EQ(out_, "|CREATE TABLE x (a INT)||ALTER TABLE x ADD COLUMN b INT||");
  const TableSchema* table = assembler_.schema().find("d", "x");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->columns.size(), 2u);
}

TEST_F(Assembled, FollowsDdlBehindSetStatement) {
  query("CREATE TABLE x (a INT)");
  query("SET STATEMENT lock_wait_timeout=5 FOR ALTER TABLE x RENAME COLUMN a TO b");
  const TableSchema* table = assembler_.schema().find("d", "x");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->columns[0].name, "b");
}

}  // namespace
}  // namespace pipeline::mysql::binlog
