#include "pipeline/scenario/why.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "emulator/base/file.h"
#include "emulator/base/json.h"
#include "emulator/base/json_document.h"
#include "emulator/base/text.h"
#include "emulator/http/client.h"
#include "pipeline/commands/command.h"

namespace pipeline::commands {
namespace {

namespace base = emulator::base;
namespace http = emulator::http;
using emulator::sim::TraceLine;
using Json = nlohmann::json;

struct WhyOptions {
  std::uint16_t port = 4566;
  std::string trace;
  bool json = false;
  std::string object;
};

struct Address {
  std::string bucket, key;
};

// "s3://bucket/key"; the key as it is, not encoded.
std::optional<Address> parse_address(std::string_view text) {
  constexpr std::string_view scheme = "s3://";
  if (!text.starts_with(scheme)) return std::nullopt;
  text.remove_prefix(scheme.size());
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size())
    return std::nullopt;
  return Address{std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
}

std::string name_of(std::string_view arn) { return std::string(arn.substr(arn.rfind(':') + 1)); }

std::string rule_text(const std::string& rule, const std::string& destination) {
  const std::string name = rule.empty() ? std::string("a rule") : fmt::format("rule \"{}\"", rule);
  return fmt::format("{} -> {}", name, name_of(destination));
}

std::string text_of(const scenario::ObjectChange& change) {
  std::string out = fmt::format("{}  {}", change.at, change.what);
  if (!change.size.empty())
    out += fmt::format(", {} byte{}", change.size, change.size == "1" ? "" : "s");
  if (!change.event.empty()) out += fmt::format(": {}", change.event);
  out += '\n';
  if (change.rules.empty()) out += "  no event: the bucket had no notification rules then\n";
  for (const scenario::RuleOutcome& rule : change.rules) {
    out += fmt::format("  {}: ", rule_text(rule.rule, rule.destination));
    out += rule.fired ? fmt::format("fired; {}\n", rule.outcome)
                      : fmt::format("did not fire: {}\n", rule.why);
    for (const auto& step : rule.steps) out += fmt::format("    {}  {}\n", step.at, step.text);
  }
  return out;
}

void write_json(base::JsonWriter& json, const scenario::ObjectChange& change) {
  json.object()
      .key("at")
      .string(change.at)
      .key("line")
      .unsigned_number(change.line)
      .key("change")
      .string(change.what);
  json.key("event").string(change.event).key("rules").array();
  for (const scenario::RuleOutcome& rule : change.rules) {
    json.object()
        .key("rule")
        .string(rule.rule)
        .key("destination")
        .string(rule.destination)
        .key("fired")
        .boolean(rule.fired);
    if (!rule.fired) json.key("why").string(rule.why);
    if (rule.fired) json.key("outcome").string(rule.outcome).key("steps").array();
    for (const auto& step : rule.steps)
      json.object().key("at").string(step.at).key("text").string(step.text).end();
    if (rule.fired) json.end();
    json.end();
  }
  json.end().end();
}

class WhyCommand {
 public:
  explicit WhyCommand(const WhyOptions& options) : options_(options) {}

  int run() {
    const auto address = parse_address(options_.object);
    if (!address) {
      std::fprintf(stderr, "sluice: %s is no object: it is given as s3://BUCKET/KEY\n",
                   options_.object.c_str());
      return exit_usage;
    }
    address_ = *address;
    return options_.trace.empty() ? ask_server() : read_trace();
  }

 private:
  int read_trace() {
    const auto text = base::read_file(options_.trace);
    if (!text) return complain(text.error(), exit_usage);
    const auto runs = scenario::parse_trace(*text, options_.trace);
    if (!runs) return complain(runs.error(), exit_usage);
    for (const auto& run : *runs) add(scenario::explain_object(run, address_.bucket, address_.key));
    return show();
  }

  int ask_server() {
    const auto trace = get("/_sluice/trace?after=0");
    if (!trace) return no_server(trace.error().message);
    const auto runs = scenario::parse_trace(
        *trace, fmt::format("the trace of the server on port {}", options_.port));
    if (!runs) return no_server(runs.error().text());
    for (const auto& run : *runs) add(scenario::explain_object(run, address_.bucket, address_.key));
    first_line_ = runs->empty() || runs->front().empty() ? 1 : runs->front().front().id;
    std::string target = "/_sluice/why?bucket=" + base::percent_encode(address_.bucket) +
                         "&key=" + base::percent_encode(address_.key);
    if (!why_.changes.empty() && !why_.changes.back().event.empty()) {
      target += "&event=" + base::percent_encode(why_.changes.back().event);
    }
    const auto now = get(target);
    if (!now) return no_server(now.error().message);
    now_ = base::read_json(*now);
    if (!now_.is_object())
      return no_server(
          fmt::format("what answers on port {} is no sluice of this version", options_.port));
    return show();
  }

  base::Result<std::string> get(const std::string& target) const {
    auto answer = http::exchange({.port = options_.port, .target = target});
    if (!answer) return tl::unexpected(answer.error());
    if (answer->status != 200)
      return base::fail(
          fmt::format("what answers on port {} is no sluice of this version", options_.port));
    return std::move(answer->body);
  }

  int no_server(const std::string& reason) const {
    std::fprintf(stderr,
                 "sluice: %s\nIs `sluice serve` running? Start it with: sluice serve --port "
                 "%d\nFor a saved trace: sluice why %s --trace OUT.jsonl\n",
                 reason.c_str(), static_cast<int>(options_.port), options_.object.c_str());
    return exit_environment;
  }

  void add(scenario::Why one) {
    why_.bucket_known = why_.bucket_known || one.bucket_known;
    why_.earlier += one.earlier;
    for (auto& change : one.changes) why_.changes.push_back(std::move(change));
    for (auto& key : one.keys) why_.keys.push_back(std::move(key));
    for (auto& bucket : one.buckets) why_.buckets.push_back(std::move(bucket));
  }

  bool is_live() const { return !now_.is_null(); }
  bool bucket_there() const { return is_live() ? now_.value("bucket", false) : why_.bucket_known; }
  bool object_there() const { return is_live() && now_.value("object", false); }

  // Nothing is known of the object: what may have been meant.
  int show_nothing() const {
    if (!bucket_there()) {
      const auto near = is_live() ? near_of_server() : base::nearest(address_.bucket, why_.buckets);
      std::fprintf(
          stderr, "sluice: there is no bucket %s%s%s\n", address_.bucket.c_str(),
          is_live() ? "" : " in this trace",
          near ? fmt::format("; did you mean s3://{}/{}?", *near, address_.key).c_str() : "");
      return exit_failed;
    }
    auto near = base::nearest(address_.key, why_.keys);
    if (!near && is_live()) near = near_of_server();
    std::fprintf(
        stderr, "sluice: nothing was ever written to %s%s%s\n", options_.object.c_str(),
        is_live() ? ", as far as this server knows" : " in this trace",
        near ? fmt::format("; did you mean s3://{}/{}?", address_.bucket, *near).c_str() : "");
    return exit_failed;
  }
  std::optional<std::string> near_of_server() const {
    const auto near = now_.find("nearest");
    return near != now_.end() && near->is_string() ? std::optional(near->get<std::string>())
                                                   : std::nullopt;
  }

  // What a trace cannot tell, because it began later.
  std::string gap() const {
    if (!is_live() || !why_.changes.empty()) return {};
    return first_line_ > 1 ? fmt::format(
                                 "the object is there, but the server's trace keeps only its "
                                 "latest lines, from line {} on: whether "
                                 "events were sent for it is not known any more",
                                 first_line_)
                           : "the object is there, but was written before this server was started: "
                             "whether events were sent for it then is "
                             "not in its trace. An event that was still undelivered was sent again "
                             "at the start";
  }

  int show() const {
    if (why_.changes.empty() && !object_there()) return show_nothing();
    const std::string text = options_.json ? as_json() : as_text();
    std::fwrite(text.data(), 1, text.size(), stdout);
    return exit_ok;
  }

  std::string as_text() const {
    std::string out = options_.object + "\n";
    if (why_.earlier > 0) out += fmt::format("({} earlier changes)\n", why_.earlier);
    for (const auto& change : why_.changes) out += text_of(change);
    if (const std::string missing = gap(); !missing.empty()) out += missing + "\n";
    if (!is_live()) return out;
    const Json rules = now_.value("rules", Json::array());
    out += rules.empty() ? "now: the bucket has no notification rules\n"
                         : fmt::format("now, for {}:\n", now_.value("event", ""));
    for (const Json& rule : rules) {
      const std::string verdict =
          rule.value("fires", false) ? "fires" : "does not fire: " + rule.value("why", "");
      out += fmt::format("  {}: {}\n",
                         rule_text(rule.value("rule", ""), rule.value("destination", "")), verdict);
    }
    return out;
  }

  std::string as_json() const {
    base::JsonWriter json;
    json.object().key("bucket").string(address_.bucket).key("key").string(address_.key);
    json.key("earlier").unsigned_number(why_.earlier).key("changes").array();
    for (const auto& change : why_.changes) write_json(json, change);
    json.end();
    if (const std::string missing = gap(); !missing.empty()) json.key("unknown").string(missing);
    if (is_live()) json.key("now").raw(base::json_text(now_));
    return json.end().take() + "\n";
  }

  const WhyOptions& options_;
  Address address_;
  scenario::Why why_;
  Json now_;
  emulator::sim::EventId first_line_ = 1;
};

}  // namespace

std::function<int()> declare_why(CLI::App& command) {
  auto options =
      std::make_shared<WhyOptions>();  // shared: CLI11 writes into it, the action reads it
  auto* port = command.add_option("--port", options->port, "HTTP port of the server")
                   ->capture_default_str()
                   ->type_name("N");
  command
      .add_option("--trace", options->trace,
                  "Ask a trace that `sluice run --trace` wrote, instead of a server")
      ->excludes(port)
      ->type_name("FILE");
  command.add_flag("--json", options->json, "Print it as one JSON object");
  command.add_option("object", options->object, "The object: s3://BUCKET/KEY")
      ->required()
      ->type_name("s3://BUCKET/KEY");
  return [options] { return WhyCommand(*options).run(); };
}

}  // namespace pipeline::commands
