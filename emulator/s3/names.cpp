#include "emulator/s3/names.h"

#include <algorithm>
#include <array>

#include "emulator/base/text.h"

namespace emulator::s3 {
namespace {

constexpr std::array<std::string_view, 2> reserved_prefixes{"xn--", "sthree-"};
constexpr std::array<std::string_view, 5> reserved_suffixes{"-s3alias", "--ol-s3", "--x-s3",
                                                            "--table-s3", ".mrap"};

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool looks_like_an_ip(std::string_view name) {
  return std::count(name.begin(), name.end(), '.') == 3 &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

}  // namespace

bool is_bucket_name(std::string_view name) {
  if (name.size() < 3 || name.size() > 63) return false;
  if (!is_lower_or_digit(name.front()) || !is_lower_or_digit(name.back())) return false;
  const auto allowed = [](char c) { return is_lower_or_digit(c) || c == '-' || c == '.'; };
  if (!std::all_of(name.begin(), name.end(), allowed)) return false;
  // Each label between two dots begins and ends with a letter or a digit.
  for (std::string_view bad : {"..", ".-", "-."}) {
    if (name.find(bad) != std::string_view::npos) return false;
  }
  if (looks_like_an_ip(name)) return false;
  for (std::string_view prefix : reserved_prefixes) {
    if (name.starts_with(prefix)) return false;
  }
  for (std::string_view suffix : reserved_suffixes) {
    if (name.ends_with(suffix)) return false;
  }
  return true;
}

Result<void> check_bucket_name(std::string_view name) {
  if (is_bucket_name(name)) return {};
  return tl::unexpected(
      Error{ErrorCode::invalid_bucket_name, {}, {{"BucketName", std::string(name)}}});
}

Result<void> check_key(std::string_view key) {
  if (key.empty()) return fail(ErrorCode::invalid_request, "A key must not be empty.");
  if (key.size() > 1024) {
    return tl::unexpected(
        Error{ErrorCode::key_too_long,
              {},
              {{"Size", std::to_string(key.size())}, {"MaxSizeAllowed", "1024"}}});
  }
  if (!base::is_utf8(key)) return fail(ErrorCode::invalid_uri);
  return {};
}

}  // namespace emulator::s3
