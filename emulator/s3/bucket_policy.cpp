#include "emulator/s3/bucket_policy.h"

#include <algorithm>
#include <array>
#include <functional>
#include <nlohmann/json.hpp>

#include "emulator/base/json_document.h"
#include "emulator/base/text.h"
#include "emulator/sim/fault.h"

namespace emulator::s3 {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t policy_bytes_max = 20 * 1024;
constexpr int json_depth_max = 32;

tl::unexpected<Error> bad(std::string message) {
  return fail(ErrorCode::malformed_policy, std::move(message));
}

// Deeper than any policy: writing it out again would recurse as deep.
bool is_too_deep(std::string_view json) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\')
        ++i;
      else
        in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > json_depth_max) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

using Test = std::function<bool(const std::string&)>;

// A string, or a list of them.
bool any_of(const Json& value, const Test& test) {
  if (value.is_string()) return test(value.get_ref<const std::string&>());
  return value.is_array() && std::any_of(value.begin(), value.end(),
                                         [&](const Json& each) { return any_of(each, test); });
}

bool are_strings(const Json& value) {
  if (value.is_string()) return true;
  return value.is_array() && !value.empty() &&
         std::all_of(value.begin(), value.end(), [](const Json& each) { return each.is_string(); });
}

const Json* member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

Result<void> check_resources(const Json& resources, const std::string& bucket) {
  const std::string arn = "arn:aws:s3:::" + bucket;
  const bool foreign = any_of(resources, [&](const std::string& resource) {
    const std::size_t slash = resource.find('/');
    return resource != "*" && !sim::glob_matches(resource.substr(0, slash), arn);
  });
  if (foreign) return bad("Policy has invalid resource");
  return {};
}

// "*", or an object of lists by kind. Whether an account or a user is there is not known here.
bool is_principal(const Json& principal) {
  if (principal.is_string()) return principal == "*";
  if (!principal.is_object() || principal.empty()) return false;
  for (const auto& [kind, names] : principal.items()) {
    if (kind != "AWS" && kind != "Service" && kind != "Federated" && kind != "CanonicalUser")
      return false;
    if (!are_strings(names)) return false;
    const bool bad_name = any_of(names, [&](const std::string& name) {
      return name.empty() || (name != "*" && name.find('*') != std::string::npos);
    });
    if (bad_name) return false;
  }
  return true;
}

// Permissions that are about objects (AWS: "Actions, resources, and condition keys for Amazon S3").
// Names of actions have no case.
bool is_about_objects(const std::string& name) {
  const std::string action = base::to_lower(name);
  constexpr std::array<std::string_view, 6> unlike_their_names{
      "s3:abortmultipartupload",     "s3:bypassgovernanceretention",
      "s3:listmultipartuploadparts", "s3:objectowneroverridetobucketowner",
      "s3:replicatedelete",          "s3:replicatetags"};
  if (std::find(unlike_their_names.begin(), unlike_their_names.end(), action) !=
      unlike_their_names.end())
    return true;
  return action.find("object") != std::string::npos && action.find("bucket") == std::string::npos &&
         action.find("objectlock") == std::string::npos;
}

// Each action needs a resource of its kind: objects have a slash behind the bucket's name.
bool apply_to_resources(const Json& actions, const Json& resources) {
  const bool some_objects = any_of(resources, [](const std::string& name) {
    return name.find('/') != std::string::npos || name.ends_with('*');
  });
  const bool some_bucket = any_of(
      resources, [](const std::string& name) { return name.find('/') == std::string::npos; });
  return !any_of(actions, [&](const std::string& action) {
    if (action.find_first_of("*?") != std::string::npos) return false;
    return is_about_objects(action) ? !some_objects : !some_bucket;
  });
}

// AWS: "IAM JSON policy elements: Condition operators".
constexpr std::array<std::string_view, 27> condition_operators{
    "arnequals",
    "arnlike",
    "arnnotequals",
    "arnnotlike",
    "binaryequals",
    "bool",
    "dateequals",
    "dategreaterthan",
    "dategreaterthanequals",
    "datelessthan",
    "datelessthanequals",
    "datenotequals",
    "ipaddress",
    "notipaddress",
    "null",
    "numericequals",
    "numericgreaterthan",
    "numericgreaterthanequals",
    "numericlessthan",
    "numericlessthanequals",
    "numericnotequals",
    "stringequals",
    "stringequalsignorecase",
    "stringlike",
    "stringnotequals",
    "stringnotequalsignorecase",
    "stringnotlike",
};

// "ForAnyValue:StringLikeIfExists"
bool is_condition_operator(const std::string& text) {
  const std::string lower = base::to_lower(text);
  std::string_view name = lower;
  for (std::string_view prefix : {"forallvalues:", "foranyvalue:"}) {
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  }
  constexpr std::string_view suffix = "ifexists";
  if (name.ends_with(suffix)) name.remove_suffix(suffix.size());
  return std::find(condition_operators.begin(), condition_operators.end(), name) !=
         condition_operators.end();
}

// Conditions are not evaluated, but a misspelt one would be refused by AWS.
Result<void> check_conditions(const Json& statement) {
  const Json* conditions = member(statement, "Condition");
  if (conditions == nullptr) return {};
  if (!conditions->is_object()) return bad("Invalid policy syntax.");
  for (const auto& [name, keys] : conditions->items()) {
    if (!is_condition_operator(name)) return bad("Invalid Condition type : " + name);
    if (!keys.is_object()) return bad("Invalid policy syntax.");
  }
  return {};
}

Result<void> check_statement(const Json& statement, const std::string& bucket) {
  if (!statement.is_object()) return bad("Invalid policy syntax.");
  const Json* effect = member(statement, "Effect");
  if (effect == nullptr) return bad("Missing required field Effect");
  if (!effect->is_string() || (*effect != "Allow" && *effect != "Deny"))
    return bad("Invalid effect : " + effect->dump());
  if (!statement.contains("Principal") && !statement.contains("NotPrincipal"))
    return bad("Missing required field Principal");
  const Json* principal =
      member(statement, statement.contains("Principal") ? "Principal" : "NotPrincipal");
  if (!is_principal(*principal)) return bad("Invalid principal in policy");
  if (statement.contains("NotPrincipal") && *effect == "Allow")
    return bad("Allow with NotPrincipal is not allowed.");
  const Json* action = member(statement, statement.contains("Action") ? "Action" : "NotAction");
  if (action == nullptr) return bad("Missing required field Action");
  if (!are_strings(*action)) return bad("Policy has invalid action");
  const Json* resource =
      member(statement, statement.contains("Resource") ? "Resource" : "NotResource");
  if (resource == nullptr) return bad("Missing required field Resource");
  if (!are_strings(*resource)) return bad("Policy has invalid resource");
  if (any_of(*action, [](const std::string& name) {
        return name != "*" && !base::to_lower(name).starts_with("s3:");
      })) {
    return bad("Policy has invalid action");
  }
  if (auto checked = check_resources(*resource, bucket); !checked) return checked;
  if (statement.contains("Action") && statement.contains("Resource") &&
      !apply_to_resources(*action, *resource)) {
    return bad("Action does not apply to any resource(s) in statement");
  }
  return check_conditions(statement);
}

bool is_anyone(const Json& statement) {
  const Json* principal = member(statement, "Principal");
  if (principal == nullptr) return false;
  const Test is_star = [](const std::string& name) { return name == "*"; };
  if (principal->is_object()) {
    const Json* aws = member(*principal, "AWS");
    return aws != nullptr && any_of(*aws, is_star);
  }
  return any_of(*principal, is_star);
}

bool allows(const Json& statement) { return statement.value("Effect", "") == "Allow"; }

std::vector<Json> statements(const std::string& policy) {
  const Json json = base::read_ordered_json(policy);
  const Json* all = json.is_object() ? member(json, "Statement") : nullptr;
  if (all == nullptr) return {};
  if (all->is_object()) return {*all};
  return {all->begin(), all->end()};
}

// Does the statement speak of this? Its "Not" form speaks of all the rest.
bool speaks_of(const Json& statement, const char* name, const char* not_name, const Test& test) {
  if (const Json* named = member(statement, name)) return any_of(*named, test);
  const Json* excepted = member(statement, not_name);
  return excepted != nullptr && !any_of(*excepted, test);
}

}  // namespace

Result<std::string> canonical_policy(std::string_view text, const std::string& bucket) {
  if (!base::trim(text).starts_with('{') || is_too_deep(text))
    return fail(ErrorCode::malformed_policy);
  if (text.size() > policy_bytes_max)
    return bad("Normalized policy document exceeds the maximum allowed size of 20480 bytes.");
  const Json policy = base::read_ordered_json(text);
  if (policy.is_discarded()) return bad("This policy contains invalid Json");
  if (const Json* version = member(policy, "Version");
      version != nullptr && *version != "2012-10-17" && *version != "2008-10-17") {
    return bad("The policy must contain a valid version string");
  }
  const Json* all = member(policy, "Statement");
  if (all == nullptr) return bad("Missing required field Statement");
  if (!all->is_object() && !all->is_array()) return bad("Invalid policy syntax.");
  if (all->empty()) return bad("Could not parse the policy: Statement is empty!");
  if (all->is_object()) {
    if (auto checked = check_statement(*all, bucket); !checked)
      return tl::unexpected(std::move(checked.error()));
  } else {
    for (const Json& statement : *all) {
      if (auto checked = check_statement(statement, bucket); !checked)
        return tl::unexpected(std::move(checked.error()));
    }
  }
  return base::json_text(policy);
}

bool is_public(const std::string& policy) {
  const auto all = statements(policy);
  return std::any_of(all.begin(), all.end(), [](const Json& statement) {
    return allows(statement) && is_anyone(statement) && !statement.contains("Condition");
  });
}

bool allows_anyone(const std::string& policy, std::string_view action, std::string_view resource) {
  bool allowed = false;
  for (const Json& statement : statements(policy)) {
    const bool applies =
        is_anyone(statement) &&
        speaks_of(statement, "Action", "NotAction",
                  [&](const std::string& pattern) {
                    return sim::glob_matches(base::to_lower(pattern), base::to_lower(action));
                  }) &&
        speaks_of(statement, "Resource", "NotResource",
                  [&](const std::string& pattern) { return sim::glob_matches(pattern, resource); });
    if (!applies) continue;
    if (!allows(statement)) return false;
    allowed = allowed || !statement.contains("Condition");
  }
  return allowed;
}

}  // namespace emulator::s3
