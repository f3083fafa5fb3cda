// DECIMAL: groups of nine digits in four big-endian bytes, the odd digits of both ends in fewer;
// the sign is the inverted top bit, and a negative number has every byte inverted.

#include <algorithm>
#include <array>

#include "emulator/base/bytes.h"
#include "pipeline/mysql/types/codecs.h"
#include "pipeline/mysql/types/layout.h"

namespace pipeline::mysql::types {

namespace {

constexpr std::size_t digits_max = json_decimal_digits_max;  // a column has 65
constexpr std::size_t bytes_max = 40;  // two of up to ten groups may be in part

// Widths in digits of the groups of `whole` or `fraction` digits, in stored order.
struct Groups {
  std::array<int, 10> digits{};
  int count = 0;
  void add(int n) {
    if (n > 0) digits[static_cast<std::size_t>(count++)] = n;
  }
};
Groups groups_of(int whole, int fraction) {
  Groups groups;
  groups.add(whole % 9);
  for (int i = 0; i < whole / 9; ++i) groups.add(9);
  for (int i = 0; i < fraction / 9; ++i) groups.add(9);
  groups.add(fraction % 9);
  return groups;
}

}  // namespace

Result<void> decode_decimal(const Column& column, std::string_view packed, std::string& out) {
  const int scale = column.scale;
  const int whole = static_cast<int>(column.length) - scale;
  char bytes[bytes_max];
  std::copy(packed.begin(), packed.end(), bytes);
  if (packed.empty()) return fail("a DECIMAL without digits");
  const bool negative = (bytes[0] & 0x80) == 0;
  bytes[0] = static_cast<char>(bytes[0] ^ 0x80);
  if (negative)
    for (std::size_t i = 0; i < packed.size(); ++i) bytes[i] = static_cast<char>(~bytes[i]);

  char digits[digits_max];
  int filled = 0;
  emulator::base::ByteReader in(std::string_view(bytes, packed.size()));
  const Groups groups = groups_of(whole, scale);
  for (int g = 0; g < groups.count; ++g) {
    const int n = groups.digits[static_cast<std::size_t>(g)];
    std::uint64_t value = in.be(static_cast<int>(decimal_bytes_of[n]));
    for (int i = n - 1; i >= 0; --i) {
      digits[filled + i] = static_cast<char>('0' + value % 10);
      value /= 10;
    }
    if (value != 0) return fail("a DECIMAL with a group of digits that is too large");
    filled += n;
  }
  const int first = static_cast<int>(
      std::find_if(digits, digits + whole, [](char c) { return c != '0'; }) - digits);
  if (negative) out.push_back('-');
  if (first == whole) out.push_back('0');
  out.append(digits + first, digits + whole);
  if (scale > 0) {
    out.push_back('.');
    out.append(digits + whole, digits + whole + scale);
  }
  return {};
}

Result<void> encode_decimal(const Column& column, std::string_view text, std::string& out) {
  const std::size_t scale = column.scale;
  const std::size_t whole = column.length - scale;
  std::string_view left = text;
  const bool minus = !left.empty() && left[0] == '-';
  if (minus || (!left.empty() && left[0] == '+')) left.remove_prefix(1);
  const std::size_t point = std::min(left.find('.'), left.size());
  std::string_view integer = left.substr(0, point);
  std::string_view fraction = point < left.size() ? left.substr(point + 1) : std::string_view();
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool all_digits = std::all_of(integer.begin(), integer.end(), is_digit) &&
                          std::all_of(fraction.begin(), fraction.end(), is_digit);
  if (!all_digits || integer.size() + fraction.size() == 0) return not_a("DECIMAL", text);
  while (!integer.empty() && integer[0] == '0') integer.remove_prefix(1);
  while (fraction.size() > scale && fraction.back() == '0') fraction.remove_suffix(1);
  if (integer.size() > whole || fraction.size() > scale) return not_a("DECIMAL", text);

  std::string digits(whole - integer.size(), '0');
  digits += integer;
  digits += fraction;
  digits.append(scale - fraction.size(), '0');
  const bool negative = minus && digits.find_first_not_of('0') != std::string::npos;
  const std::size_t start = out.size();
  std::size_t used = 0;
  const Groups groups = groups_of(static_cast<int>(whole), static_cast<int>(scale));
  for (int g = 0; g < groups.count; ++g) {
    std::uint64_t value = 0;
    const int n = groups.digits[static_cast<std::size_t>(g)];
    for (int i = 0; i < n; ++i)
      value = value * 10 + static_cast<std::uint64_t>(digits[used++] - '0');
    emulator::base::append_be(out, value, static_cast<int>(decimal_bytes_of[n]));
  }
  if (start == out.size()) return not_a("DECIMAL", text);
  if (negative)
    for (std::size_t i = start; i < out.size(); ++i) out[i] = static_cast<char>(~out[i]);
  out[start] = static_cast<char>(out[start] ^ 0x80);
  return {};
}

}  // namespace pipeline::mysql::types
