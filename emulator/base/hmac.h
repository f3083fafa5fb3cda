#pragma once
// HMAC with one key, of many texts: the key is worked in once.

#include <memory>
#include <string>
#include <string_view>

#include "emulator/base/digest.h"

namespace emulator::base {

class Hmac {
 public:
  Hmac(HashKind kind, std::string_view key);
  ~Hmac();
  Hmac(Hmac&&) noexcept;
  Hmac& operator=(Hmac&&) noexcept;
  std::string of(std::string_view bytes);  // raw bytes

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace emulator::base
