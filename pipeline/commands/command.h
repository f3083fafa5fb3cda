#pragma once
// What a command is: a row of the table in commands.cpp. `declare` adds its options to CLI11 and
// returns what runs it.

#include <functional>
#include <string_view>

#include "emulator/base/result.h"

namespace CLI {
class App;
}

namespace pipeline::commands {

enum ExitCode {
  exit_ok = 0,
  exit_failed = 1,
  exit_usage = 2,
  exit_nondeterministic = 3,
  exit_environment = 4
};

// Declares options on `command` (kept alive by the returned function) and returns the action, whose
// result is the exit code.
using Declare = std::function<int()> (*)(CLI::App& command);

// Writes "sluice: <error>" to stderr and returns the code.
int complain(const emulator::base::Error& error, ExitCode code);

struct Command {
  std::string_view name;
  std::string_view what;
  Declare declare;
};

// One per file of this folder.
std::function<int()> declare_run(CLI::App& command);
std::function<int()> declare_serve(CLI::App& command);
std::function<int()> declare_sql(CLI::App& command);
std::function<int()> declare_why(CLI::App& command);
std::function<int()> declare_binlog(CLI::App& command);
std::function<int()> declare_merge(CLI::App& command);
std::function<int()> declare_list(CLI::App& command);

}  // namespace pipeline::commands
