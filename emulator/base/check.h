#pragma once
// CHECK(condition) guards what only a fault of ours can break. It is on in every build: it prints
// the place and aborts. What a user or a network can cause is an Error (result.h), never a CHECK.

namespace emulator::base {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}

#define CHECK(condition)                                                              \
  do {                                                                                \
    if (!(condition)) ::emulator::base::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)
