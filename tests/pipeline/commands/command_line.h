#pragma once
// The command line as a script sees it: an exit code, and what went to stdout and stderr.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pipeline/commands/commands.h"

namespace pipeline::commands {

class CommandLine : public ::testing::Test {
 protected:
  int sluice(std::vector<std::string> words) {
    words.insert(words.begin(), "sluice");
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const int code = run(static_cast<int>(argv.size()), argv.data());
    out_ = ::testing::internal::GetCapturedStdout();
    err_ = ::testing::internal::GetCapturedStderr();
    return code;
  }

  std::string out_, err_;
};

}  // namespace pipeline::commands
