#pragma once
// Object Lock (AWS: "Locking objects with Object Lock"): retention and legal hold of a version,
// kept among its headers, and the default of a bucket. Pure.

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/base/http_message.h"
#include "emulator/s3/error.h"
#include "emulator/s3/model.h"

namespace emulator::s3 {

inline constexpr const char* lock_mode_header = "x-amz-object-lock-mode";
inline constexpr const char* lock_until_header = "x-amz-object-lock-retain-until-date";
inline constexpr const char* legal_hold_header = "x-amz-object-lock-legal-hold";
inline constexpr std::string_view lock_headers_prefix = "x-amz-object-lock-";

struct Retention {
  std::string mode;  // "GOVERNANCE", "COMPLIANCE"
  Instant until{};
};

// The document of a bucket, as it is kept; and that of a bucket that is made with Object Lock.
Result<std::string> canonical_object_lock(std::string_view body);
std::string new_object_lock();

Result<void> check_has_object_lock(
    const Bucket& bucket);  // "Bucket is missing Object Lock Configuration"
// What a version made now is kept for, if nobody says else; nullopt: nothing.
std::optional<Retention> default_retention(const Bucket& bucket, Instant now);

// The lock headers of a request, checked, in the form that is kept. And whether a bucket can hold
// an object with these headers.
using HeaderMap = std::map<std::string, std::string>;
Result<HeaderMap> lock_headers(const base::Headers& request);
bool has_lock_headers(const HeaderMap& headers);
Result<void> check_lock_headers(const Bucket& bucket, const HeaderMap& headers, Instant now);

std::optional<Retention> retention_of(const Object& object);
void set_retention(Object& object, const std::optional<Retention>& retention);
// Whether the retention may become another (nullopt = none): access_denied where it would protect
// less.
Result<void> check_retention_change(const Object& object, const std::optional<Retention>& next,
                                    Instant now, bool bypass_governance);
// access_denied while the version is held.
Result<void> check_is_removable(const Object& object, Instant now, bool bypass_governance);

Result<std::optional<Retention>> parse_retention(std::string_view body, Instant now);
std::string render_retention(const Retention& retention);
Result<std::string> parse_legal_hold(std::string_view body);  // "ON", "OFF"
std::string render_legal_hold(std::string_view status);

}  // namespace emulator::s3
