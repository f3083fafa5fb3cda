#include "emulator/s3/post_policy.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "emulator/base/json_document.h"
#include "emulator/base/text.h"

namespace emulator::s3 {
namespace {

using nlohmann::json;

tl::unexpected<Error> invalid(const std::string& why) {
  return fail(ErrorCode::invalid_policy_document, "Invalid Policy: " + why);
}
tl::unexpected<Error> refused(const std::string& why) {
  return fail(ErrorCode::access_denied, "Invalid according to Policy: " + why);
}

// Fields that no condition needs to name (AWS: "Creating a POST policy", conditions).
bool is_free(std::string_view name) {
  for (std::string_view free :
       {"awsaccesskeyid", "x-amz-signature", "signature", "file", "policy"}) {
    if (name == free) return true;
  }
  return name.starts_with("x-ignore-");
}

class Check {
 public:
  Check(const FormFields& fields, const std::string& bucket, const std::string& source)
      : fields_(fields), bucket_(bucket), source_(source) {}

  Result<void> condition(const json& one) {
    if (one.is_object()) return exact(one);
    if (!one.is_array() || one.size() != 3 || !one[0].is_string())
      return invalid("Invalid Condition: " + text(one));
    const std::string operation = base::to_lower(one[0].get<std::string>());
    if (operation == "content-length-range") return sizes(one);
    if (!one[1].is_string() || !one[2].is_string())
      return invalid("Invalid Condition: " + text(one));
    const std::string name = one[1].get<std::string>();
    if (!name.starts_with('$')) return refused("Policy Condition failed: " + text(one));
    if (operation == "eq") return compare(one, name.substr(1), one[2].get<std::string>(), false);
    if (operation == "starts-with")
      return compare(one, name.substr(1), one[2].get<std::string>(), true);
    return invalid("Invalid Condition: unknown operation '" + operation + "'.");
  }

  Result<void> nothing_else() const {
    for (const auto& [name, value] : fields_) {
      if (!is_free(name) && named_.count(name) == 0) return refused("Extra input fields: " + name);
    }
    return {};
  }

  const SizeRange& range() const { return range_; }

 private:
  // As it stands in the policy, which AWS cites: some makers write a blank behind each comma.
  std::string text(const json& value) const {
    std::string compact = base::json_text(value);
    if (!value.is_array() || source_.find(compact) != std::string::npos) return compact;
    std::string spaced;
    for (const json& each : value) spaced += (spaced.empty() ? "" : ", ") + base::json_text(each);
    return "[" + spaced + "]";
  }

  Result<void> exact(const json& one) {
    if (one.size() != 1)
      return invalid(
          "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.");
    for (const auto& [name, value] : one.items()) {
      if (!value.is_string()) return invalid("Invalid Condition: " + text(one));
      if (auto held = compare(one, name, value.get<std::string>(), false); !held) return held;
    }
    return {};
  }

  Result<void> sizes(const json& one) {
    const auto number = [](const json& value) -> std::optional<std::uint64_t> {
      if (value.is_number_unsigned()) return value.get<std::uint64_t>();
      return value.is_string() ? base::parse_unsigned(value.get<std::string>()) : std::nullopt;
    };
    const auto min = number(one[1]), max = number(one[2]);
    if ((!min && one[1].is_string()) || (!max && one[2].is_string()))
      return refused("Policy Condition failed: " + text(one));
    if (!min || !max) return invalid("Invalid content-length-range: values must be numbers.");
    range_ = {std::max(range_.min, *min), std::min(range_.max, *max)};
    return {};
  }

  Result<void> compare(const json& one, const std::string& condition_name,
                       const std::string& wanted, bool only_start) {
    const std::string name = base::to_lower(condition_name);
    named_.insert(name);
    std::string_view value;
    if (name == "bucket") value = bucket_;
    for (const auto& [field, field_value] : fields_) {
      if (field == name) value = field_value;
    }
    if (only_start && name == "content-type" && value.find(',') != std::string_view::npos) {
      // A list: each of it must start so.
      for (std::string_view part : base::split(value, ',')) {
        if (!base::trim(part).starts_with(wanted))
          return refused("Policy Condition failed: " + text(one));
      }
      return {};
    }
    if (only_start ? value.starts_with(wanted) : value == wanted) return {};
    return refused("Policy Condition failed: " + text(one));
  }

  const FormFields& fields_;
  const std::string& bucket_;
  const std::string& source_;  // the policy
  std::set<std::string> named_;
  SizeRange range_;
};

}  // namespace

Result<SizeRange> check_post_policy(std::string_view policy_base64, const FormFields& fields,
                                    const std::string& bucket, Instant now) {
  const auto decoded = base::from_base64(policy_base64);
  if (!decoded) return invalid("Invalid Base64 Encoding.");
  // 20 KiB is what a form may hold before its file, so the depth is bounded enough for the parser,
  // which does not recurse.
  const json policy = base::read_json(*decoded);
  if (!policy.is_object()) return invalid("Invalid JSON.");
  const auto expiration = policy.find("expiration");
  if (expiration == policy.end() || !expiration->is_string())
    return invalid("Policy missing expiration.");
  const auto until = base::parse_instant(expiration->get<std::string>());
  const std::string& written = expiration->get_ref<const std::string&>();
  if (!until || written.find('T') == std::string::npos || !written.ends_with('Z'))
    return invalid("Invalid 'expiration' value: '" + expiration->get<std::string>() + "'");
  if (now >= *until) return refused("Policy expired.");
  const auto conditions = policy.find("conditions");
  if (conditions == policy.end() || !conditions->is_array())
    return invalid("Policy missing conditions.");
  Check check(fields, bucket, *decoded);
  for (const json& condition : *conditions) {
    // What is written out in an error is flat: a list of texts, or an object of them.
    const bool flat = std::none_of(condition.begin(), condition.end(),
                                   [](const json& each) { return each.is_structured(); });
    if (!condition.is_structured() || !flat) return invalid("Invalid Condition.");
    if (auto held = check.condition(condition); !held)
      return tl::unexpected(std::move(held.error()));
  }
  if (auto covered = check.nothing_else(); !covered)
    return tl::unexpected(std::move(covered.error()));
  return check.range();
}

}  // namespace emulator::s3
