#include "emulator/base/background_hash.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include "emulator/base/worker_pool.h"

namespace emulator::base {
namespace {

constexpr std::size_t worth_a_worker = 64 * 1024;  // below it handing over costs more than it saves
constexpr std::size_t waiting_bytes_max = 1024 * 1024;

}  // namespace

struct BackgroundHash::State {
  explicit State(HashKind kind) : hash(kind) {}
  Hash hash;  // of whoever is at it: the worker while `working`, else the owner
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::string> waiting;
  std::size_t waiting_bytes = 0;
  bool working = false;
};

BackgroundHash::BackgroundHash(HashKind kind, WorkerPool* workers) : workers_(workers), state_(std::make_shared<State>(kind)) {}
BackgroundHash::BackgroundHash(BackgroundHash&&) noexcept = default;
BackgroundHash& BackgroundHash::operator=(BackgroundHash&&) noexcept = default;

// Nobody wants the value any more: what waits is dropped.
BackgroundHash::~BackgroundHash() {
  if (!state_) return;
  const std::lock_guard lock(state_->mutex);
  state_->waiting.clear();
}

void BackgroundHash::update(std::string_view bytes) {
  std::unique_lock lock(state_->mutex);
  if (!state_->working && (workers_ == nullptr || bytes.size() < worth_a_worker)) return state_->hash.update(bytes);
  state_->changed.wait(lock, [&] { return state_->waiting_bytes < waiting_bytes_max; });
  state_->waiting.emplace_back(bytes);
  state_->waiting_bytes += bytes.size();
  if (std::exchange(state_->working, true)) return;
  workers_->post([state = state_] { work(*state); });
}

void BackgroundHash::work(State& state) {
  std::unique_lock lock(state.mutex);
  while (!state.waiting.empty()) {
    const std::string piece = std::move(state.waiting.front());
    state.waiting.pop_front();
    lock.unlock();
    state.hash.update(piece);
    lock.lock();
    state.waiting_bytes -= piece.size();
    state.changed.notify_all();
  }
  state.working = false;
  state.changed.notify_all();
}

std::string BackgroundHash::finish() {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [&] { return !state_->working; });
  return state_->hash.finish();
}

}  // namespace emulator::base
