// Functions of strings. Positions and lengths count characters.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "emulator/base/digest.h"
#include "emulator/base/text.h"
#include "pipeline/mysql/types/codec.h"
#include "pipeline/rds/embedded/decimal.h"
#include "pipeline/rds/embedded/fold.h"
#include "pipeline/rds/embedded/functions/functions.h"

namespace pipeline::rds::embedded {
namespace {

using emulator::base::HashKind;

// Like its source: a binary string stays one.
Value same_kind(const Value& source, std::string bytes) {
  return source.store == Value::Store::blob ? Value::blob(std::move(bytes))
                                            : Value::text(std::move(bytes));
}

std::int64_t length_of(const Value& value) {
  return static_cast<std::int64_t>(value.store == Value::Store::blob
                                       ? value.bytes.size()
                                       : emulator::base::utf8_length(value.bytes));
}

std::size_t offset_of(const Value& value, std::int64_t characters) {
  if (characters <= 0) return 0;
  if (value.store == Value::Store::blob)
    return std::min(static_cast<std::size_t>(characters), value.bytes.size());
  std::size_t at = 0;
  while (at < value.bytes.size() && characters-- > 0) next_code_point(value.bytes, at);
  return at;
}

Value slice(const Value& value, std::int64_t from, std::int64_t count) {
  const std::size_t start = offset_of(value, from);
  const std::size_t end = offset_of(value, from + std::min<std::int64_t>(count, 1ll << 40));
  return same_kind(value, count <= 0 ? std::string() : value.bytes.substr(start, end - start));
}

Value substring(Environment&, Values a) {
  const std::int64_t length = length_of(a[0]);
  std::int64_t from = a[1].integer;
  if (from == 0 || -from > length) return same_kind(a[0], "");
  from = from < 0 ? length + from : from - 1;
  return slice(a[0], from, a.size() > 2 ? a[2].integer : length);
}

Value concat(Environment&, Values a) {
  std::string out;
  bool binary = false;
  for (const Value& value : a) {
    out += value.bytes;
    binary = binary || value.store == Value::Store::blob;
  }
  return binary ? Value::blob(std::move(out)) : Value::text(std::move(out));
}

Value replace(Environment&, Values a) {
  const std::string& from = a[1].bytes;
  if (from.empty()) return a[0];
  std::string out;
  std::size_t at = 0;
  while (true) {
    const std::size_t found = a[0].bytes.find(from, at);
    out.append(a[0].bytes, at, found == std::string::npos ? found : found - at);
    if (found == std::string::npos) return same_kind(a[0], std::move(out));
    out += a[2].bytes;
    at = found + from.size();
  }
}

std::string trimmed(std::string_view text, std::string_view what, bool left, bool right) {
  if (what.empty()) return std::string(text);
  while (left && text.starts_with(what)) text.remove_prefix(what.size());
  while (right && text.ends_with(what)) text.remove_suffix(what.size());
  return std::string(text);
}
Value trim(Environment&, Values a) {
  return same_kind(a[0], trimmed(a[0].bytes, a.size() > 1 ? a[1].bytes : " ", true, true));
}
Value trim_left(Environment&, Values a) {
  return same_kind(a[0], trimmed(a[0].bytes, a.size() > 1 ? a[1].bytes : " ", true, false));
}
Value trim_right(Environment&, Values a) {
  return same_kind(a[0], trimmed(a[0].bytes, a.size() > 1 ? a[1].bytes : " ", false, true));
}

constexpr std::size_t longest = 64 * 1024 * 1024;  // max_allowed_packet: a longer result is NULL

Value repeat(Environment&, Values a) {
  if (a[1].integer <= 0) return same_kind(a[0], "");
  if (a[0].bytes.size() *
          static_cast<std::uint64_t>(std::min<std::int64_t>(a[1].integer, 1ll << 32)) >
      longest)
    return Value::null();
  std::string out;
  for (std::int64_t i = 0; i < a[1].integer; ++i) out += a[0].bytes;
  return same_kind(a[0], std::move(out));
}

Value pad(Values a, bool left) {
  const std::int64_t length = length_of(a[0]);
  const std::int64_t wanted = a[1].integer;
  if (wanted < 0 || wanted > static_cast<std::int64_t>(longest)) return Value::null();
  if (wanted <= length) return slice(a[0], 0, wanted);
  if (a[2].bytes.empty()) return Value::null();
  std::string fill;
  const std::int64_t unit = length_of(a[2]);
  for (std::int64_t have = length; have < wanted; have += unit)
    fill += have + unit <= wanted ? a[2].bytes : slice(a[2], 0, wanted - have).bytes;
  return same_kind(a[0], left ? fill + a[0].bytes : a[0].bytes + fill);
}
Value pad_left(Environment&, Values a) { return pad(a, true); }
Value pad_right(Environment&, Values a) { return pad(a, false); }

// LOCATE(what, where[, from]): under the collation that ignores case unless one of them is binary.
Value locate(Environment&, Values a) {
  const Value& what = a[0];
  const Value& where = a[1];
  const std::int64_t from = a.size() > 2 ? a[2].integer : 1;
  if (from < 1) return Value::of(std::int64_t{0});
  const bool binary = what.store == Value::Store::blob || where.store == Value::Store::blob;
  const std::int64_t length = length_of(where);
  const std::int64_t size = length_of(what);
  for (std::int64_t at = from - 1; at + size <= length; ++at) {
    const std::string part = slice(where, at, size).bytes;
    if (binary ? part == what.bytes : compare_folded(part, what.bytes) == 0)
      return Value::of(at + 1);
  }
  return Value::of(std::int64_t{0});
}
Value instr(Environment& environment, Values a) {
  const Value swapped[] = {a[1], a[0]};
  return locate(environment, swapped);
}

Value reverse(Environment&, Values a) {
  std::string out;
  for (std::int64_t i = length_of(a[0]); i-- > 0;) out += slice(a[0], i, 1).bytes;
  return same_kind(a[0], std::move(out));
}

Value substring_index(Environment&, Values a) {
  const std::string& text = a[0].bytes;
  const std::string& mark = a[1].bytes;
  std::int64_t count = a[2].integer;
  if (count == 0 || mark.empty()) return same_kind(a[0], "");
  std::size_t at = count > 0 ? 0 : text.size();
  while (count > 0) {
    const std::size_t found = text.find(mark, at);
    if (found == std::string::npos) return a[0];
    if (--count == 0) return same_kind(a[0], text.substr(0, found));
    at = found + mark.size();
  }
  while (true) {
    if (at < mark.size()) return a[0];
    const std::size_t found = text.rfind(mark, at - mark.size());
    if (found == std::string::npos) return a[0];
    if (++count == 0) return same_kind(a[0], text.substr(found + mark.size()));
    at = found;
  }
}

Value strcmp_texts(Environment&, Values a) {
  return Value::of(std::int64_t{compare_folded(a[0].bytes, a[1].bytes)});
}
Value left(Environment&, Values a) { return slice(a[0], 0, a[1].integer); }
Value right(Environment&, Values a) {
  const std::int64_t length = length_of(a[0]);
  const std::int64_t count = std::clamp<std::int64_t>(a[1].integer, 0, length);
  return slice(a[0], length - count, count);
}
Value upper(Environment&, Values a) {
  return a[0].store == Value::Store::blob ? a[0] : Value::text(upper_case(a[0].bytes));
}
Value lower(Environment&, Values a) {
  return a[0].store == Value::Store::blob ? a[0] : Value::text(lower_case(a[0].bytes));
}
Value length(Environment&, Values a) {
  return Value::of(static_cast<std::int64_t>(a[0].bytes.size()));
}
Value bit_length(Environment&, Values a) {
  return Value::of(static_cast<std::int64_t>(a[0].bytes.size() * 8));
}
Value char_length(Environment&, Values a) { return Value::of(length_of(a[0])); }
Value ascii(Environment&, Values a) {
  return Value::of(a[0].bytes.empty() ? std::int64_t{0}
                                      : std::int64_t{static_cast<unsigned char>(a[0].bytes[0])});
}
Value ord(Environment&, Values a) {
  const std::string first = slice(a[0], 0, 1).bytes;
  std::int64_t out = 0;
  for (char c : first) out = out << 8 | static_cast<unsigned char>(c);
  return Value::of(out);
}
Value hex(Environment&, Values a) {
  if (a[1].integer != 0) {
    if (const auto bytes =
            mysql::types::from_utf8(a[0].bytes, static_cast<std::uint32_t>(a[1].integer)))
      return Value::text(emulator::base::to_upper_hex(*bytes));
  }
  return Value::text(emulator::base::to_upper_hex(a[0].bytes));
}
Value hex_number(Environment&, Values a) {
  return Value::text(fmt::format("{:X}", a[0].as_unsigned()));
}
// CHAR(65, 256): the bytes of the numbers, most significant first, as a binary string.
Value characters(Environment&, Values a) {
  std::string out;
  for (const Value& value : a) {
    if (value.store != Value::Store::integer) continue;  // a NULL, which CHAR leaves out
    const auto number = static_cast<std::uint32_t>(value.integer);
    for (int shift = 24; shift >= 0; shift -= 8) {
      if (shift == 0 || number >> shift != 0) out.push_back(static_cast<char>(number >> shift));
    }
  }
  return Value::blob(std::move(out));
}
Value unhex(Environment&, Values a) {
  const std::string digits = a[0].bytes.size() % 2 == 1 ? "0" + a[0].bytes : a[0].bytes;
  auto bytes = emulator::base::from_hex(digits);
  return bytes ? Value::blob(std::move(*bytes)) : Value::null();
}
Value space(Environment&, Values a) {
  return Value::text(std::string(
      static_cast<std::size_t>(std::clamp<std::int64_t>(a[0].integer, 0, 1 << 24)), ' '));
}
Value quote(Environment&, Values a) {
  std::string out = "'";
  for (char c : a[0].bytes) {
    if (c == '\'' || c == '\\') out += '\\';
    if (c == '\0') out += "\\0";
    if (c != '\0') out += c;
  }
  return Value::text(out + "'");
}
Value insert(Environment&, Values a) {
  const std::int64_t length = length_of(a[0]);
  const std::int64_t at = a[1].integer;
  if (at < 1 || at > length) return a[0];
  const std::int64_t count =
      a[2].integer < 0 || at - 1 + a[2].integer > length ? length - at + 1 : a[2].integer;
  return same_kind(
      a[0], slice(a[0], 0, at - 1).bytes + a[3].bytes + slice(a[0], at - 1 + count, length).bytes);
}
Value find_in_set(Environment&, Values a) {
  if (a[1].bytes.empty()) return Value::of(std::int64_t{0});
  std::int64_t at = 0;
  for (std::string_view part : emulator::base::split(a[1].bytes, ',')) {
    ++at;
    if (compare_folded(part, a[0].bytes) == 0) return Value::of(at);
  }
  return Value::of(std::int64_t{0});
}
Value md5(Environment&, Values a) {
  return Value::text(emulator::base::to_hex(emulator::base::hash(HashKind::md5, a[0].bytes)));
}
Value sha1(Environment&, Values a) {
  return Value::text(emulator::base::to_hex(emulator::base::hash(HashKind::sha1, a[0].bytes)));
}
Value sha2(Environment&, Values a) {
  if (a[1].integer != 256 && a[1].integer != 0) return Value::null();
  return Value::text(emulator::base::to_hex(emulator::base::hash(HashKind::sha256, a[0].bytes)));
}
Value crc32(Environment&, Values a) {
  return Value::of(std::int64_t{emulator::base::crc32(a[0].bytes)});
}
Value to_base64(Environment&, Values a) {
  return Value::text(emulator::base::to_base64(a[0].bytes));
}
Value from_base64(Environment&, Values a) {
  auto bytes = emulator::base::from_base64(a[0].bytes);
  return bytes ? Value::blob(std::move(*bytes)) : Value::null();
}
Value format(Environment&, Values a) {
  std::string text = Decimal::parse(a[0].bytes)
                         .rounded(static_cast<int>(std::clamp<std::int64_t>(a[1].integer, 0, 30)))
                         .text();
  const std::size_t point = text.find('.');
  for (std::size_t at = (point == std::string::npos ? text.size() : point);
       at > (text[0] == '-' ? 4u : 3u);)
    text.insert(at -= 3, 1, ',');
  return Value::text(std::move(text));
}

constexpr std::array string_table{
    ScalarFunction{"CONCAT", "t*", 't', concat},
    ScalarFunction{"SUBSTRING", "ti?i", 't', substring},
    ScalarFunction{"LEFT", "ti", 't', left},
    ScalarFunction{"RIGHT", "ti", 't', right},
    ScalarFunction{"UPPER", "t", 't', upper},
    ScalarFunction{"LOWER", "t", 't', lower},
    ScalarFunction{"LENGTH", "t", 'i', length},
    ScalarFunction{"OCTET_LENGTH", "t", 'i', length},
    ScalarFunction{"BIT_LENGTH", "t", 'i', bit_length},
    ScalarFunction{"CHAR_LENGTH", "t", 'i', char_length},
    ScalarFunction{"REPLACE", "ttt", 't', replace},
    ScalarFunction{"TRIM", "t?t", 't', trim},
    ScalarFunction{"TRIM_LEADING", "t?t", 't', trim_left},
    ScalarFunction{"TRIM_TRAILING", "t?t", 't', trim_right},
    ScalarFunction{"LTRIM", "t", 't', trim_left},
    ScalarFunction{"RTRIM", "t", 't', trim_right},
    ScalarFunction{"REPEAT", "ti", 't', repeat},
    ScalarFunction{"LPAD", "tit", 't', pad_left},
    ScalarFunction{"RPAD", "tit", 't', pad_right},
    ScalarFunction{"LOCATE", "tt?i", 'i', locate},
    ScalarFunction{"INSTR", "tt", 'i', instr},
    ScalarFunction{"REVERSE", "t", 't', reverse},
    ScalarFunction{"SUBSTRING_INDEX", "tti", 't', substring_index},
    ScalarFunction{"STRCMP", "tt", 'i', strcmp_texts},
    ScalarFunction{"ASCII", "t", 'i', ascii},
    ScalarFunction{"ORD", "t", 'i', ord},
    ScalarFunction{"HEX", "ti", 't', hex},
    ScalarFunction{"HEX_NUMBER", "i", 't', hex_number},
    ScalarFunction{"CHARACTERS", "i*", 'b', characters},
    ScalarFunction{"UNHEX", "t", 'b', unhex},
    ScalarFunction{"SPACE", "i", 't', space},
    ScalarFunction{"QUOTE", "t", 't', quote},
    ScalarFunction{"INSERT", "tiit", 't', insert},
    ScalarFunction{"FIND_IN_SET", "tt", 'i', find_in_set},
    ScalarFunction{"FORMAT", "ti", 't', format},
    ScalarFunction{"MD5", "t", 't', md5},
    ScalarFunction{"SHA1", "t", 't', sha1},
    ScalarFunction{"SHA", "t", 't', sha1},
    ScalarFunction{"SHA2", "ti", 't', sha2},
    ScalarFunction{"CRC32", "t", 'i', crc32},
    ScalarFunction{"TO_BASE64", "t", 't', to_base64},
    ScalarFunction{"FROM_BASE64", "t", 'b', from_base64},
};

}  // namespace

std::span<const ScalarFunction> string_functions() { return string_table; }

}  // namespace pipeline::rds::embedded
