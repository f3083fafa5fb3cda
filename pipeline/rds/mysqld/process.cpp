#include "pipeline/rds/mysqld/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pipeline::rds::mysqld {
namespace {

constexpr int check_milliseconds = 20;
constexpr int patience_milliseconds = 30'000;
constexpr int not_run = 127;

}  // namespace

int start_process(const std::vector<std::string>& words, const std::string& output) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const int file = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const pid_t child = ::fork();
  if (child == 0) {
    // Only what is safe between fork and exec.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::setpgid(0, 0);  // an interrupt from the keyboard is ours to pass on
    ::dup2(file, STDOUT_FILENO);
    ::dup2(file, STDERR_FILENO);
    ::execv(arguments[0], arguments.data());
    ::_exit(not_run);
  }
  if (file >= 0) ::close(file);
  return child;
}

bool has_ended(int process, int milliseconds, int* exit_status) {
  int status = 0;
  for (int waited = 0;; waited += check_milliseconds) {
    if (::waitpid(process, &status, WNOHANG) != 0) {
      if (exit_status != nullptr) *exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : not_run;
      return true;
    }
    if (waited >= milliseconds) return false;
    ::poll(nullptr, 0, check_milliseconds);
  }
}

void stop_process(int process) {
  ::kill(process, SIGTERM);
  if (has_ended(process, patience_milliseconds)) return;
  ::kill(process, SIGKILL);
  ::waitpid(process, nullptr, 0);
}

int run_process(const std::vector<std::string>& words, const std::string& output) {
  const int process = start_process(words, output);
  int status = 0;
  if (process <= 0 || ::waitpid(process, &status, 0) != process || !WIFEXITED(status))
    return not_run;
  return WEXITSTATUS(status);
}

}  // namespace pipeline::rds::mysqld
