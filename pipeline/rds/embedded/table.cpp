#include "pipeline/rds/embedded/table.h"

#include <fmt/format.h>

#include "emulator/base/text.h"
#include "pipeline/mysql/types/codec.h"
#include "pipeline/rds/embedded/collation.h"

namespace pipeline::rds::embedded {
namespace {

using mysql::ColumnType;

std::string index_part_sql(const TableDefinition& table, const IndexPart& part) {
  const mysql::Column& column = table.columns()[part.column];
  std::string out = fmt::format("c{}", part.column);
  if (part.length > 0) out = fmt::format("substr(c{}, 1, {})", part.column, part.length);
  const std::string_view collation = sqlite_collation(column);
  if (part.length > 0 && !collation.empty()) out += fmt::format(" COLLATE {}", collation);
  if (part.descending) out += " DESC";
  return out;
}

bool has_prefix(const Index& index) {
  for (const IndexPart& part : index.parts) {
    if (part.length > 0) return true;
  }
  return false;
}

const Index* primary_of(const TableDefinition& table) {
  if (table.indexes.empty() || table.indexes.front().kind != sql::IndexKind::primary)
    return nullptr;
  return &table.indexes.front();
}

bool prints_collation(const TableDefinition& table, std::size_t i) {
  const mysql::Column& column = table.columns()[i];
  const Kind kind = kind_of(column);
  return (kind == Kind::text || kind == Kind::enumeration || kind == Kind::set) &&
         (column.collation != table.collation || table.extras[i].explicit_collation);
}

std::string column_sql(const TableDefinition& table, std::size_t i) {
  const mysql::Column& column = table.columns()[i];
  const ColumnExtras& extra = table.extras[i];
  std::string out = quoted(column.name) + " " + column.declared;
  if (prints_collation(table, i)) {
    const std::string_view charset = mysql::types::charset_name(column.collation);
    if (charset != mysql::types::charset_name(table.collation) || extra.explicit_collation)
      out += fmt::format(" CHARACTER SET {}", charset);
    if (mysql::types::default_collation(charset) != column.collation || extra.explicit_collation)
      out += fmt::format(" COLLATE {}", collation_name(column.collation));
  }
  if (!extra.generated.empty())
    out += fmt::format(" GENERATED ALWAYS AS ({}) {}", extra.generated,
                       extra.stored ? "STORED" : "VIRTUAL");
  if (!column.nullable) {
    out += " NOT NULL";
  } else if (column.type == ColumnType::timestamp) {
    out += " NULL";
  }
  const bool is_blob = column.type == ColumnType::blob || column.type == ColumnType::json;
  const std::string now = column.length > 0 ? fmt::format("CURRENT_TIMESTAMP({})", column.length)
                                            : std::string("CURRENT_TIMESTAMP");
  switch (extra.default_value.kind) {
    case DefaultValue::Kind::none:
      break;
    case DefaultValue::Kind::null:
      if (column.nullable && !is_blob && extra.generated.empty()) out += " DEFAULT NULL";
      break;
    case DefaultValue::Kind::literal:
      out +=
          " DEFAULT " + (column.type == ColumnType::bit ? extra.default_value.text
                                                        : quoted_string(extra.default_value.text));
      break;
    case DefaultValue::Kind::now:
      out += " DEFAULT " + now;
      break;
    case DefaultValue::Kind::expression:
      out += " DEFAULT (" + extra.default_value.text + ")";
      break;
  }
  if (extra.on_update_now) out += " ON UPDATE " + now;
  if (extra.auto_increment) out += " AUTO_INCREMENT";
  if (!column.visible) out += " /*!80023 INVISIBLE */";
  if (!extra.comment.empty()) out += " COMMENT " + quoted_string(extra.comment);
  return out;
}

std::string index_sql(const TableDefinition& table, const Index& index) {
  std::string out;
  if (index.kind == sql::IndexKind::primary) {
    out = "PRIMARY KEY (";
  } else {
    out = (index.kind == sql::IndexKind::unique     ? "UNIQUE KEY "
           : index.kind == sql::IndexKind::fulltext ? "FULLTEXT KEY "
                                                    : "KEY ") +
          quoted(index.name) + " (";
  }
  for (std::size_t i = 0; i < index.parts.size(); ++i) {
    const IndexPart& part = index.parts[i];
    if (i > 0) out += ",";
    out += quoted(table.columns()[part.column].name);
    if (part.length > 0) out += fmt::format("({})", part.length);
    if (part.descending) out += " DESC";
  }
  out += ")";
  if (!index.comment.empty()) out += " COMMENT " + quoted_string(index.comment);
  if (index.invisible) out += " /*!80000 INVISIBLE */";
  return out;
}

}  // namespace

std::optional<std::uint32_t> TableDefinition::column_index(std::string_view name) const {
  for (std::size_t i = 0; i < columns().size(); ++i) {
    if (emulator::base::equals_ignoring_case(columns()[i].name, name))
      return static_cast<std::uint32_t>(i);
  }
  return std::nullopt;
}

std::optional<std::uint32_t> TableDefinition::auto_column() const {
  for (std::size_t i = 0; i < extras.size(); ++i) {
    if (extras[i].auto_increment) return static_cast<std::uint32_t>(i);
  }
  return std::nullopt;
}

bool TableDefinition::has_generated() const {
  for (const ColumnExtras& extra : extras) {
    if (!extra.generated.empty()) return true;
  }
  return false;
}

bool TableDefinition::has_rowid_key() const {
  const Index* primary = primary_of(*this);
  if (!primary || primary->parts.size() != 1 || primary->parts[0].descending) return false;
  const mysql::Column& column = columns()[primary->parts[0].column];
  const Kind kind = kind_of(column);
  return kind == Kind::integer ||
         (kind == Kind::unsigned_integer && column.type != ColumnType::bigint);
}

bool TableDefinition::without_rowid() const {
  const Index* primary = primary_of(*this);
  return primary && !has_rowid_key() && !has_prefix(*primary);
}

std::vector<std::string> TableDefinition::key_columns() const {
  if (!without_rowid()) return {"rowid"};
  std::vector<std::string> out;
  for (const IndexPart& part : indexes.front().parts)
    out.push_back(fmt::format("c{}", part.column));
  return out;
}

std::string TableDefinition::key_order() const {
  if (!primary_of(*this)) return "rowid";
  if (has_rowid_key()) return "rowid";
  std::string out;
  for (const IndexPart& part : indexes.front().parts) {
    if (!out.empty()) out += ", ";
    out += fmt::format("c{}{}", part.column, part.descending ? " DESC" : "");
  }
  return out;
}

std::string sqlite_schema(const TableDefinition& table) {
  std::string out = fmt::format("CREATE TABLE {} (", table.sqlite_name());
  const bool rowid_key = table.has_rowid_key();
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    if (i > 0) out += ", ";
    out += fmt::format("c{}", i);
    if (rowid_key && table.indexes.front().parts[0].column == i) out += " INTEGER PRIMARY KEY";
    const std::string_view collation = sqlite_collation(table.columns()[i]);
    const Kind kind = kind_of(table.columns()[i]);
    if (!collation.empty() && kind != Kind::enumeration && kind != Kind::set)
      out += fmt::format(" COLLATE {}", collation);
  }
  std::size_t first = 0;
  if (table.without_rowid()) {
    out += ", PRIMARY KEY (";
    for (std::size_t i = 0; i < table.indexes.front().parts.size(); ++i)
      out += (i > 0 ? ", " : "") + index_part_sql(table, table.indexes.front().parts[i]);
    out += ")) WITHOUT ROWID;";
    first = 1;
  } else {
    out += ");";
    if (rowid_key) first = 1;
  }
  for (std::size_t i = first; i < table.indexes.size(); ++i) {
    const Index& index = table.indexes[i];
    if (index.kind == sql::IndexKind::fulltext || index.kind == sql::IndexKind::spatial) continue;
    out += fmt::format("CREATE {}INDEX {}_i{} ON {} (", index.is_unique() ? "UNIQUE " : "",
                       table.sqlite_name(), i, table.sqlite_name());
    for (std::size_t part = 0; part < index.parts.size(); ++part)
      out += (part > 0 ? ", " : "") + index_part_sql(table, index.parts[part]);
    out += ");";
  }
  return out;
}

std::string show_create_table(const TableDefinition& table, std::uint64_t next_increment) {
  std::string out = fmt::format("CREATE TABLE {} (\n", quoted(table.schema->table));
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    if (i > 0) out += ",\n";
    out += "  " + column_sql(table, i);
  }
  for (const Index& index : table.indexes) out += ",\n  " + index_sql(table, index);
  for (const Check& check : table.checks)
    out += fmt::format(",\n  CONSTRAINT {} CHECK ({}){}", quoted(check.name), check.expression,
                       check.enforced ? "" : " /*!80016 NOT ENFORCED */");
  out += "\n) ENGINE=InnoDB";
  if (next_increment > 1) out += fmt::format(" AUTO_INCREMENT={}", next_increment);
  const std::string_view charset = mysql::types::charset_name(table.collation);
  out += fmt::format(" DEFAULT CHARSET={}", charset);
  if (mysql::types::default_collation(charset) != table.collation || charset == "utf8mb4")
    out += fmt::format(" COLLATE={}", collation_name(table.collation));
  if (!table.comment.empty()) out += " COMMENT=" + quoted_string(table.comment);
  return out;
}

std::string quoted(std::string_view name) {
  std::string out = "`";
  for (char c : name) {
    if (c == '`') out += '`';
    out += c;
  }
  return out + "`";
}

std::string sqlite_string(std::string_view text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + "'";
}

std::string quoted_string(std::string_view text) {
  std::string out;
  mysql::types::append_quoted(out, text);
  return out;
}

}  // namespace pipeline::rds::embedded
