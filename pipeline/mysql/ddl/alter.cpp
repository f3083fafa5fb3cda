// ALTER TABLE on a tracked table, in the order in which servers do it: charsets, then what happens
// to the columns that are there, then new and moved columns in the order of the statement, then
// keys.
#include <algorithm>

#include "emulator/base/text.h"
#include "pipeline/mysql/ddl/make_column.h"
#include "pipeline/mysql/ddl/tracked_table.h"

namespace pipeline::mysql::ddl {

namespace {

using emulator::base::equals_ignoring_case;
using emulator::base::fail;

bool is_text_column(const Column& column) {
  switch (column.type) {
    case ColumnType::string:
    case ColumnType::varchar:
    case ColumnType::varchar_compressed:
    case ColumnType::blob:
    case ColumnType::blob_compressed:
    case ColumnType::enumeration:
    case ColumnType::set:
      return !column.is_binary();
    default:
      return false;
  }
}

// CONVERT TO CHARACTER SET keeps the number of characters that a column has room for (manual,
// "ALTER TABLE Statement"): TEXT may become MEDIUMTEXT.
void convert(Column& column, std::uint32_t collation) {
  if (!is_text_column(column)) return;
  const std::uint64_t old_bytes = types::bytes_per_character(column.collation),
                      new_bytes = types::bytes_per_character(collation);
  if (column.type == ColumnType::string || column.type == ColumnType::varchar) {
    column.length = static_cast<std::uint32_t>(column.length / old_bytes * new_bytes);
  } else if (column.type == ColumnType::varchar_compressed) {
    column.length = static_cast<std::uint32_t>((column.length - 1) / old_bytes * new_bytes + 1);
  } else if (column.type == ColumnType::blob || column.type == ColumnType::blob_compressed) {
    const std::uint64_t room = ((1ull << 8 * column.length) - 1) / old_bytes * new_bytes;
    for (std::uint32_t width = 1; width <= 4; ++width)
      if (room >> 8 * width == 0 || width == 4) {
        column.length = std::max(column.length, width);
        break;
      }
  }
  column.collation = collation;
  column.declared.clear();
  column.declared = types::type_name(column);
}

class Alteration {
 public:
  Alteration(TrackedTable& table, const DefaultCollation& database, const Dialect& dialect)
      : table_(table), database_(database), dialect_(dialect) {
    for (const std::uint32_t index : table.schema.primary_key)
      key_.push_back(columns()[index].name);
  }

  Result<void> run(const std::vector<AlterAction>& actions) {
    if (auto done = each(actions, &Alteration::charsets); !done) return done;
    if (auto done = each(actions, &Alteration::present_columns); !done) return done;
    settle();
    if (auto done = each(actions, &Alteration::placed_columns); !done) return done;
    std::stable_partition(columns().begin(), columns().end(), [](const Column& c) {
      return !is_row_time(c);
    });  // MariaDB's own come last
    if (auto done = each(actions, &Alteration::keys); !done) return done;
    return set_primary_key(table_.schema, key_);
  }

 private:
  using Step = Result<void> (Alteration::*)(const AlterAction&);
  std::vector<Column>& columns() { return table_.schema.columns; }

  Result<void> each(const std::vector<AlterAction>& actions, Step step) {
    for (const AlterAction& action : actions)
      if (auto done = (this->*step)(action); !done) return done;
    return {};
  }

  Result<void> charsets(const AlterAction& action) {
    const auto* charset = std::get_if<DefaultCharset>(&action);
    const auto* conversion = std::get_if<ConvertCharset>(&action);
    if (!charset && !conversion) return {};
    auto collation = resolve(charset ? charset->charset : conversion->charset, database_.collation);
    if (!collation) return tl::unexpected(collation.error());
    table_.collation = {*collation, false};
    if (!conversion) return {};
    for (Column& column : columns()) convert(column, *collation);
    conversion_ = *collation;
    table_.charset_assumed = false;
    return {};
  }

  // A conversion is for the columns that the statement defines, too, whatever charset they name
  // (tried on both servers).
  Result<Column> defined(ColumnDefinition definition) {
    if (conversion_ != collation_unknown &&
        resolve(definition.charset, conversion_).value_or(collation_unknown) != collation_binary)
      definition.charset = {std::string(types::charset_name(conversion_))};
    auto column = make_column(definition, table_.collation, dialect_, table_.charset_assumed);
    // MariaDB's JSON is a LONGTEXT with a charset of its own, but not for long.
    if (column && conversion_ != collation_unknown && is_text_column(*column))
      column->collation = conversion_;
    return column;
  }

  Result<void> no_column(const std::string& name) {
    return fail("column '" + name + "' is not known");
  }

  Result<void> present_columns(const AlterAction& action) {
    if (const auto* drop = std::get_if<DropColumn>(&action)) {
      const auto at = find_original(drop->name);
      if (!at) return drop->if_exists ? Result<void>() : no_column(drop->name);
      dropped_.push_back(*at);
      key_.erase(
          std::remove_if(key_.begin(), key_.end(),
                         [&](const std::string& k) { return equals_ignoring_case(k, drop->name); }),
          key_.end());
    } else if (const auto* rename = std::get_if<RenameColumn>(&action)) {
      const auto at = find_original(rename->from);
      if (!at) return rename->if_exists ? Result<void>() : no_column(rename->from);
      rename_in_key(rename->from, rename->to);
      renamed_.emplace_back(*at, rename->to);
    } else if (const auto* change = std::get_if<ChangeColumn>(&action)) {
      return change_in_place(*change);
    } else if (const auto* show = std::get_if<SetVisible>(&action)) {
      const auto at = find_column(table_.schema, show->name);
      if (!at) return no_column(show->name);
      columns()[*at].visible = show->visible;
    }
    return {};
  }

  // Clauses name columns as they were before the statement (a swap of names is two clauses), so
  // that drops and new names wait for settle().
  std::optional<std::uint32_t> find_original(const std::string& name) {
    return find_column(table_.schema, name);
  }

  void rename_in_key(const std::string& from, const std::string& to) {
    if (!equals_ignoring_case(from, to)) key_renames_.emplace_back(from, to);
  }

  Result<void> change_in_place(const ChangeColumn& change) {
    const auto at = find_original(change.from);
    if (!at) return change.if_exists ? Result<void>() : no_column(change.from);
    auto column = defined(change.column);
    if (!column) return tl::unexpected(column.error());
    column->name = columns()[*at].name;
    columns()[*at] = std::move(*column);
    rename_in_key(change.from, change.column.name);
    renamed_.emplace_back(*at, change.column.name);
    return {};
  }

  void settle() {
    for (auto& [at, name] : renamed_) columns()[at].name = name;
    std::sort(dropped_.rbegin(), dropped_.rend());
    for (const std::uint32_t at : dropped_) columns().erase(columns().begin() + at);
    dropped_.clear();
    for (std::string& part : key_) {
      const auto renamed =
          std::find_if(key_renames_.begin(), key_renames_.end(),
                       [&](const auto& r) { return equals_ignoring_case(r.first, part); });
      if (renamed != key_renames_.end()) part = renamed->second;
    }
    renamed_.clear();
    key_renames_.clear();
  }

  Result<void> placed_columns(const AlterAction& action) {
    if (const auto* add = std::get_if<AddColumn>(&action)) {
      if (find_column(table_.schema, add->column.name))
        return add->if_not_exists ? Result<void>()
                                  : fail("column '" + add->column.name + "' is there already");
      auto column = defined(add->column);
      if (!column) return tl::unexpected(column.error());
      return place(std::move(*column), add->position);
    }
    if (const auto* change = std::get_if<ChangeColumn>(&action);
        change && change->position.kind != ColumnPosition::Kind::unsaid) {
      const auto at = find_column(table_.schema, change->column.name);
      if (!at) return {};  // IF EXISTS
      Column column = std::move(columns()[*at]);
      columns().erase(columns().begin() + *at);
      return place(std::move(column), change->position);
    }
    if (const auto* versioning = std::get_if<Versioning>(&action)) {
      if (versioning->on) add_versioning(table_.schema);
      if (!versioning->on)
        columns().erase(std::remove_if(columns().begin(), columns().end(), is_row_time),
                        columns().end());
    }
    return {};
  }

  static bool is_row_time(const Column& column) {
    return !column.visible && (column.name == "row_start" || column.name == "row_end");
  }

  Result<void> place(Column column, const ColumnPosition& position) {
    std::size_t at = columns().size();
    if (position.kind == ColumnPosition::Kind::first) at = 0;
    if (position.kind == ColumnPosition::Kind::after) {
      const auto before = find_column(table_.schema, position.after);
      if (!before) return no_column(position.after);
      at = *before + 1;
    }
    columns().insert(columns().begin() + static_cast<std::ptrdiff_t>(at), std::move(column));
    return {};
  }

  Result<void> keys(const AlterAction& action) {
    if (std::holds_alternative<DropPrimaryKey>(action)) key_.clear();
    if (const auto* add = std::get_if<AddPrimaryKey>(&action)) key_ = add->columns;
    return {};
  }

  TrackedTable& table_;
  const DefaultCollation& database_;
  const Dialect& dialect_;
  std::uint32_t conversion_ = collation_unknown;
  ColumnNames key_;
  std::vector<std::uint32_t> dropped_;
  std::vector<std::pair<std::uint32_t, std::string>> renamed_;
  std::vector<std::pair<std::string, std::string>> key_renames_;
};

}  // namespace

Result<void> alter(TrackedTable& table, const AlterTable& change, const DefaultCollation& database,
                   const Dialect& dialect) {
  return Alteration(table, database, dialect).run(change.actions);
}

}  // namespace pipeline::mysql::ddl
