#include "pipeline/rds/embedded/information_schema.h"

#include <fmt/format.h>

#include <array>

#include "emulator/base/text.h"
#include "pipeline/mysql/types/codec.h"
#include "pipeline/rds/embedded/collation.h"

namespace pipeline::rds::embedded {
namespace {

using TextRow = std::vector<std::string>;
const std::string null_text(1, '\0');

struct View {
  std::string_view name;
  std::string_view columns;  // names, a number's with a '#' in front
  void (*fill)(const Catalog& catalog, std::vector<TextRow>& rows);
};

std::string yes_no(bool yes) { return yes ? "YES" : "NO"; }

// varchar(255) -> varchar
std::string data_type(const mysql::Column& column) {
  return column.declared.substr(0, column.declared.find_first_of("( "));
}

bool is_character(const mysql::Column& column) {
  const Kind kind = kind_of(column);
  return kind == Kind::text || kind == Kind::enumeration || kind == Kind::set;
}

std::string key_of(const TableDefinition& table, std::uint32_t column) {
  std::string out;
  for (const Index& index : table.indexes) {
    if (index.kind == sql::IndexKind::primary) {
      for (const IndexPart& part : index.parts) {
        if (part.column == column) return "PRI";
      }
    }
    if (index.parts.front().column != column) continue;
    if (index.kind == sql::IndexKind::unique && index.parts.size() == 1) out = "UNI";
    if (out.empty()) out = "MUL";
  }
  return out;
}

std::string default_text(const mysql::Column& column, const ColumnExtras& extra) {
  switch (extra.default_value.kind) {
    case DefaultValue::Kind::literal:
    case DefaultValue::Kind::expression:
      return extra.default_value.text;
    case DefaultValue::Kind::now:
      return column.length > 0 ? fmt::format("CURRENT_TIMESTAMP({})", column.length)
                               : "CURRENT_TIMESTAMP";
    default:
      return null_text;
  }
}

std::string extra_text(const mysql::Column& column, const ColumnExtras& extra) {
  if (extra.auto_increment) return "auto_increment";
  std::string out;
  if (extra.default_value.kind == DefaultValue::Kind::now ||
      extra.default_value.kind == DefaultValue::Kind::expression)
    out = "DEFAULT_GENERATED";
  if (extra.on_update_now) {
    if (!out.empty()) out += ' ';
    out += column.length > 0 ? fmt::format("on update CURRENT_TIMESTAMP({})", column.length)
                             : "on update CURRENT_TIMESTAMP";
  }
  if (!extra.generated.empty()) out = extra.stored ? "STORED GENERATED" : "VIRTUAL GENERATED";
  if (!column.visible) out += out.empty() ? "INVISIBLE" : " INVISIBLE";
  return out;
}

void fill_schemata(const Catalog& catalog, std::vector<TextRow>& rows) {
  for (const auto& [name, entry] : catalog.databases())
    rows.push_back({"def", name, std::string(mysql::types::charset_name(entry.collation)),
                    std::string(collation_name(entry.collation)), null_text, "NO"});
}

void fill_tables(const Catalog& catalog, std::vector<TextRow>& rows) {
  for (const auto& [name, entry] : catalog.tables()) {
    const bool counts = entry.definition->auto_column().has_value();
    rows.push_back({"def", name.first, name.second, "BASE TABLE", "InnoDB", "10", "Dynamic",
                    counts ? std::to_string(entry.next_increment) : null_text,
                    std::string(collation_name(entry.definition->collation)), "",
                    entry.definition->comment});
  }
}

void fill_columns(const Catalog& catalog, std::vector<TextRow>& rows) {
  for (const auto& [name, entry] : catalog.tables()) {
    const TableDefinition& table = *entry.definition;
    for (std::uint32_t i = 0; i < table.columns().size(); ++i) {
      const mysql::Column& column = table.columns()[i];
      const Kind kind = kind_of(column);
      const bool text = kind == Kind::text || kind == Kind::bytes;
      const std::uint32_t bytes =
          column.type == mysql::ColumnType::blob
              ? (column.length == 4 ? 0xFFFFFFFFu : (1u << (8 * column.length)) - 1)
              : column.length;
      const std::uint32_t width =
          is_character(column) ? mysql::types::bytes_per_character(column.collation) : 1;
      const std::uint32_t characters =
          column.type == mysql::ColumnType::blob ? bytes : bytes / width;
      const bool number = is_numeric(kind) && kind != Kind::year && kind != Kind::real;
      int precision = 0;
      if (column.type == mysql::ColumnType::tiny) precision = 3;
      if (column.type == mysql::ColumnType::small) precision = 5;
      if (column.type == mysql::ColumnType::medium) precision = 7;
      if (column.type == mysql::ColumnType::integer) precision = 10;
      if (column.type == mysql::ColumnType::bigint) precision = column.is_unsigned ? 20 : 19;
      if (kind == Kind::decimal || kind == Kind::bit) precision = static_cast<int>(column.length);
      rows.push_back(
          {"def",
           name.first,
           name.second,
           column.name,
           std::to_string(i + 1),
           default_text(column, table.extras[i]),
           yes_no(column.nullable),
           data_type(column),
           text ? std::to_string(characters) : null_text,
           text ? std::to_string(bytes) : null_text,
           number ? std::to_string(precision) : null_text,
           number && kind != Kind::bit ? std::to_string(column.scale) : null_text,
           is_temporal(kind) && kind != Kind::date ? std::to_string(column.length) : null_text,
           is_character(column) ? std::string(mysql::types::charset_name(column.collation))
                                : null_text,
           is_character(column) ? std::string(collation_name(column.collation)) : null_text,
           column.declared,
           key_of(table, i),
           extra_text(column, table.extras[i]),
           table.extras[i].comment,
           table.extras[i].generated});
    }
  }
}

void fill_statistics(const Catalog& catalog, std::vector<TextRow>& rows) {
  for (const auto& [name, entry] : catalog.tables()) {
    for (const Index& index : entry.definition->indexes) {
      for (std::size_t i = 0; i < index.parts.size(); ++i) {
        const IndexPart& part = index.parts[i];
        const mysql::Column& column = entry.definition->columns()[part.column];
        rows.push_back({"def", name.first, name.second, index.is_unique() ? "0" : "1", name.first,
                        index.name, std::to_string(i + 1), column.name, part.descending ? "D" : "A",
                        null_text, part.length > 0 ? std::to_string(part.length) : null_text,
                        column.nullable ? "YES" : "",
                        index.kind == sql::IndexKind::fulltext ? "FULLTEXT" : "BTREE", "",
                        index.comment, yes_no(!index.invisible)});
      }
    }
  }
}

void fill_key_columns(const Catalog& catalog, std::vector<TextRow>& rows) {
  for (const auto& [name, entry] : catalog.tables()) {
    for (const Index& index : entry.definition->indexes) {
      if (!index.is_unique()) continue;
      for (std::size_t i = 0; i < index.parts.size(); ++i)
        rows.push_back({"def", name.first, index.name, name.first, name.second,
                        entry.definition->columns()[index.parts[i].column].name,
                        std::to_string(i + 1), null_text, null_text, null_text, null_text});
    }
  }
}

void fill_constraints(const Catalog& catalog, std::vector<TextRow>& rows) {
  for (const auto& [name, entry] : catalog.tables()) {
    for (const Index& index : entry.definition->indexes) {
      if (index.is_unique())
        rows.push_back({name.first, index.name, name.first, name.second,
                        index.kind == sql::IndexKind::primary ? "PRIMARY KEY" : "UNIQUE", "YES"});
    }
    for (const Check& check : entry.definition->checks)
      rows.push_back(
          {name.first, check.name, name.first, name.second, "CHECK", yes_no(check.enforced)});
  }
}

void fill_engines(const Catalog&, std::vector<TextRow>& rows) {
  rows.push_back({"InnoDB", "DEFAULT", "Supports transactions, row-level locking, and foreign keys",
                  "YES", "NO", "YES"});
}

constexpr std::array views{
    View{"SCHEMATA",
         "CATALOG_NAME SCHEMA_NAME DEFAULT_CHARACTER_SET_NAME DEFAULT_COLLATION_NAME SQL_PATH "
         "DEFAULT_ENCRYPTION",
         fill_schemata},
    View{"TABLES",
         "TABLE_CATALOG TABLE_SCHEMA TABLE_NAME TABLE_TYPE ENGINE #VERSION ROW_FORMAT "
         "#AUTO_INCREMENT TABLE_COLLATION CREATE_OPTIONS TABLE_COMMENT",
         fill_tables},
    View{"COLUMNS",
         "TABLE_CATALOG TABLE_SCHEMA TABLE_NAME COLUMN_NAME #ORDINAL_POSITION COLUMN_DEFAULT "
         "IS_NULLABLE DATA_TYPE #CHARACTER_MAXIMUM_LENGTH "
         "#CHARACTER_OCTET_LENGTH #NUMERIC_PRECISION #NUMERIC_SCALE #DATETIME_PRECISION "
         "CHARACTER_SET_NAME COLLATION_NAME COLUMN_TYPE COLUMN_KEY EXTRA "
         "COLUMN_COMMENT GENERATION_EXPRESSION",
         fill_columns},
    View{"STATISTICS",
         "TABLE_CATALOG TABLE_SCHEMA TABLE_NAME #NON_UNIQUE INDEX_SCHEMA INDEX_NAME #SEQ_IN_INDEX "
         "COLUMN_NAME COLLATION #CARDINALITY #SUB_PART NULLABLE INDEX_TYPE "
         "COMMENT INDEX_COMMENT IS_VISIBLE",
         fill_statistics},
    View{"KEY_COLUMN_USAGE",
         "CONSTRAINT_CATALOG CONSTRAINT_SCHEMA CONSTRAINT_NAME TABLE_SCHEMA TABLE_NAME COLUMN_NAME "
         "#ORDINAL_POSITION #POSITION_IN_UNIQUE_CONSTRAINT "
         "REFERENCED_TABLE_SCHEMA REFERENCED_TABLE_NAME REFERENCED_COLUMN_NAME",
         fill_key_columns},
    View{"TABLE_CONSTRAINTS",
         "CONSTRAINT_SCHEMA CONSTRAINT_NAME TABLE_SCHEMA TABLE_NAME CONSTRAINT_TYPE ENFORCED",
         fill_constraints},
    View{"ENGINES", "ENGINE SUPPORT COMMENT TRANSACTIONS XA SAVEPOINTS", fill_engines},
};

std::string values_sql(const std::vector<mysql::Column>& columns,
                       const std::vector<TextRow>& rows) {
  std::string head = "SELECT ";
  for (std::size_t i = 0; i < columns.size(); ++i)
    head += fmt::format("{}column{} AS c{}", i > 0 ? ", " : "", i + 1, i);
  if (rows.empty()) {
    std::string none = "SELECT ";
    for (std::size_t i = 0; i < columns.size(); ++i)
      none += fmt::format("{}NULL AS c{}", i > 0 ? ", " : "", i);
    return none + " WHERE 0";
  }
  std::string out = head + " FROM (VALUES ";
  for (std::size_t r = 0; r < rows.size(); ++r) {
    out += r > 0 ? ", (" : "(";
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) out += ", ";
      if (rows[r][i] == null_text) {
        out += "NULL";
      } else {
        out += kind_of(columns[i]) == Kind::integer ? rows[r][i] : sqlite_string(rows[r][i]);
      }
    }
    out += ")";
  }
  return out + ")";
}

}  // namespace

std::vector<std::string> information_schema_views() {
  std::vector<std::string> out;
  for (const View& view : views) out.emplace_back(view.name);
  return out;
}

Result<SystemView> information_schema_view(const Catalog& catalog, std::string_view name) {
  for (const View& view : views) {
    if (!emulator::base::equals_ignoring_case(view.name, name)) continue;
    SystemView out;
    for (std::string_view column : emulator::base::split(view.columns, ' ')) {
      const bool number = column.starts_with('#');
      mysql::Column type = number ? integer_type() : text_type(64, 33);
      type.name = number ? column.substr(1) : column;
      out.columns.push_back(std::move(type));
    }
    view.fill(catalog, out.rows);
    out.sql = values_sql(out.columns, out.rows);
    return out;
  }
  return not_supported(fmt::format("information_schema.{}", name));
}

}  // namespace pipeline::rds::embedded
