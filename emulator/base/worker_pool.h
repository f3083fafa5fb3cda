#pragma once
// Threads for pure functions only: hash, compress, decode a block, merge a partition. A task may
// touch nothing but its own input and output; the caller joins results in the order it chose, never
// in the order they ended.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace emulator::base {

struct HashBatches;

class WorkerPool {
 public:
  // threads = 0: everything runs on the caller's thread.
  explicit WorkerPool(std::size_t threads);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Runs task(0) ... task(count - 1), some at the same time, the caller's thread among the workers;
  // returns when all have ended.
  void for_each(std::size_t count, const std::function<void(std::size_t)>& task);
  // Runs the task on a worker, some time; without threads now. The destructor waits for all.
  void post(std::function<void()> task);
  // How many tasks this machine runs at once, at least 1: for choosing `threads`, never for a
  // result.
  static std::size_t processors();
  // Of bodies, that are computed here (background_hash.h).
  HashBatches& hashes() { return *hashes_; }

 private:
  void work();
  std::unique_ptr<HashBatches> hashes_;
  std::vector<std::thread> threads_;
  std::deque<std::function<void()>> queue_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
};

}  // namespace emulator::base
