#include "pipeline/glue/merge/block_merge.h"

#include <array>

#include "pipeline/glue/merge/scan.h"

namespace pipeline::glue::merge {
namespace {

using Kind = ChangeSet::State::Kind;

bool changes_row(Kind kind) { return kind == Kind::upsert || kind == Kind::remove; }

// The row inside a record that carries more than the row's columns; empty data() if it is too
// short.
std::string_view cut(std::string_view record, const RecordShape& shape, char delimiter) {
  FieldCursor cursor{record, delimiter};
  for (std::size_t i = 0; i < shape.leading_columns; ++i) cursor.next();
  if (!cursor.more) return {};
  std::string_view row = cursor.rest;
  if (!shape.trailing_column) return row;
  FieldCursor fields{row, delimiter};
  std::string_view last;
  while (auto field = fields.next()) last = *field;
  if (last.data() == row.data()) return {};
  return row.substr(0, static_cast<std::size_t>(last.data() - row.data()) - 1);
}

// Copies the stretches of the block that no change touches, in as few pieces as there are gaps.
// Records whose key may have a change are looked up some at a time, with the memory of each step
// fetched ahead: the table of a million changes is far from the processor.
class PlainMerger {
 public:
  PlainMerger(std::string_view block, const ChangeSet::State& changes, Seen& seen, std::string& out)
      : block_(block),
        changes_(changes),
        delimiter_(changes.options.delimiter),
        only_first_(changes.key_reader.only_first()),
        seen_(seen),
        out_(out) {}

  BlockResult run() {
    result_.consumed = for_each_record(
        block_, [this](std::size_t from, std::size_t to) { take(from, to); },
        &result_.ends_in_quotes);
    look_up();
    out_.append(block_, copied_, result_.consumed - copied_);
    result_.counts.base_rows = result_.records;
    result_.counts.unchanged = result_.records - result_.counts.replaced - result_.counts.deleted;
    return result_;
  }

 private:
  struct Waiting {
    std::size_t from, to;
    std::uint64_t hash;
    std::uint32_t entry;
  };
  static constexpr std::size_t batch = 32;

  void take(std::size_t from, std::size_t to) {
    ++result_.records;
    HashedKey key;
    const bool is_short = only_first_ && from + 8 <= block_.size() &&
                          read_short_first_key(block_.substr(from, to - from), delimiter_, key);
    if (!is_short && !read_key(from, to, key)) return;
    if (!changes_.may_have(key.hash)) return;
    __builtin_prefetch(&changes_.slots[key.hash & changes_.slot_mask]);
    waiting_[waiting_count_++] = {from, to, key.hash, ChangeSet::State::none};
    if (waiting_count_ == batch) look_up();
  }

  bool read_key(std::size_t from, std::size_t to, HashedKey& out) {
    auto key = changes_.key_reader.read(block_.substr(from, to - from), scratch_);
    if (key) {
      out = {*key, key_hash(*key)};
      return true;
    }
    if (result_.bad_record == 0) result_.bad_record = result_.records;
    return false;
  }

  void look_up() {
    for (std::size_t i = 0; i < waiting_count_; ++i) {
      waiting_[i].entry = changes_.candidate(waiting_[i].hash);
      if (waiting_[i].entry != ChangeSet::State::none)
        __builtin_prefetch(&changes_.entries[waiting_[i].entry]);
    }
    for (std::size_t i = 0; i < waiting_count_; ++i) {
      if (waiting_[i].entry == ChangeSet::State::none) continue;
      const auto& entry = changes_.entries[waiting_[i].entry];
      __builtin_prefetch(changes_.key_bytes.data() + entry.key_text);
      if (entry.kind == Kind::upsert)
        __builtin_prefetch(changes_.texts[entry.text].data() + entry.row);
    }
    for (std::size_t i = 0; i < waiting_count_; ++i)
      if (waiting_[i].entry != ChangeSet::State::none) apply(waiting_[i]);
    waiting_count_ = 0;
  }

  void apply(const Waiting& record) {
    auto key =
        changes_.key_reader.read(block_.substr(record.from, record.to - record.from), scratch_);
    const std::uint32_t index =
        changes_.key(record.entry) == *key ? record.entry : changes_.find(*key, record.hash);
    if (index == ChangeSet::State::none) return;
    const auto& entry = changes_.entries[index];
    if (!changes_row(entry.kind)) return;
    seen_.mark(index);
    out_.append(block_, copied_, record.from - copied_);
    copied_ = record.to + 1;
    if (entry.kind == Kind::remove) {
      ++result_.counts.deleted;
      return;
    }
    ++result_.counts.replaced;
    out_ += changes_.row(entry);
    out_.push_back('\n');
  }

  std::string_view block_;
  const ChangeSet::State& changes_;
  const char delimiter_;
  const bool only_first_;
  Seen& seen_;
  std::string& out_;
  std::string scratch_;
  std::size_t copied_ = 0;
  std::size_t waiting_count_ = 0;
  std::array<Waiting, batch> waiting_;
  BlockResult result_;
};

}  // namespace

BlockResult merge_block(std::string_view block, const ChangeSet::State& changes,
                        const RecordShape& shape, Seen& seen, std::string& out) {
  if (shape.is_plain()) return PlainMerger(block, changes, seen, out).run();
  // Cut the records to rows first; LOAD files are read once in the life of an output, so this need
  // not be the fastest path.
  std::string rows;
  BlockResult cutting;
  cutting.consumed = for_each_record(
      block,
      [&](std::size_t from, std::size_t to) {
        ++cutting.records;
        std::string_view row = cut(block.substr(from, to - from), shape, changes.options.delimiter);
        if (!row.data() && cutting.bad_record == 0) cutting.bad_record = cutting.records;
        rows += row;
        rows.push_back('\n');
      },
      &cutting.ends_in_quotes);
  if (cutting.bad_record != 0) return cutting;
  BlockResult merged = PlainMerger(rows, changes, seen, out).run();
  merged.consumed = cutting.consumed;
  merged.ends_in_quotes = cutting.ends_in_quotes;
  return merged;
}

std::uint64_t append_inserts(const ChangeSet::State& changes, const Seen& seen, std::size_t& from,
                             std::size_t bytes_max, std::string& out) {
  std::uint64_t count = 0;
  for (; from < changes.entries.size() && out.size() < bytes_max; ++from) {
    const auto& entry = changes.entries[from];
    if (entry.kind != Kind::upsert || seen.has(from)) continue;
    out += changes.row(entry);
    out.push_back('\n');
    ++count;
  }
  return count;
}

void add(MergeCounts& total, const MergeCounts& part) {
  total.base_rows += part.base_rows;
  total.unchanged += part.unchanged;
  total.replaced += part.replaced;
  total.deleted += part.deleted;
  total.inserted += part.inserted;
}

}  // namespace pipeline::glue::merge
