#pragma once
// A body on its way into the store, with the MD5 that becomes its ETag: what PutObject, CopyObject
// and the uploads of parts share. Dropped before finish(): nothing is left of it.

#include <memory>
#include <string>
#include <string_view>

#include "emulator/base/background_hash.h"
#include "emulator/s3/checksums.h"
#include "emulator/s3/error.h"
#include "emulator/s3/object_store.h"
#include "emulator/s3/range.h"

namespace emulator::s3 {

class HashedBody {
 public:
  // checksum: computed as well; nullptr: none. workers: for the MD5; nullptr: none.
  explicit HashedBody(std::unique_ptr<BodyWriter> body, base::WorkerPool* workers,
                      const ChecksumKind* checksum = nullptr);

  Result<void> append(std::string_view piece);
  // A slice of a stored body; takes it off the front of `range`. true: nothing is left of it.
  Result<bool> append_slice(BodyReader& from, ByteRange& range);

  // These once, when all has come. The MD5 in hex; bad_digest if another one was expected ("" =
  // any).
  Result<std::string> etag(std::string_view expected_md5 = {});
  std::string checksum();  // in base64
  Result<BodyRef> finish();

 private:
  std::unique_ptr<BodyWriter> body_;
  base::BackgroundMd5 md5_;
  std::unique_ptr<RunningChecksum> checksum_;
};

}  // namespace emulator::s3
