#include "pipeline/dms/table_mappings.h"

#include <fmt/format.h>

#include <algorithm>
#include <climits>
#include <nlohmann/json.hpp>
#include <set>

#include "emulator/base/json_document.h"
#include "emulator/base/text.h"

namespace pipeline::dms {
namespace {

namespace base = emulator::base;
using base::Result;
using Json = nlohmann::json;

constexpr std::string_view change_sequence_expression = "$AR_H_CHANGE_SEQ";

tl::unexpected<base::Error> rule_error(std::string_view id, std::string_view what) {
  return base::fail(
      fmt::format("Error in mapping rules. Rule with ruleId = {} failed validation. {}", id, what));
}

tl::unexpected<base::Error> not_built(std::string_view id, std::string_view what) {
  return base::fail(fmt::format(
      "Rule with ruleId = {}: {} is a part of AWS DMS that Sluice does not build yet", id, what));
}

// A member that is a string; nullopt if it is absent or something else.
std::optional<std::string> text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

// "1" and 1 are the same id.
Result<std::string> rule_id(const Json& rule) {
  const auto found = rule.find("rule-id");
  if (found == rule.end()) return base::fail("Error in mapping rules. Rule id cannot be null");
  if (found->is_number_integer()) return found->dump();
  if (found->is_string() && base::parse_unsigned(found->get<std::string>()))
    return found->get<std::string>();
  return base::fail("Error in mapping rules. Rule id must be a number: " +
                    found->dump(-1, ' ', true));
}

struct Locator {
  std::string schema;
  std::string table;
};

Result<Locator> object_locator(const Json& rule, std::string_view id) {
  const auto found = rule.find("object-locator");
  if (found == rule.end() || !found->is_object())
    return rule_error(id, "object locator cannot be null");
  for (const auto& [key, value] : found->items()) {
    if (key != "schema-name" && key != "table-name" && key != "table-type") {
      return not_built(id, "\"" + key + "\" in an object locator");
    }
    if (key == "table-type" && value != "table")
      return not_built(id, "table-type other than table");
  }
  std::optional<std::string> schema = text_of(*found, "schema-name");
  std::optional<std::string> table = text_of(*found, "table-name");
  if (!schema || schema->empty()) return rule_error(id, "schema name cannot be null");
  if (!table || table->empty()) return rule_error(id, "table name cannot be null");
  return Locator{std::move(*schema), std::move(*table)};
}

Result<int> load_order_of(const Json& rule, std::string_view id) {
  const auto found = rule.find("load-order");
  if (found == rule.end() || found->is_null()) return 0;
  std::optional<std::int64_t> order;
  if (found->is_number_integer()) order = base::parse_integer(found->dump());
  if (found->is_string()) order = base::parse_integer(found->get<std::string>());
  if (!order || *order < 0 || *order > INT_MAX)
    return rule_error(id, "load-order must be a whole number");
  return static_cast<int>(*order);
}

// Keys that may stand there with nothing in them: the console writes "filters": [].
bool is_empty(const Json& value) {
  return value.is_null() || (value.is_structured() && value.empty());
}

Result<void> only_known_keys(const Json& rule, std::string_view id,
                             std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : rule.items()) {
    const bool is_known = std::find(known.begin(), known.end(), key) != known.end();
    if (!is_known && !is_empty(value)) return not_built(id, "\"" + key + "\"");
  }
  return {};
}

Result<void> add_selection(const Json& rule, const std::string& id, TableMappings& mappings) {
  SelectionRule selection;
  selection.id = id;
  selection.name = text_of(rule, "rule-name").value_or("");
  const Result<Locator> locator = object_locator(rule, id);
  if (!locator) return tl::unexpected(locator.error());
  selection.schema = locator->schema;
  selection.table = locator->table;
  const std::string action = text_of(rule, "rule-action").value_or("");
  if (action == "include") {
    selection.action = SelectionRule::Action::include;
  } else if (action == "exclude") {
    selection.action = SelectionRule::Action::exclude;
  } else if (action == "explicit") {
    selection.action = SelectionRule::Action::explicit_;
  } else {
    return base::fail("Invalid table mappings document.",
                      "a selection rule's rule-action is include, exclude or explicit");
  }
  const Result<int> order = load_order_of(rule, id);
  if (!order) return tl::unexpected(order.error());
  selection.load_order = *order;
  mappings.selection.push_back(std::move(selection));
  return only_known_keys(
      rule, id,
      {"rule-type", "rule-id", "rule-name", "object-locator", "rule-action", "load-order"});
}

Result<void> add_transformation(const Json& rule, const std::string& id, TableMappings& mappings) {
  const std::string action = text_of(rule, "rule-action").value_or("");
  if (action != "add-column")
    return not_built(id, "transformation " + (action.empty() ? "without rule-action" : action));
  if (text_of(rule, "expression") != change_sequence_expression) {
    return not_built(
        id, fmt::format("add-column with an expression other than {}", change_sequence_expression));
  }
  const Result<Locator> locator = object_locator(rule, id);
  if (!locator) return tl::unexpected(locator.error());
  const std::optional<std::string> column = text_of(rule, "value");
  if (!column || column->empty()) return rule_error(id, "value cannot be null");
  mappings.change_sequences.push_back({locator->schema, locator->table, *column});
  return only_known_keys(rule, id,
                         {"rule-type", "rule-id", "rule-name", "rule-target", "object-locator",
                          "rule-action", "value", "expression", "data-type"});
}

Result<void> add_rule(const Json& rule, std::set<std::string>& ids, TableMappings& mappings) {
  if (!rule.is_object())
    return base::fail("Invalid table mappings document.", "a rule is an object");
  const std::optional<std::string> type = text_of(rule, "rule-type");
  if (!type) return base::fail("Invalid table mappings document.", "a rule needs a rule-type");
  const Result<std::string> id = rule_id(rule);
  if (!id) return tl::unexpected(id.error());
  if (!ids.insert(*id).second) return base::fail("Error in mapping rules. Duplicate ruleid " + *id);
  if (*type == "selection") return add_selection(rule, *id, mappings);
  if (*type == "transformation") return add_transformation(rule, *id, mappings);
  if (*type == "table-settings" || *type == "post-processing")
    return not_built(*id, "rule-type " + *type);
  return base::fail("Invalid table mappings document.",
                    "rule-type is selection or transformation, not \"" + *type + "\"");
}

// One class "[ab]" or "[a-d]" at pattern[at], which is '['. Gives the index after its ']', or
// nullopt where it is not closed: then the bracket is an ordinary character.
std::optional<std::size_t> class_end(std::string_view pattern, std::size_t at) {
  const std::size_t close = pattern.find(']', at + 2);  // "[]" has no member
  if (close == std::string_view::npos) return std::nullopt;
  return close + 1;
}

bool class_has(std::string_view members, char c) {
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i + 2 < members.size() && members[i + 1] == '-') {
      if (members[i] <= c && c <= members[i + 2]) return true;
      i += 2;
    } else if (members[i] == c) {
      return true;
    }
  }
  return false;
}

// Bytes of the UTF-8 character at the start of text, so that _ stands for one character.
std::size_t character_bytes(std::string_view text) {
  std::size_t size = 1;
  while (size < text.size() && size < 4 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80)
    ++size;
  return size;
}

// Matches the one element of the pattern at `at` (not %) against the start of name; sets how much
// of each it took.
bool match_one(std::string_view pattern, std::size_t& at, std::string_view name,
               std::size_t& from) {
  if (from >= name.size()) return false;
  if (pattern[at] == '_') {
    from += character_bytes(name.substr(from));
    ++at;
    return true;
  }
  if (pattern[at] == '[') {
    if (const std::optional<std::size_t> end = class_end(pattern, at)) {
      if (!class_has(pattern.substr(at + 1, *end - at - 2), name[from])) return false;
      at = *end;
      ++from;
      return true;
    }
  }
  if (pattern[at] != name[from]) return false;
  ++at;
  ++from;
  return true;
}

bool includes(const SelectionRule& rule, std::string_view schema, std::string_view table) {
  switch (rule.action) {
    case SelectionRule::Action::include:
      return pattern_matches(rule.schema, schema) && pattern_matches(rule.table, table);
    case SelectionRule::Action::explicit_:
      return rule.schema == schema && rule.table == table;
    case SelectionRule::Action::exclude:
      return false;
  }
  return false;
}

}  // namespace

// Greedy with one way back, to the last %: linear in practice, and never recursive.
bool pattern_matches(std::string_view pattern, std::string_view name) {
  std::size_t at = 0, from = 0;
  std::optional<std::size_t> star;
  std::size_t star_from = 0;
  while (from < name.size()) {
    if (at < pattern.size() && pattern[at] == '%') {
      star = ++at;
      star_from = from;
    } else if (at < pattern.size() && match_one(pattern, at, name, from)) {
      continue;
    } else if (star) {
      at = *star;
      from = ++star_from;
    } else {
      return false;
    }
  }
  while (at < pattern.size() && pattern[at] == '%') ++at;
  return at == pattern.size();
}

bool TableMappings::selects(std::string_view schema, std::string_view table) const {
  bool included = false;
  for (const SelectionRule& rule : selection) {
    const bool excludes = rule.action == SelectionRule::Action::exclude &&
                          pattern_matches(rule.schema, schema) &&
                          pattern_matches(rule.table, table);
    if (excludes) return false;
    included = included || includes(rule, schema, table);
  }
  return included;
}

int TableMappings::load_order(std::string_view schema, std::string_view table) const {
  int order = 0;
  for (const SelectionRule& rule : selection) {
    if (includes(rule, schema, table)) order = std::max(order, rule.load_order);
  }
  return order;
}

std::optional<std::string> TableMappings::change_sequence_column(std::string_view schema,
                                                                 std::string_view table) const {
  for (const ChangeSequenceRule& rule : change_sequences) {
    if (pattern_matches(rule.schema, schema) && pattern_matches(rule.table, table))
      return rule.column;
  }
  return std::nullopt;
}

Result<TableMappings> parse_table_mappings(std::string_view json) {
  const Result<Json> document = base::json_or_error(json);
  if (!document)
    return base::fail("Invalid Table Mappings document. Invalid json " + document.error().message);
  const auto rules = document->is_object() ? document->find("rules") : document->end();
  if (rules == document->end() || !rules->is_array())
    return base::fail("Valid Table mappings is required");
  TableMappings mappings;
  std::set<std::string> ids;
  for (const Json& rule : *rules) {
    if (Result<void> added = add_rule(rule, ids, mappings); !added)
      return tl::unexpected(added.error());
  }
  const bool selects_any = std::any_of(
      mappings.selection.begin(), mappings.selection.end(),
      [](const SelectionRule& rule) { return rule.action != SelectionRule::Action::exclude; });
  if (!selects_any)
    return base::fail("Error in mapping rules. At least one selection rule is required.");
  return mappings;
}

}  // namespace pipeline::dms
