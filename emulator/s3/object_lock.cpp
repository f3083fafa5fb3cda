#include "emulator/s3/object_lock.h"

#include <array>

#include "emulator/base/check.h"
#include "emulator/base/text.h"
#include "emulator/base/time_text.h"
#include "emulator/s3/xml_schema.h"

namespace emulator::s3 {
namespace {

constexpr std::string_view governance = "GOVERNANCE";
constexpr std::string_view compliance = "COMPLIANCE";

constexpr std::array object_lock_schema{
    Field{"ObjectLockConfiguration", "ObjectLockEnabled", FieldKind::choice, 1, 1, "Enabled"},
    Field{"ObjectLockConfiguration", "Rule", FieldKind::group},
    Field{"Rule", "DefaultRetention", FieldKind::group, 1, 1},
    Field{"DefaultRetention", "Mode", FieldKind::choice, 1, 1, "GOVERNANCE|COMPLIANCE"},
    Field{"DefaultRetention", "Days", FieldKind::number},
    Field{"DefaultRetention", "Years", FieldKind::number},
};
constexpr std::array retention_schema{
    Field{"Retention", "Mode", FieldKind::choice, 0, 1, "GOVERNANCE|COMPLIANCE"},
    Field{"Retention", "RetainUntilDate", FieldKind::text},
};
constexpr std::array legal_hold_schema{
    Field{"LegalHold", "Status", FieldKind::choice, 1, 1, "ON|OFF"},
};

constexpr std::int64_t days_max = 36500, years_max = 100;  // AWS: "Object Lock considerations"

tl::unexpected<Error> is_protected() {
  return fail(ErrorCode::access_denied, "Access Denied because object protected by object lock.");
}

std::optional<std::int64_t> number_in(const XmlElement& parent, std::string_view name) {
  const XmlElement* child = parent.child(name);
  return child == nullptr ? std::nullopt : base::parse_integer(base::trim(child->text));
}

Result<void> check_period(const XmlElement& retention) {
  const auto days = number_in(retention, "Days"), years = number_in(retention, "Years");
  if (days.has_value() == years.has_value()) return fail(ErrorCode::malformed_xml);
  const std::int64_t period = days ? *days : *years;
  if (period < 1) return fail(ErrorCode::invalid_retention_period);
  if (period > (days ? days_max : years_max))
    return fail(ErrorCode::invalid_retention_period, "Default retention period is too large.");
  return {};
}

// The same day so many years on; 29 February becomes 1 March where there is none.
Instant years_after(Instant at, std::int64_t years) {
  base::CivilTime time = base::civil(at);
  time.year += static_cast<int>(years);
  return base::from_civil(time);
}

// named: where the date stands, a header or an element.
Result<void> check_in_the_future(Instant until, Instant now, const std::string& named) {
  if (until > now) return {};
  return invalid_argument("The retain until date must be in the future!", named,
                          base::iso_millis(until));
}

Result<HeaderMap> checked_retention(std::string_view mode, std::string_view until) {
  if (mode.empty() || until.empty()) {
    return tl::unexpected(Error{
        ErrorCode::invalid_argument,
        "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
        {{"ArgumentName", mode.empty() ? lock_mode_header : lock_until_header}}});
  }
  if (mode != governance && mode != compliance)
    return invalid_argument("Unknown wormMode directive.", lock_mode_header, mode);
  const auto date = base::parse_instant(until);
  if (!date)
    return invalid_argument("The retain until date must be provided in ISO 8601 format",
                            lock_until_header, until);
  return HeaderMap{{lock_mode_header, std::string(mode)},
                   {lock_until_header, base::iso_millis(*date)}};
}

}  // namespace

Result<std::string> canonical_object_lock(std::string_view body) {
  const auto document = parse_checked(body, "ObjectLockConfiguration", object_lock_schema);
  if (!document) return tl::unexpected(document.error());
  if (const XmlElement* rule = document->child("Rule")) {
    if (auto checked = check_period(*rule->child("DefaultRetention")); !checked)
      return tl::unexpected(std::move(checked.error()));
  }
  return render_document(*document);
}

std::string new_object_lock() {
  return render_document(
      {.name = "ObjectLockConfiguration",
       .text = {},
       .children = {{.name = "ObjectLockEnabled", .text = "Enabled", .children = {}}}});
}

Result<void> check_has_object_lock(const Bucket& bucket) {
  if (bucket.configurations.count("object-lock") > 0) return {};
  return fail(ErrorCode::invalid_request, "Bucket is missing Object Lock Configuration");
}

std::optional<Retention> default_retention(const Bucket& bucket, Instant now) {
  const auto stored = bucket.configurations.find("object-lock");
  if (stored == bucket.configurations.end()) return std::nullopt;
  const auto document = parse_xml(stored->second, "ObjectLockConfiguration");
  CHECK(document.has_value());  // it is ours
  const XmlElement* rule = document->child("Rule");
  if (rule == nullptr) return std::nullopt;
  const XmlElement& retention = *rule->child("DefaultRetention");
  const auto days = number_in(retention, "Days"), years = number_in(retention, "Years");
  return Retention{
      std::string(retention.child_text("Mode")),
      days ? now + std::chrono::hours(24 * *days) : years_after(now, years.value_or(0))};
}

Result<HeaderMap> lock_headers(const base::Headers& request) {
  HeaderMap headers;
  if (request.has(lock_mode_header) || request.has(lock_until_header)) {
    auto retention =
        checked_retention(request.get(lock_mode_header), request.get(lock_until_header));
    if (!retention) return retention;
    headers = std::move(*retention);
  }
  if (const auto hold = request.find(legal_hold_header)) {
    if (*hold != "ON" && *hold != "OFF")
      return invalid_argument("Legal Hold must be either of 'ON' or 'OFF'", legal_hold_header,
                              *hold);
    headers[legal_hold_header] = *hold;
  }
  return headers;
}

bool has_lock_headers(const HeaderMap& headers) {
  const auto first = headers.lower_bound(std::string(lock_headers_prefix));
  return first != headers.end() && first->first.starts_with(lock_headers_prefix);
}

Result<void> check_lock_headers(const Bucket& bucket, const HeaderMap& headers, Instant now) {
  if (!has_lock_headers(headers)) return {};
  if (auto has = check_has_object_lock(bucket); !has) return has;
  const auto until = headers.find(lock_until_header);
  if (until == headers.end()) return {};
  return check_in_the_future(base::parse_instant(until->second).value(), now, lock_until_header);
}

std::optional<Retention> retention_of(const Object& object) {
  const auto mode = object.headers.find(lock_mode_header);
  if (mode == object.headers.end()) return std::nullopt;
  return Retention{mode->second, base::parse_instant(object.headers.at(lock_until_header)).value()};
}

void set_retention(Object& object, const std::optional<Retention>& retention) {
  object.headers.erase(lock_mode_header);
  object.headers.erase(lock_until_header);
  if (!retention) return;
  object.headers[lock_mode_header] = retention->mode;
  object.headers[lock_until_header] = base::iso_millis(retention->until);
}

// More of the same mode is always fine. Less, or another mode: of governance with the right to
// bypass it, of compliance never.
Result<void> check_retention_change(const Object& object, const std::optional<Retention>& next,
                                    Instant now, bool bypass_governance) {
  const auto held = retention_of(object);
  if (!held || held->until <= now) return {};
  if (next && next->mode == held->mode && next->until >= held->until) return {};
  if (held->mode == governance && bypass_governance) return {};
  return is_protected();
}

Result<void> check_is_removable(const Object& object, Instant now, bool bypass_governance) {
  const auto hold = object.headers.find(legal_hold_header);
  if (hold != object.headers.end() && hold->second == "ON") return is_protected();
  const auto held = retention_of(object);
  if (!held || held->until <= now || (held->mode == governance && bypass_governance)) return {};
  return is_protected();
}

Result<std::optional<Retention>> parse_retention(std::string_view body, Instant now) {
  const auto document = parse_checked(body, "Retention", retention_schema);
  if (!document) return tl::unexpected(document.error());
  if (document->children.empty()) return std::nullopt;  // takes the retention away
  if (document->children.size() != 2) return fail(ErrorCode::malformed_xml);
  const auto until = base::parse_instant(base::trim(document->child_text("RetainUntilDate")));
  if (!until) return fail(ErrorCode::malformed_xml);
  if (auto checked = check_in_the_future(*until, now, "RetainUntilDate"); !checked)
    return tl::unexpected(std::move(checked.error()));
  return Retention{std::string(base::trim(document->child_text("Mode"))), *until};
}

std::string render_retention(const Retention& retention) {
  return render_document({.name = "Retention",
                          .text = {},
                          .children = {{.name = "Mode", .text = retention.mode, .children = {}},
                                       {.name = "RetainUntilDate",
                                        .text = base::iso_millis(retention.until),
                                        .children = {}}}});
}

Result<std::string> parse_legal_hold(std::string_view body) {
  const auto document = parse_checked(body, "LegalHold", legal_hold_schema);
  if (!document) return tl::unexpected(document.error());
  return std::string(base::trim(document->child_text("Status")));
}

std::string render_legal_hold(std::string_view status) {
  return render_document(
      {.name = "LegalHold",
       .text = {},
       .children = {{.name = "Status", .text = std::string(status), .children = {}}}});
}

}  // namespace emulator::s3
