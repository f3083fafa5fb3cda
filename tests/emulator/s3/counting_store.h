#pragma once

#include "emulator/s3/object_store.h"

namespace emulator::s3 {

// Counts what a store is asked: the rows that listings read, and how often buckets are written.
class CountingStore final : public ObjectStore {
 public:
  explicit CountingStore(ObjectStore& store) : store_(store) {}
  base::Result<void> put_bucket(const Bucket& bucket) override {
    ++bucket_writes;
    return store_.put_bucket(bucket);
  }
  base::Result<void> remove_bucket(std::string_view name) override {
    return store_.remove_bucket(name);
  }
  base::Result<std::vector<Bucket>> buckets() override { return store_.buckets(); }
  base::Result<std::optional<Bucket>> find_bucket(std::string_view name) override {
    return store_.find_bucket(name);
  }
  std::unique_ptr<BodyWriter> new_body(std::uint64_t size) override {
    return store_.new_body(size);
  }
  void discard(const BodyRef& body) override { store_.discard(body); }
  base::Result<std::unique_ptr<BodyReader>> open(const Object& object) override {
    return store_.open(object);
  }
  base::Result<void> put(const Object& object, const BodyRef& body,
                         std::span<OutboxEvent> events) override {
    return store_.put(object, body, events);
  }
  base::Result<void> describe(const Object& object, std::span<OutboxEvent> events) override {
    return store_.describe(object, events);
  }
  base::Result<void> put_delete_marker(const Object& marker,
                                       std::span<OutboxEvent> events) override {
    return store_.put_delete_marker(marker, events);
  }
  base::Result<void> remove(const Object& object, std::span<OutboxEvent> events) override {
    return store_.remove(object, events);
  }
  base::Result<std::optional<Object>> find_version(std::string_view bucket, std::string_view key,
                                                   std::string_view version_id) override {
    return store_.find_version(bucket, key, version_id);
  }
  base::Result<std::vector<ListedVersion>> list_versions(std::string_view bucket,
                                                         const VersionRange& range) override {
    auto versions = store_.list_versions(bucket, range);
    rows += versions->size();
    return versions;
  }
  base::Result<std::optional<Object>> find(std::string_view bucket, std::string_view key) override {
    return store_.find(bucket, key);
  }
  base::Result<std::vector<ListedObject>> list(std::string_view bucket,
                                               const Range& range) override {
    auto objects = store_.list(bucket, range);
    rows += objects->size();
    return objects;
  }
  base::Result<void> put_upload(const MultipartUpload& upload) override {
    return store_.put_upload(upload);
  }
  base::Result<std::optional<MultipartUpload>> find_upload(std::string_view bucket,
                                                           std::string_view key,
                                                           std::string_view id) override {
    return store_.find_upload(bucket, key, id);
  }
  base::Result<std::vector<MultipartUpload>> uploads(std::string_view bucket,
                                                     const UploadRange& range) override {
    return store_.uploads(bucket, range);
  }
  base::Result<void> remove_upload(const MultipartUpload& upload) override {
    return store_.remove_upload(upload);
  }
  base::Result<void> put_part(const MultipartUpload& upload, const Part& part,
                              const BodyRef& body) override {
    return store_.put_part(upload, part, body);
  }
  base::Result<void> complete(const Object& object, std::span<const std::uint32_t> numbers,
                              std::span<OutboxEvent> events) override {
    return store_.complete(object, numbers, events);
  }
  base::Result<std::vector<Part>> parts(std::string_view upload_id, std::uint32_t after,
                                        std::size_t limit) override {
    return store_.parts(upload_id, after, limit);
  }
  base::Result<std::vector<OutboxEvent>> outbox() override { return store_.outbox(); }
  base::Result<void> delivered(std::uint64_t id) override { return store_.delivered(id); }
  base::Result<std::uint64_t> next_sequence() override { return store_.next_sequence(); }

  std::size_t rows = 0;
  std::size_t bucket_writes = 0;

 private:
  ObjectStore& store_;
};

}  // namespace emulator::s3
