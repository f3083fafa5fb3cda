#include "pipeline/scenario/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "emulator/base/csv.h"
#include "emulator/base/text.h"
#include "pipeline/scenario/story.h"

namespace pipeline::scenario {
namespace {

namespace base = emulator::base;
using emulator::sim::EventId;
using emulator::sim::TraceLine;

// A key as the event has it (form-encoded) or as it is.
bool names_key(std::string_view field, std::string_view key) {
  return field == key || base::percent_decode(field, true).value_or(std::string()) == key;
}

bool is_about(const TraceLine& line, std::string_view key) {
  if (line.actor == "dms" || line.actor == "scenario") return false;
  return names_key(line.field("key"), key) ||
         (line.actor == "link" && names_key(line.field("label"), key));
}

// What one file set off, counted.
struct Consequences {
  int events = 0, attempts = 0, refused = 0, started = 0, succeeded = 0, failed_runs = 0;
  std::string fault, error, run_error, last_run;
  bool lost = false, dead = false;

  void take(const TraceLine& line) {
    if (line.actor == "s3" && line.kind == "event") ++events;
    if (line.actor == "link" && line.kind == "fault")
      fault = fmt::format("{} on {}", line.field("fault"), line.field("link"));
    if (line.actor == "link" && line.kind == "lost") lost = true;
    if (line.actor == "lambda" && line.kind == "invoke") ++attempts;
    if (line.actor == "lambda" && line.kind == "failed") error = error_code(line);
    if (line.actor == "lambda" && line.kind == "dead_letter") dead = true;
    if (line.actor == "glue" && line.kind == "refused") ++refused;
    if (line.actor == "glue" && line.kind == "run_started") {
      ++started;
      last_run = line.field("run").substr(0, 11);
    }
    if (line.actor == "glue" && line.kind == "run_succeeded") ++succeeded;
    if (line.actor == "glue" && line.kind == "run_failed") {
      ++failed_runs;
      run_error = line.field("error");
    }
  }

  std::string text() const {
    if (events == 0) return "no event: nobody was told";
    std::string out = "event";
    if (lost) return out + fmt::format(" lost ({}): never merged", fault);
    if (!fault.empty()) out += fmt::format(" ({})", fault);
    if (attempts == 0) return out + ", not delivered yet";
    out += attempts == 1 ? ", 1 invocation" : fmt::format(", {} invocations", attempts);
    if (!error.empty()) out += fmt::format(" ({})", error);
    if (started > 0)
      out += started == 1 ? fmt::format(", run {}", last_run) : fmt::format(", {} runs", started);
    if (failed_runs > 0) out += fmt::format(", failed ({})", run_error);
    if (succeeded > 0)
      return out + (succeeded == 1 ? " merged it" : fmt::format(" merged it {} times", succeeded));
    if (dead) return out + ": dead letter, never merged";
    if (failed_runs > 0) return out + ": not merged";
    return out + ": not finished";
  }
};

}  // namespace

Explainer::Explainer(emulator::s3::Service& s3, const std::vector<TraceLine>& lines,
                     Subject subject)
    : subject_(std::move(subject)) {
  const std::string folder = fmt::format("{}/{}/", subject_.schema, subject_.table);
  for (const TraceLine& line : lines) {
    // S3's line, not the task's: a task that died after the PUT has none.
    if (line.actor != "s3" || line.kind != "put" || line.field("bucket") != subject_.bucket)
      continue;
    const std::string_view key = line.field("key");
    if (key.substr(0, folder.size()) != folder && key.find("/" + folder) == std::string_view::npos)
      continue;
    read_file(line, s3);
    follow(std::string(key), lines, files_.back());
  }
}

void Explainer::read_file(const TraceLine& line, emulator::s3::Service& s3) {
  const std::string key(line.field("key"));
  File file;
  file.name = key.substr(key.rfind('/') + 1);
  file.load = file.name.substr(0, 4) == "LOAD";
  auto object = s3.get_object(std::string(line.field("bucket")), key);
  auto rows =
      object ? base::parse_csv(object->read_all(), {subject_.delimiter, true}) : base::fail("gone");
  file.gone = !rows;
  const bool has_op = !file.load || subject_.op_in_load;
  const std::size_t first = (has_op ? 1 : 0) + subject_.columns_before;
  for (std::size_t i = 0; rows && i < rows->size(); ++i) {
    FileRow row{i + 1, has_op && !(*rows)[i].empty() ? (*rows)[i].front().text : std::string(), {}};
    for (std::size_t column = first; column < (*rows)[i].size(); ++column)
      row.row.push_back((*rows)[i][column].text);
    file.rows.push_back(std::move(row));
  }
  files_.push_back(std::move(file));
}

// Lines that name the object, and all that they caused.
void Explainer::follow(const std::string& key, const std::vector<TraceLine>& lines,
                       File& file) const {
  std::set<EventId> reached;
  Consequences consequences;
  for (const TraceLine& line : lines) {
    if (!is_about(line, key) && reached.count(line.cause) == 0) continue;
    if (line.actor == "dms" || line.actor == "rds" || line.actor == "scenario") continue;
    reached.insert(line.id);
    consequences.take(line);
  }
  file.fate = consequences.text();
  file.merged = consequences.succeeded > 0;
}

std::vector<std::string> Explainer::explain(const Difference& difference) const {
  std::vector<std::string> out;
  std::string last_op;
  bool unmerged = false;
  const auto has_key = [&](const FileRow& row) {
    if (subject_.key.empty()) return row.row == difference.key;
    for (std::size_t i = 0; i < subject_.key.size(); ++i) {
      if (subject_.key[i] >= row.row.size() || row.row[subject_.key[i]] != difference.key[i])
        return false;
    }
    return true;
  };
  for (const File& file : files_) {
    if (file.gone)
      out.push_back(fmt::format("{} is no longer in the bucket; {}", file.name, file.fate));
    std::string mentions;
    for (const FileRow& row : file.rows) {
      if (!has_key(row)) continue;
      if (!mentions.empty()) mentions += ", ";
      mentions += fmt::format("line {} \"{}{}\"", row.line, row.op.empty() ? "" : row.op + ",",
                              csv_line(row.row));
      last_op = row.op;
    }
    if (mentions.empty()) continue;
    unmerged = unmerged || !file.merged;
    out.push_back(fmt::format("{} {}: {}", file.name, mentions, file.fate));
  }
  if (out.empty())
    out.push_back("no file of the bucket mentions this row");
  else if (difference.kind == Difference::Kind::extra && !difference.copy && last_op != "D" &&
           !unmerged) {
    out.push_back(
        "no file deletes it: an update of the primary key arrives as one U row with the new key (a "
        "ghost row)");
  }
  return out;
}

}  // namespace pipeline::scenario
