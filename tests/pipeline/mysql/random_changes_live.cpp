// Random tables, random changes of their definitions and rows on real servers, under every kind of
// metadata and row image: what the log's reader and tracker make of them must be what SELECT says.
// SLUICE_SEED runs one seed, SLUICE_SEEDS so many.

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "emulator/base/text.h"
#include "pipeline/mysql/binlog/transaction_assembler.h"
#include "pipeline/mysql/information_schema.h"
#include "pipeline/mysql/types/codec.h"
#include "tests/pipeline/mysql/protocol/on_server.h"
#include "tests/pipeline/mysql/random_sql.h"

namespace pipeline::mysql::live {
namespace {

using NamedRow = std::map<std::string, std::optional<std::string>>;
using Tables = std::map<std::string, std::vector<NamedRow>>;

constexpr const char* database = "sluice_live";

// FLOAT and DOUBLE as the shortest digits, whatever the server prints.
std::string number_text(const std::string& text, bool single) {
  const double value = std::strtod(text.c_str(), nullptr);
  return single ? emulator::base::shortest(static_cast<float>(value))
                : emulator::base::shortest(value);
}

bool is_float(const std::string& type) { return type.rfind("float", 0) == 0; }
bool is_double(const std::string& type) { return type.rfind("double", 0) == 0; }
bool starts(const std::string& text, std::string_view with) { return text.rfind(with, 0) == 0; }

struct ServerColumn {
  std::string name, type;
  bool generated = false;
};

class RandomChanges : public protocol::live::OnServer {
 protected:
  void use(protocol::Connection& connection) {
    for (const std::string sql :
         {"USE sluice_live", "SET time_zone='+00:00'", "SET sql_mode='ALLOW_INVALID_DATES'"})
      ASSERT_TRUE(connection.query(sql));
  }
  std::vector<ServerColumn> columns_of(protocol::Connection& connection, const std::string& table) {
    std::vector<ServerColumn> out;
    const auto rows = connection.query(fmt::format(
        "SELECT COLUMN_NAME, COLUMN_TYPE, GENERATION_EXPRESSION FROM information_schema.COLUMNS "
        "WHERE TABLE_SCHEMA='{}' AND TABLE_NAME='{}' ORDER BY ORDINAL_POSITION",
        database, table));
    for (const auto& row : rows->rows)
      out.push_back({*row[0], *row[1], !row[2].value_or("").empty()});
    return out;
  }
  // Values as design section 9 has them.
  std::string expression(const ServerColumn& column) const {
    const std::string name = "`" + column.name + "`";
    const std::string& type = column.type;
    if (starts(type, "bit(") || type.find("zerofill") != std::string::npos) return name + "+0";
    if (is_float(type)) return name + "+0e0";
    if (starts(type, "binary") || starts(type, "varbinary") ||
        type.find("blob") != std::string::npos || starts(type, "vector"))
      return "CONCAT('0x', HEX(" + name + "))";
    for (const char* geometry : {"geom", "point", "polygon", "linestring", "multi"})
      if (starts(type, geometry))
        return fmt::format("CONCAT('wkb:', HEX(ST_AsBinary({0}{1})), ':', ST_SRID({0}))", name,
                           is_mysql() ? ", 'axis-order=long-lat'" : "");
    return name;
  }
  std::string comparable(const std::string& type, const std::string& text) const {
    return is_float(type) || is_double(type) ? number_text(text, is_float(type)) : text;
  }
  Tables select_all(protocol::Connection& connection) {
    Tables out;
    const auto names = connection.query(fmt::format(
        "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA='{}'", database));
    for (const auto& name : names->rows) {
      const auto columns = columns_of(connection, *name[0]);
      std::string list;
      for (const ServerColumn& column : columns)
        list += (list.empty() ? "" : ", ") + expression(column);
      const auto rows = connection.query(fmt::format("SELECT {} FROM `{}`", list, *name[0]));
      EXPECT_TRUE(rows) << list << rows.error().text();
      if (!rows) continue;
      auto& table = out[*name[0]];
      for (const auto& row : rows->rows) {
        NamedRow named;
        for (std::size_t i = 0; i < row.size(); ++i)
          named[columns[i].name] =
              row[i] ? std::optional(comparable(columns[i].type, *row[i])) : std::nullopt;
        table.push_back(std::move(named));
      }
    }
    return out;
  }
  void run_seed(std::uint64_t seed);
  std::vector<Transaction> read(binlog::TransactionAssembler& assembler, const Position& from,
                                std::vector<std::string>& problems);
};

bool is_versioned(const TableSchema& table) {
  return std::any_of(table.columns.begin(), table.columns.end(),
                     [](const Column& column) { return column.name == "row_end"; });
}

NamedRow named(const TableSchema& table, const Row& row, std::vector<std::string>& problems) {
  NamedRow out;
  const bool versioned = is_versioned(table);
  for (std::size_t i = 0; i < row.size(); ++i) {
    const Column& column = table.columns[i];
    if (row[i].state == Cell::State::absent) continue;
    if (column.name == "row_start" || column.name == "row_end") continue;
    // Under binlog_row_image=MINIMAL MariaDB 10.11 logs every column of an insert into a versioned
    // table, the virtual ones as NULL, whatever SELECT says (mariadb-binlog shows the same).
    if (versioned && column.generated && row[i].is_null()) continue;
    if (row[i].is_null()) {
      out[column.name] = std::nullopt;
      continue;
    }
    std::string text;
    if (auto done = types::append_text(column, row[i].bytes, text); !done)
      problems.push_back(table.name() + "." + column.name + ": " + done.error().message);
    if (column.type == ColumnType::float32 || column.type == ColumnType::float64)
      text = number_text(text, column.type == ColumnType::float32);
    out[column.name] = text;
  }
  return out;
}

// Values that a MINIMAL image leaves out are whatever they are.
bool fits(const NamedRow& row, const NamedRow& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& value) {
    const auto at = row.find(value.first);
    return at == row.end() || at->second == value.second;
  });
}

bool equals(const NamedRow& row, const NamedRow& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& value) {
    const auto at = row.find(value.first);
    return at != row.end() && at->second == value.second;
  });
}

// The row itself, or else one that may be it.
std::vector<NamedRow>::iterator find_row(std::vector<NamedRow>& rows, const NamedRow& wanted) {
  const auto same = std::find_if(rows.begin(), rows.end(),
                                 [&](const NamedRow& row) { return equals(row, wanted); });
  if (same != rows.end()) return same;
  return std::find_if(rows.begin(), rows.end(),
                      [&](const NamedRow& row) { return fits(row, wanted); });
}

std::string describe(const NamedRow& row) {
  std::string out;
  for (const auto& [name, value] : row)
    out += fmt::format(" {}={}", name, value ? value->substr(0, 80) : "NULL");
  return out;
}

// MariaDB's history rows: their end is in the past.
bool is_history(const RowChange& change) {
  for (std::size_t i = 0; i < change.table->columns.size(); ++i) {
    const Column& column = change.table->columns[i];
    if (column.name != "row_end" || i >= change.after.size() ||
        change.after[i].state != Cell::State::value)
      continue;
    std::string text;
    if (types::append_text(column, change.after[i].bytes, text))
      return !starts(text, "2038-01-19 03:14:07") &&
             !starts(text, "2106-02-07 06:28:15");  // the last TIMESTAMP from MariaDB 11.5 on
  }
  return false;
}

void apply(Tables& tables, const RowChange& change, std::vector<std::string>& problems) {
  auto& rows = tables[change.table->table];
  const NamedRow before = named(*change.table, change.before, problems),
                 after = named(*change.table, change.after, problems);
  if (change.operation == Operation::insert) {
    if (!is_history(change)) rows.push_back(after);
    return;
  }
  const auto at = find_row(rows, before);
  if (at == rows.end())
    return problems.push_back("no such row in " + change.table->name() + ":" + describe(before));
  if (change.operation == Operation::remove || is_history(change)) return void(rows.erase(at));
  for (const auto& [name, value] : after) (*at)[name] = value;
  for (std::size_t i = 0; i < change.after.size(); ++i)  // of a document that is not in the log
    if (change.after[i].is_difference()) at->erase(change.table->columns[i].name);
}

void compare(const Tables& copy, const Tables& truth, std::vector<std::string>& problems) {
  for (const auto& [name, rows] : truth) {
    const auto at = copy.find(name);
    std::vector<NamedRow> left = at == copy.end() ? std::vector<NamedRow>() : at->second;
    for (const NamedRow& row : rows) {
      const auto found = find_row(left, row);
      if (found == left.end())
        problems.push_back(name + " lacks" + describe(row) +
                           (left.empty() ? "" : "\n   has " + describe(left.front())));
      else
        left.erase(found);
    }
    for (const NamedRow& row : left) problems.push_back(name + " has too much:" + describe(row));
  }
}

std::vector<Transaction> RandomChanges::read(binlog::TransactionAssembler& assembler,
                                             const Position& from,
                                             std::vector<std::string>& problems) {
  std::vector<Transaction> out;
  protocol::BinlogStream opened = stream(from);
  while (true) {
    auto event = opened.next();
    if (!event) return problems.push_back("stream: " + event.error().text()), out;
    if (!*event) return out;
    if (opened.began_file()) assembler.begin_file(opened.file());
    auto transaction = assembler.add(**event, opened.format());
    if (!transaction) return problems.push_back("event: " + transaction.error().message), out;
    if (*transaction) out.push_back(std::move(**transaction));
  }
}

// A table's columns as the tracker knows them, against information_schema's.
void compare_schema(const SchemaTracker& tracker, const std::string& table,
                    const TableSchema& truth, std::vector<std::string>& problems) {
  const TableSchema* ours = tracker.find(database, table);
  if (!ours) return problems.push_back(table + " is not known");
  const auto text = [](const TableSchema& schema) {
    std::string out;
    for (const Column& column : schema.columns)
      out += fmt::format("{} {}/{}/{}{}{}{} {}, ", column.name, static_cast<int>(column.type),
                         column.length, column.scale, column.is_unsigned ? " unsigned" : "",
                         column.generated ? " generated" : "", column.visible ? "" : " invisible",
                         types::charset_name(column.is_binary() ? 63 : column.collation));
    for (const std::uint32_t key : schema.primary_key) out += fmt::format(" key {}", key);
    return out;
  };
  const auto plain = [](TableSchema schema) {
    for (Column& column : schema.columns) {
      const bool character = binlog::is_character(column) || binlog::is_labelled(column);
      if (!character || column.type == ColumnType::vector) column.collation = 63;
      if (column.type == ColumnType::geometry) column.length = column.geometry_kind;
    }
    return schema;
  };
  const std::string a = text(plain(*ours)), b = text(plain(truth));
  if (a != b) problems.push_back(table + " is\n  " + a + " by the log,\n  " + b + " by the server");
}

void RandomChanges::run_seed(std::uint64_t seed) {
  RandomSql sql(seed, is_mysql());
  const auto connection = connect();
  ASSERT_TRUE(connection);
  const std::string metadata =
      is_mysql() ? sql.one_of<std::string>({"MINIMAL", "MINIMAL", "FULL"})
                 : sql.one_of<std::string>({"NO_LOG", "NO_LOG", "MINIMAL", "FULL"});
  const std::string image = sql.one_of<std::string>({"FULL", "FULL", "MINIMAL", "NOBLOB"});
  run({"SET GLOBAL binlog_row_metadata=" + metadata, "FLUSH BINARY LOGS"});
  std::vector<std::string> log{"metadata " + metadata, "image " + image};
  std::vector<std::string> problems, warnings;
  binlog::TransactionAssembler assembler(
      [&](const Position&, const std::string& message) { warnings.push_back(message); });
  Position from = now();
  const auto execute = [&](const std::string& statement) {
    const auto done = connection->query(statement);
    log.push_back((done ? "   " : "!  ") + statement.substr(0, 2000) +
                  (done ? "" : "   -- " + done.error().message));
    return done.has_value();
  };
  execute("DROP DATABASE IF EXISTS sluice_live");
  execute(sql.create_database(database));
  use(*connection);
  execute("SET SESSION binlog_row_image=" + image);
  if (is_mysql() && sql.chance(50)) execute("SET SESSION binlog_row_value_options=PARTIAL_JSON");
  if (is_mysql() && sql.chance(30)) execute("SET SESSION binlog_transaction_compression=ON");
  if (!is_mysql())
    execute(sql.chance(30) ? "SET GLOBAL log_bin_compress=ON, GLOBAL log_bin_compress_min_len=10"
                           : "SET GLOBAL log_bin_compress=OFF");
  if (!is_mysql())
    execute(sql.chance(20) ? "SET GLOBAL mysql56_temporal_format=OFF"
                           : "SET GLOBAL mysql56_temporal_format=ON");
  if (!is_mysql()) execute("SET SESSION system_versioning_alter_history=KEEP");
  std::vector<std::string> tables;
  for (int epoch = 0; epoch < 3 && problems.empty(); ++epoch) {
    const std::size_t wanted = epoch == 0 ? 4 : tables.size() + 2;
    for (int i = 0; tables.size() < wanted && i < 30;
         ++i)  // servers refuse some, and the log has none of them
      if (const std::string name = fmt::format("t{}", tables.size());
          execute(sql.create_table(name)))
        tables.push_back(name);
    if (tables.size() < 2) problems.push_back("no tables could be made");
    if (!problems.empty()) break;
    for (int i = 0; epoch > 0 && i < 8; ++i) execute(sql.alter_table(sql.one_of(tables)));
    if (epoch == 1 && execute("RENAME TABLE t0 TO renamed, t1 TO t0, renamed TO t1"))
      execute("CREATE TABLE copied LIKE t0");
    const Position changes_begin = now();
    Tables copy = select_all(*connection);
    for (int i = 0; i < 30; ++i) {
      const std::string& name = sql.one_of(tables);
      RandomSql::Columns columns;
      for (const ServerColumn& column : columns_of(*connection, name))
        if (!column.generated && column.type != "" && column.name != "id")
          columns.emplace_back(column.name, column.type);
      if (columns.empty()) continue;
      if (i == 15) execute(fmt::format("CREATE TABLE made{} AS SELECT * FROM `{}`", epoch, name));
      const bool transaction = sql.chance(20);
      const bool xa = transaction && sql.chance(40);
      if (transaction) execute(xa ? "XA START 'x'" : "BEGIN");
      execute(sql.row_change(name, columns));
      if (transaction) execute(sql.row_change(name, columns));
      if (xa) {
        execute("XA END 'x'");
        execute("XA PREPARE 'x'");
        execute(sql.chance(70) ? "XA COMMIT 'x'" : "XA ROLLBACK 'x'");
      } else if (transaction) {
        execute(sql.chance(70) ? "COMMIT" : "ROLLBACK");
      }
    }
    const Tables truth = select_all(*connection);
    for (const Transaction& transaction : read(assembler, from, problems)) {
      const bool applies = transaction.start >= changes_begin;
      for (const RowChange& change : transaction.changes)
        if (change.table->schema == database && applies) apply(copy, change, problems);
    }
    from = now();
    compare(copy, truth, problems);
    SchemaTracker by_server;
    const auto seeded = seed_from_server(by_server, *connection);
    ASSERT_TRUE(seeded) << "SLUICE_SEED=" << seed << ": " << seeded.error().message;
    for (const auto& [name, rows] : truth)
      compare_schema(assembler.schema(), name, *by_server.find(database, name), problems);
  }
  for (const std::string& warning : warnings) problems.push_back("warning: " + warning);
  if (problems.empty()) return;
  std::string told;
  for (std::size_t i = 0; i < std::min<std::size_t>(problems.size(), 5); ++i)
    told += problems[i] + "\n";
  if (std::getenv("SLUICE_SEED"))
    for (const std::string& line : log) told += line + "\n";
  ADD_FAILURE() << "SLUICE_SEED=" << seed << " (" << log[0] << ", " << log[1]
                << "): " << problems.size() << " problems:\n"
                << told;
}

TEST_P(RandomChanges, AreReadAsTheServerHasThem) {
  const char* one = std::getenv("SLUICE_SEED");
  const char* many = std::getenv("SLUICE_SEEDS");
  const std::uint64_t first = one ? std::strtoull(one, nullptr, 10) : 1;
  const std::uint64_t count = one ? 1 : many ? std::strtoull(many, nullptr, 10) : 3;
  for (std::uint64_t seed = first; seed < first + count; ++seed) run_seed(seed);
  run({"SET GLOBAL binlog_row_metadata=FULL"});
  if (!is_mysql())
    run({"SET GLOBAL mysql56_temporal_format=ON", "SET GLOBAL log_bin_compress=OFF"});
}
SLUICE_ON_EACH_SERVER(RandomChanges);

}  // namespace
}  // namespace pipeline::mysql::live
