#pragma once
// The bodies whose hashes of one kind are computed on the same workers (background_hash.h).
// Internal to this folder.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/base/background_hash.h"

namespace emulator::base {

template <class Text>
struct BackgroundHash<Text>::Body {
  explicit Body(Text begun) : text(std::move(begun)) {}

  Text text;  // of whoever is at it: who runs the batch while `working`, else the owner
  std::deque<std::string> waiting = {};
  std::size_t waiting_bytes = 0;
  bool working = false;
  bool counted = false;  // among those that are open
  bool wanted = false;   // its owner waits for the value
};

template <class Text>
class HashBatch {
 public:
  using Body = std::shared_ptr<typename BackgroundHash<Text>::Body>;

  void update(WorkerPool& workers, const Body& body, std::string_view bytes);
  std::string finish(const Body& body);
  void drop(const Body& body);

 private:
  std::string copy(std::string_view bytes);
  void close();
  bool is_due() const;
  void start(WorkerPool& workers, std::unique_lock<std::mutex>& lock);
  void work();
  void help(const Body& body, std::unique_lock<std::mutex>& lock);
  void run_batch(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Body> ready_;   // those with pieces that nobody is at
  std::size_t open_ = 0;     // that have given work to the workers, and may give more
  std::size_t started_ = 0;  // tasks that wait for a worker
  // Buffers to be filled again while bodies are open: the system's pages cost more than the copy.
  std::vector<std::string> spare_;
};

// One of each kind, of a pool.
struct HashBatches {
  HashBatch<Md5> md5s;
  HashBatch<Sha256> sha256s;
};

}  // namespace emulator::base
