// ALTER TABLE, CREATE INDEX, DROP INDEX. The actions make a new definition; where rows look
// different under it they are copied into a new SQLite table, converted as MySQL converts them. The
// log gets the statement, never the rows.
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>

#include "emulator/base/text.h"
#include "pipeline/rds/embedded/define.h"
#include "pipeline/rds/embedded/row_rules.h"
#include "pipeline/rds/embedded/session_change.h"

namespace pipeline::rds::embedded {
namespace {

using emulator::base::equals_ignoring_case;

// A table while it is altered: columns with where their values come from, keys by column name until
// the end.
struct Draft {
  struct DraftColumn {
    ColumnSpec spec;
    std::optional<std::uint32_t> from;  // index in the old table
  };
  struct DraftIndex {
    Index index;
    std::vector<std::string> columns;
  };
  std::vector<DraftColumn> columns;
  std::vector<DraftIndex> indexes;
  std::vector<Check> checks;
  std::string comment;
  std::uint32_t collation;
  std::string schema, table;
  std::string_view text;
  CoerceContext context;
  std::optional<std::uint64_t> increment;

  auto column(std::string_view name) {
    return std::find_if(columns.begin(), columns.end(), [&](const DraftColumn& c) {
      return equals_ignoring_case(c.spec.column.name, name);
    });
  }
  auto index(std::string_view name) {
    return std::find_if(indexes.begin(), indexes.end(), [&](const DraftIndex& i) {
      return equals_ignoring_case(i.index.name, name);
    });
  }
  std::vector<mysql::Column> plain_columns() const {
    std::vector<mysql::Column> out;
    for (const DraftColumn& c : columns) out.push_back(c.spec.column);
    return out;
  }
};

tl::unexpected<SqlError> cannot_drop(std::string_view name, std::size_t offset) {
  return sql_error(1091, fmt::format("Can't DROP '{}'; check that column/key exists", name),
                   offset);
}
tl::unexpected<SqlError> unknown_column(const Draft& draft, std::string_view name,
                                        std::size_t offset) {
  return sql_error(1054, fmt::format("Unknown column '{}' in '{}'", name, draft.table), offset);
}

Result<void> place(Draft& draft, Draft::DraftColumn column, const sql::ColumnPosition& position,
                   std::size_t otherwise) {
  std::size_t at = otherwise;
  if (position.first) at = 0;
  if (!position.after.name.empty()) {
    const auto after = draft.column(position.after.name);
    if (after == draft.columns.end())
      return unknown_column(draft, position.after.name, position.after.offset);
    at = static_cast<std::size_t>(after - draft.columns.begin()) + 1;
  }
  draft.columns.insert(
      draft.columns.begin() + static_cast<std::ptrdiff_t>(std::min(at, draft.columns.size())),
      std::move(column));
  return {};
}

void add_column_keys(Draft& draft, const sql::ColumnDefinition& definition) {
  const std::string name(definition.name.name);
  if (definition.primary_key)
    draft.indexes.push_back(
        {{sql::IndexKind::primary, "PRIMARY", {{0, 0, false}}, "", false}, {name}});
  if (definition.unique)
    draft.indexes.push_back({{sql::IndexKind::unique, "", {{0, 0, false}}, "", false}, {name}});
  for (const sql::CheckConstraint& check : definition.checks)
    draft.checks.push_back(
        {std::string(check.name),
         std::string(draft.text.substr(check.expr->offset, check.expr->end - check.expr->offset)),
         check.enforced});
}

Result<void> apply(Draft& draft, const sql::AddColumn& action) {
  auto spec = define_column(action.column, draft.text, draft.collation, draft.context);
  if (!spec) return tl::unexpected(spec.error());
  if (draft.column(spec->column.name) != draft.columns.end())
    return sql_error(1060, fmt::format("Duplicate column name '{}'", spec->column.name),
                     action.column.name.offset);
  if (action.column.primary_key && draft.index("PRIMARY") != draft.indexes.end())
    return sql_error(1068, "Multiple primary key defined");
  add_column_keys(draft, action.column);
  return place(draft, {std::move(*spec), std::nullopt}, action.position, draft.columns.size());
}

Result<void> apply(Draft& draft, const sql::ChangeColumn& action) {
  auto old = draft.column(action.old_name.name);
  if (old == draft.columns.end())
    return unknown_column(draft, action.old_name.name, action.old_name.offset);
  auto spec = define_column(action.column, draft.text, draft.collation, draft.context);
  if (!spec) return tl::unexpected(spec.error());
  const std::string old_name = old->spec.column.name;
  const std::string new_name = spec->column.name;
  if (!equals_ignoring_case(old_name, new_name) && draft.column(new_name) != draft.columns.end())
    return sql_error(1060, fmt::format("Duplicate column name '{}'", new_name),
                     action.column.name.offset);
  const auto at = static_cast<std::size_t>(old - draft.columns.begin());
  Draft::DraftColumn column{std::move(*spec), old->from};
  draft.columns.erase(old);
  for (Draft::DraftIndex& index : draft.indexes) {
    for (std::string& name : index.columns) {
      if (equals_ignoring_case(name, old_name)) name = new_name;
    }
  }
  add_column_keys(draft, action.column);
  return place(draft, std::move(column), action.position, at);
}

Result<void> apply(Draft& draft, const sql::DropColumn& action) {
  const auto column = draft.column(action.column.name);
  if (column == draft.columns.end()) return cannot_drop(action.column.name, action.column.offset);
  if (draft.columns.size() == 1)
    return sql_error(1090, "You can't delete all columns with ALTER TABLE; use DROP TABLE instead");
  for (Draft::DraftIndex& index : draft.indexes) {
    for (std::size_t i = index.columns.size(); i-- > 0;) {
      if (!equals_ignoring_case(index.columns[i], action.column.name)) continue;
      index.columns.erase(index.columns.begin() + static_cast<std::ptrdiff_t>(i));
      index.index.parts.erase(index.index.parts.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
  std::erase_if(draft.indexes,
                [](const Draft::DraftIndex& index) { return index.columns.empty(); });
  draft.columns.erase(column);
  return {};
}

Result<void> apply(Draft& draft, const sql::RenameColumn& action) {
  const auto column = draft.column(action.from.name);
  if (column == draft.columns.end())
    return unknown_column(draft, action.from.name, action.from.offset);
  if (!equals_ignoring_case(action.from.name, action.to.name) &&
      draft.column(action.to.name) != draft.columns.end())
    return sql_error(1060, fmt::format("Duplicate column name '{}'", action.to.name),
                     action.to.offset);
  column->spec.column.name = action.to.name;
  for (Draft::DraftIndex& index : draft.indexes) {
    for (std::string& name : index.columns) {
      if (equals_ignoring_case(name, action.from.name)) name = action.to.name;
    }
  }
  return {};
}

Result<void> apply(Draft& draft, const sql::AlterColumnDefault& action) {
  const auto column = draft.column(action.column.name);
  if (column == draft.columns.end())
    return unknown_column(draft, action.column.name, action.column.offset);
  if (!action.default_value) {
    column->spec.extras.default_value = DefaultValue{};
    return {};
  }
  auto value = define_default(column->spec.column, action.default_value,
                              action.default_is_expression, draft.text, draft.context);
  if (!value) return tl::unexpected(value.error());
  column->spec.extras.default_value = std::move(*value);
  return {};
}

Result<void> apply(Draft& draft, const sql::AlterColumnVisibility& action) {
  const auto column = draft.column(action.column.name);
  if (column == draft.columns.end())
    return unknown_column(draft, action.column.name, action.column.offset);
  column->spec.column.visible = action.visible;
  return {};
}

Result<void> apply(Draft& draft, const sql::AddIndex& action) {
  auto index = define_index(action.index, draft.plain_columns());
  if (!index) return tl::unexpected(index.error());
  if (index->kind == sql::IndexKind::primary && draft.index("PRIMARY") != draft.indexes.end())
    return sql_error(1068, "Multiple primary key defined");
  if (!index->name.empty() && draft.index(index->name) != draft.indexes.end())
    return sql_error(1061, fmt::format("Duplicate key name '{}'", index->name),
                     action.index.offset);
  std::vector<std::string> names;
  for (const IndexPart& part : index->parts)
    names.push_back(draft.columns[part.column].spec.column.name);
  draft.indexes.push_back({std::move(*index), std::move(names)});
  return {};
}

Result<void> apply(Draft& draft, const sql::DropIndexAction& action) {
  const auto index = draft.index(action.index.name);
  if (index == draft.indexes.end()) return cannot_drop(action.index.name, action.index.offset);
  draft.indexes.erase(index);
  return {};
}

Result<void> apply(Draft& draft, const sql::DropPrimaryKey&) {
  return apply(draft, sql::DropIndexAction{{"PRIMARY", 0}});
}

Result<void> apply(Draft& draft, const sql::AddCheck& action) {
  const sql::Expr& expr = *action.check.expr;
  draft.checks.push_back({std::string(action.check.name),
                          std::string(draft.text.substr(expr.offset, expr.end - expr.offset)),
                          action.check.enforced});
  return {};
}

Result<void> apply(Draft& draft, const sql::DropConstraint& action) {
  const auto count = std::erase_if(draft.checks, [&](const Check& check) {
    return equals_ignoring_case(check.name, action.constraint.name);
  });
  if (count > 0) return {};
  if (!action.check_only && draft.index(action.constraint.name) != draft.indexes.end())
    return apply(draft, sql::DropIndexAction{action.constraint});
  return sql_error(
      action.check_only ? 3821 : 3940,
      action.check_only
          ? fmt::format("Check constraint '{}' is not found in the table.", action.constraint.name)
          : fmt::format("Constraint '{}' does not exist.", action.constraint.name));
}

Result<void> apply(Draft& draft, const sql::RenameIndex& action) {
  const auto index = draft.index(action.from.name);
  if (index == draft.indexes.end())
    return sql_error(
        1176, fmt::format("Key '{}' doesn't exist in table '{}'", action.from.name, draft.table),
        action.from.offset);
  if (draft.index(action.to.name) != draft.indexes.end())
    return sql_error(1061, fmt::format("Duplicate key name '{}'", action.to.name),
                     action.to.offset);
  index->index.name = action.to.name;
  return {};
}

Result<void> apply(Draft& draft, const sql::AlterIndexVisibility& action) {
  const auto index = draft.index(action.index.name);
  if (index == draft.indexes.end())
    return sql_error(
        1176, fmt::format("Key '{}' doesn't exist in table '{}'", action.index.name, draft.table),
        action.index.offset);
  index->index.invisible = !action.visible;
  return {};
}

Result<void> apply(Draft& draft, const sql::SetOptions& action) {
  std::string_view charset, collation;
  for (const sql::TableOption& option : action.options) {
    if (option.name == "COMMENT") draft.comment = option.value;
    if (option.name == "AUTO_INCREMENT")
      draft.increment = emulator::base::parse_unsigned(option.value);
    if (option.name == "CHARACTER SET") charset = option.value;
    if (option.name == "COLLATE") collation = option.value;
  }
  auto chosen = define_collation(charset, collation, draft.collation);
  if (!chosen) return tl::unexpected(chosen.error());
  draft.collation = *chosen;
  return {};
}

Result<void> apply(Draft&, const sql::ConvertCharset&) {
  return not_supported("ALTER TABLE ... CONVERT TO CHARACTER SET");
}
Result<void> apply(Draft&, const sql::AddForeignKey& action) {
  return not_supported("FOREIGN KEY", action.key.offset);
}
Result<void> apply(Draft&, const sql::DropForeignKey& action) {
  return cannot_drop(action.key.name, action.key.offset);
}
Result<void> apply(Draft&, const sql::RenameTo&) { return {}; }  // done at the end
Result<void> apply(Draft&, const sql::AlterNothing&) { return {}; }

Draft draft_of(const TableDefinition& table) {
  Draft out;
  for (std::uint32_t i = 0; i < table.columns().size(); ++i)
    out.columns.push_back({{table.columns()[i], table.extras[i]}, i});
  for (const Index& index : table.indexes) {
    std::vector<std::string> names;
    for (const IndexPart& part : index.parts) names.push_back(table.columns()[part.column].name);
    out.indexes.push_back({index, std::move(names)});
  }
  out.checks = table.checks;
  out.comment = table.comment;
  out.collation = table.collation;
  out.schema = table.schema->schema;
  out.table = table.schema->table;
  return out;
}

Result<TableDefinition> definition_of(Draft& draft) {
  TableDefinition out;
  mysql::TableSchema schema;
  schema.schema = draft.schema;
  schema.table = draft.table;
  for (Draft::DraftColumn& column : draft.columns) {
    schema.columns.push_back(column.spec.column);
    out.extras.push_back(column.spec.extras);
  }
  for (Draft::DraftIndex& index : draft.indexes) {
    for (std::size_t i = 0; i < index.columns.size(); ++i) {
      const auto column = draft.column(index.columns[i]);
      index.index.parts[i].column = static_cast<std::uint32_t>(column - draft.columns.begin());
    }
    out.indexes.push_back(index.index);
  }
  out.checks = draft.checks;
  out.comment = draft.comment;
  out.collation = draft.collation;
  if (auto ok = finish_definition(out, std::move(schema)); !ok) return tl::unexpected(ok.error());
  return out;
}

bool same_storage(const mysql::Column& a, const mysql::Column& b) {
  return a.type == b.type && a.length == b.length && a.scale == b.scale &&
         a.is_unsigned == b.is_unsigned && a.nullable == b.nullable && a.collation == b.collation &&
         a.labels == b.labels;
}

bool same_index(const Index& a, const Index& b) {
  return a.kind == b.kind && std::equal(a.parts.begin(), a.parts.end(), b.parts.begin(),
                                        b.parts.end(), [](const IndexPart& x, const IndexPart& y) {
                                          return x.column == y.column && x.length == y.length &&
                                                 x.descending == y.descending;
                                        });
}

// A column's type may grow like this in place; any other change of type makes MySQL copy the table
// row by row.
bool grows_in_place(const mysql::Column& before, const mysql::Column& after) {
  if (before.type != after.type || before.collation != after.collation ||
      before.is_unsigned != after.is_unsigned || before.scale != after.scale)
    return false;
  if (!before.labels.empty())
    return before.labels.size() <= after.labels.size() &&
           std::equal(before.labels.begin(), before.labels.end(), after.labels.begin()) &&
           (before.labels.size() > 255) == (after.labels.size() > 255);
  if (before.length == after.length) return true;
  return before.type == mysql::ColumnType::varchar && before.length < after.length &&
         (before.length > 255) == (after.length > 255);
}

// Whether MySQL would take ALGORITHM = COPY, which tells the client how many rows it copied.
bool is_copied_row_by_row(const TableDefinition& before, const TableDefinition& after,
                          const Draft& draft) {
  if (!before.schema->primary_key.empty() && after.schema->primary_key.empty()) return true;
  if (after.checks.size() > before.checks.size()) return true;
  for (std::uint32_t i = 0; i < after.columns().size(); ++i) {
    const auto from = draft.columns[i].from;
    if (!from) {
      if (after.extras[i].stored) return true;
      continue;
    }
    if (!grows_in_place(before.columns()[*from], after.columns()[i])) return true;
    if (after.extras[i].auto_increment && !before.extras[*from].auto_increment) return true;
    if (after.extras[i].generated != before.extras[*from].generated) return true;
  }
  return false;
}

bool needs_copy(const TableDefinition& before, const TableDefinition& after, const Draft& draft) {
  if (before.columns().size() != after.columns().size() ||
      before.indexes.size() != after.indexes.size())
    return true;
  for (std::uint32_t i = 0; i < after.columns().size(); ++i) {
    if (draft.columns[i].from != i || !same_storage(before.columns()[i], after.columns()[i]))
      return true;
    if (before.extras[i].generated != after.extras[i].generated ||
        (after.extras[i].auto_increment && !before.extras[i].auto_increment))
      return true;
  }
  for (std::size_t i = 0; i < after.indexes.size(); ++i) {
    if (!same_index(before.indexes[i], after.indexes[i])) return true;
  }
  return before.checks.size() != after.checks.size();
}

}  // namespace

// Copies the rows under the new definition. sources: the old column of each new one, none for an
// added one.
Result<std::uint64_t> EmbeddedSession::copy_rows(
    const TableDefinition& before, const TableDefinition& after,
    const std::vector<std::optional<std::uint32_t>>& sources, std::uint64_t next_increment) {
  const Journal::Pause pause(storage_.journal);
  RowRules rules;
  if (auto ok = prepare_rules(after, rules); !ok) return tl::unexpected(ok.error());
  auto statement = storage_.database.prepare(fmt::format("SELECT {} FROM {} ORDER BY {}",
                                                         RowStore::select_list(before, ""),
                                                         before.sqlite_name(), before.key_order()));
  if (!statement) return sql_error(1105, statement.error().message);
  std::uint64_t number = 0;
  CoerceContext context = storage_.environment.coerce_context();
  context.copies = true;
  while (sqlite3_step(statement->handle()) == SQLITE_ROW) {
    context.row = ++number;
    const StoredRow old = RowStore::read_row(before, statement->handle());
    std::vector<Value> row(after.columns().size());
    for (std::size_t i = 0; i < row.size(); ++i) {
      const mysql::Column& column = after.columns()[i];
      if (!after.extras[i].generated.empty()) continue;
      const bool numbered = after.extras[i].auto_increment;
      if (sources[i]) {
        const mysql::Column& from = before.columns()[*sources[i]];
        auto value = same_storage(from, column)
                         ? Result<Value>(old.values[*sources[i]])
                         : coerce(column, old.values[*sources[i]], from, context);
        if (!value) return tl::unexpected(value.error());
        row[i] = std::move(*value);
        if (numbered && !row[i].is_null())
          next_increment = std::max(next_increment, row[i].as_unsigned() + 1);
      } else if (after.extras[i].default_value.kind != DefaultValue::Kind::none) {
        auto value = default_of(after, i, number, false);
        if (!value) return tl::unexpected(value.error());
        row[i] = std::move(*value);
      } else if (!numbered) {
        row[i] = implicit_default(column);  // ADD COLUMN ... NOT NULL: existing rows get the
                                            // implicit default, in any mode
      }
      if (numbered && (row[i].is_null() || row[i] == Value::of(std::int64_t{0})))
        row[i] = Value::of_unsigned(next_increment++);
      if (row[i].is_null() && !column.nullable) return sql_error(1138, "Invalid use of NULL value");
    }
    if (auto ok = apply_rules(rules, row, number, false, after); !ok)
      return tl::unexpected(ok.error());
    auto inserted = storage_.rows.insert(after, row);
    if (!inserted) return tl::unexpected(inserted.error());
    if (*inserted) continue;
    auto conflict = storage_.rows.find_conflict(after, row);
    if (!conflict) return tl::unexpected(conflict.error());
    if (*conflict) return duplicate_entry(after, *(*conflict)->index, row);
    return sql_error(1105, storage_.database.error_text());
  }
  return next_increment;
}

Result<std::uint64_t> EmbeddedSession::alter(const sql::TableName& name,
                                             const std::vector<sql::AlterAction>& actions) {
  const std::string schema = schema_of(name);
  auto entry = storage_.catalog.require(schema, name.name);
  if (!entry) return tl::unexpected(entry.error());
  if (auto ok = check_writable_schema(schema); !ok) return tl::unexpected(ok.error());
  const DefinitionPtr before = (*entry)->definition;
  std::uint64_t next = (*entry)->next_increment;
  Draft draft = draft_of(*before);
  draft.text = text_;
  draft.context = storage_.environment.coerce_context();
  for (const sql::AlterAction& action : actions) {
    auto done = std::visit([&](const auto& one) { return apply(draft, one); }, action);
    if (!done) return tl::unexpected(done.error());
  }
  auto after = definition_of(draft);
  if (!after) return tl::unexpected(after.error());
  if (draft.increment) next = std::max<std::uint64_t>(*draft.increment, 1);
  std::uint64_t copied_rows = 0;
  if (is_copied_row_by_row(*before, *after, draft)) {
    auto count =
        storage_.database.prepare(fmt::format("SELECT COUNT(*) FROM {}", before->sqlite_name()));
    if (!count || !count->step()) return sql_error(1105, storage_.database.error_text());
    copied_rows = static_cast<std::uint64_t>(count->integer(0));
  }
  if (needs_copy(*before, *after, draft)) {
    std::vector<std::optional<std::uint32_t>> sources;
    for (const Draft::DraftColumn& column : draft.columns) sources.push_back(column.from);
    auto target = storage_.catalog.replace_table(std::move(*after), next);
    if (!target) return tl::unexpected(target.error());
    auto copied = copy_rows(*before, **target, sources, next);
    if (!copied) return tl::unexpected(copied.error());
    storage_.rows.forget(*before);
    if (auto dropped = storage_.run(fmt::format("DROP TABLE {}", before->sqlite_name())); !dropped)
      return tl::unexpected(dropped.error());
    next = *copied;
  } else if (auto replaced = storage_.catalog.replace_definition(schema, std::string(name.name),
                                                                 std::move(*after));
             !replaced) {
    return tl::unexpected(replaced.error());
  }
  TableEntry* altered = storage_.catalog.find(schema, name.name);
  altered->next_increment = next;
  storage_.dirty_increments[altered->definition->id] = next;
  for (const sql::AlterAction& action : actions) {
    const auto* rename = std::get_if<sql::RenameTo>(&action);
    if (!rename) continue;
    if (auto done = rename_table(name, rename->table); !done) return tl::unexpected(done.error());
  }
  return copied_rows;
}

Result<ResultSet> EmbeddedSession::run(const sql::AlterTable& statement) {
  std::uint64_t copied = 0;
  auto result = define(text_, [&](std::string&) -> Result<bool> {
    auto done = alter(statement.table, statement.actions);
    if (!done) return tl::unexpected(done.error());
    copied = *done;
    return true;
  });
  if (!result) return result;
  result->affected_rows = copied;
  result->info = fmt::format("Records: {}  Duplicates: 0  Warnings: 0", copied);
  return result;
}

Result<ResultSet> EmbeddedSession::run(const sql::CreateIndex& statement) {
  return define(text_, [&](std::string&) -> Result<bool> {
    if (auto done = alter(statement.table, {sql::AddIndex{statement.index}}); !done)
      return tl::unexpected(done.error());
    return true;
  });
}

Result<ResultSet> EmbeddedSession::run(const sql::DropIndex& statement) {
  return define(text_, [&](std::string&) -> Result<bool> {
    if (auto done = alter(statement.table, {sql::DropIndexAction{statement.index}}); !done)
      return tl::unexpected(done.error());
    return true;
  });
}

}  // namespace pipeline::rds::embedded
