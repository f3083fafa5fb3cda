#include "emulator/base/worker_pool.h"

#include <atomic>
#include <memory>

#include "emulator/base/hash_batch.h"

namespace emulator::base {

WorkerPool::WorkerPool(std::size_t threads) : hashes_(std::make_unique<HashBatches>()) {
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

WorkerPool::~WorkerPool() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::size_t WorkerPool::processors() {
  const unsigned count = std::thread::hardware_concurrency();
  return count > 0 ? count : 1;
}

void WorkerPool::for_each(std::size_t count, const std::function<void(std::size_t)>& task) {
  std::atomic<std::size_t> next{0};
  std::size_t running = 0;
  std::condition_variable ended;
  auto drain = [&] {
    for (std::size_t i = next++; i < count; i = next++) task(i);
  };
  {
    std::lock_guard lock(mutex_);
    running = threads_.size();
    for (std::size_t i = 0; i < threads_.size(); ++i) {
      queue_.emplace_back([&] {
        drain();
        std::lock_guard done(mutex_);
        if (--running == 0) ended.notify_all();
      });
    }
  }
  wake_.notify_all();
  drain();
  std::unique_lock lock(mutex_);
  ended.wait(lock, [&] { return running == 0; });
}

void WorkerPool::post(std::function<void()> task) {
  if (threads_.empty()) return task();
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(task));
  }
  wake_.notify_one();
}

void WorkerPool::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    auto task = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    task();
    lock.lock();
  }
}

}  // namespace emulator::base
