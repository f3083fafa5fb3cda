#include "emulator/sim/fault.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/scenario/fields.h"
#include "pipeline/scenario/places.h"
#include "pipeline/scenario/steps/steps.h"

namespace pipeline::scenario::steps {
namespace {

using emulator::sim::Fault;

void check_name(Fields& fields, const Value* value, const std::vector<std::string>& names,
                std::string_view what) {
  if (value == nullptr || std::find(names.begin(), names.end(), value->text.text) != names.end())
    return;
  fields.refuse(value->where, fmt::format("unknown {} {}", what, value->text.text),
                hint_for(value->text.text, names));
}

std::vector<std::string> kind_names() {
  std::vector<std::string> out;
  for (const auto& kind : emulator::sim::fault_kinds()) {
    if (kind.name != "crash") out.emplace_back(kind.name);
  }
  return out;
}

void read_count(Fields& fields, Fault& fault) {
  const Value* count = fields.find("count");
  if (count == nullptr) return;
  if (count->kind == Value::Kind::string && count->text.text == "all")
    fault.count.reset();
  else if (count->kind == Value::Kind::integer && count->integer > 0)
    fault.count = count->integer;
  else
    fields.refuse(count->where, "count must be a positive integer or \"all\"");
}

void read_probability(Fields& fields, Fault& fault) {
  const Value* chance = fields.find("probability");
  if (chance == nullptr) return;
  fault.probability =
      chance->kind == Value::Kind::integer ? static_cast<double>(chance->integer) : chance->real;
  const bool number = chance->kind == Value::Kind::integer || chance->kind == Value::Kind::real;
  if (!number || !(fault.probability >= 0 && fault.probability <= 1))
    fields.refuse(chance->where, "probability must be a number from 0 to 1");
}

}  // namespace

// { link = ..., kind = ... } for what happens on the way, { crash = ... } for a service that dies.
Result<Action> parse_fault(const Value& value, const ParseContext&) {
  Fields fields(value, "fault");
  Fault fault;
  const Value* crash = fields.find("crash", Value::Kind::string);
  const Value* link = fields.find("link", Value::Kind::string);
  const Value* kind = fields.find("kind", Value::Kind::string);
  if (crash != nullptr) {
    if (link != nullptr || kind != nullptr)
      fields.refuse(value.where, "a crash has no link and no kind");
    check_name(fields, crash, names_of(crash_places()), "crash point");
    fault.link = crash->text.text;
    fault.kind = "crash";
  } else if (link == nullptr || kind == nullptr) {
    fields.refuse(value.where, "fault needs link and kind, or crash");
  } else {
    check_name(fields, link, names_of(link_places()), "link");
    check_name(fields, kind, kind_names(), "kind of fault");
    fault.link = link->text.text;
    fault.kind = kind->text.text;
  }
  read_count(fields, fault);
  read_probability(fields, fault);
  fields.read("skip", fault.skip);
  fields.read("match", fault.match);
  fields.read("by", fault.by);
  fields.read("places", fault.places);
  if (auto done = fields.finish(); !done) return tl::unexpected<Error>(done.error());
  return Action([fault, where = value.where](World& world) -> Result<Outcome> {
    if (auto set = world.stack.faults().set(fault); !set)
      return fail_at(where, set.error().message, set.error().hint);
    return Outcome{true, fmt::format("{} on {}", fault.kind, fault.link)};
  });
}

}  // namespace pipeline::scenario::steps
