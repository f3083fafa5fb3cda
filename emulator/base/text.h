#pragma once
// Text without locale: numbers, encodings, names. Everything here gives the same bytes on any
// machine.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace emulator::base {

std::string to_hex(std::string_view bytes);  // lower case
std::string to_upper_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);
std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);  // strict: padding needed, no blanks

std::string to_lower(std::string_view text);  // ASCII only
std::string to_upper(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);  // ASCII only
std::string_view trim(std::string_view text);                       // blanks, tabs, CR, LF
std::vector<std::string_view> split(std::string_view text, char separator);

// RFC 3986 percent-encoding. `keep` names bytes to leave alone beside A-Za-z0-9-._~
std::string percent_encode(std::string_view text, std::string_view keep = {});
// nullopt at a bad escape. plus_is_blank is for query strings and forms; in a path a + is a +.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank);

void append_integer(std::string& out, std::int64_t value);
void append_unsigned(std::string& out, std::uint64_t value);
std::optional<std::int64_t> parse_integer(std::string_view text);    // whole text or nothing
std::optional<std::uint64_t> parse_unsigned(std::string_view text);  // no sign
std::string shortest(double value);                                  // round trip, as std::to_chars
std::string shortest(float value);
std::string with_thousands(std::uint64_t value);  // 1,234,567

bool is_utf8(std::string_view text);
std::size_t utf8_length(std::string_view text);  // code points; each bad byte counts one

// The candidate nearest to `name` (edit distance at most a third of its length), for "did you
// mean".
std::optional<std::string> nearest(std::string_view name, std::span<const std::string> candidates);

}  // namespace emulator::base
