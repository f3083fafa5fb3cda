#include "pipeline/commands/binlog_printer.h"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>

namespace pipeline::commands {

namespace {

using emulator::base::fail;
using emulator::base::success;
using mysql::Result;

volatile std::sig_atomic_t end_asked = 0;  // a signal handler may touch nothing else

}  // namespace

void end_at_signals() {
  struct sigaction action = {};
  action.sa_handler = [](int) { end_asked = 1; };  // without SA_RESTART: what waits wakes up
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

bool asked_to_end() { return end_asked != 0; }

void say_binlog_error(const emulator::base::Error& error) {
  std::fprintf(stderr, "sluice binlog: %s\n", error.text().c_str());
}

void say_binlog_warning(const std::string& text) {
  std::fprintf(stderr, "sluice binlog: warning: %s\n", text.c_str());
}

BinlogPrinter::BinlogPrinter(const BinlogOptions& options, std::optional<BinlogFrom> from)
    : options_(options),
      from_(std::move(from)),
      assembler_([](const mysql::Position& at, const std::string& message) {
        say_binlog_warning(fmt::format("{} at {}: {}", at.file, at.offset, message));
      }),
      out_([](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }) {
  reached_file_ = !from_ || !from_->position || from_->position->file.empty();
  if (!options_.tables.empty())
    assembler_.only_tables([this](std::string_view schema, std::string_view table) {
      return is_wanted_table(options_.tables, schema, table);
    });
}

bool BinlogPrinter::may_skip(const std::string& file) const {
  return !reached_file_ && file != from_->position->file;
}

void BinlogPrinter::begin_file(const std::string& file) {
  file_ = file;
  if (from_ && from_->position && from_->position->file.empty())
    from_->position->file = file;  // a bare offset is one of the first file
  reached_file_ = reached_file_ || file == from_->position->file;
  assembler_.begin_file(file);
}

Result<void> BinlogPrinter::check_position(const mysql::binlog::Event& event) const {
  if (!from_->position || from_->position->file != file_) return {};
  const std::uint64_t wanted = from_->position->offset;
  if (event.header.end_position == 0 || event.offset >= wanted || event.end() <= wanted) return {};
  return fail(fmt::format("no event begins at {}, where --from says: one lies from {} to {}",
                          wanted, event.offset, event.end()),
              "take a position that a line of --json or the server gave");
}

bool BinlogPrinter::is_after_from(const mysql::Transaction& transaction) const {
  if (!from_) return true;
  if (from_->is_gtid()) return from_->precedes(transaction.gtid);
  return transaction.end.file != from_->position->file ||
         transaction.end.offset > from_->position->offset;
}

Result<void> BinlogPrinter::take(const mysql::binlog::Event& event,
                                 const mysql::binlog::FormatDescriptionEvent& format) {
  if (from_)
    if (auto checked = check_position(event); !checked) return checked;
  if (options_.stats || options_.verify) statistics_.count(event);
  if (options_.verify) return success;
  auto taken = assembler_.take(event, format);
  if (!taken) return tl::unexpected(taken.error());
  if (!*taken) return success;
  auto done = is_after_from(assembler_.committed()) ? print() : success;
  committed_to_ = assembler_.committed().end;
  return done;
}

Result<void> BinlogPrinter::print() {
  const mysql::Transaction& transaction = assembler_.committed();
  const mysql::binlog::RowLog& rows = assembler_.committed_rows();
  if (options_.stats) return statistics_.count(transaction, rows);
  if (options_.json) return json_.print(transaction, rows);
  const bool left_out = !options_.tables.empty() && rows.empty() && !transaction.schema_change;
  return left_out ? Result<void>() : text_.print(transaction, rows);
}

void BinlogPrinter::flush() {
  out_.flush();
  std::fflush(stdout);
}

Result<void> BinlogPrinter::finish() {
  if (!reached_file_)
    return fail(
        fmt::format("no file {} among those given, where --from says", from_->position->file));
  if (options_.stats) out_.append(options_.json ? statistics_.json() : statistics_.text());
  if (options_.verify)
    out_.append(options_.json ? statistics_.events_json() : statistics_.events_text());
  flush();
  return {};
}

}  // namespace pipeline::commands
