#include "pipeline/rds/embedded/define.h"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/text.h"
#include "pipeline/mysql/types/codec.h"
#include "pipeline/rds/embedded/collation.h"
#include "pipeline/rds/sql/parser.h"

namespace pipeline::rds::embedded {
namespace {

using mysql::ColumnType;
using sql::ExprKind;

std::string source(std::string_view text, const sql::Expr& expr) {
  return std::string(text.substr(expr.offset, expr.end - expr.offset));
}

bool is_character(Kind kind) {
  return kind == Kind::text || kind == Kind::enumeration || kind == Kind::set;
}

std::size_t name_limit(std::string_view name) { return emulator::base::utf8_length(name); }

Result<void> check_name(std::string_view name) {
  if (name_limit(name) > 64)
    return sql_error(1059, fmt::format("Identifier name '{}' is too long", name));
  return {};
}

template <class Item>
bool name_taken(const std::vector<Item>& items, std::string_view name) {
  return std::any_of(items.begin(), items.end(), [&](const Item& item) {
    return emulator::base::equals_ignoring_case(item.name, name);
  });
}

void name_index(TableDefinition& table, Index& index, const std::vector<mysql::Column>& columns) {
  if (index.kind == sql::IndexKind::primary) {
    index.name = "PRIMARY";
    return;
  }
  if (!index.name.empty()) return;
  const std::string& base = columns[index.parts.front().column].name;
  std::string name = base;
  for (int i = 2; name_taken(table.indexes, name); ++i) name = fmt::format("{}_{}", base, i);
  index.name = name;
}

int rank(const Index& index, const std::vector<mysql::Column>& columns) {
  if (index.kind == sql::IndexKind::primary) return 0;
  if (index.kind == sql::IndexKind::fulltext) return 4;
  if (index.kind != sql::IndexKind::unique) return 3;
  for (const IndexPart& part : index.parts) {
    if (columns[part.column].nullable) return 2;
  }
  return 1;
}

Result<void> check_auto_increment(const TableDefinition& table) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < table.extras.size(); ++i) {
    if (!table.extras[i].auto_increment) continue;
    ++count;
    const Kind kind = kind_of(table.columns()[i]);
    if (kind != Kind::integer && kind != Kind::unsigned_integer && kind != Kind::real)
      return sql_error(
          1063, fmt::format("Incorrect column specifier for column '{}'", table.columns()[i].name));
    const bool is_key =
        std::any_of(table.indexes.begin(), table.indexes.end(),
                    [&](const Index& index) { return index.parts.front().column == i; });
    if (!is_key) count = 2;
  }
  if (count > 1)
    return sql_error(1075,
                     "Incorrect table definition; there can be only one auto column and it must be "
                     "defined as a key");
  return {};
}

Result<void> apply_options(TableDefinition& table, const std::vector<sql::TableOption>& options) {
  std::string_view charset, collation;
  for (const sql::TableOption& option : options) {
    if (option.name == "CHARACTER SET") charset = option.value;
    if (option.name == "COLLATE") collation = option.value;
    if (option.name == "COMMENT") table.comment = option.value;
    if (option.name == "AUTO_INCREMENT")
      table.start_increment =
          std::max<std::uint64_t>(1, emulator::base::parse_unsigned(option.value).value_or(1));
  }
  auto chosen = define_collation(charset, collation, table.collation);
  if (!chosen) return tl::unexpected(chosen.error());
  table.collation = *chosen;
  return {};
}

Check define_check(const sql::CheckConstraint& check, std::string_view text) {
  return {std::string(check.name), source(text, *check.expr), check.enforced};
}

}  // namespace

Result<std::uint32_t> define_collation(std::string_view charset, std::string_view collation,
                                       std::uint32_t otherwise) {
  if (!collation.empty()) {
    if (const std::uint32_t id = collation_of_name(collation)) return id;
    return sql_error(1273, fmt::format("Unknown collation: '{}'", collation));
  }
  if (charset.empty()) return otherwise;
  const std::string name = emulator::base::to_lower(charset);
  if (const auto id = mysql::types::default_collation(name == "utf8" ? "utf8mb3" : name))
    return *id;
  return sql_error(1115, fmt::format("Unknown character set: '{}'", charset));
}

Result<DefaultValue> define_default(const mysql::Column& column, sql::ExprPtr expr,
                                    bool is_expression, std::string_view text,
                                    CoerceContext context) {
  DefaultValue out;
  if (!expr) {
    out.kind = column.nullable ? DefaultValue::Kind::null : DefaultValue::Kind::none;
    return out;
  }
  const auto invalid = [&] {
    return sql_error(1067, fmt::format("Invalid default value for '{}'", column.name));
  };
  if (is_expression) {
    out.kind = DefaultValue::Kind::expression;
    out.text = source(text, *expr);
    return out;
  }
  if (expr->is_function("NOW")) {
    if (column.type != ColumnType::timestamp && column.type != ColumnType::datetime)
      return invalid();
    out.kind = DefaultValue::Kind::now;
    return out;
  }
  if (expr->kind == ExprKind::null) {
    if (!column.nullable) return invalid();
    out.kind = DefaultValue::Kind::null;
    return out;
  }
  if (column.type == ColumnType::blob || column.type == ColumnType::json)
    return sql_error(
        1101, fmt::format("BLOB, TEXT, GEOMETRY or JSON column '{}' can't have a default value",
                          column.name));
  const auto literal = literal_value(*expr);
  if (!literal) return invalid();
  std::vector<SqlError> notes;
  context.warnings = &notes;
  context.mode.strict = true;
  auto value = coerce(column, literal->value, literal->type, context);
  if (!value) return invalid();
  out.kind = DefaultValue::Kind::literal;
  out.text = column.type == ColumnType::bit ? source(text, *expr) : print(column, *value);
  out.value = std::move(*value);
  return out;
}

namespace {

// What a type may not be: 1074, 1425, 1426, 1427, 1439.
Result<void> check_type(const sql::ColumnDefinition& definition, std::uint32_t collation) {
  using sql::TypeName;
  const sql::TypeSpec& type = definition.type;
  const std::string_view name = definition.name.name;
  const std::uint64_t length = type.length.value_or(0);
  const auto too_long = [&](std::uint64_t most) {
    return sql_error(
        1074,
        fmt::format("Column length too big for column '{}' (max = {}); use BLOB or TEXT instead",
                    name, most),
        type.offset);
  };
  const auto too_precise = [&](int most) {
    return sql_error(
        1426,
        fmt::format("Too-big precision {} specified for '{}'. Maximum is {}.", length, name, most),
        type.offset);
  };
  switch (type.name) {
    case TypeName::character:
    case TypeName::binary:
      if (length > 255) return too_long(255);
      break;
    case TypeName::varchar:
    case TypeName::varbinary: {
      const std::uint64_t most =
          65535 /
          (type.name == TypeName::varchar ? mysql::types::bytes_per_character(collation) : 1);
      if (length > most) return too_long(most);
      break;
    }
    case TypeName::decimal:
      if (type.scale.value_or(0) > 30)
        return sql_error(1425,
                         fmt::format("Too big scale {} specified for column '{}'. Maximum is 30.",
                                     *type.scale, name),
                         type.offset);
      if (length > 65) return too_precise(65);
      [[fallthrough]];
    case TypeName::float32:
    case TypeName::float64:
      if (type.scale && *type.scale > length)
        return sql_error(
            1427,
            fmt::format(
                "For float(M,D), double(M,D) or decimal(M,D), M must be >= D (column '{}').", name),
            type.offset);
      break;
    case TypeName::time:
    case TypeName::datetime:
    case TypeName::timestamp:
      if (length > 6) return too_precise(6);
      break;
    case TypeName::bit:
      if (length > 64)
        return sql_error(1439,
                         fmt::format("Display width out of range for column '{}' (max = 64)", name),
                         type.offset);
      break;
    default:
      break;
  }
  return {};
}

Result<void> check_labels(const mysql::Column& column, const CoerceContext& context) {
  for (std::size_t i = 1; i < column.labels.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (compare_texts(column.collation, column.labels[k], column.labels[i]) != 0) continue;
      auto error =
          sql_error(1291, fmt::format("Column '{}' has duplicated value '{}' in {}", column.name,
                                      column.labels[i],
                                      column.type == ColumnType::enumeration ? "ENUM" : "SET"));
      if (context.mode.strict) return error;
      if (context.warnings) context.warnings->push_back(std::move(error.value()));
    }
  }
  return {};
}

}  // namespace

Result<ColumnSpec> define_column(const sql::ColumnDefinition& definition, std::string_view text,
                                 std::uint32_t table_collation, CoerceContext context) {
  if (auto ok = check_name(definition.name.name); !ok) return tl::unexpected(ok.error());
  auto collation =
      define_collation(definition.type.charset, definition.type.collation, table_collation);
  if (!collation) return tl::unexpected(collation.error());
  if (auto ok = check_type(definition, *collation); !ok) return tl::unexpected(ok.error());
  const std::string declared = sql::column_type(definition.type);
  auto parsed = mysql::types::parse_column_type(declared, mysql::types::charset_name(*collation));
  if (!parsed)
    return not_supported(fmt::format("column type {}", declared), definition.type.offset);
  ColumnSpec out;
  out.column = std::move(*parsed);
  out.column.name = definition.name.name;
  out.column.declared = declared;
  const Kind kind = kind_of(out.column);
  if (kind == Kind::unsupported)
    return not_supported(fmt::format("column type {}", declared), definition.type.offset);
  if (is_character(kind)) {
    out.column.collation = *collation;
    if (definition.type.binary_collation)
      out.column.collation =
          collation_of_name(fmt::format("{}_bin", mysql::types::charset_name(*collation)));
    out.extras.explicit_collation = !definition.type.collation.empty();
    if (auto ok = check_labels(out.column, context); !ok) return tl::unexpected(ok.error());
  }
  out.column.nullable = definition.nullable.value_or(!definition.primary_key);
  out.column.visible = !definition.invisible;
  out.column.generated = definition.generated != nullptr;
  if (definition.auto_increment) out.column.nullable = false;
  out.extras.auto_increment = definition.auto_increment;
  out.extras.on_update_now = definition.on_update != nullptr;
  if (definition.comment) out.extras.comment = *definition.comment;
  if (definition.generated) out.extras.generated = source(text, *definition.generated);
  out.extras.stored = definition.stored;
  if (definition.auto_increment && definition.default_value)
    return sql_error(1067, fmt::format("Invalid default value for '{}'", out.column.name));
  auto default_value = define_default(out.column, definition.default_value,
                                      definition.default_is_expression, text, context);
  if (!default_value) return tl::unexpected(default_value.error());
  out.extras.default_value = std::move(*default_value);
  return out;
}

Result<Index> define_index(const sql::IndexDefinition& definition,
                           const std::vector<mysql::Column>& columns) {
  if (definition.kind == sql::IndexKind::spatial)
    return not_supported("SPATIAL INDEX", definition.offset);
  Index out;
  out.kind = definition.kind;
  out.name = definition.name;
  out.invisible = definition.invisible;
  if (definition.comment) out.comment = *definition.comment;
  if (auto ok = check_name(out.name); !ok) return tl::unexpected(ok.error());
  if (definition.kind != sql::IndexKind::primary &&
      emulator::base::equals_ignoring_case(out.name, "PRIMARY"))
    return sql_error(1280, fmt::format("Incorrect index name '{}'", out.name));
  for (const sql::KeyPart& part : definition.parts) {
    if (part.expr) return not_supported("functional key parts", definition.offset);
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const mysql::Column& c) {
      return emulator::base::equals_ignoring_case(c.name, part.column.name);
    });
    if (found == columns.end())
      return sql_error(1072,
                       fmt::format("Key column '{}' doesn't exist in table", part.column.name),
                       part.column.offset);
    const auto index = static_cast<std::uint32_t>(found - columns.begin());
    for (const IndexPart& former : out.parts) {
      if (former.column == index)
        return sql_error(1060, fmt::format("Duplicate column name '{}'", part.column.name));
    }
    if (found->type == ColumnType::json)
      return sql_error(3152, fmt::format("JSON column '{}' supports indexing only via generated "
                                         "columns on a specified JSON path.",
                                         found->name));
    if (found->type == ColumnType::blob && !part.length &&
        definition.kind != sql::IndexKind::fulltext)
      return sql_error(
          1170, fmt::format("BLOB/TEXT column '{}' used in key specification without a key length",
                            found->name));
    const bool is_text = found->type == ColumnType::varchar || found->type == ColumnType::string ||
                         found->type == ColumnType::blob;
    if (part.length && !is_text)
      return sql_error(
          1089,
          "Incorrect prefix key; the used key part isn't a string, the used length is longer than "
          "the key part, or the storage engine doesn't support unique prefix keys");
    std::uint64_t length = part.length.value_or(0);
    if (length > 0 && found->type != ColumnType::blob &&
        length * mysql::types::bytes_per_character(found->collation) >= found->length)
      length = 0;
    out.parts.push_back({index, length, part.descending});
  }
  return out;
}

Result<void> finish_definition(TableDefinition& table, mysql::TableSchema schema) {
  std::vector<Index> indexes;
  std::swap(indexes, table.indexes);
  for (Index& index : indexes) {
    if (index.kind == sql::IndexKind::primary) {
      for (const IndexPart& part : index.parts) {
        mysql::Column& column = schema.columns[part.column];
        if (column.nullable &&
            table.extras[part.column].default_value.kind == DefaultValue::Kind::null)
          table.extras[part.column].default_value.kind = DefaultValue::Kind::none;
        column.nullable = false;
      }
    }
    name_index(table, index, schema.columns);
    if (name_taken(table.indexes, index.name)) {
      if (index.kind == sql::IndexKind::primary)
        return sql_error(1068, "Multiple primary key defined");
      return sql_error(1061, fmt::format("Duplicate key name '{}'", index.name));
    }
    table.indexes.push_back(std::move(index));
  }
  std::stable_sort(table.indexes.begin(), table.indexes.end(), [&](const Index& a, const Index& b) {
    return rank(a, schema.columns) < rank(b, schema.columns);
  });
  int unnamed = 1;
  for (Check& check : table.checks) {
    while (check.name.empty()) {
      std::string name = fmt::format("{}_chk_{}", schema.table, unnamed++);
      if (!name_taken(table.checks, name)) check.name = std::move(name);
    }
  }
  schema.primary_key.clear();
  if (!table.indexes.empty() && table.indexes.front().kind == sql::IndexKind::primary) {
    for (const IndexPart& part : table.indexes.front().parts)
      schema.primary_key.push_back(part.column);
  }
  table.schema = std::make_shared<const mysql::TableSchema>(std::move(schema));
  return check_auto_increment(table);
}

Result<TableDefinition> define_table(const sql::CreateTable& create, std::string_view text,
                                     std::string_view schema, std::uint32_t collation,
                                     const CoerceContext& context) {
  if (!create.foreign_keys.empty())
    return not_supported("FOREIGN KEY", create.foreign_keys.front().offset);
  if (auto ok = check_name(create.table.name); !ok) return tl::unexpected(ok.error());
  TableDefinition out;
  out.collation = collation;
  if (auto ok = apply_options(out, create.options); !ok) return tl::unexpected(ok.error());
  mysql::TableSchema made;
  made.schema = schema;
  made.table = create.table.name;
  std::vector<Index> from_columns;
  for (const sql::ColumnDefinition& definition : create.columns) {
    auto column = define_column(definition, text, out.collation, context);
    if (!column) return tl::unexpected(column.error());
    if (name_taken(made.columns, column->column.name))
      return sql_error(1060, fmt::format("Duplicate column name '{}'", column->column.name));
    const auto index = static_cast<std::uint32_t>(made.columns.size());
    if (definition.primary_key)
      from_columns.push_back({sql::IndexKind::primary, "", {{index, 0, false}}, "", false});
    if (definition.unique)
      from_columns.push_back({sql::IndexKind::unique, "", {{index, 0, false}}, "", false});
    for (const sql::CheckConstraint& check : definition.checks)
      out.checks.push_back(define_check(check, text));
    made.columns.push_back(std::move(column->column));
    out.extras.push_back(std::move(column->extras));
  }
  if (made.columns.empty()) return sql_error(1113, "A table must have at least 1 column");
  out.indexes = std::move(from_columns);
  for (const sql::IndexDefinition& definition : create.indexes) {
    auto index = define_index(definition, made.columns);
    if (!index) return tl::unexpected(index.error());
    if (index->kind == sql::IndexKind::primary) {
      for (const sql::KeyPart& part : definition.parts) {
        for (const sql::ColumnDefinition& column : create.columns) {
          if (emulator::base::equals_ignoring_case(column.name.name, part.column.name) &&
              column.nullable == true)
            return sql_error(1171,
                             "All parts of a PRIMARY KEY must be NOT NULL; if you need NULL in a "
                             "key, use UNIQUE instead");
        }
      }
    }
    out.indexes.push_back(std::move(*index));
  }
  for (const sql::CheckConstraint& check : create.checks)
    out.checks.push_back(define_check(check, text));
  if (auto ok = finish_definition(out, std::move(made)); !ok) return tl::unexpected(ok.error());
  return out;
}

Result<TableDefinition> define_from_text(std::string_view schema, std::string_view text) {
  auto parsed = sql::parse(text);
  if (!parsed) return tl::unexpected(parsed.error());
  const auto* create = parsed->as<sql::CreateTable>();
  if (!create) return sql_error(1105, "not a CREATE TABLE statement");
  CoerceContext context;
  context.mode.no_zero_date = context.mode.no_zero_in_date = context.mode.strict =
      false;  // it was checked when it was made
  return define_table(*create, text, schema, mysql::collation_utf8mb4, context);
}

}  // namespace pipeline::rds::embedded
