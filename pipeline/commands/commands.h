#pragma once
// The command line (design section 9): one file a command, one row a command in commands.cpp.
// Results on stdout, progress and hints on stderr. Exit codes: 0 held, 1 an expectation failed, 2
// usage or bad input, 3 nondeterminism, 4 environment.

namespace pipeline::commands {

int run(int argc, char** argv);

}  // namespace pipeline::commands
