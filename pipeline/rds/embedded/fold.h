#pragma once
// The primary weights of letters: what a collation that ignores case and accents compares. The
// order of ASCII is the one of the Unicode collation table (blanks, punctuation, symbols, digits,
// letters); letters outside the tables compare by code point.

#include <cstdint>
#include <string>
#include <string_view>

namespace pipeline::rds::embedded {

int compare_folded(std::string_view a, std::string_view b);
// Equal keys mean equal strings under mysql_ai_ci.
std::string folded_key(std::string_view text);

std::string upper_case(std::string_view text);  // Latin, Greek and Cyrillic letters
std::string lower_case(std::string_view text);

// One code point of UTF-8; a bad byte gives itself. Moves `at`.
std::uint32_t next_code_point(std::string_view text, std::size_t& at);
void append_utf8(std::string& out, std::uint32_t code_point);

}  // namespace pipeline::rds::embedded
