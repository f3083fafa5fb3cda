#pragma once
// A running hash whose long updates are worked off on the workers while its owner goes on: MD5 is slower than the network. The value
// is that of Hash, whatever runs where. Few bytes wait at a time: beyond that update() waits for the workers.

#include <memory>
#include <string>
#include <string_view>

#include "emulator/base/digest.h"

namespace emulator::base {

class WorkerPool;

class BackgroundHash {
 public:
  // workers: nullptr = everything is done at once. They must outlive the hash.
  BackgroundHash(HashKind kind, WorkerPool* workers);
  ~BackgroundHash();
  BackgroundHash(BackgroundHash&&) noexcept;
  BackgroundHash& operator=(BackgroundHash&&) noexcept;

  void update(std::string_view bytes);
  std::string finish();  // raw bytes; waits for what is under way

 private:
  struct State;
  static void work(State& state);
  WorkerPool* workers_;
  std::shared_ptr<State> state_;  // shared with the worker that is at it
};

}  // namespace emulator::base
