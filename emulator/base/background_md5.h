#pragma once
// MD5s of bodies that come in at the same time, worked off on the workers while their owner goes
// on: MD5 is slower than the network. Those that share their workers are computed side by side
// (md5.h), so a worker takes up a piece when there is one of each body, or when somebody waits. The
// values are those of MD5, whatever runs where. Few bytes wait at a time: beyond that update()
// waits for the workers.

#include <memory>
#include <string>
#include <string_view>

namespace emulator::base {

class WorkerPool;

class BackgroundMd5 {
 public:
  // workers: nullptr = everything is done at once. They must outlive the hash.
  explicit BackgroundMd5(WorkerPool* workers);
  ~BackgroundMd5();
  BackgroundMd5(BackgroundMd5&&) noexcept;
  BackgroundMd5& operator=(BackgroundMd5&&) = delete;

  void update(std::string_view bytes);
  std::string finish();  // raw bytes, once; waits for what is under way

 private:
  friend class Md5Batch;
  struct Body;
  WorkerPool* workers_;
  std::shared_ptr<Body> body_;  // shared with the worker that is at it
};

}  // namespace emulator::base
