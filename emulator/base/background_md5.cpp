#include "emulator/base/background_md5.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "emulator/base/md5_batch.h"
#include "emulator/base/worker_pool.h"

namespace emulator::base {
namespace {

constexpr std::size_t worth_a_worker = 64 * 1024;  // below it handing over costs more than it saves
constexpr std::size_t waiting_bytes_max = 1024 * 1024;
constexpr std::size_t spare_max = 2 * Md5::lanes;

}  // namespace

BackgroundMd5::BackgroundMd5(WorkerPool* workers)
    : workers_(workers), body_(std::make_shared<Body>()) {}
BackgroundMd5::BackgroundMd5(BackgroundMd5&&) noexcept = default;

// Nobody wants the value any more: what waits is dropped.
BackgroundMd5::~BackgroundMd5() {
  if (body_ && workers_ != nullptr && body_->counted) workers_->md5s().drop(body_);
}

void BackgroundMd5::update(std::string_view bytes) {
  if (bytes.empty()) return;
  if (workers_ == nullptr || (!body_->counted && bytes.size() < worth_a_worker))
    return body_->md5.update(bytes);
  workers_->md5s().update(*workers_, body_, bytes);
}

std::string BackgroundMd5::finish() {
  if (workers_ == nullptr || !body_->counted) return body_->md5.finish();
  return workers_->md5s().finish(*workers_, body_);
}

void Md5Batch::update(WorkerPool& workers, const Body& body, std::string_view bytes) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return body->waiting_bytes < waiting_bytes_max; });
  if (!std::exchange(body->counted, true)) ++open_;
  if (!body->working && body->waiting.empty()) ready_.push_back(body);
  body->waiting.push_back(copy(bytes));
  body->waiting_bytes += bytes.size();
  start(workers, lock);
}

std::string Md5Batch::finish(WorkerPool& workers, const Body& body) {
  std::unique_lock lock(mutex_);
  body->wanted = true;
  start(workers, lock);
  changed_.wait(lock, [&] { return body->waiting_bytes == 0; });
  body->counted = false;
  close();
  return body->md5.finish();
}

void Md5Batch::drop(const Body& body) {
  const std::lock_guard lock(mutex_);
  body->waiting.clear();
  std::erase(ready_, body);
  close();
}

std::string Md5Batch::copy(std::string_view bytes) {
  std::string buffer;
  if (!spare_.empty()) {
    buffer = std::move(spare_.back());
    spare_.pop_back();
  }
  buffer = bytes;
  return buffer;
}

void Md5Batch::close() {
  if (--open_ == 0) spare_ = {};
}

// A batch is full with a piece of each open body; until then a worker is worth it only where an
// owner waits, or is about to.
bool Md5Batch::is_due() const {
  const auto presses = [](const Body& body) {
    return body->wanted || body->waiting_bytes >= waiting_bytes_max;
  };
  if (ready_.empty()) return false;
  return ready_.size() >= std::min(Md5::lanes, open_) ||
         std::any_of(ready_.begin(), ready_.end(), presses);
}

void Md5Batch::start(WorkerPool& workers, std::unique_lock<std::mutex>& lock) {
  if (!is_due() || ready_.size() <= started_ * Md5::lanes) return;
  ++started_;
  lock.unlock();
  workers.post([this] { work(); });
  lock.lock();
}

void Md5Batch::work() {
  std::unique_lock lock(mutex_);
  --started_;
  while (is_due()) run_batch(lock);
}

void Md5Batch::run_batch(std::unique_lock<std::mutex>& lock) {
  std::stable_partition(ready_.begin(), ready_.end(),
                        [](const Body& body) { return body->wanted; });
  std::vector<Body> bodies;
  std::vector<std::string> bytes;
  while (!ready_.empty() && bodies.size() < Md5::lanes) {
    bodies.push_back(std::move(ready_.front()));
    ready_.pop_front();
    bytes.push_back(std::move(bodies.back()->waiting.front()));
    bodies.back()->waiting.pop_front();
    bodies.back()->working = true;
  }
  lock.unlock();
  std::vector<Md5::Piece> pieces;
  for (std::size_t i = 0; i < bodies.size(); ++i) pieces.push_back({&bodies[i]->md5, bytes[i]});
  Md5::update_together(pieces);
  lock.lock();
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    bodies[i]->working = false;
    bodies[i]->waiting_bytes -= bytes[i].size();
    if (!bodies[i]->waiting.empty()) ready_.push_back(bodies[i]);
    if (open_ > 0 && spare_.size() < spare_max) spare_.push_back(std::move(bytes[i]));
  }
  changed_.notify_all();
}

}  // namespace emulator::base
