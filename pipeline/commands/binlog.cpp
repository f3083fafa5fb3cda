// sluice binlog FILE... [--json] [--stats] [--schema DUMP.sql]: what committed, in commit order. Files are read in pieces, so a log of any size will do.

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "emulator/base/file.h"
#include "pipeline/commands/command.h"
#include "pipeline/mysql/binlog/file.h"
#include "pipeline/mysql/binlog/json_lines.h"
#include "pipeline/mysql/binlog/reader.h"
#include "pipeline/mysql/binlog/statistics.h"
#include "pipeline/mysql/binlog/transaction_assembler.h"
#include "pipeline/mysql/schema_file.h"

namespace pipeline::commands {

namespace {

using emulator::base::fail;
using emulator::base::Result;
using mysql::binlog::Reader;

constexpr std::size_t piece_bytes = 1 << 20;

struct Options {
  std::vector<std::string> files;
  std::vector<std::string> schemas;  // dumps with the tables as they were before the files
  bool json = false;
  bool stats = false;
};

class Printer {
 public:
  explicit Printer(const Options& options)
      : options_(options), assembler_([](const mysql::Position& at, const std::string& message) {
          std::fprintf(stderr, "sluice binlog: warning: %s at %llu: %s\n", at.file.c_str(), static_cast<unsigned long long>(at.offset), message.c_str());
        }) {}

  Result<void> seed(const std::string& dump) { return mysql::seed_from_file(assembler_.schema(), dump); }

  Result<void> print(const std::string& path) {
    Reader reader(path == "-" ? "-" : mysql::binlog::log_name(path));
    assembler_.begin_file(reader.file());
    auto done = path == "-" ? read_pieces(STDIN_FILENO, path, reader) : read_file(path, reader);
    if (done) done = reader.finish();
    if (done && assembler_.inside_transaction() && path == options_.files.back())
      std::fprintf(stderr, "sluice binlog: warning: %s ends inside a transaction that did not commit\n", path.c_str());
    return done;
  }

  void finish() {
    if (options_.stats) out_.append(options_.json ? statistics_.json() : statistics_.text());
    flush();
  }
  void flush() { out_.flush(); }

 private:
  Result<void> read_file(const std::string& path, Reader& reader) {
    auto file = emulator::base::File::open(path, O_RDONLY);
    if (!file) return tl::unexpected(file.error());
    return read_pieces(file->descriptor(), path, reader);
  }

  // A gzipped log is recognised by its first bytes and undone whole.
  Result<void> read_pieces(int descriptor, const std::string& path, Reader& reader) {
    const std::unique_ptr<char[]> piece(new char[piece_bytes]);
    std::string gzipped;
    bool first = true;
    while (true) {
      const ssize_t got = ::read(descriptor, piece.get(), piece_bytes);
      if (got < 0) return fail(path + ": cannot be read");
      if (got == 0) break;
      const std::string_view bytes(piece.get(), static_cast<std::size_t>(got));
      if (!gzipped.empty() || (first && bytes.substr(0, 2) == "\x1F\x8B"))
        gzipped += bytes;
      else if (auto done = take(bytes, reader); !done)
        return done;
      first = false;
    }
    if (gzipped.empty()) return {};
    auto plain = mysql::binlog::undo_gzip(std::move(gzipped), path);
    if (!plain) return tl::unexpected(plain.error());
    return take(*plain, reader);
  }

  Result<void> take(std::string_view bytes, Reader& reader) {
    reader.feed(bytes);
    while (true) {
      const std::uint64_t at = reader.offset();
      auto event = reader.next();
      if (!event) return tl::unexpected(event.error());
      if (!*event) return {};
      auto done = show(**event, reader);
      if (!done) return tl::unexpected(reader.error_at(at, done.error()));
    }
  }

  Result<void> show(const mysql::binlog::Event& event, const Reader& reader) {
    if (options_.stats) statistics_.count(event);
    auto taken = assembler_.take(event, reader.format());
    if (!taken) return tl::unexpected(taken.error());
    if (!*taken) return {};
    if (options_.stats) return statistics_.count(assembler_.committed(), assembler_.committed_rows());
    return options_.json ? json_.print(assembler_.committed(), assembler_.committed_rows())
                         : text_.print(assembler_.committed(), assembler_.committed_rows());
  }

  const Options& options_;
  mysql::binlog::TransactionAssembler assembler_;
  mysql::binlog::Statistics statistics_;
  mysql::binlog::Output out_{[](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }};
  mysql::binlog::JsonLines json_{out_};
  mysql::binlog::TextLines text_{out_};
};

int print_binlogs(const Options& options) {
  Printer printer(options);
  Result<void> done;
  for (std::size_t i = 0; done && i < options.schemas.size(); ++i) done = printer.seed(options.schemas[i]);
  for (std::size_t i = 0; done && i < options.files.size(); ++i) done = printer.print(options.files[i]);
  if (!done) {
    printer.flush();
    std::fprintf(stderr, "sluice binlog: %s\n", done.error().text().c_str());
    return exit_usage;
  }
  printer.finish();
  return exit_ok;
}

}  // namespace

std::function<int()> declare_binlog(CLI::App& command) {
  auto options = std::make_shared<Options>();  // shared: CLI11 writes into it, the action reads it
  command.add_option("FILE", options->files, "binlog files in log order, plain or gzipped; - reads standard input")->required();
  command.add_flag("--json", options->json, "a JSON line a row change or DDL statement");
  command.add_option("--schema", options->schemas, "DDL of the tables as they were before the files (mysqldump --no-data), for logs without column names");
  command.add_flag("--stats", options->stats, "counts of events and rows only");
  return [options] { return print_binlogs(*options); };
}

}  // namespace pipeline::commands
