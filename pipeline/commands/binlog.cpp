// sluice binlog SOURCE...: what committed, in commit order, from files, standard input or a running
// server.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "pipeline/commands/binlog_printer.h"
#include "pipeline/commands/command.h"
#include "pipeline/mysql/protocol/server_url.h"

namespace pipeline::commands {

namespace {

int usage(const emulator::base::Error& error) {
  say_binlog_error(error);
  return exit_usage;
}

int print_binlogs(const BinlogOptions& options) {
  const auto is_server = [](const std::string& source) {
    return mysql::protocol::is_server_url(source);
  };
  const bool server = std::any_of(options.sources.begin(), options.sources.end(), is_server);
  if (server && options.sources.size() > 1)
    return usage({"a server is read alone, without other sources"});
  if (options.follow && options.sources.size() > 1)
    return usage({"--follow reads one server or one file, and the files that come after it"});
  if (options.follow && (options.stats || options.verify))
    return usage({"--stats and --verify count to an end, which --follow has not"});
  std::optional<BinlogFrom> from;
  if (!options.from.empty() && !(server && options.from == "now")) {
    auto parsed = parse_binlog_from(options.from);
    if (!parsed) return usage(parsed.error());
    from = std::move(*parsed);
  }
  if (options.follow) end_at_signals();
  BinlogPrinter printer(options, std::move(from));
  for (const std::string& dump : options.schemas)
    if (auto done = printer.seed(dump); !done) return usage(done.error());
  return server ? print_server_binlog(options, printer) : print_binlog_files(options, printer);
}

}  // namespace

std::function<int()> declare_binlog(CLI::App& command) {
  auto options =
      std::make_shared<BinlogOptions>();  // shared: CLI11 writes into it, the action reads it
  command
      .add_option("SOURCE", options->sources,
                  "binlog files in log order, plain or gzipped; - reads standard input; or a "
                  "server, mysql://user:password@host:port "
                  "(?ssl-mode=, ssl-ca=; MYSQL_PWD may have the password)")
      ->required();
  command.add_flag("--json", options->json, "a JSON line a row change or DDL statement");
  command
      .add_option("--schema", options->schemas,
                  "DDL of the tables as they were before the files (mysqldump --no-data), for logs "
                  "without column names")
      ->allow_extra_args(false);
  auto* stats = command.add_flag("--stats", options->stats,
                                 "counts of events, rows and values; every value is decoded");
  auto* verify = command.add_flag(
      "--verify", options->verify,
      "only checks the size, position and checksum of each event, and counts them");
  verify->excludes(stats);
  command.add_option("--from", options->from,
                     "what comes after FILE:POS, POS, a GTID set (UUID:1-5) or MariaDB GTIDs "
                     "(0-1-100); of a server also: now");
  command
      .add_option("--table", options->tables,
                  "only SCHEMA.TABLE; % stands for any characters; may be repeated")
      ->allow_extra_args(false);
  command.add_flag("--follow", options->follow,
                   "goes on as the server, or the file, grows, until SIGINT or SIGTERM");
  return [options] { return print_binlogs(*options); };
}

}  // namespace pipeline::commands
