#include "emulator/s3/conditions.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "emulator/base/text.h"

namespace emulator::s3 {
namespace {

tl::unexpected<Error> failed(std::string condition) {
  return tl::unexpected(Error{ErrorCode::precondition_failed, {}, {{"Condition", std::move(condition)}}});
}

// Last-Modified has whole seconds, so comparisons have too.
auto in_seconds(Instant at) { return std::chrono::floor<std::chrono::seconds>(at); }

std::optional<int> month_number(std::string_view name) {
  constexpr std::array<std::string_view, 12> names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<int>(found - names.begin()) + 1;
}

// "If-Match" and "If-Unmodified-Since": the first, where it is there, decides alone (RFC 9110 13.2.2).
std::optional<std::string> failed_precondition(const Conditions& conditions, const Object& object) {
  if (conditions.if_match) {
    if (!etag_matches(*conditions.if_match, object.etag)) return "If-Match";
  } else if (conditions.if_unmodified_since &&
             in_seconds(object.last_modified) > in_seconds(*conditions.if_unmodified_since)) {
    return "If-Unmodified-Since";
  }
  return std::nullopt;
}

// The same for "If-None-Match" and "If-Modified-Since"; a date in the future is ignored.
std::optional<std::string> unchanged(const Conditions& conditions, const Object& object, Instant now) {
  if (conditions.if_none_match) {
    if (etag_matches(*conditions.if_none_match, object.etag)) return "If-None-Match";
  } else if (conditions.if_modified_since && *conditions.if_modified_since <= now &&
             in_seconds(object.last_modified) <= in_seconds(*conditions.if_modified_since)) {
    return "If-Modified-Since";
  }
  return std::nullopt;
}

}  // namespace

bool etag_matches(std::string_view header, std::string_view etag) {
  for (std::string_view candidate : base::split(header, ',')) {
    candidate = base::trim(candidate);
    if (candidate == "*") return true;
    if (candidate.starts_with("W/")) candidate.remove_prefix(2);
    if (candidate.size() >= 2 && candidate.front() == '"' && candidate.back() == '"') {
      candidate = candidate.substr(1, candidate.size() - 2);
    }
    if (candidate == etag) return true;
  }
  return false;
}

Result<void> check_write(const Conditions& conditions, const std::optional<Object>& current) {
  if (conditions.if_none_match) {
    if (*conditions.if_none_match != "*") {
      return tl::unexpected(Error{ErrorCode::not_implemented, {}, {{"Header", "If-None-Match"}}});
    }
    if (current) return failed("If-None-Match");
  }
  if (conditions.if_match) {
    if (!current) return fail(ErrorCode::no_such_key);
    if (!etag_matches(*conditions.if_match, current->etag)) return failed("If-Match");
  }
  return {};
}

Result<void> check_delete(const Conditions& conditions, const std::optional<Object>& current) {
  if (!conditions.if_match) return {};
  if (!current || !etag_matches(*conditions.if_match, current->etag)) return failed("If-Match");
  return {};
}

Result<void> check_read(const Conditions& conditions, const Object& object, Instant now) {
  if (auto condition = failed_precondition(conditions, object)) return failed(std::move(*condition));
  if (unchanged(conditions, object, now)) return fail(ErrorCode::not_modified);
  return {};
}

Result<void> check_copy_source(const Conditions& conditions, const Object& object, Instant now) {
  auto condition = failed_precondition(conditions, object);
  if (!condition) condition = unchanged(conditions, object, now);
  if (!condition) return {};
  return failed("x-amz-copy-source-" + *condition);
}

// "Fri, 02 Jan 2026 03:04:05 GMT"
std::optional<Instant> parse_http_date(std::string_view text) {
  text = base::trim(text);
  if (const std::optional<Instant> instant = base::parse_instant(text)) return instant;
  if (text.size() != 29 || text[3] != ',' || !text.ends_with(" GMT")) return std::nullopt;
  const auto number = [&](std::size_t from, std::size_t size) { return base::parse_unsigned(text.substr(from, size)); };
  const auto day = number(5, 2), year = number(12, 4), hour = number(17, 2), minute = number(20, 2),
             second = number(23, 2);
  const std::optional<int> month = month_number(text.substr(8, 3));
  if (!day || !year || !hour || !minute || !second || !month) return std::nullopt;
  if (*day < 1 || *day > 31 || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return base::from_civil({static_cast<int>(*year), *month, static_cast<int>(*day), static_cast<int>(*hour),
                           static_cast<int>(*minute), static_cast<int>(*second), 0});
}

}  // namespace emulator::s3
