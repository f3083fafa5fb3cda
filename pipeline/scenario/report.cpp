#include "pipeline/scenario/report.h"

#include <fmt/format.h>

#include "emulator/base/json.h"
#include "emulator/base/text.h"
#include "emulator/base/xml.h"

namespace pipeline::scenario {
namespace {

namespace base = emulator::base;

std::string place(const Location& where) {
  return fmt::format("{}:{}:{}", where.file, where.line, where.column);
}

// Thousandths of a unit as a decimal, without a detour over floating point.
std::string thousandths(std::int64_t value) {
  return fmt::format("{}.{:03}", value / 1000, value % 1000);
}

std::vector<std::string> failure_lines(const StepReport& step) {
  std::vector<std::string> out = {
      fmt::format("{}: {}: {}", place(step.where), step.kind, step.outcome.message)};
  for (const std::string& detail : step.outcome.details) {
    if (!detail.empty()) out.push_back("  " + detail);
  }
  return out;
}

// GoogleTest, pytest and CI servers agree on this much of JUnit's XML: suites hold cases, a case
// holds its failure.
void append_case(std::string& out, const RunReport& report) {
  out += "    <testcase classname=\"sluice\" name=\"";
  base::append_xml_text(out, report.title);
  out += "\" file=\"";
  base::append_xml_text(out, report.path);
  out += fmt::format("\" time=\"{}\"", thousandths(report.real_time.count() / 1000));
  if (report.passed()) {
    out += "/>\n";
    return;
  }
  out += ">\n      <failure message=\"";
  std::string text;
  bool first = true;
  for (const StepReport& step : report.steps) {
    if (step.outcome.held) continue;
    if (first) base::append_xml_text(out, step.outcome.message);
    first = false;
    for (const std::string& line : failure_lines(step)) text += line + "\n";
  }
  out += "\">";
  base::append_xml_text(out, text);
  out += "</failure>\n    </testcase>\n";
}

}  // namespace

std::string text_report(const RunReport& report) {
  const std::string name = fmt::format("{} {}", report.passed() ? "ok  " : "FAIL", report.title);
  std::string out =
      fmt::format("{:<84} {:>2} steps  {:>9} virtual  {:>7} ms  {}\n", name, report.steps.size(),
                  base::duration_text(
                      std::chrono::duration_cast<std::chrono::milliseconds>(report.virtual_time)),
                  thousandths(report.real_time.count()), report.trace_hash);
  for (const StepReport& step : report.steps) {
    if (step.outcome.held) continue;
    for (const std::string& line : failure_lines(step)) out += "     " + line + "\n";
  }
  return out;
}

std::string json_report(const RunReport& report) {
  base::JsonWriter json;
  json.object().key("scenario").string(report.path).key("title").string(report.title);
  json.key("seed").unsigned_number(report.seed).key("passed").boolean(report.passed());
  json.key("steps").unsigned_number(report.steps.size());
  json.key("virtual_ms").number(report.virtual_time.count() / 1000);
  json.key("real_ms").real(static_cast<double>(report.real_time.count()) / 1000);
  json.key("trace_hash").string(report.trace_hash).key("failures").array();
  for (const StepReport& step : report.steps) {
    if (step.outcome.held) continue;
    json.object()
        .key("file")
        .string(step.where.file)
        .key("line")
        .number(step.where.line)
        .key("column")
        .number(step.where.column);
    json.key("step")
        .string(step.kind)
        .key("message")
        .string(step.outcome.message)
        .key("details")
        .array();
    for (const std::string& detail : step.outcome.details) {
      if (!detail.empty()) json.string(detail);
    }
    json.end().end();
  }
  json.end().end();
  return json.take() + "\n";
}

std::string junit_report(const std::vector<RunReport>& reports) {
  std::size_t failures = 0;
  std::int64_t time_us = 0;
  for (const RunReport& report : reports) {
    failures += report.passed() ? 0 : 1;
    time_us += report.real_time.count();
  }
  const std::string totals = fmt::format("tests=\"{}\" failures=\"{}\" errors=\"0\" time=\"{}\"",
                                         reports.size(), failures, thousandths(time_us / 1000));
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {}>\n  <testsuite name=\"sluice "
      "run\" {}>\n",
      totals, totals);
  for (const RunReport& report : reports) append_case(out, report);
  return out + "  </testsuite>\n</testsuites>\n";
}

}  // namespace pipeline::scenario
