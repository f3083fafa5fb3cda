#include <algorithm>
#include <map>
#include <utility>

#include "emulator/s3/joined_reader.h"
#include "emulator/s3/object_store.h"

namespace emulator::s3 {
namespace {

using base::Result;
using Bytes = std::shared_ptr<const std::string>;  // shared: a reader outlives the object it was opened on

class MemoryBodyWriter final : public BodyWriter {
 public:
  Result<void> append(std::string_view piece) override {
    bytes_ += piece;
    return {};
  }
  Result<BodyRef> finish() override {
    const std::uint64_t size = bytes_.size();
    return BodyRef{.id = {}, .inline_bytes = std::move(bytes_), .size = size};
  }

 private:
  std::string bytes_;
};

class MemoryBodyReader final : public BodyReader {
 public:
  explicit MemoryBodyReader(Bytes bytes) : bytes_(std::move(bytes)) {}

  std::uint64_t size() const override { return bytes_->size(); }
  Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override {
    if (offset >= bytes_->size()) return std::size_t{0};
    return bytes_->copy(into.data(), into.size(), offset);
  }

 private:
  Bytes bytes_;
};

class MemoryStore final : public ObjectStore {
 public:
  Result<void> put_bucket(const Bucket& bucket) override {
    buckets_[bucket.name].bucket = bucket;
    return {};
  }

  Result<void> remove_bucket(std::string_view name) override {
    const auto found = buckets_.find(name);
    if (found == buckets_.end()) return {};
    if (!found->second.objects.empty()) return base::fail("bucket " + std::string(name) + " is not empty");
    for (const auto& [place, upload] : found->second.uploads) parts_.erase(upload.id);
    buckets_.erase(found);
    return {};
  }

  Result<std::vector<Bucket>> buckets() override {
    std::vector<Bucket> all;
    for (const auto& [name, content] : buckets_) all.push_back(content.bucket);
    return all;
  }

  Result<std::optional<Bucket>> find_bucket(std::string_view name) override {
    const auto found = buckets_.find(name);
    if (found == buckets_.end()) return std::nullopt;
    return found->second.bucket;
  }

  std::unique_ptr<BodyWriter> new_body() override { return std::make_unique<MemoryBodyWriter>(); }
  void discard(const BodyRef&) override {}

  Result<std::unique_ptr<BodyReader>> open(const Object& object) override {
    const Entry* entry = find_entry(object.bucket, object.key);
    if (entry == nullptr) return base::fail("no body of " + object.bucket + "/" + object.key);
    if (!entry->object.upload_id.empty()) return read_parts(entry->object.upload_id);
    return std::make_unique<MemoryBodyReader>(entry->body);
  }

  Result<void> put(const Object& object, const BodyRef& body, std::span<OutboxEvent> events) override {
    return replace(object, std::make_shared<const std::string>(body.inline_bytes), events);
  }

  Result<void> describe(const Object& object, std::span<OutboxEvent> events) override {
    const Entry* entry = find_entry(object.bucket, object.key);
    if (entry == nullptr) return base::fail("no object " + object.bucket + "/" + object.key);
    buckets_.find(object.bucket)->second.objects.find(object.key)->second.object = object;
    add_to_outbox(events);
    return {};
  }

  Result<void> remove(std::string_view bucket, std::string_view key, std::span<OutboxEvent> events) override {
    const auto found = buckets_.find(bucket);
    if (found != buckets_.end()) {
      auto& objects = found->second.objects;
      if (const auto object = objects.find(key); object != objects.end()) {
        parts_.erase(object->second.object.upload_id);
        objects.erase(object);
      }
    }
    add_to_outbox(events);
    return {};
  }

  Result<std::optional<Object>> find(std::string_view bucket, std::string_view key) override {
    const Entry* entry = find_entry(bucket, key);
    if (entry == nullptr) return std::nullopt;
    return entry->object;
  }

  Result<std::vector<Object>> list(std::string_view bucket, const Range& range) override {
    std::vector<Object> page;
    const auto found = buckets_.find(bucket);
    if (found == buckets_.end()) return page;
    const auto& objects = found->second.objects;
    const bool after = range.exclusive && range.from >= range.prefix;
    auto at = after ? objects.upper_bound(range.from) : objects.lower_bound(std::max(range.from, range.prefix));
    for (; at != objects.end() && page.size() < range.limit; ++at) {
      if (!at->first.starts_with(range.prefix)) break;
      page.push_back(at->second.object);
    }
    return page;
  }

  Result<void> put_upload(const MultipartUpload& upload) override {
    const auto bucket = buckets_.find(upload.bucket);
    if (bucket == buckets_.end()) return base::fail("no bucket " + upload.bucket);
    bucket->second.uploads[{upload.key, upload.id}] = upload;
    return {};
  }

  Result<std::optional<MultipartUpload>> find_upload(std::string_view bucket, std::string_view key,
                                                     std::string_view id) override {
    const auto content = buckets_.find(bucket);
    if (content == buckets_.end()) return std::nullopt;
    const auto found = content->second.uploads.find({std::string(key), std::string(id)});
    if (found == content->second.uploads.end()) return std::nullopt;
    return found->second;
  }

  Result<std::vector<MultipartUpload>> uploads(std::string_view bucket, const UploadRange& range) override {
    std::vector<MultipartUpload> page;
    const auto found = buckets_.find(bucket);
    if (found == buckets_.end()) return page;
    const auto& all = found->second.uploads;
    const UploadPlace from = range.from_key < range.prefix ? UploadPlace{range.prefix, ""} : UploadPlace{range.from_key, range.after_id};
    for (auto at = all.upper_bound(from); at != all.end() && page.size() < range.limit; ++at) {
      if (!at->first.first.starts_with(range.prefix)) break;
      page.push_back(at->second);
    }
    return page;
  }

  Result<void> remove_upload(const MultipartUpload& upload) override {
    const auto bucket = buckets_.find(upload.bucket);
    if (bucket == buckets_.end() || bucket->second.uploads.erase({upload.key, upload.id}) == 0) {
      return base::fail("no upload " + upload.id);
    }
    parts_.erase(upload.id);
    return {};
  }

  Result<void> put_part(const MultipartUpload& upload, const Part& part, const BodyRef& body) override {
    const auto found = find_upload(upload.bucket, upload.key, upload.id);
    if (!*found) return base::fail("no upload " + upload.id);
    parts_[upload.id][part.number] = StoredPart{part, std::make_shared<const std::string>(body.inline_bytes)};
    return {};
  }

  Result<std::vector<Part>> parts(std::string_view upload_id, std::uint32_t after, std::size_t limit) override {
    std::vector<Part> page;
    const auto found = parts_.find(upload_id);
    if (found == parts_.end()) return page;
    for (auto at = found->second.upper_bound(after); at != found->second.end() && page.size() < limit; ++at) {
      page.push_back(at->second.part);
    }
    return page;
  }

  Result<void> complete(const Object& object, std::span<const std::uint32_t> numbers,
                        std::span<OutboxEvent> events) override {
    const auto found = find_upload(object.bucket, object.key, object.upload_id);
    if (!*found) return base::fail("no upload " + object.upload_id);
    auto& parts = parts_[object.upload_id];
    if (auto replaced = replace(object, nullptr, events); !replaced) return replaced;
    buckets_.find(object.bucket)->second.uploads.erase({object.key, object.upload_id});
    for (auto at = parts.begin(); at != parts.end();) {
      const bool kept = std::binary_search(numbers.begin(), numbers.end(), at->first);
      at = kept ? std::next(at) : parts.erase(at);
    }
    return {};
  }

  Result<std::vector<OutboxEvent>> outbox() override {
    std::vector<OutboxEvent> all;
    for (const auto& [id, event] : outbox_) all.push_back(event);
    return all;
  }
  Result<void> delivered(std::uint64_t outbox_id) override {
    outbox_.erase(outbox_id);
    return {};
  }
  Result<std::uint64_t> next_sequence() override { return ++sequence_; }

 private:
  struct Entry {
    Object object;
    Bytes body;  // none of an object in parts
  };
  using UploadPlace = std::pair<std::string, std::string>;  // key, id
  struct Content {
    Bucket bucket;
    std::map<std::string, Entry, std::less<>> objects;
    std::map<UploadPlace, MultipartUpload> uploads;
  };
  struct StoredPart {
    Part part;
    Bytes body;
  };

  const Entry* find_entry(std::string_view bucket, std::string_view key) const {
    const auto found = buckets_.find(bucket);
    if (found == buckets_.end()) return nullptr;
    const auto object = found->second.objects.find(key);
    return object == found->second.objects.end() ? nullptr : &object->second;
  }

  Result<void> replace(const Object& object, Bytes body, std::span<OutboxEvent> events) {
    const auto bucket = buckets_.find(object.bucket);
    if (bucket == buckets_.end()) return base::fail("no bucket " + object.bucket);
    Entry& entry = bucket->second.objects[object.key];
    parts_.erase(entry.object.upload_id);
    entry = Entry{object, std::move(body)};
    add_to_outbox(events);
    return {};
  }

  std::unique_ptr<BodyReader> read_parts(const std::string& upload_id) const {
    std::vector<BodyPiece> pieces;
    for (const auto& [number, stored] : parts_.at(upload_id)) {
      const auto open = [bytes = stored.body]() -> Result<std::unique_ptr<BodyReader>> {
        return std::make_unique<MemoryBodyReader>(bytes);
      };
      pieces.push_back({stored.part.size, open});
    }
    return read_joined(std::move(pieces));
  }

  void add_to_outbox(std::span<OutboxEvent> events) {
    for (OutboxEvent& event : events) {
      event.id = ++last_outbox_id_;
      outbox_.emplace(event.id, event);
    }
  }

  std::map<std::string, Content, std::less<>> buckets_;
  std::map<std::string, std::map<std::uint32_t, StoredPart>, std::less<>> parts_;  // by upload
  std::map<std::uint64_t, OutboxEvent> outbox_;
  std::uint64_t last_outbox_id_ = 0;
  std::uint64_t sequence_ = 0;
};

}  // namespace

std::unique_ptr<ObjectStore> memory_store() { return std::make_unique<MemoryStore>(); }

}  // namespace emulator::s3
