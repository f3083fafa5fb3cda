#pragma once
// Inside of ChangeSet: the last change of each key in an open-addressing table of 32-bit indexes,
// before it a bitmap that turns most keys without a change away with one look.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/glue/merge/csv_merge.h"
#include "pipeline/glue/merge/key.h"

namespace pipeline::glue::merge {

struct ChangeSet::State {
  // known and known_removed: only the position is known, from an earlier run.
  enum class Kind : std::uint8_t { known, known_removed, upsert, remove };

  // The last change of a key. Offsets are into texts[text]; the row is without op, timestamp and
  // sequence.
  struct Entry {
    std::uint32_t text = 0;
    std::uint32_t row = 0;
    std::uint32_t row_size = 0;
    std::uint32_t key_text = 0;  // the key's bytes: key_bytes from key_text on
    std::uint32_t key_size = 0;
    Kind kind = Kind::known;
  };

  static constexpr std::uint32_t none = 0xFFFFFFFF;

  explicit State(MergeOptions merge_options)
      : options(std::move(merge_options)), key_reader(options.key_columns, options.delimiter) {}

  std::string_view row(const Entry& entry) const {
    return std::string_view(texts[entry.text]).substr(entry.row, entry.row_size);
  }
  std::string_view key(std::size_t index) const {
    return std::string_view(key_bytes).substr(entries[index].key_text, entries[index].key_size);
  }

  bool may_have(std::uint64_t hash) const {
    const std::uint64_t bit = hash & filter_mask;
    return (filter[bit >> 6] >> (bit & 63) & 1) != 0;
  }
  // The lookup in two steps, so that a caller with many keys can fetch ahead: the entry that a slot
  // with this hash points to (or none), and whether its key is the right one. find() is both, over
  // all slots of the hash.
  std::uint32_t candidate(std::uint64_t hash) const;
  std::uint32_t find(std::string_view key, std::uint64_t hash) const;
  std::uint32_t find_or_add(std::string_view key, std::uint64_t hash);
  void reserve(std::size_t keys);
  void place(std::uint32_t index, std::uint64_t hash);

  MergeOptions options;
  KeyReader key_reader;
  std::vector<std::string> texts;
  std::string key_bytes;               // all keys, one after the other
  std::vector<Entry> entries;          // in order of the first change
  std::vector<std::string> sequences;  // by entry, only with has_sequence
  struct Slot {
    std::uint32_t tag = 0;  // high half of the hash
    std::uint32_t entry = none;
  };
  std::vector<Slot> slots;
  std::uint64_t slot_mask = 0;
  std::vector<std::uint64_t> filter = {0};
  std::uint64_t filter_mask = 0;
  std::string header;  // of the newest change file, cut to the base's columns
};

}  // namespace pipeline::glue::merge
