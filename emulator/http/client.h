#pragma once
// One HTTP exchange with a server on this machine, blocking: for commands that talk to a running
// `sluice serve`.

#include <cstdint>
#include <string>
#include <string_view>

#include "emulator/base/result.h"

namespace emulator::http {

struct Answer {
  int status = 0;
  std::string body;
};

struct Call {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  std::string method = "GET";
  std::string target = "/";
  std::string body = {};
};

// An Error if nobody answers there, or the answer is no HTTP.
base::Result<Answer> exchange(const Call& call);

}  // namespace emulator::http
