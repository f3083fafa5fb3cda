#pragma once
// SHA-512, which only S3's newer checksums need.

#include <memory>
#include <string>
#include <string_view>

namespace emulator::base {

// Update as bytes arrive, finish once.
class Sha512 {
 public:
  Sha512();
  ~Sha512();
  void update(std::string_view bytes);
  std::string finish();  // raw bytes

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace emulator::base
