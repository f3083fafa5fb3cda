// The clauses of ALTER TABLE. Those that leave columns and their charsets alone are passed over.
#include "emulator/base/text.h"
#include "pipeline/mysql/ddl/grammar.h"

namespace pipeline::mysql::ddl {

using emulator::base::equals_ignoring_case;

Definition Grammar::alter_table() {
  AlterTable out;
  out.if_exists = take_if_exists();
  out.name = table_name();
  if (take("WAIT")) in_.next();
  take("NOWAIT");
  if (in_.at_end()) return out;
  do alter_action(out.actions);
  while (take(","));
  // What may follow the last clause without a comma: PARTITION BY..., REMOVE PARTITIONING.
  if (!in_.at_end() && !at("PARTITION") && !at("REMOVE")) fail_here();
  return out;
}

void Grammar::alter_action(std::vector<AlterAction>& actions) {
  if (take("ADD")) return alter_add(actions);
  if (take("DROP")) return alter_drop(actions);
  if (take("CHANGE")) return change_column(actions, true);
  if (take("MODIFY")) return change_column(actions, false);
  if (take("ALTER")) return alter_alter(actions);
  if (take("RENAME")) return alter_rename(actions);
  if (take("CONVERT")) return alter_convert(actions);
  Charset charset;
  if (charset_option(charset)) {
    while (charset_option(charset)) {
    }
    actions.push_back(DefaultCharset{std::move(charset)});
    if (!at_element_end()) alter_action(actions);  // table options need no commas
    return;
  }
  if (take_any(
          {"ORDER", "PARTITION"})) {  // ORDER BY a, b; PARTITION BY ...: the rest of the statement
    while (!in_.at_end()) in_.next();
    return;
  }
  // COALESCE PARTITION, REORGANIZE PARTITION a, b INTO...: their lists have commas of their own.
  constexpr std::string_view of_partitions[] = {"COALESCE", "REORGANIZE", "EXCHANGE", "ANALYZE",
                                                "CHECK",    "OPTIMIZE",   "REBUILD",  "REPAIR",
                                                "TRUNCATE", "DISCARD",    "IMPORT",   "REMOVE"};
  for (const std::string_view word : of_partitions)
    if (at(word) && (in_.peek(1).is("PARTITION") || in_.peek(1).is("PARTITIONING"))) {
      while (!in_.at_end()) in_.next();
      return;
    }
  // Table options, ALGORITHM, LOCK, FORCE, ENABLE KEYS...: words and values, in which a charset may
  // stand.
  if (!in_.peek().is_name()) return fail_here();
  while (!at_element_end()) {
    if (charset_option(charset)) {
      actions.push_back(DefaultCharset{std::exchange(charset, {})});
    } else if (at("PARTITION") || at("REMOVE")) {
      return;
    } else if (at("(")) {
      skip_parenthesised();
    } else {
      in_.next();
    }
  }
}

void Grammar::alter_add(std::vector<AlterAction>& actions) {
  if (take("SYSTEM", "VERSIONING")) {
    actions.push_back(Versioning{true});
    return;
  }
  if (take("PARTITION")) {
    while (!in_.at_end()) in_.next();
    return;
  }
  if (take("PERIOD", "FOR")) return skip_element();
  ColumnNames primary_key;
  if (key_element(&primary_key)) {
    if (!primary_key.empty()) actions.push_back(AddPrimaryKey{std::move(primary_key)});
    return;
  }
  take("COLUMN");
  const bool if_not_exists = take_if_not_exists();
  const auto add = [&](ColumnDefinition column) {
    const bool is_key = column.primary_key;
    std::string name = column.name;
    actions.push_back(AddColumn{std::move(column), position(), if_not_exists});
    if (is_key) actions.push_back(AddPrimaryKey{{std::move(name)}});
  };
  if (!take("(")) return add(column());
  do {
    if (take("PERIOD", "FOR")) {
      skip_element();
    } else if (key_element(&primary_key)) {
      if (!primary_key.empty()) actions.push_back(AddPrimaryKey{std::exchange(primary_key, {})});
    } else {
      add(column());
    }
  } while (take(","));
  expect(")");
}

void Grammar::alter_drop(std::vector<AlterAction>& actions) {
  if (take("SYSTEM", "VERSIONING")) {
    actions.push_back(Versioning{false});
    return;
  }
  if (take("PRIMARY")) {
    expect("KEY");
    actions.push_back(DropPrimaryKey{});
    return;
  }
  if (take("PARTITION")) {
    while (!in_.at_end()) in_.next();
    return;
  }
  const bool foreign = take("FOREIGN");
  if (foreign || take_any({"INDEX", "KEY", "CONSTRAINT", "CHECK"})) {
    if (foreign) expect("KEY");
    take_if_exists();
    if (!foreign && equals_ignoring_case(in_.peek().text, "PRIMARY"))
      actions.push_back(DropPrimaryKey{});
    return skip_element();
  }
  if (take("PERIOD", "FOR")) return skip_element();
  take("COLUMN");
  const bool if_exists = take_if_exists();
  actions.push_back(DropColumn{name(), if_exists});
  take_any({"RESTRICT", "CASCADE"});
}

// ALTER [COLUMN] c SET DEFAULT..., SET INVISIBLE; ALTER INDEX, CHECK, CONSTRAINT.
void Grammar::alter_alter(std::vector<AlterAction>& actions) {
  if (!take("COLUMN") && (at("INDEX") || at("KEY") || at("CHECK") || at("CONSTRAINT")))
    return skip_element();
  take_if_exists();
  std::string column = name();
  if (take("SET") && (at("VISIBLE") || at("INVISIBLE")))
    actions.push_back(SetVisible{std::move(column), at("VISIBLE")});
  skip_element();
}

void Grammar::alter_rename(std::vector<AlterAction>& actions) {
  if (at("INDEX") || at("KEY")) return skip_element();
  if (take("COLUMN")) {
    const bool if_exists = take_if_exists();
    std::string from = name();
    expect("TO");
    actions.push_back(RenameColumn{std::move(from), name(), if_exists});
    return;
  }
  if (!take("TO") && !take("AS")) take("=");
  actions.push_back(RenameTo{table_name()});
}

void Grammar::alter_convert(std::vector<AlterAction>& actions) {
  if (take("PARTITION")) {
    name();
    expect("TO");
    expect("TABLE");
    actions.push_back(PartitionToTable{table_name()});
    return skip_element();
  }
  if (take("TABLE")) {
    actions.push_back(TableToPartition{table_name()});
    while (!in_.at_end()) in_.next();
    return;
  }
  expect("TO");
  Charset charset;
  if (!charset_option(charset)) return fail_here();
  while (at("COLLATE") && charset_option(charset)) {
  }
  actions.push_back(ConvertCharset{std::move(charset)});
}

void Grammar::change_column(std::vector<AlterAction>& actions, bool with_new_name) {
  take("COLUMN");
  const bool if_exists = take_if_exists();
  std::string from = name();
  ColumnDefinition column = this->column(with_new_name ? name() : from);
  const bool is_key = column.primary_key;
  std::string now = column.name;
  actions.push_back(ChangeColumn{std::move(from), std::move(column), position(), if_exists});
  if (is_key) actions.push_back(AddPrimaryKey{{std::move(now)}});
}

ColumnPosition Grammar::position() {
  if (take("FIRST")) return {ColumnPosition::Kind::first};
  if (take("AFTER")) return {ColumnPosition::Kind::after, name()};
  return {};
}

}  // namespace pipeline::mysql::ddl
