#include "pipeline/commands/commands.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "pipeline/commands/command.h"
#include "pipeline/commands/usage.h"

namespace pipeline::commands {
namespace {

constexpr Command commands[] = {
    {"run", "Run scenarios on a virtual clock, in memory", declare_run},
    {"serve", "Bring the pipeline up on this machine for any AWS and MySQL client", declare_serve},
    {"sql", "Talk to the database of a running `sluice serve`", declare_sql},
    {"why", "Say of an object why its notifications fired, or did not", declare_why},
    {"binlog", "Print the row changes of MySQL and MariaDB binlog files", declare_binlog},
    {"merge", "Merge change files into a base file, both CSV on this machine", declare_merge},
    {"list", "List the steps, faults, settings and operations there are", declare_list},
};

}  // namespace

int complain(const emulator::base::Error& error, ExitCode code) {
  std::fprintf(stderr, "sluice: %s\n", error.text().c_str());
  return code;
}

int run(int argc, char** argv) {
  CLI::App app(
      "sluice runs the AWS change-data-capture pipeline MySQL -> DMS -> S3 -> Lambda -> Glue -> S3 "
      "on a laptop",
      "sluice");
  app.set_version_flag("--version", "sluice " SLUICE_VERSION);
  app.require_subcommand(1);
  std::function<int()> chosen;
  for (const Command& command : commands) {
    CLI::App* sub = app.add_subcommand(std::string(command.name), std::string(command.what));
    sub->callback([&chosen, action = command.declare(*sub)] { chosen = action; });
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0)
      return app.exit(error);  // --help and --version: standard output
    const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
    std::fputs(explain_usage(app, error, words).c_str(), stderr);
    return exit_usage;
  }
  return chosen();
}

}  // namespace pipeline::commands
