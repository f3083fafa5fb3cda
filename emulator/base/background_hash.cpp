#include "emulator/base/background_hash.h"

#include <algorithm>
#include <type_traits>
#include <utility>
#include <vector>

#include "emulator/base/hash_batch.h"
#include "emulator/base/worker_pool.h"

namespace emulator::base {
namespace {

constexpr std::size_t worth_a_worker = 64 * 1024;  // below it handing over costs more than it saves
constexpr std::size_t piece_bytes = 128 * 1024;
constexpr std::size_t spare_max = 16;  // pieces
constexpr std::size_t waiting_bytes_max = 512 * 1024;

template <class Text>
HashBatch<Text>& batch(WorkerPool& workers) {
  if constexpr (std::is_same_v<Text, Md5>) {
    return workers.hashes().md5s;
  } else {
    return workers.hashes().sha256s;
  }
}

}  // namespace

template <class Text>
BackgroundHash<Text>::BackgroundHash(WorkerPool* workers) : workers_(workers) {}
template <class Text>
BackgroundHash<Text>::BackgroundHash(BackgroundHash&&) noexcept = default;

// Nobody wants the value any more: what waits is dropped.
template <class Text>
BackgroundHash<Text>::~BackgroundHash() {
  if (body_) batch<Text>(*workers_).drop(body_);
}

template <class Text>
void BackgroundHash<Text>::update(std::string_view bytes) {
  if (bytes.empty()) return;
  if (!body_) {
    if (workers_ == nullptr || bytes.size() < worth_a_worker) return text_.update(bytes);
    body_ = std::make_shared<Body>(std::move(text_));
  }
  batch<Text>(*workers_).update(*workers_, body_, bytes);
}

template <class Text>
std::string BackgroundHash<Text>::finish() {
  if (!body_) return text_.finish();
  const auto body = std::exchange(body_, nullptr);
  return batch<Text>(*workers_).finish(body);
}

template <class Text>
void HashBatch<Text>::update(WorkerPool& workers, const Body& body, std::string_view bytes) {
  std::unique_lock lock(mutex_);
  if (!std::exchange(body->counted, true)) ++open_;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), piece_bytes))) {
    while (body->waiting_bytes >= waiting_bytes_max) help(body, lock);
    if (!body->working && body->waiting.empty()) ready_.push_back(body);
    const std::string_view piece = bytes.substr(0, piece_bytes);
    body->waiting.push_back(copy(piece));
    body->waiting_bytes += piece.size();
    start(workers, lock);
  }
}

template <class Text>
std::string HashBatch<Text>::finish(const Body& body) {
  std::unique_lock lock(mutex_);
  body->wanted = true;
  while (body->waiting_bytes > 0) help(body, lock);
  close();
  return body->text.finish();
}

template <class Text>
void HashBatch<Text>::drop(const Body& body) {
  const std::lock_guard lock(mutex_);
  body->waiting.clear();
  std::erase(ready_, body);
  close();
}

template <class Text>
std::string HashBatch<Text>::copy(std::string_view bytes) {
  std::string buffer;
  if (!spare_.empty()) {
    buffer = std::move(spare_.back());
    spare_.pop_back();
  }
  buffer = bytes;
  return buffer;
}

template <class Text>
void HashBatch<Text>::close() {
  if (--open_ == 0) spare_ = {};
}

// A batch is full with a piece of each open body; until then a worker is worth it only where an
// owner waits, or is about to.
template <class Text>
bool HashBatch<Text>::is_due() const {
  const auto presses = [](const Body& body) {
    return body->wanted || body->waiting_bytes >= waiting_bytes_max;
  };
  if (ready_.empty()) return false;
  return ready_.size() >= std::min(Text::lanes, open_) ||
         std::any_of(ready_.begin(), ready_.end(), presses);
}

template <class Text>
void HashBatch<Text>::start(WorkerPool& workers, std::unique_lock<std::mutex>& lock) {
  if (!is_due() || ready_.size() <= started_ * Text::lanes) return;
  ++started_;
  lock.unlock();
  workers.post([this] { work(); });
  lock.lock();
}

template <class Text>
void HashBatch<Text>::work() {
  std::unique_lock lock(mutex_);
  --started_;
  while (is_due()) run_batch(lock);
}

// What an owner does who cannot go on: the next batch, or wait for the worker that has his piece.
template <class Text>
void HashBatch<Text>::help(const Body& body, std::unique_lock<std::mutex>& lock) {
  body->working ? changed_.wait(lock) : run_batch(lock);
}

template <class Text>
void HashBatch<Text>::run_batch(std::unique_lock<std::mutex>& lock) {
  std::stable_partition(ready_.begin(), ready_.end(),
                        [](const Body& body) { return body->wanted; });
  std::vector<Body> bodies;
  std::vector<std::string> bytes;
  while (!ready_.empty() && bodies.size() < Text::lanes) {
    bodies.push_back(std::move(ready_.front()));
    ready_.pop_front();
    bytes.push_back(std::move(bodies.back()->waiting.front()));
    bodies.back()->waiting.pop_front();
    bodies.back()->working = true;
  }
  lock.unlock();
  std::vector<typename Text::Piece> pieces;
  for (std::size_t i = 0; i < bodies.size(); ++i) pieces.push_back({&bodies[i]->text, bytes[i]});
  Text::update_together(pieces);
  lock.lock();
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    bodies[i]->working = false;
    bodies[i]->waiting_bytes -= bytes[i].size();
    if (!bodies[i]->waiting.empty()) ready_.push_back(bodies[i]);
    if (open_ > 0 && spare_.size() < spare_max) spare_.push_back(std::move(bytes[i]));
  }
  changed_.notify_all();
}

template class BackgroundHash<Md5>;
template class BackgroundHash<Sha256>;

}  // namespace emulator::base
