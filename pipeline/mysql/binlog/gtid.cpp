#include "pipeline/mysql/binlog/gtid.h"

#include <algorithm>

#include "emulator/base/bytes.h"
#include "emulator/base/text.h"

namespace pipeline::mysql::binlog {

namespace {

using emulator::base::fail;

constexpr std::size_t uuid_bytes = 16;
constexpr std::size_t tag_bytes_max = 32;

bool is_tag(std::string_view text) {
  if (text.empty() || text.size() > tag_bytes_max || (text[0] >= '0' && text[0] <= '9'))
    return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  });
}

// The first 8 bytes: in the tagged form 1, the count in six bytes, 1; otherwise a plain count,
// whose top byte is 0.
struct SetHead {
  bool tagged;
  std::uint64_t count;
};
SetHead read_head(emulator::base::ByteReader& in) {
  const std::uint64_t word = in.u64();
  if (word >> 56 == 0) return {false, word};
  return {true, word >> 8 & 0xFFFFFFFFFFFFull};
}

}  // namespace

std::string uuid_text(std::string_view raw) {
  std::string hex = emulator::base::to_hex(raw);
  if (raw.size() != uuid_bytes) return hex;
  for (const std::size_t dash : {8u, 13u, 18u, 23u}) hex.insert(dash, 1, '-');
  return hex;
}

Result<std::string> uuid_from_text(std::string_view text) {
  std::string digits;
  for (char c : text)
    if (c != '-') digits.push_back(c);
  auto raw = emulator::base::from_hex(digits);
  if (!raw || raw->size() != uuid_bytes) return fail("not a UUID: '" + std::string(text) + "'");
  return *raw;
}

std::string Gtid::text() const {
  std::string out = uuid_text(uuid);
  if (!tag.empty()) out += ":" + tag;
  out += ':';
  emulator::base::append_integer(out, number);
  return out;
}

std::uint64_t read_varint(emulator::base::ByteReader& in) {
  const std::uint8_t first = in.u8();
  int extra = 0;
  while (extra < 8 && (first >> extra & 1)) ++extra;
  if (extra == 8) return in.u64();
  return in.le(extra) << (7 - extra) | static_cast<std::uint64_t>(first) >> (extra + 1);
}

void append_varint(std::string& out, std::uint64_t value) {
  int extra = 0;
  while (extra < 8 && value >> (7 * (extra + 1)) != 0) ++extra;
  if (extra == 8) {
    out.push_back('\xFF');
    emulator::base::append_le(out, value, 8);
    return;
  }
  const std::uint64_t ones = (1ull << extra) - 1;
  emulator::base::append_le(out, value << (extra + 1) | ones, extra + 1);
}

void GtidSet::add(const std::string& uuid, const std::string& tag, std::int64_t first,
                  std::int64_t end) {
  if (first >= end) return;
  Intervals& intervals = sources_[{uuid, tag}];
  auto at = intervals.upper_bound(first);
  if (at != intervals.begin() && std::prev(at)->second >= first) {
    --at;
    first = at->first;
    end = std::max(end, at->second);
    at = intervals.erase(at);
  }
  while (at != intervals.end() && at->first <= end) {
    end = std::max(end, at->second);
    at = intervals.erase(at);
  }
  intervals[first] = end;
}

bool GtidSet::contains(const Gtid& gtid) const {
  auto source = sources_.find({gtid.uuid, gtid.tag});
  if (source == sources_.end()) return false;
  auto after = source->second.upper_bound(gtid.number);
  return after != source->second.begin() && std::prev(after)->second > gtid.number;
}

std::int64_t GtidSet::next_number(const std::string& uuid, const std::string& tag) const {
  auto source = sources_.find({uuid, tag});
  return source == sources_.end() ? 1 : source->second.rbegin()->second;
}

std::string GtidSet::text() const {
  std::string out;
  const std::string* uuid = nullptr;
  for (const auto& [source, intervals] : sources_) {
    if (!uuid || *uuid != source.first) {
      if (uuid) out.push_back(',');
      out += uuid_text(source.first);
      uuid = &source.first;
    }
    if (!source.second.empty()) out += ":" + source.second;
    for (const auto& [first, end] : intervals) {
      out.push_back(':');
      emulator::base::append_integer(out, first);
      if (end - first > 1) {
        out.push_back('-');
        emulator::base::append_integer(out, end - 1);
      }
    }
  }
  return out;
}

Result<GtidSet> GtidSet::parse(std::string_view text) {
  GtidSet set;
  if (emulator::base::trim(text).empty()) return set;
  for (std::string_view source : emulator::base::split(text, ',')) {
    auto parts = emulator::base::split(emulator::base::trim(source), ':');
    auto uuid = uuid_from_text(parts[0]);
    if (!uuid) return tl::unexpected(uuid.error());
    std::string tag;
    for (std::size_t i = 1; i < parts.size(); ++i) {
      const std::string part = emulator::base::to_lower(emulator::base::trim(parts[i]));
      if (is_tag(part)) {
        tag = part;
        continue;
      }
      const auto dash = part.find('-');
      auto first = emulator::base::parse_unsigned(part.substr(0, dash));
      auto last =
          dash == std::string::npos ? first : emulator::base::parse_unsigned(part.substr(dash + 1));
      if (!first || !last || *first < 1 || *last < *first || *last >= INT64_MAX)
        return fail("not a GTID interval: '" + part + "'");
      set.add(*uuid, tag, static_cast<std::int64_t>(*first), static_cast<std::int64_t>(*last) + 1);
    }
  }
  return set;
}

std::string GtidSet::encode() const {
  const bool tagged = std::any_of(sources_.begin(), sources_.end(),
                                  [](const auto& s) { return !s.first.second.empty(); });
  std::string out;
  const std::uint64_t count = sources_.size();
  emulator::base::append_le(out, tagged ? 1ull << 56 | count << 8 | 1 : count, 8);
  for (const auto& [source, intervals] : sources_) {
    out += source.first;
    if (tagged) {
      append_varint(out, source.second.size());
      out += source.second;
    }
    emulator::base::append_le(out, intervals.size(), 8);
    for (const auto& [first, end] : intervals) {
      emulator::base::append_le(out, static_cast<std::uint64_t>(first), 8);
      emulator::base::append_le(out, static_cast<std::uint64_t>(end), 8);
    }
  }
  return out;
}

Result<GtidSet> GtidSet::decode(std::string_view bytes) {
  GtidSet set;
  emulator::base::ByteReader in(bytes);
  const SetHead head = read_head(in);
  for (std::uint64_t i = 0; i < head.count && !in.failed(); ++i) {
    const std::string uuid(in.take(uuid_bytes));
    const std::string tag(head.tagged ? in.take(read_varint(in)) : std::string_view());
    const std::uint64_t intervals = in.u64();
    for (std::uint64_t j = 0; j < intervals && !in.failed(); ++j) {
      const auto first = static_cast<std::int64_t>(in.u64());
      const auto end = static_cast<std::int64_t>(in.u64());
      if (!in.failed() && (first < 1 || end <= first))
        return fail("a GTID interval that is empty or backwards");
      if (!in.failed()) set.add(uuid, tag, first, end);
    }
  }
  if (in.failed()) return fail("a GTID set cut short");
  return set;
}

}  // namespace pipeline::mysql::binlog
