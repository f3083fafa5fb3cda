#include "replay.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>

#include "emulator/base/digest.h"
#include "emulator/base/text.h"
#include "pipeline/mysql/ddl.h"
#include "pipeline/mysql/types/codec.h"

namespace pipeline::mysql {

namespace {

constexpr std::size_t hashed_past =
    65536;  // the recorded states give longer TEXT and BLOB values as hashes

std::string hashed(std::string_view bytes) {
  return "sha256:" + std::to_string(bytes.size()) + ":" +
         emulator::base::to_hex(emulator::base::hash(emulator::base::HashKind::sha256, bytes));
}

// FLOAT and DOUBLE are compared as numbers (the servers print FLOAT as a double, and DOUBLE(M,D)
// with D digits).
std::string number_text(const Column& column, const std::string& text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return column.type == ColumnType::float32 ? emulator::base::shortest(static_cast<float>(value))
                                            : emulator::base::shortest(value);
}

// What only information_schema knows is undone: ZEROFILL, and MariaDB's uuid and inet, which the
// log shows as BINARY.
std::string without_declared(const Column& column, const std::string& text) {
  Column plain = column;
  std::string packed, out;
  if (!types::append_packed(column, text, packed)) return text;
  plain.declared.clear();
  if (!types::append_text(plain, packed, out)) return text;
  return out;
}

std::string comparable(const Column& column, const std::string& text) {
  if (column.type == ColumnType::float32 || column.type == ColumnType::float64)
    return number_text(column, text);
  const std::string& declared = column.declared;
  if (declared.find("zerofill") != std::string::npos || declared == "uuid" || declared == "inet4" ||
      declared == "inet6")
    return without_declared(column, text);
  const bool blob = column.type == ColumnType::blob || column.type == ColumnType::blob_compressed;
  if (blob && column.is_binary() && text.size() > 2 * hashed_past + 2 && text[0] == '0')
    return hashed(emulator::base::from_hex(std::string_view(text).substr(2)).value_or(""));
  if (blob && !column.is_binary() && text.size() > hashed_past) return hashed(text);
  return text;
}

bool matches(const Replay::NamedRow& row, const Replay::NamedRow& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& value) {
    auto at = row.find(value.first);
    return at != row.end() && at->second == value.second;
  });
}

std::string describe(const Replay::NamedRow& row) {
  std::string out;
  for (const auto& [name, value] : row)
    out += " " + name + "=" + (value ? value->substr(0, 60) : "NULL");
  return out;
}

// Column definitions of CREATE TABLE or ADD COLUMN: the name, and its DEFAULT literal (NULL if it
// has none).
std::pair<std::string, std::optional<std::string>> read_definition(SqlTokens& in) {
  std::pair<std::string, std::optional<std::string>> out{in.next().text, std::nullopt};
  int depth = 0;
  while (!in.at_end() && !(depth == 0 && (in.peek().is(",") || in.peek().is(")")))) {
    if (in.peek().is("(")) ++depth;
    if (in.peek().is(")")) --depth;
    if (!in.take("DEFAULT")) {
      in.next();
      continue;
    }
    const bool minus = in.take("-");
    const auto token = in.next();
    if (!token.is("NULL")) out.second = (minus ? "-" : "") + token.text;
  }
  return out;
}

}  // namespace

void Replay::load(const std::vector<TableState>& states) {
  for (const TableState& state : states) {
    auto& rows = tables_[state.schema->name()];
    for (const TextRow& text : state.rows) {
      NamedRow row;
      for (std::size_t i = 0; i < text.size(); ++i) {
        const Column& column = state.schema->columns[i];
        row[column.name] = text[i] ? std::optional(comparable(column, *text[i])) : std::nullopt;
      }
      rows.push_back(std::move(row));
    }
  }
}

void Replay::apply(const Transaction& transaction) {
  if (transaction.schema_change) apply(*transaction.schema_change);
  for (const RowChange& change : transaction.changes) apply(change);
}

void Replay::apply(const SchemaChange& change) {
  std::vector<std::string> names;
  for (const auto& [schema, table] : change.tables) names.push_back(schema + "." + table);
  switch (change.kind) {
    case SchemaChange::Kind::create_table: {
      tables_[names.at(0)];
      defaults_.erase(names.at(0));
      SqlTokens in(change.sql);
      while (!in.at_end() && !in.peek().is("(") && !in.peek().is("LIKE")) in.next();
      while (in.take("(") || in.take(",")) {
        auto [name, value] = read_definition(in);
        if (value) defaults_[names.at(0)][name] = value;
      }
      break;
    }
    case SchemaChange::Kind::drop_table:
      for (const std::string& name : names) tables_.erase(name);
      break;
    case SchemaChange::Kind::truncate_table:
      tables_[names.at(0)].clear();
      break;
    case SchemaChange::Kind::rename_table:
      for (std::size_t i = 0; i + 1 < names.size(); i += 2) {
        auto node = tables_.extract(names[i]);
        if (node.empty()) {
          problems_.push_back("renamed, but not there: " + names[i]);
          continue;
        }
        node.key() = names[i + 1];
        tables_.insert(std::move(node));
      }
      break;
    case SchemaChange::Kind::alter_table:
      alter(names.at(0), change.sql);
      break;
    case SchemaChange::Kind::other: {
      const std::string dropped = scan_statement(change.sql, change.schema).dropped_schema;
      for (auto at = tables_.begin(); !dropped.empty() && at != tables_.end();)
        at = at->first.rfind(dropped + ".", 0) == 0 ? tables_.erase(at) : std::next(at);
      break;
    }
  }
}

// ADD fills the default, DROP takes the column away, CHANGE renames it; the rest leaves values as
// they are.
void Replay::alter(const std::string& table, const std::string& sql) {
  auto& rows = tables_[table];
  SqlTokens in(sql);
  while (!in.at_end()) {
    const auto token = in.next();
    if (token.is("ADD")) {
      in.take("COLUMN");
      const bool list = in.take("(");
      do {
        const auto [name, value] = read_definition(in);
        for (NamedRow& row : rows) row[name] = value;
        if (value) defaults_[table][name] = value;
      } while (list && in.take(","));
    } else if (token.is("DROP") && in.take("COLUMN")) {
      const std::string name = in.next().text;
      for (NamedRow& row : rows) row.erase(name);
    } else if (token.is("CHANGE")) {
      in.take("COLUMN");
      const std::string from = in.next().text, to = in.next().text;
      for (NamedRow& row : rows)
        if (auto node = row.extract(from); !node.empty()) {
          node.key() = to;
          row.insert(std::move(node));
        }
    }
  }
}

std::optional<Replay::NamedRow> Replay::named(const RowChange& change, const Row& row) {
  NamedRow out;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const Column& column = change.table->columns[i];
    if (row[i].state == Cell::State::absent) continue;
    if (row[i].is_null()) {
      out[column.name] = std::nullopt;
      continue;
    }
    std::string text;
    if (auto done = types::append_text(column, row[i].bytes, text); !done) {
      problems_.push_back(change.table->name() + "." + column.name + ": " + done.error().message);
      return std::nullopt;
    }
    out[column.name] = comparable(column, text);
  }
  return out;
}

void Replay::apply(const RowChange& change) {
  auto& rows = tables_[change.table->name()];
  auto before = named(change, change.before);
  auto after = named(change, change.after);
  if (!before || !after) return;
  if (change.operation == Operation::insert) {
    NamedRow row;
    for (const Column& column : change.table->columns) row[column.name] = std::nullopt;
    for (const auto& [name, value] : defaults_[change.table->name()]) row[name] = value;
    for (const auto& [name, value] : *after) row[name] = value;
    rows.push_back(std::move(row));
    return;
  }
  auto at = std::find_if(rows.begin(), rows.end(),
                         [&](const NamedRow& row) { return matches(row, *before); });
  if (at == rows.end()) {
    problems_.push_back("no such row in " + change.table->name() + ":" + describe(*before));
    return;
  }
  if (change.operation == Operation::remove) {
    rows.erase(at);
    return;
  }
  for (const auto& [name, value] : *after) (*at)[name] = value;
}

void Replay::truncate_partition(const std::string& table,
                                const std::function<bool(const NamedRow&)>& in_it) {
  auto& rows = tables_[table];
  rows.erase(std::remove_if(rows.begin(), rows.end(), in_it), rows.end());
}

std::vector<std::string> Replay::differences(const std::vector<TableState>& truth,
                                             std::size_t shown) const {
  std::vector<std::string> out;
  std::set<std::string> known;
  const auto report = [&](std::string text) {
    if (out.size() < shown) out.push_back(std::move(text));
  };
  for (const TableState& state : truth) {
    const std::string name = state.schema->name();
    known.insert(name);
    const auto table = tables_.find(name);
    if (table == tables_.end()) {
      report("the copy has no table " + name);
      continue;
    }
    std::vector<NamedRow> left = table->second;
    for (const TextRow& text : state.rows) {
      NamedRow wanted;
      for (std::size_t i = 0; i < text.size(); ++i) {
        const Column& column = state.schema->columns[i];
        wanted[column.name] = text[i] ? std::optional(comparable(column, *text[i])) : std::nullopt;
      }
      auto at = std::find_if(left.begin(), left.end(),
                             [&](const NamedRow& row) { return matches(row, wanted); });
      if (at == left.end())
        report(name + " lacks" + describe(wanted));
      else
        left.erase(at);
    }
    for (const NamedRow& row : left) report(name + " has too much:" + describe(row));
  }
  for (const auto& [name, rows] : tables_)
    if (known.count(name) == 0 && !rows.empty()) report("the truth has no table " + name);
  return out;
}

TEST(Replay, FollowsDdlAndTellsWhatDiffers) {
  const auto ddl = [](const char* sql) {
    Transaction transaction;
    const Statement statement = scan_statement(sql, "d");
    transaction.schema_change = SchemaChange{statement.change, "d", sql, statement.tables};
    return transaction;
  };
  Replay copy;
  copy.tables()["d.t"] = {{{"id", "1"}}};
  copy.apply(ddl("ALTER TABLE t ADD COLUMN n INT DEFAULT -5, ADD COLUMN s VARCHAR(9)"));
  copy.apply(ddl("ALTER TABLE t CHANGE s label VARCHAR(20)"));
  copy.apply(ddl("RENAME TABLE t TO u"));
  const Replay::NamedRow row{{"id", "1"}, {"n", "-5"}, {"label", std::nullopt}};
  EXPECT_EQ(copy.tables().at("d.u").at(0), row);
  EXPECT_EQ(copy.differences({}).at(0), "the truth has no table d.u");
}

}  // namespace pipeline::mysql
