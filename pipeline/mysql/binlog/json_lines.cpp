#include "pipeline/mysql/binlog/json_lines.h"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/json.h"
#include "emulator/base/text.h"
#include "emulator/base/time_text.h"
#include "pipeline/mysql/binlog/json_escape.h"
#include "pipeline/mysql/binlog/row_values.h"

namespace pipeline::mysql::binlog {

namespace {

using emulator::base::append_json_string;
using emulator::base::Result;
using types::Value;

constexpr std::size_t piece_bytes = 1 << 15;  // of a long value, between looks at the buffer

void append_member(std::string& out, std::string_view key, std::string_view value) {
  out += ",\"";
  out += key;
  out += "\":";
  append_json_string(out, value);
}

// {"file":...,"pos":...,"gtid":...,"ts":... which every line of the transaction begins with.
std::string head_of(const Transaction& transaction) {
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

std::string ddl_line(const std::string& head, const SchemaChange& ddl) {
  std::string out = head;
  append_member(out, "schema", ddl.schema);
  append_member(out, "op", "ddl");
  append_member(out, "sql", ddl.sql);
  out += "}\n";
  return out;
}

void write_text(Output& out, std::string_view text) {
  for (; text.size() > piece_bytes; text.remove_prefix(piece_bytes)) {
    out.done(escape_json(out.room(escaped_bytes_max(piece_bytes)), text.substr(0, piece_bytes)));
    out.flush_if_long();
  }
  out.done(escape_json(out.room(escaped_bytes_max(text.size())), text));
}

// Bytes that are no UTF-8: in pieces that end with a character, each repaired.
void write_repaired(Output& out, std::string_view bytes) {
  constexpr std::size_t continued_max = 3;
  while (!bytes.empty()) {
    std::size_t size = std::min(bytes.size(), piece_bytes);
    for (std::size_t i = 0; i < continued_max && size < bytes.size() &&
                            (static_cast<unsigned char>(bytes[size]) & 0xC0) == 0x80;
         ++i)
      --size;
    std::string quoted;
    append_json_string(quoted, bytes.substr(0, size));
    out.append(std::string_view(quoted).substr(1, quoted.size() - 2));
    out.flush_if_long();
    bytes.remove_prefix(size);
  }
}

void write_hex(Output& out, std::string_view bytes) {
  constexpr char digits[] = "0123456789ABCDEF";
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, piece_bytes);
    char* at = out.room(2 * piece.size());
    for (const char c : piece) {
      *at++ = digits[static_cast<unsigned char>(c) >> 4];
      *at++ = digits[static_cast<unsigned char>(c) & 15];
    }
    out.done(at);
    out.flush_if_long();
    bytes.remove_prefix(piece.size());
  }
}

void write_binary(Output& out, const Value& value) {
  out.append("0x");
  write_hex(out, value.bytes);
  const std::size_t zeros = 2 * std::size_t{value.padding};
  char* const at = out.room(zeros);
  std::memset(at, '0', zeros);
  out.done(at + zeros);
}

template <class Sink>
Result<void> read_cells(const MappedTable& mapped, const Row& row, types::Scratch& scratch,
                        Sink& sink) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i].state == Cell::State::absent) continue;
    if (row[i].is_null()) {
      sink.null(i);
      continue;
    }
    Value value;
    const types::ColumnPlan& plan = mapped.plans[i];
    if (!(plan.decode && plan.decode(plan, row[i].bytes, value, scratch)))
      return emulator::base::fail(fmt::format("{}.{}: {}", mapped.table->name(),
                                              column_name(*mapped.table, i), scratch.error));
    sink.value(i, value);
  }
  for (std::size_t i = 0; i < row.size(); ++i)
    if (row[i].is_difference()) sink.difference(i, row[i].bytes);
  return {};
}

}  // namespace

std::string_view operation_name(Operation operation) {
  switch (operation) {
    case Operation::insert:
      return "insert";
    case Operation::update:
      return "update";
    default:
      return "delete";
  }
}

Result<void> JsonLines::print(const Transaction& transaction, const RowLog& rows) {
  head_ = head_of(transaction);
  table_ = nullptr;
  if (transaction.schema_change) {
    out_.begin_line();
    out_.append(ddl_line(head_, *transaction.schema_change));
    out_.begin_line();
  }
  auto done = read_rows(rows, scratch_, *this, [this](const TableSchema& table) { use(table); });
  if (!done) out_.take_back_line();
  return done;
}

void JsonLines::use(const TableSchema& table) {
  if (table_ == &table) return;
  table_ = &table;
  line_head_ = head_;
  append_member(line_head_, "schema", table.schema);
  append_member(line_head_, "table", table.table);
  names_.clear();
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    std::string& name = names_.emplace_back();
    append_json_string(name, column_name(table, i));
    name.push_back(':');
  }
}

void JsonLines::begin_row(Operation operation) {
  out_.begin_line();
  out_.append(line_head_);
  out_.append(",\"op\":\"");
  out_.append(operation_name(operation));
  out_.append("\",\"before\":{");
  first_ = true;
  after_ = false;
  partial_ = false;
}

void JsonLines::begin_image(bool after) {
  if (after) out_.append("},\"after\":{");
  first_ = true;
  after_ = after;
}

// Writes the name where there is room for it and `more` bytes.
char* JsonLines::write_name(std::size_t column, std::size_t more) {
  const std::string& name = names_[column];
  char* at = out_.room(name.size() + more + 1);
  if (!first_) *at++ = ',';
  first_ = false;
  std::memcpy(at, name.data(), name.size());
  return at + name.size();
}

void JsonLines::null(std::size_t column) {
  char* const at = write_name(column, 4);
  std::memcpy(at, "null", 4);
  out_.done(at + 4);
}

void JsonLines::value(std::size_t column, const Value& value) {
  char* at = write_name(column, types::plain_text_max + 3 +
                                    (value.kind == Value::Kind::printed ? value.bytes.size() : 0));
  *at++ = '"';
  if (value.kind == Value::Kind::text) {
    out_.done(at);
    value.utf8 ? write_text(out_, value.bytes) : write_repaired(out_, value.bytes);
    at = out_.room(1);
  } else if (value.kind == Value::Kind::binary) {
    out_.done(at);
    write_binary(out_, value);
    at = out_.room(1);
  } else {
    at = types::write_plain(at, value);
  }
  *at++ = '"';
  out_.done(at);
}

void JsonLines::difference(std::size_t column, std::string_view text) {
  if (!partial_) {
    out_.append("},\"partial\":{");
    partial_ = first_ = true;
  }
  out_.done(write_name(column, 0));
  out_.append(text);
  out_.flush_if_long();
}

void JsonLines::end_row() { out_.append(after_ ? "}}\n" : "},\"after\":{}}\n"); }

Result<void> append_json_lines(std::string& text, const Transaction& transaction) {
  Output out([&](std::string_view bytes) { text += bytes; });
  JsonLines lines(out);
  if (auto done = lines.print(transaction, RowLog()); !done) return done;
  types::Scratch scratch;
  MappedTable mapped;
  for (const RowChange& change : transaction.changes) {
    if (mapped.table != change.table) mapped = map_table(change.table);
    lines.begin(*change.table, change.operation);
    if (auto done = read_cells(mapped, change.before, scratch, lines); !done) return done;
    lines.begin_image(true);
    if (auto done = read_cells(mapped, change.after, scratch, lines); !done) return done;
    lines.end_row();
  }
  out.flush();
  return {};
}

Result<void> TextLines::print(const Transaction& transaction, const RowLog& rows) {
  out_.begin_line();
  out_.append(fmt::format("{} {} {}\n", transaction.start.text(),
                          emulator::base::iso_micros(transaction.committed),
                          transaction.gtid.empty() ? "-" : transaction.gtid));
  if (const auto& ddl = transaction.schema_change) out_.append(fmt::format("  {}\n", ddl->sql));
  out_.begin_line();
  auto done =
      read_rows(rows, scratch_, *this, [this](const TableSchema& table) { table_ = &table; });
  if (!done) out_.take_back_line();
  return done;
}

void TextLines::begin_row(Operation operation) {
  out_.begin_line();
  out_.append(fmt::format("  {} {} ", operation_name(operation), table_->name()));
  operation_ = operation;
}

void TextLines::begin_image(bool after) {
  out_.append(after && operation_ == Operation::update ? " -> (" : "(");
  first_ = true;
}

void TextLines::null(std::size_t column) { append(column, "NULL"); }

void TextLines::value(std::size_t column, const Value& value) {
  text_.clear();
  types::append_value_text(text_, value);
  append(column, text_);
}

void TextLines::difference(std::size_t column, std::string_view text) {
  out_.append(fmt::format(" {} changed by {}", column_name(*table_, column), text));
  out_.flush_if_long();
}

void TextLines::append(std::size_t column, std::string_view text) {
  if (!first_) out_.append(", ");
  first_ = false;
  out_.append(column_name(*table_, column));
  out_.append("=");
  out_.append(text);
  out_.flush_if_long();
}

}  // namespace pipeline::mysql::binlog
