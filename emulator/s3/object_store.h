#pragma once
// Where buckets, objects and the outbox of events are kept: in memory, or in SQLite with large
// bodies as files. Storage, not the S3 API: conditions, names, ETags and events are Service's
// business. Every call is one transaction: after it returns, all of it survives kill -9 (gather()
// delays that), or none of it happened. One thread calls it. Same contract tests for both.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/result.h"
#include "emulator/s3/model.h"

namespace emulator::s3 {

// Takes a body as it arrives. Dropped without finish(): nothing is left of it.
class BodyWriter {
 public:
  virtual ~BodyWriter() = default;
  virtual base::Result<void> append(std::string_view piece) = 0;
  // The whole body is durable (per the store's sync mode) when this returns.
  virtual base::Result<BodyRef> finish() = 0;
};

// Reads a stored body; goes on reading the same bytes after the object was overwritten or deleted.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  virtual std::uint64_t size() const = 0;
  // Up to into.size() bytes from offset; 0 = at the end.
  virtual base::Result<std::size_t> read(std::uint64_t offset, std::span<char> into) = 0;
  // What is in memory from offset on, where it lies, as long as the reader lives; empty: it has to
  // be read.
  virtual std::string_view bytes(std::uint64_t offset) {
    return static_cast<void>(offset), std::string_view();
  }
  // What lies in a file from offset on, at most bytes_max, sent to a socket (File::send_to);
  // nullopt: it lies in none.
  virtual std::optional<base::Result<std::size_t>> send_to(int socket, std::uint64_t offset,
                                                           std::uint64_t bytes_max) {
    return static_cast<void>(socket), static_cast<void>(offset), static_cast<void>(bytes_max),
           std::nullopt;
  }
};

inline constexpr std::size_t parts_max =
    10'000;  // of one upload (AWS: "Amazon S3 multipart upload limits")

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  virtual base::Result<void> put_bucket(
      const Bucket& bucket) = 0;  // new, or its configurations replaced
  // An Error if it holds objects or other versions; its uploads go with it. Fine if it is not
  // there.
  virtual base::Result<void> remove_bucket(std::string_view name) = 0;
  virtual base::Result<std::vector<Bucket>> buckets() = 0;  // by name
  virtual base::Result<std::optional<Bucket>> find_bucket(std::string_view name) = 0;

  virtual std::unique_ptr<BodyWriter> new_body(
      std::uint64_t size = 0) = 0;  // makes room for so much; more or less may come
  // A finished body that will not be put (a condition failed meanwhile): frees it at once instead
  // of at the next start.
  virtual void discard(const BodyRef& body) = 0;
  virtual base::Result<std::unique_ptr<BodyReader>> open(const Object& object) = 0;
  // Becomes the current version; its sequencer is greater than any under the key. The null version
  // replaces the null version that there was, any other leaves all as they are. Object and events
  // become visible together. `events` get their ids.
  virtual base::Result<void> put(const Object& object, const BodyRef& body,
                                 std::span<OutboxEvent> events) = 0;
  // The same for a delete marker: then there is no current version.
  virtual base::Result<void> put_delete_marker(const Object& marker,
                                               std::span<OutboxEvent> events) = 0;
  // These two mean the version with the sequencer of `object`.
  // Describes it anew; its body, in one piece or in parts, stays. An Error if it is not there.
  virtual base::Result<void> describe(const Object& object, std::span<OutboxEvent> events) = 0;
  // What is then the latest may become current. Fine if it is not there.
  virtual base::Result<void> remove(const Object& object, std::span<OutboxEvent> events) = 0;
  virtual base::Result<std::optional<Object>> find(std::string_view bucket,
                                                   std::string_view key) = 0;
  // Delete markers too. version_id as in Object; one that is not of new_version_id()'s making finds
  // nothing.
  virtual base::Result<std::optional<Object>> find_version(std::string_view bucket,
                                                           std::string_view key,
                                                           std::string_view version_id) = 0;
  // Objects in byte order of keys, from the first key >= from (or > from, if `exclusive`) that
  // begins with prefix; at most `limit`.
  struct Range {
    std::string prefix;
    std::string from;
    bool exclusive = false;
    std::size_t limit = 1000;
  };
  virtual base::Result<std::vector<ListedObject>> list(std::string_view bucket,
                                                       const Range& range) = 0;
  // All versions by key, of each key the latest first: those of keys that begin with prefix, from
  // key from_key on; of from_key itself only those older than before_sequencer ("" = all).
  struct VersionRange {
    std::string prefix;
    std::string from_key;
    std::string before_sequencer;
    std::size_t limit = 1000;
  };
  virtual base::Result<std::vector<ListedVersion>> list_versions(std::string_view bucket,
                                                                 const VersionRange& range) = 0;

  // Multipart uploads: unseen by list() until complete().
  virtual base::Result<void> put_upload(
      const MultipartUpload& upload) = 0;  // new, or described anew; its parts stay
  virtual base::Result<std::optional<MultipartUpload>> find_upload(std::string_view bucket,
                                                                   std::string_view key,
                                                                   std::string_view id) = 0;
  // By key and id: those of keys that begin with prefix, from key from_key on; of from_key itself
  // the ids > after_id.
  struct UploadRange {
    std::string prefix;
    std::string from_key;
    std::string after_id;
    std::size_t limit = 1000;
  };
  virtual base::Result<std::vector<MultipartUpload>> uploads(std::string_view bucket,
                                                             const UploadRange& range) = 0;
  // These three fail if there is no such upload (any more).
  virtual base::Result<void> remove_upload(const MultipartUpload& upload) = 0;  // and its parts
  // Replaces the part of that number.
  virtual base::Result<void> put_part(const MultipartUpload& upload, const Part& part,
                                      const BodyRef& body) = 0;
  // The upload object.upload_id becomes the object: as put(), with these parts in their order as
  // its body. No byte is copied. `numbers` ascend; parts that they do not name go.
  virtual base::Result<void> complete(const Object& object, std::span<const std::uint32_t> numbers,
                                      std::span<OutboxEvent> events) = 0;
  // By number, from the first > after: of an upload in progress, or of an object by its upload_id.
  virtual base::Result<std::vector<Part>> parts(std::string_view upload_id, std::uint32_t after = 0,
                                                std::size_t limit = parts_max) = 0;

  virtual base::Result<std::vector<OutboxEvent>> outbox() = 0;  // all that is undelivered, by id
  virtual base::Result<void> delivered(std::uint64_t outbox_id) = 0;
  // The next value of the store's sequence (the sequencer of events), never given twice, also over
  // restarts.
  virtual base::Result<std::uint64_t> next_sequence() = 0;

  // Group commit. While gathering, a call that writes an object, a part or a deletion and brings no
  // events need not be committed when it returns: it joins a group, which the next other write
  // commits, or commit_gathered(). All calls see what it did. Whoever gathers tells nobody before
  // then.
  virtual void gather(bool on) { static_cast<void>(on); }
  virtual bool has_gathered() const { return false; }
  virtual base::Result<void> commit_gathered() {
    return {};
  }  // an Error: nothing of the group has happened
};

struct StoreOptions {
  std::uint64_t inline_bytes_max = 64 * 1024;  // larger bodies lie in files
};
std::unique_ptr<ObjectStore> memory_store(const StoreOptions& options = {});

}  // namespace emulator::s3
