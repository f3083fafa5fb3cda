#include "emulator/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace emulator::base {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: CHECK(%s) failed: this is a fault of Sluice, please report it\n",
               file, line, condition);
  std::abort();
}

}  // namespace emulator::base
