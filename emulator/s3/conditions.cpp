#include "emulator/s3/conditions.h"

#include <algorithm>
#include <string>
#include <utility>

#include "emulator/base/text.h"

namespace emulator::s3 {
namespace {

tl::unexpected<Error> failed(std::string condition) {
  return tl::unexpected(
      Error{ErrorCode::precondition_failed, {}, {{"Condition", std::move(condition)}}});
}

tl::unexpected<Error> not_accepted(std::string header, std::string why) {
  return tl::unexpected(
      Error{ErrorCode::not_implemented,
            {},
            {{"Header", std::move(header)}, {"additionalMessage", std::move(why)}}});
}

// Last-Modified has whole seconds, so comparisons have too.
auto in_seconds(Instant at) { return std::chrono::floor<std::chrono::seconds>(at); }

// "If-Match" and "If-Unmodified-Since": the first, where it is there, decides alone (RFC
// 9110 13.2.2).
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
std::optional<std::string> unchanged(const Conditions& conditions, const Object& object,
                                     Instant now) {
  if (conditions.if_none_match) {
    if (etag_matches(*conditions.if_none_match, object.etag)) return "If-None-Match";
  } else if (conditions.if_modified_since && *conditions.if_modified_since <= now &&
             in_seconds(object.last_modified) <= in_seconds(*conditions.if_modified_since)) {
    return "If-Modified-Since";
  }
  return std::nullopt;
}

}  // namespace

std::string_view unquoted(std::string_view etag) {
  if (etag.starts_with('"')) etag.remove_prefix(1);
  if (etag.ends_with('"')) etag.remove_suffix(1);
  return etag;
}

bool etag_matches(std::string_view header, std::string_view etag) {
  for (std::string_view candidate : base::split(header, ',')) {
    candidate = base::trim(candidate);
    if (candidate == "*") return true;
    if (candidate.starts_with("W/")) candidate.remove_prefix(2);
    if (unquoted(candidate) == etag) return true;
  }
  return false;
}

Result<void> check_write(const Conditions& conditions, const std::string& key,
                         const std::optional<Object>& current) {
  if (conditions.if_none_match && conditions.if_match) {
    return not_accepted("If-Match,If-None-Match",
                        "Multiple conditional request headers present in the request");
  }
  if (conditions.if_none_match) {
    if (*conditions.if_none_match != "*") {
      return not_accepted(
          "If-None-Match",
          "We don't accept the provided value of If-None-Match header for this API");
    }
    if (current) return failed("If-None-Match");
  }
  if (conditions.if_match) {
    if (!current) return tl::unexpected(Error{ErrorCode::no_such_key, {}, {{"Key", key}}});
    if (!etag_matches(*conditions.if_match, current->etag)) return failed("If-Match");
  }
  return {};
}

Result<void> check_delete(const Conditions& conditions, const std::string& key,
                          const std::optional<Object>& current) {
  return check_write({.if_match = conditions.if_match}, key, current);
}

Result<void> check_read(const Conditions& conditions, const Object& object, Instant now) {
  if (auto condition = failed_precondition(conditions, object))
    return failed(std::move(*condition));
  if (unchanged(conditions, object, now)) return fail(ErrorCode::not_modified);
  return {};
}

Result<void> check_copy_source(const Conditions& conditions, const Object& object, Instant now) {
  auto condition = failed_precondition(conditions, object);
  if (!condition) condition = unchanged(conditions, object, now);
  if (!condition) return {};
  return failed("x-amz-copy-source-" + *condition);
}

}  // namespace emulator::s3
