#include "emulator/sqs/operations/table.h"

#include <algorithm>
#include <array>
#include <set>

#include "emulator/base/text.h"

namespace emulator::sqs {
namespace {

using aws::Value;

// Every operation of the API; one without a function answers NotImplemented by its name.
constexpr std::array operation_table{
    Operation{"AddPermission"},
    Operation{"CancelMessageMoveTask"},
    Operation{"ChangeMessageVisibility", change_message_visibility},
    Operation{"ChangeMessageVisibilityBatch", change_message_visibility_batch},
    Operation{"CreateQueue", create_queue},
    Operation{"DeleteMessage", delete_message},
    Operation{"DeleteMessageBatch", delete_message_batch},
    Operation{"DeleteQueue", delete_queue},
    Operation{"GetQueueAttributes", get_queue_attributes},
    Operation{"GetQueueUrl", get_queue_url},
    Operation{"ListDeadLetterSourceQueues"},
    Operation{"ListMessageMoveTasks"},
    Operation{"ListQueueTags", list_queue_tags},
    Operation{"ListQueues", list_queues},
    Operation{"PurgeQueue", purge_queue},
    Operation{"ReceiveMessage"},
    Operation{"RemovePermission"},
    Operation{"SendMessage", send_message},
    Operation{"SendMessageBatch", send_message_batch},
    Operation{"SetQueueAttributes", set_queue_attributes},
    Operation{"StartMessageMoveTask"},
    Operation{"TagQueue", tag_queue},
    Operation{"UntagQueue", untag_queue},
};

bool is_entry_id(std::string_view id) {
  return !id.empty() && id.size() <= 80 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

Result<void> check_entries(const Value* entries) {
  if (entries == nullptr || entries->items().empty()) return fail(ErrorCode::empty_batch_request);
  if (entries->items().size() > 10) {
    return fail(ErrorCode::too_many_entries,
                "Maximum number of entries per request are 10. You have sent " +
                    std::to_string(entries->items().size()) + ".");
  }
  std::set<std::string> ids;
  std::size_t bytes = 0;
  for (const Value& entry : entries->items()) {
    const Value* id = entry.find("Id");
    if (id == nullptr || !is_entry_id(id->text())) return fail(ErrorCode::invalid_batch_entry_id);
    if (!ids.insert(id->text()).second)
      return fail(ErrorCode::batch_entry_ids_not_distinct, "Id " + id->text() + " repeated.");
    if (const Value* body = entry.find("MessageBody")) bytes += body->text().size();
  }
  constexpr std::size_t bytes_max = 1048576;
  if (bytes <= bytes_max) return {};
  return fail(ErrorCode::batch_request_too_long,
              "Batch requests cannot be longer than " + std::to_string(bytes_max) +
                  " bytes. You have sent " + std::to_string(bytes) + " bytes.");
}

}  // namespace

const Operation* find_operation(std::string_view name) {
  const auto row = std::find_if(operation_table.begin(), operation_table.end(),
                                [&](const Operation& each) { return each.name == name; });
  return row == operation_table.end() ? nullptr : &*row;
}

std::string text(const Call& call, std::string_view name) {
  const Value* value = call.input.find(name);
  return value == nullptr ? std::string() : value->text();
}

Result<std::string> required(const Call& call, std::string_view name) {
  std::string given = text(call, name);
  if (!given.empty()) return given;
  return fail(ErrorCode::missing_parameter,
              "The request must contain the parameter " + std::string(name) + ".");
}

Result<std::optional<std::uint64_t>> number(const Call& call, std::string_view name) {
  const Value* value = call.input.find(name);
  if (value == nullptr) return std::nullopt;
  if (const auto parsed = base::parse_unsigned(value->text())) return parsed;
  return fail(ErrorCode::invalid_parameter_value,
              "Value " + value->text() + " for parameter " + std::string(name) + " is invalid.");
}

std::map<std::string, std::string> texts(const Call& call, std::string_view name) {
  std::map<std::string, std::string> all;
  if (const Value* map = call.input.find(name)) {
    for (const auto& [key, value] : map->members()) all[key] = value.text();
  }
  return all;
}

std::vector<std::string> list(const Call& call, std::string_view name) {
  std::vector<std::string> all;
  if (const Value* items = call.input.find(name)) {
    for (const Value& item : items->items()) all.push_back(item.text());
  }
  return all;
}

// "http://host:port/000000000000/name"; the path alone will do.
Result<QueueName> queue_of(const Call& call) {
  std::string url = text(call, "QueueUrl");
  if (url.empty() && call.path.size() > 1) url = call.path;
  if (url.empty())
    return fail(ErrorCode::missing_parameter, "The request must contain the parameter QueueUrl.");
  const std::size_t slash = url.rfind('/');
  const std::string_view before =
      slash == std::string::npos ? std::string_view() : std::string_view(url).substr(0, slash);
  if (!before.empty() && !before.ends_with("/" + call.service.options().account))
    return fail(ErrorCode::queue_does_not_exist);
  return QueueName{call.region, slash == std::string::npos ? url : url.substr(slash + 1)};
}

std::string url_of(const Call& call, const Queue& queue) {
  return call.base_url + "/" + call.service.options().account + "/" + queue.name;
}

Result<Value> answer_batch(Call& call, Result<Value> (*answer)(Call& entry)) {
  const Value* entries = call.input.find("Entries");
  if (auto checked = check_entries(entries); !checked) return tl::unexpected(checked.error());
  const auto queue = queue_of(call);
  if (!queue) return tl::unexpected(queue.error());
  if (const auto there = call.service.get_queue(*queue); !there)
    return tl::unexpected(there.error());
  Value successful = Value::list(), failed = Value::list();
  for (const Value& entry : entries->items()) {
    Call one{call.service, entry, call.region, call.base_url, call.path};
    one.input.set("QueueUrl", text(call, "QueueUrl"));
    const std::string id = entry.find("Id")->text();
    const auto done = answer(one);
    if (done) {
      Value row = Value::object({{"Id", id}});
      for (const auto& [name, value] : done->members()) row.set(name, value);
      successful.add(std::move(row));
    } else {
      const ErrorRow& row = error_row(done.error().code);
      failed.add(Value::object({{"Id", id},
                                {"SenderFault", Value::boolean(row.http_status < 500)},
                                {"Code", std::string(row.query_code)},
                                {"Message", message_of(done.error())}}));
    }
  }
  Value output = Value::object();
  if (!successful.items().empty()) output.set("Successful", std::move(successful));
  if (!failed.items().empty()) output.set("Failed", std::move(failed));
  return output;
}

}  // namespace emulator::sqs
