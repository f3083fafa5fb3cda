#include "pipeline/mysql/binlog/writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "emulator/base/file.h"
#include "pipeline/mysql/binlog/json_lines.h"
#include "pipeline/mysql/binlog/reader.h"
#include "pipeline/mysql/binlog/transaction_assembler.h"
#include "pipeline/mysql/types/codec.h"

namespace pipeline::mysql::binlog {
namespace {

const emulator::base::Instant past_noon =
    emulator::base::from_civil({2026, 1, 2, 12, 0, 0, 345678});
const std::string server_uuid = uuid_from_text("3e11fa47-71ca-11e1-9e33-c80aa9429562").value();

Column named(std::string name, std::string_view type, std::string_view charset = "utf8mb4") {
  Column column = types::parse_column_type(type, charset).value();
  column.name = std::move(name);
  column.declared.clear();
  return column;
}

// A table with a column of every type that is written, and two rows of it.
struct Everything {
  TablePtr table;
  std::vector<std::string> first, second;
};
Everything everything(bool with_json = true) {
  TableSchema table{"shop", "everything", {named("id", "bigint unsigned")}, {0}};
  table.columns[0].nullable = false;
  Everything out{{}, {"1"}, {"18446744073709551615"}};
  const auto add = [&](const char* type, const char* first, const char* second,
                       const char* charset = "utf8mb4") {
    table.columns.push_back(named("c" + std::to_string(table.columns.size()), type, charset));
    out.first.emplace_back(first);
    out.second.emplace_back(second);
  };
  add("tinyint", "-128", "127");
  add("smallint unsigned", "0", "65535");
  add("mediumint", "-8388608", "8388607");
  add("int", "-2147483648", "2147483647");
  add("year", "1901", "2155");
  add("float", "0.1", "3.4028235e38");
  add("double", "-1.5", "1e300");
  add("decimal(65,30)", "-0.000000000000000000000000000001",
      "99999999999999999999999999999999999.999999999999999999999999999999");
  add("bit(9)", "0", "511");
  add("date", "0000-00-00", "9999-12-31");
  add("time(3)", "-838:59:58.999", "00:00:00.001");
  add("datetime(6)", "1000-01-01 00:00:00.000000", "9999-12-31 23:59:59.999999");
  add("timestamp(1)", "1970-01-01 00:00:01.1", "2038-01-19 03:14:07.9");
  add("char(255)", "", "\xF0\x9F\xA6\x8A");
  add("char(10)",
      "fa\xC3\xA7"
      "ade",
      "x", "latin1");
  add("varchar(64)", "a,b", "\"quoted\"\n");
  add("varchar(20)", "\xD0\x9F", "a", "koi8r");
  add("binary(4)", "0x00FF0000", "0x01020304");
  add("varbinary(300)", "0x", "0x0D0A");
  add("text", "", "text");
  add("longblob", "0x00", "0xDEADBEEF");
  add("enum('a','\xC3\xA9')", "a", "\xC3\xA9", "latin1");
  add("set('x','y','z')", "x,z", "");
  if (with_json) add("json", R"({"a": [1, 2.5, null]})", "true");
  add("point", "wkb:0101000000000000000000F03F0000000000000040:0",
      "wkb:0101000000000000000000F03F0000000000000040:4326");
  out.table = std::make_shared<const TableSchema>(std::move(table));
  return out;
}

// The packed row, and the bytes it views.
struct Packed {
  std::vector<std::string> bytes;
  Row row;
};
Packed pack(const TableSchema& table, const std::vector<std::string>& texts) {
  Packed out;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto& bytes = out.bytes.emplace_back();
    EXPECT_TRUE(types::append_packed(table.columns[i], texts[i], bytes)) << i;
  }
  for (const std::string& bytes : out.bytes) out.row.push_back({Cell::State::value, bytes});
  return out;
}

std::vector<Transaction> read_all(std::string_view file) {
  std::vector<Transaction> out;
  auto reader = Reader::over("binlog.000001", file);
  TransactionAssembler assembler;
  assembler.begin_file("binlog.000001");
  while (true) {
    auto event = reader.next();
    EXPECT_TRUE(event) << event.error().text();
    if (!event || !*event) break;
    auto transaction = assembler.add(**event, reader.format());
    EXPECT_TRUE(transaction) << transaction.error().text();
    if (transaction && *transaction) out.push_back(std::move(**transaction));
  }
  EXPECT_TRUE(reader.finish());
  return out;
}

std::string json_of(const std::vector<Transaction>& transactions) {
  std::string out;
  for (const Transaction& transaction : transactions)
    EXPECT_TRUE(append_json_lines(out, transaction));
  return out;
}

std::string create_table(const TableSchema& table) {
  std::string out = "CREATE TABLE " + table.table + " (";
  for (const Column& column : table.columns) {
    out += column.name + " " + types::type_name(column);
    const bool text = column.collation != collation_utf8mb4 && !column.is_binary();
    if (text) out += " CHARACTER SET " + std::string(types::charset_name(column.collation));
    out += ", ";
  }
  return out + "PRIMARY KEY (id))";
}

// A log with DDL, every type in every operation, a statement over two tables, an empty transaction,
// and a ROTATE.
std::string sample_log(bool with_json = true) {
  const Everything all = everything(with_json);
  const Packed first = pack(*all.table, all.first), second = pack(*all.table, all.second);
  Row nulls(first.row.size(), {Cell::State::null, {}});
  nulls[0] = first.row[0];
  const auto other =
      std::make_shared<const TableSchema>(TableSchema{"shop", "other", {named("n", "int")}, {}});
  const Packed seven = pack(*other, {"7"});

  GtidSet previous;
  Writer writer;
  std::string log;
  writer.begin_file(log, past_noon, previous);
  writer.append_ddl(log, log.size(), {{server_uuid, 1}, past_noon, 9}, "shop",
                    create_table(*all.table));
  const std::vector<RowChange> changes{{Operation::insert, all.table, {}, first.row},
                                       {Operation::insert, all.table, {}, second.row},
                                       {Operation::update, all.table, first.row, nulls},
                                       {Operation::remove, all.table, second.row, {}}};
  const std::vector<RowChange> triggered{{Operation::insert, other, {}, seven.row},
                                         {Operation::update, all.table, nulls, first.row}};
  const std::vector<RowsStatement> statements{{changes, {}},
                                              {triggered, "UPDATE everything SET ..."}};
  writer.append_transaction(log, log.size(), {{server_uuid, 2}, past_noon, 9}, statements, 41);
  writer.append_transaction(log, log.size(), {{server_uuid, 3}, past_noon, 9}, {}, 42);
  writer.append_transaction(log, log.size(), {{}, past_noon, 9},
                            std::vector<RowsStatement>{{triggered, {}}}, 43);
  writer.append_rotate(log, log.size(), past_noon, "binlog.000002");
  return log;
}

TEST(Writer, WritesWhatTheReaderReads) {
  const auto transactions = read_all(sample_log());
  ASSERT_EQ(transactions.size(), 4u);
  EXPECT_EQ(transactions[0].gtid, "3e11fa47-71ca-11e1-9e33-c80aa9429562:1");
  EXPECT_EQ(transactions[0].schema_change.value().kind, SchemaChange::Kind::create_table);
  EXPECT_EQ(transactions[1].committed, past_noon);
  EXPECT_TRUE(transactions[1].has_commit_micros);
  EXPECT_EQ(transactions[1].start, transactions[0].end);
  EXPECT_EQ(transactions[1].changes.size(), 6u);
  EXPECT_TRUE(transactions[2].changes.empty());
  EXPECT_EQ(transactions[3].gtid, "");

  const Everything all = everything();
  const Row& row = transactions[1].changes[0].after;
  for (std::size_t i = 0; i < all.first.size(); ++i) {
    std::string text;
    ASSERT_TRUE(
        types::append_text(transactions[1].changes[0].table->columns[i], row[i].bytes, text))
        << i;
    EXPECT_EQ(text, all.first[i]) << i;
  }
}

TEST(Writer, CarriesTheWholeSchema) {
  const auto transactions = read_all(sample_log());
  const TableSchema& read = *transactions[1].changes[0].table;
  const Everything all = everything();
  const TableSchema& written = *all.table;
  EXPECT_EQ(read.name(), "shop.everything");
  EXPECT_EQ(read.primary_key, written.primary_key);
  ASSERT_EQ(read.columns.size(), written.columns.size());
  for (std::size_t i = 0; i < read.columns.size(); ++i) {
    EXPECT_EQ(read.columns[i].name, written.columns[i].name);
    EXPECT_EQ(types::type_name(read.columns[i]), types::type_name(written.columns[i]));
    EXPECT_EQ(read.columns[i].labels, written.columns[i].labels);
    EXPECT_EQ(read.columns[i].nullable, i != 0);
  }
}

TEST(Writer, TellsTheLengthOfEveryTransaction) {
  const std::string log = sample_log();
  const auto transactions = read_all(log);
  auto reader = Reader::over("binlog.000001", log);
  std::size_t n = 0;
  while (true) {
    auto event = reader.next();
    ASSERT_TRUE(event);
    if (!*event) break;
    const EventType type = (**event).header.type;
    if (type != EventType::gtid && type != EventType::anonymous_gtid) continue;
    auto gtid = parse_gtid(type, (**event).body);
    ASSERT_TRUE(gtid);
    EXPECT_EQ(gtid->sequence_number, static_cast<std::int64_t>(n + 1));
    EXPECT_EQ(gtid->transaction_length, transactions[n].end.offset - transactions[n].start.offset);
    ++n;
  }
  EXPECT_EQ(n, transactions.size());
}

TEST(Writer, SplitsLongStatements) {
  const auto table =
      std::make_shared<const TableSchema>(TableSchema{"d", "t", {named("s", "varchar(200)")}, {}});
  const Packed row = pack(*table, {std::string(200, 'x')});
  const std::vector<RowChange> changes(1000, RowChange{Operation::insert, table, {}, row.row});
  Writer writer;
  std::string log;
  writer.begin_file(log, past_noon, {});
  writer.append_transaction(log, log.size(), {{server_uuid, 1}, past_noon},
                            std::vector<RowsStatement>{{changes, {}}}, 1);
  auto reader = Reader::over("binlog.000001", log);
  std::vector<bool> ends;
  while (true) {
    auto event = reader.next();
    ASSERT_TRUE(event) << event.error().text();
    if (!*event) break;
    if ((**event).header.type != EventType::write_rows) continue;
    EXPECT_LT((**event).header.size, 8192u + 300);
    std::string unused;
    ends.push_back(parse_rows(EventType::write_rows, (**event).body, 6, unused)->ends_statement());
  }
  ASSERT_GT(ends.size(), 20u);
  EXPECT_EQ(std::count(ends.begin(), ends.end(), true), 1);
  EXPECT_TRUE(ends.back());
  EXPECT_EQ(read_all(log)[0].changes.size(), 1000u);
}

TEST(Writer, WritesPartialImages) {
  const auto table = std::make_shared<const TableSchema>(
      TableSchema{"d", "t", {named("id", "int"), named("v", "int")}, {0}});
  const Packed row = pack(*table, {"1", "2"});
  Row only_id = row.row, only_v = row.row;
  only_id[1] = {};
  only_v[0] = {};
  Writer writer;
  std::string log;
  writer.begin_file(log, past_noon, {});
  const std::vector<RowChange> changes{{Operation::update, table, only_id, only_v}};
  writer.append_transaction(log, log.size(), {{server_uuid, 1}, past_noon},
                            std::vector<RowsStatement>{{changes, {}}}, 1);
  EXPECT_EQ(
      json_of(read_all(log)),
      R"({"file":"binlog.000001","pos":158,"gtid":"3e11fa47-71ca-11e1-9e33-c80aa9429562:1","ts":"2026-01-02T12:00:00.345678Z","schema":"d","table":"t","op":"update","before":{"id":"1"},"after":{"v":"2"}})"
      "\n");
}

TEST(Writer, KeepsThePreviousGtids) {
  const GtidSet previous =
      GtidSet::parse("3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5:7:blue:3").value();
  Writer writer;
  std::string log;
  writer.begin_file(log, past_noon, previous);
  writer.append_stop(log, log.size(), past_noon);
  auto reader = Reader::over("binlog.000001", log);
  ASSERT_TRUE(reader.next());
  auto event = reader.next();
  ASSERT_TRUE(event && *event);
  EXPECT_EQ(GtidSet::decode((**event).body).value(), previous);
  EXPECT_EQ(previous.text(), "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5:7:blue:3");
}

// Runs a command with a written log; its exit status and output.
std::pair<int, std::string> run_on_sample(const std::string& command, bool with_json) {
  const std::string path = testing::TempDir() + "sluice_writer_test.000001";
  EXPECT_TRUE(emulator::base::write_file_atomically(path, sample_log(with_json)));
  std::FILE* pipe = popen((command + " '" + path + "' 2>&1").c_str(), "r");
  std::string output;
  std::array<char, 4096> buffer;
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe))
    output.append(buffer.data(), got);
  const int status = pclose(pipe);
  std::filesystem::remove(path);
  return {status, output};
}

TEST(Writer, IsReadByMariadbBinlog) {
  if (std::system("command -v mariadb-binlog >/dev/null 2>&1") != 0)
    GTEST_SKIP() << "mariadb-binlog is not installed";
  const auto [status, output] =
      run_on_sample("mariadb-binlog --verify-binlog-checksum -vv", false);  // it has no JSON type
  EXPECT_EQ(status, 0) << output;
  EXPECT_NE(output.find("### INSERT INTO `shop`.`everything`"), std::string::npos) << output;
  EXPECT_NE(output.find("### DELETE FROM `shop`.`everything`"), std::string::npos);
  EXPECT_EQ(output.find("ERROR"), std::string::npos) << output;
}

// SLUICE_MYSQLBINLOG is MySQL's own mysqlbinlog (MariaDB has a program of the same name).
TEST(Writer, IsReadByMysqlbinlog) {
  const char* program = std::getenv("SLUICE_MYSQLBINLOG");
  if (!program) GTEST_SKIP() << "SLUICE_MYSQLBINLOG does not name MySQL's mysqlbinlog";
  const auto [status, output] = run_on_sample(
      std::string(program) + " --verify-binlog-checksum -vv --print-table-metadata", true);
  EXPECT_EQ(status, 0) << output;
  EXPECT_NE(output.find("### UPDATE `shop`.`everything`"), std::string::npos) << output;
  EXPECT_NE(output.find("SET @@SESSION.GTID_NEXT= '3e11fa47-71ca-11e1-9e33-c80aa9429562:2'"),
            std::string::npos);
  EXPECT_NE(output.find("Primary Key(id)"), std::string::npos) << output;
  EXPECT_EQ(output.find("ERROR"), std::string::npos) << output;
}

}  // namespace
}  // namespace pipeline::mysql::binlog
