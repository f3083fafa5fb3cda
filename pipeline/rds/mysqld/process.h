#pragma once
// A child process that dies with us.

#include <string>
#include <vector>

namespace pipeline::rds::mysqld {

// Starts a program, its output appended to a file. 0 or less: it could not be started.
int start_process(const std::vector<std::string>& words, const std::string& output);
// Whether it has ended; waits for it at most that long. Its status is then gone.
bool has_ended(int process, int milliseconds, int* exit_status = nullptr);
// SIGTERM, and SIGKILL if that takes longer than 30 seconds.
void stop_process(int process);
// Runs a program to its end: its exit status, 127 if it could not be run.
int run_process(const std::vector<std::string>& words, const std::string& output);

}  // namespace pipeline::rds::mysqld
