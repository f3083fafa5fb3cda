#include "pipeline/scenario/step.h"

#include <fmt/format.h>

#include "emulator/base/text.h"
#include "pipeline/scenario/fields.h"

namespace pipeline::scenario {
namespace {

std::string one_line(std::string_view text) {
  constexpr std::size_t width_max = 100;
  std::string out;
  for (const char c : emulator::base::trim(text)) {
    const bool blank = c == '\n' || c == '\r' || c == '\t' || c == ' ';
    if (!blank)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  if (out.size() <= width_max) return out;
  std::size_t end = width_max - 3;
  while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0) == 0x80)
    --end;  // not inside a character
  return out.substr(0, end) + "...";
}

// As it stands in the file: key = value, but on one line.
std::string summary(const Value& value) {
  if (value.kind != Value::Kind::table) {
    std::string json;
    if (!is_scalar(value)) append_json(json, value);
    return one_line(is_scalar(value) ? scalar_text(value) : json);
  }
  std::string out;
  for (const auto& [name, entry, where] : value.entries) {
    if (!out.empty()) out += ", ";
    out += name + " = ";
    append_json(out, entry);
  }
  return one_line(out);
}

}  // namespace

std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", emulator::base::with_thousands(count), noun, count == 1 ? "" : "s");
}

Result<Step> parse_step(const Value& table, const ParseContext& context) {
  if (table.kind != Value::Kind::table)
    return tl::unexpected<Error>(wrong_type(table, "a step", "a table"));
  if (table.entries.size() != 1) {
    return fail_at(table.where,
                   fmt::format("a step has exactly one key, this one has {}", table.entries.size()),
                   "write one [[step]] for each thing to do");
  }
  const auto& [name, value, where] = table.entries.front();
  std::vector<std::string> names;
  for (const StepKind& kind : step_kinds()) {
    if (kind.name == name) {
      auto action = kind.parse(value, context);
      if (!action) return tl::unexpected<Error>(action.error());
      return Step{kind.name, summary(value), where, std::move(*action)};
    }
    names.emplace_back(kind.name);
  }
  return fail_at(where, fmt::format("unknown step {}", name), hint_for(name, names));
}

}  // namespace pipeline::scenario
