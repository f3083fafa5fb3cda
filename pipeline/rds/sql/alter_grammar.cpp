// ALTER TABLE.
#include "pipeline/rds/sql/grammar.h"

namespace pipeline::rds::sql {

StatementBody Grammar::alter_table() {
  advance();
  AlterTable out;
  out.table = table_name();
  if (at(TokenKind::end) || at(";")) return out;
  do {
    alter_action(out.actions);
  } while (accept(","));
  if (at("PARTITION")) unsupported("PARTITION BY");
  return out;
}

void Grammar::alter_action(std::vector<AlterAction>& actions) {
  if (accept("ADD")) {
    alter_add(actions);
  } else if (accept("DROP")) {
    alter_drop(actions);
  } else if (accept("ALTER")) {
    alter_alter(actions);
  } else if (accept("RENAME")) {
    alter_rename(actions);
  } else if (accept("MODIFY")) {
    alter_change(actions, false);
  } else if (accept("CHANGE")) {
    alter_change(actions, true);
  } else if (!alter_other(actions)) {
    fail_here();
  }
}

void Grammar::alter_add(std::vector<AlterAction>& actions) {
  if (at("PARTITION")) unsupported("ALTER TABLE ... ADD PARTITION");
  CreateTable elements;
  if (!accept("COLUMN") &&
      constraint_element(elements.indexes, elements.foreign_keys, elements.checks)) {
    for (IndexDefinition& index : elements.indexes)
      actions.emplace_back(AddIndex{std::move(index)});
    for (ForeignKey& key : elements.foreign_keys)
      actions.emplace_back(AddForeignKey{std::move(key)});
    for (CheckConstraint& check : elements.checks) actions.emplace_back(AddCheck{check});
    return;
  }
  if (at("(")) {
    table_elements(elements);
    for (ColumnDefinition& column : elements.columns)
      actions.emplace_back(AddColumn{std::move(column), {}});
    for (IndexDefinition& index : elements.indexes)
      actions.emplace_back(AddIndex{std::move(index)});
    for (ForeignKey& key : elements.foreign_keys)
      actions.emplace_back(AddForeignKey{std::move(key)});
    for (CheckConstraint& check : elements.checks) actions.emplace_back(AddCheck{check});
    return;
  }
  AddColumn add;
  add.column = column_definition();
  add.position = column_position();
  actions.emplace_back(std::move(add));
}

ColumnPosition Grammar::column_position() {
  ColumnPosition out;
  if (accept("FIRST")) {
    out.first = true;
  } else if (accept("AFTER")) {
    out.after = identifier();
  }
  return out;
}

void Grammar::alter_change(std::vector<AlterAction>& actions, bool with_new_name) {
  accept("COLUMN");
  ChangeColumn change;
  change.old_name = identifier();
  change.column = column_definition(with_new_name ? identifier() : change.old_name);
  change.position = column_position();
  actions.emplace_back(std::move(change));
}

void Grammar::alter_drop(std::vector<AlterAction>& actions) {
  if (at("PARTITION")) unsupported("ALTER TABLE ... DROP PARTITION");
  if (accept("PRIMARY")) {
    expect("KEY");
    actions.emplace_back(DropPrimaryKey{});
  } else if (accept("FOREIGN")) {
    expect("KEY");
    actions.emplace_back(DropForeignKey{identifier()});
  } else if (accept("INDEX") || accept("KEY")) {
    actions.emplace_back(DropIndexAction{identifier()});
  } else if (at("CHECK") || at("CONSTRAINT")) {
    const bool check = at("CHECK");
    advance();
    actions.emplace_back(DropConstraint{identifier(), check});
  } else {
    accept("COLUMN");
    actions.emplace_back(DropColumn{identifier()});
    if (!accept("RESTRICT")) accept("CASCADE");
  }
}

void Grammar::alter_alter(std::vector<AlterAction>& actions) {
  if (accept("INDEX")) {
    AlterIndexVisibility visibility;
    visibility.index = identifier();
    visibility.visible = !accept("INVISIBLE");
    if (visibility.visible) expect("VISIBLE");
    actions.emplace_back(visibility);
    return;
  }
  if (at_any({"CHECK", "CONSTRAINT"})) unsupported("ALTER TABLE ... ALTER CHECK");
  accept("COLUMN");
  const ColumnName column = identifier();
  if (accept("DROP")) {
    expect("DEFAULT");
    actions.emplace_back(AlterColumnDefault{column, nullptr, false});
    return;
  }
  expect("SET");
  if (at_any({"VISIBLE", "INVISIBLE"})) {
    actions.emplace_back(AlterColumnVisibility{column, at("VISIBLE")});
    advance();
    return;
  }
  expect("DEFAULT");
  AlterColumnDefault change;
  change.column = column;
  column_default(change.default_value, change.default_is_expression);
  actions.emplace_back(change);
}

void Grammar::alter_rename(std::vector<AlterAction>& actions) {
  if (accept("COLUMN")) {
    RenameColumn rename;
    rename.from = identifier();
    expect("TO");
    rename.to = identifier();
    actions.emplace_back(rename);
  } else if (accept("INDEX") || accept("KEY")) {
    RenameIndex rename;
    rename.from = identifier();
    expect("TO");
    rename.to = identifier();
    actions.emplace_back(rename);
  } else {
    if (!accept("TO") && !accept("AS")) accept("=");
    actions.emplace_back(RenameTo{table_name()});
  }
}

bool Grammar::alter_other(std::vector<AlterAction>& actions) {
  static constexpr std::array of_partitions = std::to_array<Terminal>(
      {"PARTITION", "REORGANIZE", "COALESCE", "EXCHANGE", "TRUNCATE", "REMOVE", "REBUILD",
       "DISCARD", "IMPORT", "SECONDARY_LOAD", "SECONDARY_UNLOAD"});
  for (const Terminal word : of_partitions) {
    if (at(word)) unsupported("ALTER TABLE ... " + std::string(word.text()));
  }
  if (accept("FORCE")) {
    actions.emplace_back(AlterNothing{"FORCE"});
  } else if (at_any({"ALGORITHM", "LOCK"})) {
    actions.emplace_back(AlterNothing{token_.terminal.text()});
    advance();
    accept("=");
    if (!accept("DEFAULT")) identifier();
  } else if (at_any({"ENABLE", "DISABLE"})) {
    actions.emplace_back(AlterNothing{token_.terminal.text()});
    advance();
    expect("KEYS");
  } else if (at_any({"WITH", "WITHOUT"})) {
    actions.emplace_back(AlterNothing{"VALIDATION"});
    advance();
    expect("VALIDATION");
  } else if (accept("ORDER")) {
    expect("BY");
    order_items();
    actions.emplace_back(AlterNothing{"ORDER BY"});
  } else if (accept("CONVERT")) {
    expect("TO");
    if (!accept("CHARSET")) {
      if (!accept("CHARACTER")) expect("CHAR");
      expect("SET");
    }
    ConvertCharset convert;
    convert.charset = charset_name();
    if (accept("COLLATE")) convert.collation = charset_name();
    actions.emplace_back(convert);
  } else {
    SetOptions set;
    while (table_option(set.options)) {
    }
    if (set.options.empty()) return false;
    actions.emplace_back(std::move(set));
  }
  return true;
}

}  // namespace pipeline::rds::sql
