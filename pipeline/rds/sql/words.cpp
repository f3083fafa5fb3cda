#include "pipeline/rds/sql/words.h"

#include <algorithm>

namespace pipeline::rds::sql {
namespace {

constexpr std::size_t longest_word = [] {
  std::size_t longest = 0;
  for (const WordRow& row : word_table) longest = std::max(longest, row.text.size());
  return longest;
}();
constexpr std::size_t slots = 2048;

constexpr char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

constexpr std::size_t slot_of(std::string_view text) {
  std::uint32_t hash = 2166136261u;  // FNV-1a
  for (char c : text) hash = (hash ^ static_cast<std::uint8_t>(upper(c))) * 16777619u;
  return (hash ^ hash >> 15) % slots;
}

constexpr bool same(std::string_view written, std::string_view word) {
  if (written.size() != word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (upper(written[i]) != word[i]) return false;
  }
  return true;
}

constexpr std::array<std::int16_t, slots> build() {
  std::array<std::int16_t, slots> table{};
  for (auto& entry : table) entry = -1;
  for (std::size_t i = 0; i < word_table.size(); ++i) {
    std::size_t slot = slot_of(word_table[i].text);
    while (table[slot] >= 0) slot = (slot + 1) % slots;
    table[slot] = static_cast<std::int16_t>(i);
  }
  return table;
}
constexpr std::array<std::int16_t, slots> hashed = build();

}  // namespace

Terminal Terminal::word(std::string_view text) {
  Terminal out;
  if (text.empty() || text.size() > longest_word) return out;
  for (std::size_t slot = slot_of(text); hashed[slot] >= 0; slot = (slot + 1) % slots) {
    const auto index = static_cast<std::size_t>(hashed[slot]);
    if (!same(text, word_table[index].text)) continue;
    out.value_ = hashed[slot];
    break;
  }
  return out;
}

}  // namespace pipeline::rds::sql
