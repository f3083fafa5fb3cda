#include "pipeline/mysql/binlog/json_lines.h"

#include <fmt/format.h>

#include "emulator/base/json.h"
#include "emulator/base/text.h"
#include "emulator/base/time_text.h"
#include "pipeline/mysql/types/codec.h"

namespace pipeline::mysql::binlog {

namespace {

using emulator::base::append_json_string;
using emulator::base::fail;
using emulator::base::Result;

void append_member(std::string& out, std::string_view key, std::string_view value) {
  out += ",\"";
  out += key;
  out += "\":";
  append_json_string(out, value);
}

// {"file":...,"pos":...,"gtid":...,"ts":... which every line of the transaction begins with.
std::string line_head(const Transaction& transaction) {
  std::string out = "{\"file\":";
  append_json_string(out, transaction.start.file);
  out += ",\"pos\":";
  emulator::base::append_unsigned(out, transaction.start.offset);
  append_member(out, "gtid", transaction.gtid);
  append_member(out, "ts", emulator::base::iso_micros(transaction.committed));
  return out;
}

std::string column_name(const TableSchema& table, std::size_t i) {
  const std::string& name = table.columns[i].name;
  return name.empty() ? "@" + std::to_string(i + 1) : name;
}

tl::unexpected<emulator::base::Error> in_column(const TableSchema& table, std::size_t i, const emulator::base::Error& why) {
  return fail(fmt::format("{}.{}: {}", table.name(), column_name(table, i), why.message));
}

// Calls `each` with the index and the text of every column of the image; null for NULL. `text` is scratch.
template <class Each>
Result<void> for_each_value(const TableSchema& table, const Row& row, std::string& text, Each each) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i].state == Cell::State::absent) continue;
    if (row[i].is_null()) {
      each(i, nullptr);
      continue;
    }
    text.clear();
    if (auto done = types::append_text(table.columns[i], row[i].bytes, text); !done) return in_column(table, i, done.error());
    each(i, &text);
  }
  return {};
}

// Writes the images of one transaction. Quoted column names are made once for each table in a row of changes.
class ImageWriter {
 public:
  Result<void> append(std::string& out, std::string_view key, const TableSchema& table, const Row& row) {
    use(table);
    out += ",\"";
    out += key;
    out += "\":{";
    const std::size_t start = out.size();
    auto done = for_each_value(table, row, text_, [&](std::size_t i, const std::string* value) {
      if (out.size() > start) out.push_back(',');
      out += names_[i];
      if (value)
        append_json_string(out, *value);
      else
        out += "null";
    });
    out.push_back('}');
    return done;
  }

 private:
  void use(const TableSchema& table) {
    if (table_ == &table) return;
    table_ = &table;
    names_.clear();
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      std::string& name = names_.emplace_back();
      append_json_string(name, column_name(table, i));
      name.push_back(':');
    }
  }

  const TableSchema* table_ = nullptr;
  std::vector<std::string> names_;
  std::string text_;
};

}  // namespace

std::string_view operation_name(Operation operation) {
  switch (operation) {
    case Operation::insert: return "insert";
    case Operation::update: return "update";
    default: return "delete";
  }
}

Result<void> append_json_lines(std::string& out, const Transaction& transaction) {
  const std::string head = line_head(transaction);
  if (const auto& ddl = transaction.schema_change) {
    out += head;
    append_member(out, "schema", ddl->schema);
    append_member(out, "op", "ddl");
    append_member(out, "sql", ddl->sql);
    out += "}\n";
  }
  ImageWriter images;
  for (const RowChange& change : transaction.changes) {
    out += head;
    append_member(out, "schema", change.table->schema);
    append_member(out, "table", change.table->table);
    append_member(out, "op", operation_name(change.operation));
    if (auto done = images.append(out, "before", *change.table, change.before); !done) return done;
    if (auto done = images.append(out, "after", *change.table, change.after); !done) return done;
    out += "}\n";
  }
  return {};
}

Result<void> append_text_lines(std::string& out, const Transaction& transaction) {
  const std::size_t changes = transaction.changes.size();
  out += fmt::format("{} {} {}", transaction.start.text(), emulator::base::iso_micros(transaction.committed),
                     transaction.gtid.empty() ? "-" : transaction.gtid);
  if (changes > 0) out += fmt::format(" {} row change{}", changes, changes == 1 ? "" : "s");
  out.push_back('\n');
  if (const auto& ddl = transaction.schema_change) out += fmt::format("  {}\n", ddl->sql);
  std::string text;
  const auto append_image = [&](const TableSchema& table, const Row& row) {
    out.push_back('(');
    bool first = true;
    auto done = for_each_value(table, row, text, [&](std::size_t i, const std::string* value) {
      out += first ? "" : ", ";
      out += column_name(table, i) + "=";
      out += value ? *value : "NULL";
      first = false;
    });
    out.push_back(')');
    return done;
  };
  for (const RowChange& change : transaction.changes) {
    out += fmt::format("  {} {} ", operation_name(change.operation), change.table->name());
    if (change.operation != Operation::insert)
      if (auto done = append_image(*change.table, change.before); !done) return done;
    if (change.operation == Operation::update) out += " -> ";
    if (change.operation != Operation::remove)
      if (auto done = append_image(*change.table, change.after); !done) return done;
    out.push_back('\n');
  }
  return {};
}

}  // namespace pipeline::mysql::binlog
