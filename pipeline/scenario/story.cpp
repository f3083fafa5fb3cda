#include "pipeline/scenario/story.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>

#include "emulator/base/text.h"

namespace pipeline::scenario {
namespace {

namespace base = emulator::base;
using emulator::sim::TraceLine;

std::string count_of(std::string_view number, std::string_view noun) {
  return fmt::format("{} {}{}", base::with_thousands(base::parse_unsigned(number).value_or(0)),
                     noun, number == "1" ? "" : "s");
}

std::string object(const TraceLine& line) {
  return fmt::format("s3://{}/{}", line.field("bucket"), line.field("key"));
}

std::string short_id(std::string_view id) {
  return std::string(id.substr(0, id.substr(0, 3) == "jr_" ? 11 : 8));
}

std::string operations(const TraceLine& line) {
  std::string out;
  for (const auto& [field, noun] : {std::pair("inserts", "insert"), std::pair("updates", "update"),
                                    std::pair("deletes", "delete")}) {
    if (line.field(field).empty() || line.field(field) == "0") continue;
    out += (out.empty() ? " (" : ", ") + count_of(line.field(field), noun);
  }
  return out.empty() ? out : out + ")";
}

std::string tell_bucket(const TraceLine& line) { return std::string(line.field("bucket")); }
std::string tell_commit(const TraceLine& line) {
  return fmt::format("{} in {}, {}", count_of(line.field("rows"), "row"), line.field("tables"),
                     line.field("position"));
}
std::string tell_ddl(const TraceLine& line) {
  return std::string(line.field("sql").substr(0, 100));
}
std::string tell_status(const TraceLine& line) {
  const std::string_view reason = line.field("reason");
  return fmt::format("{} is {}{}{}", line.field("task"), line.field("status"),
                     reason.empty() ? "" : ": ", reason);
}
std::string tell_file(const TraceLine& line) {
  return fmt::format("{}  {}{}, {}", object(line), count_of(line.field("rows"), "row"),
                     operations(line), count_of(line.field("bytes"), "byte"));
}
std::string tell_prepare(const TraceLine& line) {
  if (line.field("deleted") == "0") return {};
  return fmt::format("{} deleted of {}", count_of(line.field("deleted"), "object"),
                     line.field("table"));
}
std::string tell_warning(const TraceLine& line) { return std::string(line.field("message")); }
std::string tell_event(const TraceLine& line) {
  const std::string_view destination = line.field("destination");
  return fmt::format("{} {} -> {}", line.field("event"), line.field("key"),
                     destination.substr(destination.rfind(':') + 1));
}
std::string tell_fault(const TraceLine& line) {
  return fmt::format("{} at {}: {}", line.field("fault"), line.field("link"), line.field("label"));
}
std::string tell_lost(const TraceLine& line) {
  return fmt::format("{} on {}; nobody will ever know", line.field("label"), line.field("link"));
}
std::string tell_invoke(const TraceLine& line) {
  return fmt::format("{} {}, attempt {}", line.field("function"),
                     short_id(line.field("request_id")), line.field("attempt"));
}
std::string tell_failed(const TraceLine& line) {
  const std::string_view retry = line.field("retry_in");
  return fmt::format("{} {}: {}{}{}", line.field("function"), short_id(line.field("request_id")),
                     error_code(line), retry.empty() ? "" : "; again in ", retry);
}
std::string tell_dead_letter(const TraceLine& line) {
  return fmt::format("{} is given up: {}", line.field("key"), error_code(line));
}
std::string tell_run(const TraceLine& line) {
  return fmt::format("{} {} starts", line.field("job"), short_id(line.field("run")));
}
std::string tell_refused(const TraceLine& line) {
  return fmt::format("{}: {}", line.field("job"), line.field("error"));
}
std::string tell_published(const TraceLine& line) {
  std::string out =
      fmt::format("{}  {}", line.field("location"), count_of(line.field("rows"), "row"));
  if (!line.field("table").empty()) out += fmt::format(" of {}", line.field("table"));
  return out;
}
std::string tell_success(const TraceLine& line) {
  return fmt::format("{} {} succeeded after {} s", line.field("job"), short_id(line.field("run")),
                     line.field("seconds"));
}
std::string tell_run_failed(const TraceLine& line) {
  return fmt::format("{} {} failed: {}", line.field("job"), short_id(line.field("run")),
                     line.field("error"));
}

struct Row {
  std::string_view actor, kind, noun;
  std::string (*tell)(const TraceLine& line);
};
constexpr Row rows[] = {
    {"s3", "create_bucket", "bucket", tell_bucket},
    {"rds", "commit", "commit", tell_commit},
    {"rds", "ddl", "ddl", tell_ddl},
    {"dms", "status", "task", tell_status},
    {"dms", "prepare", "prepare", tell_prepare},
    {"dms", "load_file", "file", tell_file},
    {"dms", "change_file", "file", tell_file},
    {"dms", "warning", "warning", tell_warning},
    {"s3", "event", "event", tell_event},
    {"link", "fault", "FAULT", tell_fault},
    {"link", "lost", "lost", tell_lost},
    {"lambda", "invoke", "invocation", tell_invoke},
    {"lambda", "failed", "failed", tell_failed},
    {"lambda", "dead_letter", "dead letter", tell_dead_letter},
    {"glue", "run_started", "run", tell_run},
    {"glue", "refused", "refused", tell_refused},
    {"glue", "published", "output", tell_published},
    {"glue", "run_succeeded", "run", tell_success},
    {"glue", "run_failed", "run", tell_run_failed},
};

bool is_file(const TraceLine& line) {
  return line.actor == "dms" && (line.kind == "load_file" || line.kind == "change_file");
}

std::string time_of_day(Instant at, Instant start) {
  const auto days =
      std::chrono::floor<std::chrono::days>(at) - std::chrono::floor<std::chrono::days>(start);
  const std::string clock = base::iso_millis(at).substr(11, 12);
  return days.count() > 0 ? fmt::format("+{}d {}", days.count(), clock) : clock;
}

void append_line(std::string& out, std::string_view when, std::string_view noun,
                 std::string_view text) {
  out += fmt::format("     {:<12}  {:<11}  {}\n", when, noun, text);
}

// The task's line about a file comes when the PUT is over, after the event that the PUT made. Told
// the other way round: the line of the task for a PUT, if it has one.
const TraceLine* file_of(const TraceLine& put, std::span<const TraceLine> later) {
  if (put.actor != "s3" || put.kind != "put") return nullptr;
  for (const TraceLine& line : later) {
    if (line.at != put.at) return nullptr;
    if (is_file(line) && line.field("key") == put.field("key")) return &line;
  }
  return nullptr;
}

// A PUT that somebody listens to, by a task that did not live to tell of it.
bool is_orphan(const TraceLine& put, std::span<const TraceLine> later) {
  if (put.actor != "s3" || put.kind != "put" || file_of(put, later) != nullptr) return false;
  return std::any_of(later.begin(), later.end(), [&](const TraceLine& line) {
    return line.cause == put.id && line.actor == "s3" && line.kind == "event";
  });
}

// The setup script's transactions are one line: they are not what the story is about.
void append_lines(std::string& out, std::span<const TraceLine> lines, Instant start,
                  bool fold_commits) {
  std::uint64_t transactions = 0, changed = 0;
  const auto flush = [&] {
    if (transactions == 0) return;
    append_line(out, "", "database",
                fmt::format("{} transactions, {} rows", transactions, changed));
    transactions = changed = 0;
  };
  std::set<emulator::sim::EventId> told_early;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (fold_commits && lines[i].actor == "rds") {
      ++transactions;
      changed += base::parse_unsigned(lines[i].field("rows")).value_or(0);
      continue;
    }
    if (is_orphan(lines[i], lines.subspan(i + 1))) {
      append_line(
          out, time_of_day(lines[i].at, start), "file",
          fmt::format("{}  {}", object(lines[i]), count_of(lines[i].field("size"), "byte")));
    }
    const TraceLine* file = file_of(lines[i], lines.subspan(i + 1));
    if (file != nullptr) told_early.insert(file->id);
    const TraceLine& line = file != nullptr ? *file : lines[i];
    if (file == nullptr && told_early.count(line.id) != 0) continue;
    const Told told = tell(line);
    if (told.text.empty()) continue;
    flush();
    append_line(out, time_of_day(line.at, start), told.noun, told.text);
  }
  flush();
}

void append_outcome(std::string& out, const StepReport& step) {
  if (step.outcome.message.empty()) return;
  out += fmt::format("     {} {}\n", step.outcome.held ? "->" : "FAILED:", step.outcome.message);
  for (const std::string& detail : step.outcome.details) {
    if (!detail.empty()) out += "        " + detail + "\n";
  }
}

}  // namespace

Told tell(const TraceLine& line) {
  for (const Row& row : rows) {
    if (row.actor == line.actor && row.kind == line.kind)
      return {std::string(row.noun), row.tell(line)};
  }
  return {};
}

std::string tell(const RunReport& report) {
  const std::span<const TraceLine> lines = report.lines;
  std::string out =
      fmt::format("{}\n{}\n\n", report.title, std::string(base::utf8_length(report.title), '='));
  out += fmt::format(" 0.  the stack comes up at {}, seed {}\n", base::iso_millis(report.started),
                     report.seed);
  append_lines(out, lines.subspan(0, report.setup_lines), report.started, true);
  std::size_t told = report.setup_lines;
  for (std::size_t i = 0; i < report.steps.size(); ++i) {
    const StepReport& step = report.steps[i];
    out += fmt::format("\n{:>2}.  {}: {}\n", i + 1, step.kind, step.summary);
    append_lines(out, lines.subspan(told, step.lines_end - told), report.started, false);
    append_outcome(out, step);
    told = step.lines_end;
  }
  std::string verdict;
  for (const StepReport& step : report.steps) {
    if (step.kind == "expect_equal" && step.outcome.held) verdict = step.outcome.message;
  }
  if (!report.passed()) verdict = "FAILED";
  if (verdict.empty()) verdict = "all expectations held";
  const auto virtual_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(report.virtual_time);
  out += fmt::format("\n{}\ntrace {}, {} lines; {} of virtual time in {}.{:03} ms\n", verdict,
                     report.trace_hash, lines.size(), base::duration_text(virtual_ms),
                     report.real_time.count() / 1000, report.real_time.count() % 1000);
  return out;
}

std::string_view error_code(const TraceLine& line) {
  const std::string_view error = line.field("error");
  return error.substr(0, error.find(": "));
}

}  // namespace pipeline::scenario
