// Service::list_objects: what ListObjects and ListObjectsV2 share.

#include <algorithm>

#include "emulator/s3/prefixes.h"
#include "emulator/s3/service.h"

namespace emulator::s3 {
namespace {

std::string_view rolled_up_into(std::string_view key, const ListObjectsInput& input) {
  return common_prefix(key, input.prefix, input.delimiter);
}

// Where the listing stands in the keys of the bucket.
struct Cursor {
  std::string from;
  bool exclusive = false;
  bool at_end = false;

  void seek_past(std::string_view prefix) {
    from = after_all_with(std::string(prefix));
    exclusive = false;
    at_end = from.empty();
  }
};

Cursor start_of(const ListObjectsInput& input) {
  Cursor cursor{input.start_after, !input.start_after.empty()};
  // A page that ended at a common prefix goes on behind all that it stands for.
  const std::string_view rolled_up = rolled_up_into(input.start_after, input);
  if (!rolled_up.empty()) cursor.seek_past(rolled_up);
  return cursor;
}

// Collects one page; add() is false once the page is full and there was more.
class Page {
 public:
  Page(const ListObjectsInput& input, std::string region) : input_(input) {
    output_.region = std::move(region);
  }

  std::size_t room() const {
    return input_.max_keys - output_.objects.size() - output_.common_prefixes.size();
  }
  bool add_object(ListedObject object) {
    if (room() == 0) return end();
    output_.next_start_after = object.key;
    output_.objects.push_back(std::move(object));
    return true;
  }
  // Without copying, where they are the first.
  bool add_objects(std::vector<ListedObject> objects) {
    const bool fits = objects.size() <= room();
    if (!fits) objects.resize(room());
    if (output_.objects.empty()) {
      output_.objects = std::move(objects);
    } else {
      std::move(objects.begin(), objects.end(), std::back_inserter(output_.objects));
    }
    output_.next_start_after = output_.objects.back().key;
    return fits || end();
  }
  bool add_prefix(std::string prefix) {
    if (room() == 0) return end();
    output_.next_start_after = prefix;
    output_.common_prefixes.push_back(std::move(prefix));
    return true;
  }
  ListObjectsOutput take() {
    if (!output_.truncated) output_.next_start_after.clear();
    return std::move(output_);
  }

 private:
  bool end() {
    output_.truncated = true;
    return false;
  }
  const ListObjectsInput& input_;
  ListObjectsOutput output_;
};

enum class Taken { all, up_to_a_prefix, page_full };

// Puts a batch into the page; stops at a common prefix, behind which the cursor then stands.
Taken take_batch(std::vector<ListedObject> batch, const ListObjectsInput& input, Page& page,
                 Cursor& cursor) {
  if (!batch.empty() && input.delimiter.empty()) {
    cursor = {.from = batch.back().key, .exclusive = true};
    return page.add_objects(std::move(batch)) ? Taken::all : Taken::page_full;
  }
  for (ListedObject& object : batch) {
    const std::string_view rolled_up = rolled_up_into(object.key, input);
    if (!rolled_up.empty()) {
      cursor.seek_past(rolled_up);
      return page.add_prefix(std::string(rolled_up)) ? Taken::up_to_a_prefix : Taken::page_full;
    }
    cursor.from = object.key;
    cursor.exclusive = true;
    if (!page.add_object(std::move(object))) return Taken::page_full;
  }
  return Taken::all;
}

}  // namespace

// Reads in batches. With a delimiter they begin small and grow while plain keys come, so that a
// prefix costs one seek and a few rows however many keys it stands for.
Result<ListObjectsOutput> Service::list_objects(const ListObjectsInput& input) {
  const auto bucket = find_bucket(input.bucket);
  if (!bucket) return tl::unexpected(bucket.error());
  Page page(input, bucket->region);
  if (input.max_keys == 0) return page.take();  // AWS: empty and not truncated
  constexpr std::size_t smallest_batch = 4;
  std::size_t batch_size = input.delimiter.empty() ? input.max_keys + 1 : smallest_batch;
  Cursor cursor = start_of(input);
  while (!cursor.at_end) {
    const std::size_t limit = std::min(batch_size, page.room() + 1);
    auto batch = store_.list(input.bucket, {input.prefix, cursor.from, cursor.exclusive, limit});
    if (!batch) return storage_failed(batch.error());
    const std::size_t rows = batch->size();
    const Taken taken = take_batch(std::move(*batch), input, page, cursor);
    if (taken == Taken::page_full || (taken == Taken::all && rows < limit)) break;
    batch_size = taken == Taken::up_to_a_prefix ? smallest_batch : batch_size * 4;
  }
  return page.take();
}

}  // namespace emulator::s3
