#pragma once
// The bodies whose MD5s are computed on the same workers (background_md5.h). Internal to this
// folder.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/background_md5.h"
#include "emulator/base/md5.h"

namespace emulator::base {

struct BackgroundMd5::Body {
  Md5 md5;  // of whoever is at it: the worker while `working`, else the owner
  std::deque<std::string> waiting = {};
  std::size_t waiting_bytes = 0;
  bool working = false;
  bool counted = false;  // among those that are open
  bool wanted = false;   // its owner waits for the value
};

class Md5Batch {
 public:
  using Body = std::shared_ptr<BackgroundMd5::Body>;

  void update(WorkerPool& workers, const Body& body, std::string_view bytes);
  std::string finish(WorkerPool& workers, const Body& body);
  void drop(const Body& body);

 private:
  std::string copy(std::string_view bytes);
  void close();
  bool is_due() const;
  void start(WorkerPool& workers, std::unique_lock<std::mutex>& lock);
  void work();
  void run_batch(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Body> ready_;   // those with pieces that no worker is at
  std::size_t open_ = 0;     // that have given work to the workers, and may give more
  std::size_t started_ = 0;  // tasks that wait for a worker
  // Buffers to be filled again while bodies are open: the system's pages cost more than the copy.
  std::vector<std::string> spare_;
};

}  // namespace emulator::base
