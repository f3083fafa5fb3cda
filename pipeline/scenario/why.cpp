#include "pipeline/scenario/why.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "emulator/base/json_document.h"
#include "emulator/base/text.h"
#include "emulator/base/time_text.h"
#include "pipeline/scenario/story.h"

namespace pipeline::scenario {
namespace {

namespace base = emulator::base;
using emulator::sim::EventId;
using emulator::sim::Field;
using emulator::sim::TraceLine;
using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 6> changes_of_objects{
    "put", "copy", "complete_upload", "delete", "delete_marker", "tag"};

bool is_change(const TraceLine& line) {
  return line.actor == "s3" && std::find(changes_of_objects.begin(), changes_of_objects.end(),
                                         line.kind) != changes_of_objects.end();
}

bool is(const TraceLine& line, std::string_view actor, std::string_view kind) {
  return line.actor == actor && line.kind == kind;
}

bool is_about(const TraceLine& line, std::string_view bucket, std::string_view key) {
  return line.actor == "s3" && line.field("bucket") == bucket && line.field("key") == key;
}

// What a line adds to the way of an event; "" = nothing.
std::string step_of(const TraceLine& line) {
  if (is(line, "sqs", "message"))
    return fmt::format("message {} in the queue {}", line.field("message_id"), line.field("queue"));
  if (is(line, "sqs", "receive")) return fmt::format("received, receipt {}", line.field("receipt"));
  if (is(line, "sqs", "delete")) return "deleted by its receiver";
  if (is(line, "sqs", "expire")) return "expired unread";
  if (is(line, "sqs", "dead_letter"))
    return fmt::format("moved to the dead-letter queue {}", line.field("to"));
  if (is(line, "sqs", "failed"))
    return fmt::format("the queue could not keep it: {}", line.field("why"));
  if (is(line, "s3", "lost")) return fmt::format("lost: {}", line.field("why"));
  if (is(line, "lambda", "succeeded")) return fmt::format("{} succeeded", line.field("function"));
  const bool followed = line.actor == "lambda" || line.actor == "glue" ||
                        (line.actor == "link" && line.kind != "cross");
  const Told told = followed ? tell(line) : Told{};
  return told.text.empty() ? std::string() : fmt::format("{} {}", told.noun, told.text);
}

// What the event came to, as far as the line says so; "" = the line says nothing about that.
std::string outcome_of(const TraceLine& line) {
  if (is(line, "s3", "lost")) return fmt::format("lost: {}", line.field("why"));
  if (is(line, "sqs", "message")) return "in the queue";
  if (is(line, "sqs", "receive")) return "received";
  if (is(line, "sqs", "delete")) return "received and deleted";
  if (is(line, "sqs", "expire")) return "expired unread";
  if (is(line, "sqs", "dead_letter")) return "in the dead-letter queue";
  if (is(line, "sqs", "failed"))
    return "kept by S3 until the next start: the queue could not store it";
  if (is(line, "lambda", "invoke")) return "the function runs";
  if (is(line, "lambda", "succeeded")) return "the function succeeded";
  if (is(line, "lambda", "dead_letter")) return "the function failed, and the event was given up";
  if (!is(line, "lambda", "failed")) return {};
  return line.field("retry_in").empty()
             ? "the function failed"
             : fmt::format("the function failed; again in {}", line.field("retry_in"));
}

// Follows an event to its end. What happens to a message later has causes of its own, but bears its
// id.
RuleOutcome follow(const std::vector<TraceLine>& lines, std::size_t event) {
  RuleOutcome rule{.rule = std::string(lines[event].field("rule")),
                   .destination = std::string(lines[event].field("destination")),
                   .fired = true,
                   .outcome = "on its way"};
  std::set<EventId> from_here{lines[event].id};
  std::string message;
  for (std::size_t i = event + 1; i < lines.size(); ++i) {
    const TraceLine& line = lines[i];
    const bool of_message =
        line.actor == "sqs" && !message.empty() && line.field("message_id") == message;
    if (from_here.count(line.cause) == 0 && !of_message) continue;
    if (is_change(line)) continue;  // of another object: a job's output
    from_here.insert(line.id);
    if (is(line, "sqs", "message")) message = line.field("message_id");
    if (std::string text = step_of(line); !text.empty())
      rule.steps.push_back({base::iso_millis(line.at), std::move(text)});
    if (std::string outcome = outcome_of(line); !outcome.empty()) rule.outcome = std::move(outcome);
  }
  return rule;
}

RuleOutcome missed(const TraceLine& line) {
  return {.rule = std::string(line.field("rule")),
          .destination = std::string(line.field("destination")),
          .why = std::string(line.field("why"))};
}

ObjectChange change_at(const std::vector<TraceLine>& lines, std::size_t at, std::string_view what) {
  ObjectChange change{.at = base::iso_millis(lines[at].at),
                      .line = lines[at].id,
                      .what = std::string(what),
                      .size = std::string(lines[at].field("size"))};
  const auto add = [&](const TraceLine& line, RuleOutcome rule) {
    change.event = line.field("event");
    change.rules.push_back(std::move(rule));
  };
  if (is(lines[at], "s3", "event")) {
    add(lines[at], follow(lines, at));
    return change;
  }
  for (std::size_t i = at + 1; i < lines.size(); ++i) {
    if (lines[i].cause != lines[at].id) continue;
    if (is(lines[i], "s3", "event")) add(lines[i], follow(lines, i));
    if (is(lines[i], "s3", "no_event")) add(lines[i], missed(lines[i]));
  }
  return change;
}

// Ids, numbers and flags come back as the text that they were.
Field field_of(const std::string& name, const Json& value) {
  if (value.is_string()) return {name, value.get_ref<const std::string&>()};
  if (value.is_boolean()) return {name, value.get<bool>()};
  if (value.is_number_unsigned()) return {name, value.get<std::uint64_t>()};
  if (value.is_number_integer()) return {name, value.get<std::int64_t>()};
  return {name, emulator::base::json_text(value)};
}

std::optional<TraceLine> parse_line(std::string_view text) {
  const Json json = emulator::base::read_ordered_json(text);
  if (!json.is_object()) return std::nullopt;
  TraceLine line;
  bool has_id = false;
  for (const auto& [name, value] : json.items()) {
    if (name == "id" && value.is_number_unsigned())
      line.id = value.get<EventId>(), has_id = true;
    else if (name == "at" && value.is_string())
      line.at = base::parse_instant(value.get_ref<const std::string&>()).value_or(base::Instant{});
    else if (name == "actor" && value.is_string())
      line.actor = value.get<std::string>();
    else if (name == "kind" && value.is_string())
      line.kind = value.get<std::string>();
    else if (name == "cause" && value.is_number_unsigned())
      line.cause = value.get<EventId>();
    else
      line.fields.push_back(field_of(name, value));
  }
  return has_id && !line.actor.empty() ? std::optional(std::move(line)) : std::nullopt;
}

}  // namespace

Why explain_object(const std::vector<TraceLine>& lines, std::string_view bucket,
                   std::string_view key) {
  Why why;
  std::set<std::string> keys, buckets;
  std::vector<std::size_t> changes;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const TraceLine& line = lines[i];
    if (line.actor != "s3") continue;
    if (!line.field("bucket").empty()) buckets.emplace(line.field("bucket"));
    if (line.field("bucket") == bucket && is_change(line)) keys.emplace(line.field("key"));
    if (!is_about(line, bucket, key)) continue;
    if (is_change(line) || (line.kind == "event" && line.cause == 0)) changes.push_back(i);
  }
  why.earlier = changes.size() - std::min(changes.size(), changes_max);
  for (std::size_t i = why.earlier; i < changes.size(); ++i) {
    const TraceLine& line = lines[changes[i]];
    why.changes.push_back(
        change_at(lines, changes[i], line.kind == "event" ? "sent again" : line.kind));
  }
  why.bucket_known = buckets.count(std::string(bucket)) != 0;
  why.keys.assign(keys.begin(), keys.end());
  why.buckets.assign(buckets.begin(), buckets.end());
  return why;
}

base::Result<std::vector<std::vector<TraceLine>>> parse_trace(std::string_view json_lines,
                                                              const std::string& file) {
  std::vector<std::vector<TraceLine>> runs;
  int number = 0;
  for (const std::string_view text : base::split(json_lines, '\n')) {
    ++number;
    if (base::trim(text).empty()) continue;
    auto line = parse_line(text);
    if (!line) {
      return tl::unexpected(
          base::Error{.message = "this is no line of a trace",
                      .hint = "write one with: sluice run SCENARIO --trace OUT.jsonl",
                      .where = {.file = file, .line = number}});
    }
    if (runs.empty() || runs.back().back().id >= line->id) runs.emplace_back();
    runs.back().push_back(std::move(*line));
  }
  return runs;
}

}  // namespace pipeline::scenario
