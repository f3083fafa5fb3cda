#pragma once
// Fields and keys of a CSV record. A key is the text of its field without quotes; of several
// fields, their texts each after its length, so that ("a","bc") and ("ab","c") differ. Words are
// loaded as the machine has them: hashes never leave the process.

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pipeline::glue::merge {

// Cuts the first field off `record` (raw, quotes included) and the delimiter after it; nullopt when
// nothing is left. A record "a," has two fields: `more` says whether another one follows.
struct FieldCursor {
  std::string_view rest;
  char delimiter;
  bool more = true;

  std::optional<std::string_view> next() {
    if (!more) return std::nullopt;
    std::size_t end = 0;
    if (!rest.empty() && rest.front() == '"') {
      end = 1;
      while (true) {  // a doubled quote looks like a closing and an opening one: both ways the
                      // parity is right
        end = rest.find('"', end);
        if (end == std::string_view::npos) {
          end = rest.size();
          break;
        }
        ++end;
        if (end >= rest.size() || rest[end] != '"') break;
        ++end;
      }
    }
    end = rest.find(delimiter, end);
    std::string_view field = rest.substr(0, end);
    more = end != std::string_view::npos;
    rest = more ? rest.substr(end + 1) : std::string_view();
    return field;
  }
};

inline bool is_quoted(std::string_view field) { return !field.empty() && field.front() == '"'; }

inline void append_unquoted(std::string& out, std::string_view field) {
  if (!is_quoted(field)) {
    out += field;
    return;
  }
  for (std::size_t i = 1; i < field.size(); ++i) {
    if (field[i] == '"' && (++i >= field.size() || field[i] != '"')) return;
    out.push_back(field[i]);
  }
}

// The key of a record; views either the record or `scratch`. nullopt: the record has not enough
// fields.
class KeyReader {
 public:
  KeyReader(const std::vector<std::size_t>& columns, char delimiter)
      : columns_(columns),
        delimiter_(delimiter),
        only_first_(columns.size() == 1 && columns[0] == 0) {}

  bool only_first() const { return only_first_; }

  std::optional<std::string_view> read(std::string_view record, std::string& scratch) const {
    if (only_first_ && !is_quoted(record)) return record.substr(0, record.find(delimiter_));
    return read_any(record, scratch);
  }

 private:
  std::optional<std::string_view> read_any(std::string_view record, std::string& scratch) const {
    std::vector<std::string_view> fields;
    FieldCursor cursor{record, delimiter_};
    while (auto field = cursor.next()) fields.push_back(*field);
    scratch.clear();
    for (std::size_t column : columns_) {
      if (column >= fields.size()) return std::nullopt;
      if (columns_.size() == 1) {
        append_unquoted(scratch, fields[column]);
        break;
      }
      const std::size_t at = scratch.size();
      scratch.append(4, '\0');
      append_unquoted(scratch, fields[column]);
      const auto size = static_cast<std::uint32_t>(scratch.size() - at - 4);
      std::memcpy(scratch.data() + at, &size, 4);
    }
    return scratch;
  }

  std::vector<std::size_t> columns_;
  char delimiter_;
  bool only_first_;
};

// A hash for tables in memory: eight bytes a multiplication; good enough, and a short key costs
// two.
inline std::uint64_t hash_start(std::size_t size) { return size * 0x9E3779B97F4A7C15ull; }
inline std::uint64_t hash_word(std::uint64_t state, std::uint64_t word) {
  state = (state ^ word) * 0x9E3779B97F4A7C15ull;
  return state ^ state >> 32;
}
inline std::uint64_t hash_end(std::uint64_t state) {
  state *= 0xD6E8FEB86659FD93ull;
  return state ^ state >> 29;
}

inline std::uint64_t key_hash(std::string_view key) {
  std::uint64_t state = hash_start(key.size());
  while (true) {
    std::uint64_t word = 0;
    std::memcpy(&word, key.data(), key.size() < 8 ? key.size() : 8);
    state = hash_word(state, word);
    if (key.size() <= 8) return hash_end(state);
    key.remove_prefix(8);
  }
}

struct HashedKey {
  std::string_view key;
  std::uint64_t hash = 0;
};

// Most keys are short numbers in the first column: up to eight bytes are found and hashed with a
// few operations on one word. `record` must have eight readable bytes. False: take the general way.
inline bool read_short_first_key(std::string_view record, char delimiter, HashedKey& out) {
  constexpr std::uint64_t ones = 0x0101010101010101ull;
  std::uint64_t word = 0;
  std::memcpy(&word, record.data(), 8);
  const std::uint64_t differs = word ^ ones * static_cast<unsigned char>(delimiter);
  const std::uint64_t found = (differs - ones) & ~differs & (ones << 7);
  if (found == 0 || record.front() == '"') return false;
  const auto bits = static_cast<unsigned>(std::countr_zero(found)) & ~7u;
  if (bits / 8 >= record.size()) return false;  // the delimiter is another record's
  word &= (std::uint64_t{1} << bits) - 1;
  out = {record.substr(0, bits / 8), hash_end(hash_word(hash_start(bits / 8), word))};
  return true;
}

}  // namespace pipeline::glue::merge
