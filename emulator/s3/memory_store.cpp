#include <algorithm>
#include <map>
#include <utility>

#include "emulator/s3/joined_reader.h"
#include "emulator/s3/listed_object.h"
#include "emulator/s3/memory_bodies.h"
#include "emulator/s3/object_store.h"
#include "emulator/s3/version_id.h"

namespace emulator::s3 {
namespace {

class MemoryStore final : public ObjectStore {
 public:
  explicit MemoryStore(const StoreOptions& options) : bodies_(options.inline_bytes_max) {}

  base::Result<void> put_bucket(const Bucket& bucket) override {
    buckets_[bucket.name].bucket = bucket;
    return {};
  }

  base::Result<void> remove_bucket(std::string_view name) override {
    const auto found = buckets_.find(name);
    if (found == buckets_.end()) return {};
    if (!found->second.objects.empty() || !found->second.versions.empty())
      return base::fail("bucket " + std::string(name) + " is not empty");
    for (const auto& [place, upload] : found->second.uploads) parts_.erase(upload.id);
    buckets_.erase(found);
    return {};
  }

  base::Result<std::vector<Bucket>> buckets() override {
    std::vector<Bucket> all;
    for (const auto& [name, content] : buckets_) all.push_back(content.bucket);
    return all;
  }

  base::Result<std::optional<Bucket>> find_bucket(std::string_view name) override {
    const auto found = buckets_.find(name);
    if (found == buckets_.end()) return std::nullopt;
    return found->second.bucket;
  }

  std::unique_ptr<BodyWriter> new_body(std::uint64_t size) override {
    return bodies_.new_body(size);
  }
  void discard(const BodyRef&) override {}

  base::Result<std::unique_ptr<BodyReader>> open(const Object& object) override {
    const Entry* entry = find_entry(object);
    if (entry == nullptr || entry->object.is_delete_marker)
      return base::fail("no body of " + object.bucket + "/" + object.key);
    if (!entry->object.upload_id.empty()) return read_parts(entry->object.upload_id);
    return read(entry->body);
  }

  base::Result<void> put(const Object& object, const BodyRef& body,
                         std::span<OutboxEvent> events) override {
    return add(object, bytes_of(body), events);
  }

  base::Result<void> put_delete_marker(const Object& marker,
                                       std::span<OutboxEvent> events) override {
    return add(marker, {}, events);
  }

  base::Result<void> describe(const Object& object, std::span<OutboxEvent> events) override {
    Entry* entry = find_entry(object);
    if (entry == nullptr) return base::fail("no object " + object.bucket + "/" + object.key);
    entry->object = object;
    add_to_outbox(events);
    return {};
  }

  base::Result<void> remove(const Object& object, std::span<OutboxEvent> events) override {
    if (const Entry* entry = find_entry(object)) {
      Content& content = buckets_.find(object.bucket)->second;
      parts_.erase(entry->object.upload_id);
      if (content.versions.erase({object.key, object.sequencer}) == 0)
        content.objects.erase(object.key);
      promote_latest(content, object.key);
    }
    add_to_outbox(events);
    return {};
  }

  base::Result<std::optional<Object>> find(std::string_view bucket, std::string_view key) override {
    const auto found = buckets_.find(bucket);
    if (found == buckets_.end()) return std::nullopt;
    const auto object = found->second.objects.find(key);
    if (object == found->second.objects.end()) return std::nullopt;
    return object->second.object;
  }

  base::Result<std::optional<Object>> find_version(std::string_view bucket, std::string_view key,
                                                   std::string_view version_id) override {
    const auto content = buckets_.find(bucket);
    if (content == buckets_.end()) return std::nullopt;
    const auto current = content->second.objects.find(key);
    if (current != content->second.objects.end() &&
        current->second.object.version_id == version_id) {
      return current->second.object;
    }
    const auto found = version_id.empty()
                           ? null_version(content->second, std::string(key))
                           : content->second.versions.find(
                                 {std::string(key), sequencer_of(version_id).value_or("")});
    if (found == content->second.versions.end() || found->second.object.version_id != version_id)
      return std::nullopt;
    return found->second.object;
  }

  base::Result<std::vector<ListedObject>> list(std::string_view bucket,
                                               const Range& range) override {
    std::vector<ListedObject> page;
    const auto found = buckets_.find(bucket);
    if (found == buckets_.end()) return page;
    const auto& objects = found->second.objects;
    const bool after = range.exclusive && range.from >= range.prefix;
    auto at = after ? objects.upper_bound(range.from)
                    : objects.lower_bound(std::max(range.from, range.prefix));
    for (; at != objects.end() && page.size() < range.limit; ++at) {
      if (!at->first.starts_with(range.prefix)) break;
      page.push_back(listed(at->second.object));
    }
    return page;
  }

  base::Result<std::vector<ListedVersion>> list_versions(std::string_view bucket,
                                                         const VersionRange& range) override {
    std::vector<ListedVersion> page;
    const auto found = buckets_.find(bucket);
    if (found == buckets_.end()) return page;
    const Content& content = found->second;
    const bool resumes = !range.before_sequencer.empty() && range.from_key >= range.prefix;
    const std::string& from = std::max(range.from_key, range.prefix);
    auto object = content.objects.lower_bound(from);
    auto version = resumes ? content.versions.upper_bound({from, range.before_sequencer})
                           : content.versions.lower_bound({from, std::string(latest)});
    if (resumes && object != content.objects.end() && object->first == from &&
        object->second.object.sequencer >= range.before_sequencer) {
      ++object;
    }
    while (page.size() < range.limit) {
      const bool objects_end = object == content.objects.end(),
                 versions_end = version == content.versions.end();
      if (objects_end && versions_end) break;
      // What is current is the latest of its key.
      const bool is_current =
          !objects_end && (versions_end || object->first <= version->first.first);
      const Object& next = is_current ? object->second.object : version->second.object;
      if (!next.key.starts_with(range.prefix)) break;
      page.push_back({next, is_current || is_latest(content, version)});
      if (is_current)
        ++object;
      else
        ++version;
    }
    return page;
  }

  base::Result<void> put_upload(const MultipartUpload& upload) override {
    const auto bucket = buckets_.find(upload.bucket);
    if (bucket == buckets_.end()) return base::fail("no bucket " + upload.bucket);
    bucket->second.uploads[{upload.key, upload.id}] = upload;
    return {};
  }

  base::Result<std::optional<MultipartUpload>> find_upload(std::string_view bucket,
                                                           std::string_view key,
                                                           std::string_view id) override {
    const auto content = buckets_.find(bucket);
    if (content == buckets_.end()) return std::nullopt;
    const auto found = content->second.uploads.find({std::string(key), std::string(id)});
    if (found == content->second.uploads.end()) return std::nullopt;
    return found->second;
  }

  base::Result<std::vector<MultipartUpload>> uploads(std::string_view bucket,
                                                     const UploadRange& range) override {
    std::vector<MultipartUpload> page;
    const auto found = buckets_.find(bucket);
    if (found == buckets_.end()) return page;
    const auto& all = found->second.uploads;
    const UploadPlace from = range.from_key < range.prefix
                                 ? UploadPlace{range.prefix, ""}
                                 : UploadPlace{range.from_key, range.after_id};
    for (auto at = all.upper_bound(from); at != all.end() && page.size() < range.limit; ++at) {
      if (!at->first.first.starts_with(range.prefix)) break;
      page.push_back(at->second);
    }
    return page;
  }

  base::Result<void> remove_upload(const MultipartUpload& upload) override {
    const auto bucket = buckets_.find(upload.bucket);
    if (bucket == buckets_.end() || bucket->second.uploads.erase({upload.key, upload.id}) == 0) {
      return base::fail("no upload " + upload.id);
    }
    parts_.erase(upload.id);
    return {};
  }

  base::Result<void> put_part(const MultipartUpload& upload, const Part& part,
                              const BodyRef& body) override {
    const auto found = find_upload(upload.bucket, upload.key, upload.id);
    if (!*found) return base::fail("no upload " + upload.id);
    parts_[upload.id][part.number] = StoredPart{part, bytes_of(body)};
    return {};
  }

  base::Result<std::vector<Part>> parts(std::string_view upload_id, std::uint32_t after,
                                        std::size_t limit) override {
    std::vector<Part> page;
    const auto found = parts_.find(upload_id);
    if (found == parts_.end()) return page;
    for (auto at = found->second.upper_bound(after);
         at != found->second.end() && page.size() < limit; ++at) {
      page.push_back(at->second.part);
    }
    return page;
  }

  base::Result<void> complete(const Object& object, std::span<const std::uint32_t> numbers,
                              std::span<OutboxEvent> events) override {
    const auto found = find_upload(object.bucket, object.key, object.upload_id);
    if (!*found) return base::fail("no upload " + object.upload_id);
    auto& parts = parts_[object.upload_id];
    if (auto added = add(object, {}, events); !added) return added;
    buckets_.find(object.bucket)->second.uploads.erase({object.key, object.upload_id});
    for (auto at = parts.begin(); at != parts.end();) {
      const bool kept = std::binary_search(numbers.begin(), numbers.end(), at->first);
      at = kept ? std::next(at) : parts.erase(at);
    }
    return {};
  }

  base::Result<std::vector<OutboxEvent>> outbox() override {
    std::vector<OutboxEvent> all;
    for (const auto& [id, event] : outbox_) all.push_back(event);
    return all;
  }
  base::Result<void> delivered(std::uint64_t outbox_id) override {
    outbox_.erase(outbox_id);
    return {};
  }
  base::Result<std::uint64_t> next_sequence() override { return ++sequence_; }

 private:
  struct Bytes {  // shared: a reader outlives the object that it was opened on
    std::shared_ptr<const std::string> small;
    std::shared_ptr<const MemoryPages> large;
  };
  static Bytes bytes_of(const BodyRef& body) { return {body.inline_bytes, body.pages}; }
  static std::unique_ptr<BodyReader> read(const Bytes& bytes) {
    return MemoryBodies::read(bytes.small, bytes.large);
  }

  struct Entry {
    Object object;
    Bytes body;  // none of an object in parts
  };
  using UploadPlace = std::pair<std::string, std::string>;   // key, id
  using VersionPlace = std::pair<std::string, std::string>;  // key, sequencer
  struct LatestFirst {
    bool operator()(const VersionPlace& a, const VersionPlace& b) const {
      return a.first != b.first ? a.first < b.first : a.second > b.second;
    }
  };
  using Versions = std::map<VersionPlace, Entry, LatestFirst>;
  static constexpr std::string_view latest = "~";  // sorts as later than any sequencer

  // objects has what is current, versions the others: older objects, and delete markers also where
  // they are the latest.
  struct Content {
    Bucket bucket;
    std::map<std::string, Entry, std::less<>> objects;
    Versions versions;
    std::map<UploadPlace, MultipartUpload> uploads;
  };
  struct StoredPart {
    Part part;
    Bytes body;
  };

  // The version with the sequencer of `object`.
  Entry* find_entry(const Object& object) {
    const auto found = buckets_.find(object.bucket);
    if (found == buckets_.end()) return nullptr;
    const auto current = found->second.objects.find(object.key);
    if (current != found->second.objects.end() &&
        current->second.object.sequencer == object.sequencer)
      return &current->second;
    const auto version = found->second.versions.find({object.key, object.sequencer});
    return version == found->second.versions.end() ? nullptr : &version->second;
  }

  static Versions::iterator null_version(Content& content, const std::string& key) {
    auto at = content.versions.lower_bound({key, std::string(latest)});
    while (at != content.versions.end() && at->first.first == key &&
           !at->second.object.version_id.empty())
      ++at;
    return at != content.versions.end() && at->first.first == key ? at : content.versions.end();
  }

  // Of a version that is not current.
  static bool is_latest(const Content& content, Versions::const_iterator version) {
    const std::string& key = version->first.first;
    if (!version->second.object.is_delete_marker || content.objects.count(key) > 0) return false;
    return version == content.versions.begin() || std::prev(version)->first.first != key;
  }

  static void promote_latest(Content& content, const std::string& key) {
    if (content.objects.count(key) > 0) return;
    const auto found = content.versions.lower_bound({key, std::string(latest)});
    if (found == content.versions.end() || found->first.first != key ||
        found->second.object.is_delete_marker)
      return;
    content.objects.emplace(key, std::move(found->second));
    content.versions.erase(found);
  }

  // What is current becomes an older version; the null version makes way for the next. The place in
  // objects stays.
  void make_room(Content& content, const Object& object) {
    const bool is_null = object.version_id.empty();
    if (const auto current = content.objects.find(object.key); current != content.objects.end()) {
      Entry& entry = current->second;
      if (is_null && entry.object.version_id.empty()) {
        parts_.erase(entry.object.upload_id);
        return;
      }
      VersionPlace place{object.key, entry.object.sequencer};
      content.versions.emplace(std::move(place), std::move(entry));
    }
    if (!is_null) return;
    if (const auto old = null_version(content, object.key); old != content.versions.end()) {
      parts_.erase(old->second.object.upload_id);
      content.versions.erase(old);
    }
  }

  base::Result<void> add(const Object& object, Bytes body, std::span<OutboxEvent> events) {
    const auto bucket = buckets_.find(object.bucket);
    if (bucket == buckets_.end()) return base::fail("no bucket " + object.bucket);
    Content& content = bucket->second;
    make_room(content, object);
    if (object.is_delete_marker) {
      content.objects.erase(object.key);
      content.versions.emplace(VersionPlace{object.key, object.sequencer}, Entry{object, {}});
    } else {
      content.objects.insert_or_assign(object.key, Entry{object, std::move(body)});
    }
    add_to_outbox(events);
    return {};
  }

  std::unique_ptr<BodyReader> read_parts(const std::string& upload_id) const {
    std::vector<BodyPiece> pieces;
    for (const auto& [number, stored] : parts_.at(upload_id)) {
      const auto open = [bytes = stored.body]() -> base::Result<std::unique_ptr<BodyReader>> {
        return read(bytes);
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

  MemoryBodies bodies_;
  std::map<std::string, Content, std::less<>> buckets_;
  std::map<std::string, std::map<std::uint32_t, StoredPart>, std::less<>> parts_;  // by upload
  std::map<std::uint64_t, OutboxEvent> outbox_;
  std::uint64_t last_outbox_id_ = 0;
  std::uint64_t sequence_ = 0;
};

}  // namespace

std::unique_ptr<ObjectStore> memory_store(const StoreOptions& options) {
  return std::make_unique<MemoryStore>(options);
}

}  // namespace emulator::s3
