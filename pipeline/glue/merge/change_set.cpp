#include "pipeline/glue/merge/change_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

#include "emulator/base/check.h"
#include "emulator/base/csv.h"
#include "pipeline/glue/merge/scan.h"

namespace pipeline::glue::merge {
namespace {

using emulator::base::fail;

// A change row taken apart: what the columns of the base are, and what is around them.
struct ChangeRow {
  char op = 0;
  std::string_view row;
  std::string_view sequence;
};

// A delimiter inside a quoted last field is no end, so the field before the end is found by its
// quotes.
std::size_t last_field_start(std::string_view record, char delimiter) {
  std::size_t end = record.size();
  if (end > 0 && record[end - 1] == '"') {
    std::size_t at = end - 1;
    while (at > 0) {
      at = record.rfind('"', at - 1);
      if (at == std::string_view::npos || at == 0) return 0;
      if (record[at - 1] == delimiter) return at;
      if (record[at - 1] == '"') --at;
    }
    return 0;
  }
  std::size_t at = record.rfind(delimiter);
  return at == std::string_view::npos ? 0 : at + 1;
}

// nullptr, or what is wrong with the row.
const char* take_apart(std::string_view record, const MergeOptions& options, ChangeRow& out) {
  FieldCursor cursor{record, options.delimiter};
  std::string_view op = cursor.next().value_or(std::string_view());
  if (op.size() != 1 || (op[0] != 'I' && op[0] != 'U' && op[0] != 'D'))
    return "the first column is not I, U or D";
  out.op = op[0];
  for (std::size_t i = 0; i < options.columns_after_op; ++i) cursor.next();
  if (!cursor.more) return "there are no columns after the operation";
  out.row = cursor.rest;
  if (!options.has_sequence) return nullptr;
  const std::size_t last = last_field_start(out.row, options.delimiter);
  if (last == 0) return "there is no column for the sequence";
  out.sequence = out.row.substr(last);
  out.row = out.row.substr(0, last - 1);
  return nullptr;
}

// Sequences are numbers of one width; where a width differs the longer is the later.
bool is_later(std::string_view sequence, std::string_view than) {
  if (sequence.size() != than.size()) return sequence.size() > than.size();
  return sequence > than;
}

std::string cut_header(std::string_view header, const MergeOptions& options) {
  FieldCursor cursor{header, options.delimiter};
  for (std::size_t i = 0; i < options.columns_after_op + 1; ++i) cursor.next();
  std::string_view columns = cursor.rest;
  if (options.has_sequence) {
    const std::size_t last = last_field_start(columns, options.delimiter);
    columns = last == 0 ? std::string_view() : columns.substr(0, last - 1);
  }
  return std::string(columns);
}

// Puts the rows of a file that was found good into the table, some at a time, with the memory of
// each step fetched ahead.
class FileAdder {
 public:
  FileAdder(ChangeSet::State& state, std::uint32_t text) : state_(state), text_(text) {}

  void take(std::string_view record) {
    Waiting& waiting = waiting_[waiting_count_++];
    CHECK(take_apart(record, state_.options, waiting.change) == nullptr);
    waiting.hash = key_hash(*state_.key_reader.read(waiting.change.row, scratch_));
    __builtin_prefetch(&state_.slots[waiting.hash & state_.slot_mask]);
    if (waiting_count_ == batch) apply();
  }

  ChangeCounts finish() {
    apply();
    return counts_;
  }

 private:
  struct Waiting {
    ChangeRow change;
    std::uint64_t hash = 0;
    std::uint32_t candidate = ChangeSet::State::none;
  };
  static constexpr std::size_t batch = 32;

  void apply() {
    for (std::size_t i = 0; i < waiting_count_; ++i) {
      waiting_[i].candidate = state_.candidate(waiting_[i].hash);
      if (waiting_[i].candidate != ChangeSet::State::none)
        __builtin_prefetch(&state_.entries[waiting_[i].candidate]);
    }
    for (std::size_t i = 0; i < waiting_count_; ++i)
      if (waiting_[i].candidate != ChangeSet::State::none)
        __builtin_prefetch(state_.key_bytes.data() +
                           state_.entries[waiting_[i].candidate].key_text);
    for (std::size_t i = 0; i < waiting_count_; ++i) put(waiting_[i]);
    waiting_count_ = 0;
  }

  void put(const Waiting& waiting) {
    const ChangeRow& change = waiting.change;
    const std::uint32_t index =
        state_.find_or_add(*state_.key_reader.read(change.row, scratch_), waiting.hash);
    ++counts_.rows;
    if (state_.options.has_sequence) {
      if (!is_later(change.sequence, state_.sequences[index])) {
        ++counts_.stale;
        return;
      }
      state_.sequences[index] = change.sequence;
    }
    using Kind = ChangeSet::State::Kind;
    ChangeSet::State::Entry& entry = state_.entries[index];
    entry.text = text_;
    entry.row = static_cast<std::uint32_t>(change.row.data() - state_.texts[text_].data());
    entry.row_size = static_cast<std::uint32_t>(change.row.size());
    entry.kind = change.op == 'D' ? Kind::remove : Kind::upsert;
    ++(change.op == 'I' ? counts_.inserts : change.op == 'U' ? counts_.updates : counts_.deletes);
  }

  ChangeSet::State& state_;
  std::uint32_t text_;
  ChangeCounts counts_;
  std::string scratch_;
  std::size_t waiting_count_ = 0;
  std::array<Waiting, batch> waiting_;
};

}  // namespace

std::uint32_t ChangeSet::State::candidate(std::uint64_t hash) const {
  const auto tag = static_cast<std::uint32_t>(hash >> 32);
  std::uint64_t at = hash & slot_mask;
  while (slots[at].entry != none && slots[at].tag != tag) at = (at + 1) & slot_mask;
  return slots[at].entry;
}

std::uint32_t ChangeSet::State::find(std::string_view key_text, std::uint64_t hash) const {
  const auto tag = static_cast<std::uint32_t>(hash >> 32);
  for (std::uint64_t at = hash & slot_mask;; at = (at + 1) & slot_mask) {
    const Slot& slot = slots[at];
    if (slot.entry == none || (slot.tag == tag && key(slot.entry) == key_text)) return slot.entry;
  }
}

std::uint32_t ChangeSet::State::find_or_add(std::string_view key_text, std::uint64_t hash) {
  if (std::uint32_t found = find(key_text, hash); found != none) return found;
  reserve(entries.size() + 1);
  const auto index = static_cast<std::uint32_t>(entries.size());
  Entry entry;
  entry.key_text = static_cast<std::uint32_t>(key_bytes.size());
  entry.key_size = static_cast<std::uint32_t>(key_text.size());
  key_bytes += key_text;
  entries.push_back(entry);
  if (options.has_sequence) sequences.emplace_back();
  place(index, hash);
  return index;
}

void ChangeSet::State::place(std::uint32_t index, std::uint64_t hash) {
  std::uint64_t at = hash & slot_mask;
  while (slots[at].entry != none) at = (at + 1) & slot_mask;
  slots[at] = {static_cast<std::uint32_t>(hash >> 32), index};
  filter[(hash & filter_mask) >> 6] |= 1ull << (hash & 63);
}

void ChangeSet::State::reserve(std::size_t keys) {
  if (keys * 3 <= slots.size() * 2) return;  // at most two thirds full
  const std::size_t size = std::bit_ceil(std::max<std::size_t>(1024, keys * 3 / 2));
  slots.assign(size, Slot{});
  slot_mask = size - 1;
  filter.assign(size * 8 / 64, 0);  // 12 bits a key when full
  filter_mask = size * 8 - 1;
  for (std::size_t i = 0; i < entries.size(); ++i)
    place(static_cast<std::uint32_t>(i), key_hash(key(i)));
}

ChangeSet::ChangeSet(MergeOptions options) : state_(std::make_unique<State>(std::move(options))) {
  state_->reserve(1);
}
ChangeSet::~ChangeSet() = default;
ChangeSet::ChangeSet(ChangeSet&&) noexcept = default;

std::size_t ChangeSet::keys() const { return state_->entries.size(); }
const MergeOptions& ChangeSet::options() const { return state_->options; }

Result<ChangeCounts> ChangeSet::add(std::string_view file_name, std::string csv) {
  State& state = *state_;
  const MergeOptions& options = state.options;
  // The whole file is looked through before anything of it is kept.
  if (csv.size() > 0xFFFFFFF0u)
    return fail(fmt::format("{}: a change file of over 4 GB is not supported", file_name));
  std::uint64_t line = 0;
  std::uint64_t bad_line = 0;
  const char* reason = nullptr;
  bool in_quotes = false;
  std::string scratch;
  const std::string_view text = csv;
  const std::size_t end = for_each_record(
      text,
      [&](std::size_t from, std::size_t to) {
        ++line;
        if (reason || (options.has_header && line == 1)) return;
        ChangeRow row;
        reason = take_apart(text.substr(from, to - from), options, row);
        if (!reason && !state.key_reader.read(row.row, scratch))
          reason = "it has fewer columns than the key needs";
        if (reason) bad_line = line;
      },
      &in_quotes);
  if (!reason && in_quotes) reason = "a quote is never closed";
  if (!reason && end != text.size()) reason = "the last line has no line feed: the file is torn";
  if (reason)
    return fail(fmt::format("{}, line {}: {}", file_name, bad_line ? bad_line : line + 1, reason));

  const auto text_index = static_cast<std::uint32_t>(state.texts.size());
  state.texts.push_back(std::move(csv));
  const std::string_view kept = state.texts.back();
  state.reserve(state.entries.size() + line);
  line = 0;
  FileAdder adder(state, text_index);
  for_each_record(kept, [&](std::size_t from, std::size_t to) {
    const std::string_view record = kept.substr(from, to - from);
    if (++line == 1 && options.has_header)
      state.header = cut_header(record, options);
    else
      adder.take(record);
  });
  return adder.finish();
}

// A line: sequence, I or D, the key as the table holds it (one field, whatever the number of key
// columns).
Result<void> ChangeSet::load_positions(std::string_view csv) {
  auto rows = emulator::base::parse_csv(csv);
  if (!rows) return tl::unexpected(rows.error());
  for (const auto& row : *rows) {
    if (row.size() != 3) return fail("a line of positions has not three fields");
    const std::string& key = row[2].text;
    const std::uint32_t index = state_->find_or_add(key, key_hash(key));
    if (!is_later(row[0].text, state_->sequences[index])) continue;
    state_->sequences[index] = row[0].text;
    state_->entries[index].kind =
        row[1].text == "D" ? State::Kind::known_removed : State::Kind::known;
  }
  return {};
}

std::string ChangeSet::positions() const {
  std::string out;
  if (!state_->options.has_sequence) return out;
  for (std::size_t i = 0; i < state_->entries.size(); ++i) {
    out += state_->sequences[i];
    const State::Kind kind = state_->entries[i].kind;
    out += kind == State::Kind::remove || kind == State::Kind::known_removed ? ",D," : ",I,";
    emulator::base::append_csv_field(out, state_->key(i));
    out += '\n';
  }
  return out;
}

}  // namespace pipeline::glue::merge
