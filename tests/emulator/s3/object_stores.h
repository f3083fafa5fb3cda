#pragma once
// What tests of stores share: both of them, on folders of their own, and puts and reads in one
// line.

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "emulator/s3/object_store.h"
#include "emulator/s3/sqlite_store.h"

namespace emulator::s3 {

inline constexpr std::uint64_t inline_bytes_max = 64;  // small, so that both kinds of body are met
inline const StoreOptions small_bodies_inline{.inline_bytes_max = inline_bytes_max};

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sluice-store-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline std::unique_ptr<ObjectStore> open_on_disk(const std::string& folder,
                                                 sqlite::Sync sync = sqlite::Sync::off) {
  auto store = sqlite_store(folder, sync, small_bodies_inline);
  if (!store) {
    ADD_FAILURE() << store.error().text();
    std::abort();
  }
  return std::move(*store);
}

inline BodyRef write_body(ObjectStore& store, std::string_view bytes) {
  auto writer = store.new_body();
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, 50);
    EXPECT_TRUE(writer->append(piece));
    bytes.remove_prefix(piece.size());
  }
  return writer->finish().value();
}

inline std::string read_all(BodyReader& reader) {
  std::string bytes;
  std::array<char, 37> piece;
  while (const std::size_t size = reader.read(bytes.size(), piece).value())
    bytes.append(piece.data(), size);
  return bytes;
}

inline Object object_named(const std::string& key, std::string_view bytes) {
  return Object{
      .bucket = "lake", .key = key, .size = bytes.size(), .etag = "e-" + key, .sequencer = "00F1"};
}

inline OutboxEvent event_of(const std::string& key) {
  return OutboxEvent{.destination_arn = "arn:aws:lambda:us-east-1:000000000000:function:f",
                     .bucket = "lake",
                     .key = key,
                     .event_name = "ObjectCreated:Put",
                     .record_json = "{\"Records\":[]}"};
}

inline void put(ObjectStore& store, const std::string& key, std::string_view bytes,
                std::span<OutboxEvent> events = {}) {
  const auto done = store.put(object_named(key, bytes), write_body(store, bytes), events);
  ASSERT_TRUE(done) << done.error().text();
}

inline std::string body(ObjectStore& store, const std::string& key) {
  const auto object = store.find("lake", key).value();
  if (!object) return "(absent)";
  return read_all(*store.open(*object).value());
}

// "a b a/c", the keys of a listing.
inline std::string keys(ObjectStore& store, const ObjectStore::Range& range) {
  std::string text;
  const auto page = store.list("lake", range).value();
  for (const ListedObject& object : page) {
    if (!text.empty()) text += ' ';
    text += object.key;
  }
  return text;
}

inline std::size_t files_in(const std::string& folder) {
  const std::filesystem::directory_iterator files(folder);
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

inline const std::string small = "0,Ada Lovelace,London\n";
inline const std::string large(1000, 'x');

enum class Kind { memory, sqlite };

class ObjectStoreContract : public testing::TestWithParam<Kind> {
 protected:
  ObjectStoreContract() {
    store = GetParam() == Kind::memory ? memory_store(small_bodies_inline)
                                       : open_on_disk(folder_.path());
    EXPECT_TRUE(store->put_bucket(Bucket{.name = "lake"}));
  }

 private:
  TemporaryFolder folder_;

 protected:
  std::unique_ptr<ObjectStore> store;
};

}  // namespace emulator::s3
