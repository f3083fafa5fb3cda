#pragma once
// Hashes of bodies that come in at the same time, worked off on the workers while their owner goes
// on: they are slower than the network. Those that share their workers are computed side by side
// where that is worth it (md5.h): a worker takes up a piece when there is one of each body, or when
// somebody waits. The values are those of the hash, whatever runs where. Few bytes wait at a time:
// beyond that, and at the end, the owner does with the workers what is left.

#include <memory>
#include <string>
#include <string_view>

#include "emulator/base/md5.h"
#include "emulator/base/sha256.h"

namespace emulator::base {

class WorkerPool;
template <class Text>
class HashBatch;

template <class Text>
class BackgroundHash {
 public:
  // workers: nullptr = everything is done at once. They must outlive the hash.
  explicit BackgroundHash(WorkerPool* workers);
  ~BackgroundHash();
  BackgroundHash(BackgroundHash&&) noexcept;
  BackgroundHash& operator=(BackgroundHash&&) = delete;

  void update(std::string_view bytes);
  std::string finish();  // raw bytes, once; when what is under way is done

 private:
  friend class HashBatch<Text>;
  struct Body;
  WorkerPool* workers_;
  Text text_;                   // until there is a body
  std::shared_ptr<Body> body_;  // of what workers get; shared with the one that is at it
};

using BackgroundMd5 = BackgroundHash<Md5>;
using BackgroundSha256 = BackgroundHash<Sha256>;

}  // namespace emulator::base
