#include "emulator/sqs/queue_policy.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "emulator/aws/value.h"
#include "emulator/base/text.h"
#include "emulator/sim/fault.h"

namespace emulator::sqs {
namespace {

using aws::Value;

using Test = std::function<bool(const std::string&)>;

// A text, or a list of them.
bool any_of(const Value* value, const Test& test) {
  if (value == nullptr) return false;
  if (!value->is(Value::Kind::list)) return test(value->text());
  return std::any_of(value->items().begin(), value->items().end(),
                     [&](const Value& item) { return any_of(&item, test); });
}

bool is_for_s3(const Value& statement) {
  const Value* principal = statement.find("Principal");
  if (principal == nullptr) return false;
  const Test is_star = [](const std::string& name) { return name == "*"; };
  if (!principal->is(Value::Kind::object)) return any_of(principal, is_star);
  const Test is_s3 = [](const std::string& name) { return name == "s3.amazonaws.com"; };
  return any_of(principal->find("AWS"), is_star) || any_of(principal->find("Service"), is_s3);
}

bool is_about_sending(const Value& statement) {
  const Test sends = [](const std::string& action) {
    const std::string name = base::to_lower(action);
    return name == "*" || (name.starts_with("sqs:") && sim::glob_matches(name, "sqs:sendmessage"));
  };
  return any_of(statement.find("Action"), sends);
}

// What a condition compares with; nullopt: nothing that is known here.
std::optional<std::string> context_of(std::string_view key, const S3Sender& sender) {
  const std::string name = base::to_lower(key);
  if (name == "aws:sourcearn") return sender.bucket_arn;
  if (name == "aws:sourceaccount") return sender.account;
  if (name == "aws:securetransport") return "true";  // AWS's services speak TLS to one another
  return std::nullopt;
}

// Nullopt: it has a condition that is not known here.
std::optional<bool> holds(const std::string& operation, std::string_view key, const Value& wanted,
                          const S3Sender& sender) {
  const auto is = context_of(key, sender);
  if (!is) return std::nullopt;
  std::string_view name = operation;
  if (name.ends_with("IfExists")) name.remove_suffix(8);
  const bool negated = name.starts_with("StringNot") || name.starts_with("ArnNot");
  const Test like = [&](const std::string& pattern) { return sim::glob_matches(pattern, *is); };
  const Test equal = [&](const std::string& text) { return text == *is; };
  const Test equal_anyhow = [&](const std::string& text) {
    return base::equals_ignoring_case(text, *is);
  };
  if (name == "ArnLike" || name == "ArnEquals" || name == "StringLike" || name == "ArnNotLike" ||
      name == "ArnNotEquals" || name == "StringNotLike") {
    return any_of(&wanted, like) != negated;
  }
  if (name == "StringEquals" || name == "StringNotEquals") return any_of(&wanted, equal) != negated;
  if (name == "StringEqualsIgnoreCase" || name == "Bool") return any_of(&wanted, equal_anyhow);
  return std::nullopt;
}

bool conditions_hold(const Value& statement, const S3Sender& sender, bool if_unknown) {
  const Value* conditions = statement.find("Condition");
  if (conditions == nullptr) return true;
  bool all = true;
  for (const auto& [operation, keys] : conditions->members()) {
    for (const auto& [key, wanted] : keys.members())
      all = all && holds(operation, key, wanted, sender).value_or(if_unknown);
  }
  return all;
}

}  // namespace

bool lets_s3_send(std::string_view policy, const std::string& queue_arn, const S3Sender& sender) {
  const auto document = Value::parse_json(policy);
  const Value* given = document ? document->find("Statement") : nullptr;
  if (given == nullptr) return false;
  const std::vector<Value> statements =
      given->is(Value::Kind::list) ? given->items() : std::vector<Value>{*given};
  bool allowed = false;
  for (const Value& statement : statements) {
    const Value* effect = statement.find("Effect");
    const bool denies = effect != nullptr && effect->text() == "Deny";
    const Test is_this_queue = [&](const std::string& pattern) {
      return sim::glob_matches(pattern, queue_arn);
    };
    const bool applies = is_for_s3(statement) && is_about_sending(statement) &&
                         any_of(statement.find("Resource"), is_this_queue) &&
                         conditions_hold(statement, sender, denies);
    if (!applies) continue;
    if (denies) return false;
    allowed = allowed || (effect != nullptr && effect->text() == "Allow");
  }
  return allowed;
}

}  // namespace emulator::sqs
