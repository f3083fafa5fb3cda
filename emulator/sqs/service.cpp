#include "emulator/sqs/service.h"

#include <algorithm>
#include <array>
#include <utility>

#include "emulator/base/text.h"
#include "emulator/sqs/message_attributes.h"
#include "emulator/sqs/queue_attributes.h"
#include "emulator/sqs/queue_policy.h"

namespace emulator::sqs {
namespace {

constexpr std::uint64_t visibility_seconds_max = 43200;
constexpr std::size_t batch_of_rows = 10;

Duration seconds(std::uint64_t count) { return std::chrono::seconds(count); }

Result<void> check_name(const std::string& name) {
  if (name.ends_with(".fifo")) {
    return fail(ErrorCode::unsupported_operation,
                "sluice does not have FIFO queues; S3 sends to none either");
  }
  const bool fits =
      !name.empty() && name.size() <= 80 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
      });
  if (fits) return {};
  return fail(
      ErrorCode::invalid_parameter_value,
      "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
}

Result<void> check_range(std::uint64_t value, std::uint64_t least, std::uint64_t most,
                         std::string_view parameter) {
  if (value >= least && value <= most) return {};
  return fail(ErrorCode::invalid_parameter_value,
              "Value " + std::to_string(value) + " for parameter " + std::string(parameter) +
                  " is invalid. Reason: Must be between " + std::to_string(least) + " and " +
                  std::to_string(most) + ", if provided.");
}

}  // namespace

Service::Service(sqlite::Database& database, sim::Scheduler& scheduler, sim::Trace& trace,
                 sim::Random random, ServiceOptions options)
    : store_(database),
      scheduler_(scheduler),
      trace_(trace),
      random_(random),
      options_(std::move(options)) {}

base::Result<void> Service::open() {
  return store_.queues().map([&](std::vector<Queue> queues) {
    for (Queue& queue : queues) queues_.emplace(queue.arn, std::move(queue));
  });
}

std::string Service::arn_of(const QueueName& name) const {
  return "arn:aws:sqs:" + name.region + ":" + options_.account + ":" + name.name;
}

Result<Queue*> Service::find(const QueueName& name) {
  const auto found = queues_.find(arn_of(name));
  if (found == queues_.end()) return fail(ErrorCode::queue_does_not_exist);
  return &found->second;
}

Result<Queue> Service::get_queue(const QueueName& name) const {
  const auto found = queues_.find(arn_of(name));
  if (found == queues_.end()) return fail(ErrorCode::queue_does_not_exist);
  return found->second;
}

Result<void> Service::check_attributes(const std::map<std::string, std::string>& attributes,
                                       const std::string& region) const {
  for (const auto& [name, value] : attributes) {
    if (auto checked = check_attribute(name, value); !checked) return checked;
    if (name != "RedrivePolicy" || value.empty()) continue;
    const auto policy = parse_redrive_policy(value);
    if (queues_.count(policy->target_arn) == 0 ||
        !policy->target_arn.starts_with("arn:aws:sqs:" + region + ":")) {
      return fail(ErrorCode::invalid_parameter_value,
                  "Value " + value +
                      " for parameter RedrivePolicy is invalid. Reason: Dead letter target does "
                      "not exist.");
    }
  }
  return {};
}

Result<Queue> Service::create_queue(const QueueName& name,
                                    const std::map<std::string, std::string>& attributes,
                                    const std::map<std::string, std::string>& tags) {
  if (auto checked = check_name(name.name); !checked) return tl::unexpected(checked.error());
  if (auto checked = check_attributes(attributes, name.region); !checked)
    return tl::unexpected(checked.error());
  if (const auto there = find(name)) {
    const std::string differs = differing_attribute(**there, attributes);
    if (differs.empty()) return **there;
    return fail(
        ErrorCode::queue_name_exists,
        "A queue already exists with the same name and a different value for attribute " + differs);
  }
  Queue queue{.region = name.region,
              .name = name.name,
              .arn = arn_of(name),
              .created = now(),
              .modified = now(),
              .attributes = attributes,
              .tags = tags};
  if (auto put = store_.put_queue(queue); !put) return storage_failed(put.error());
  trace_.record("sqs", "create_queue", {{"queue", queue.name}});
  return queues_.emplace(queue.arn, std::move(queue)).first->second;
}

Result<void> Service::delete_queue(const QueueName& name) {
  const auto queue = find(name);
  if (!queue) return tl::unexpected(queue.error());
  const std::string arn = (*queue)->arn;
  if (auto removed = store_.remove_queue(arn); !removed) return storage_failed(removed.error());
  queues_.erase(arn);
  trace_.record("sqs", "delete_queue", {{"queue", name.name}});
  std::vector<std::uint64_t> polls;
  for (const auto& [number, poll] : polls_) {
    if (poll.queue_arn == arn) polls.push_back(number);
  }
  for (const std::uint64_t poll : polls) end_poll(poll, fail(ErrorCode::queue_does_not_exist));
  return {};
}

std::vector<Queue> Service::list_queues(const std::string& region, std::string_view prefix,
                                        std::string_view after, std::size_t limit) const {
  std::vector<Queue> page;
  for (const auto& [arn, queue] : queues_) {
    if (page.size() == limit) break;
    if (queue.region == region && queue.name.starts_with(prefix) && queue.name > after)
      page.push_back(queue);
  }
  return page;
}

Result<std::map<std::string, std::string>> Service::get_queue_attributes(const QueueName& name) {
  const auto queue = find(name);
  if (!queue) return tl::unexpected(queue.error());
  const Instant oldest = now() - seconds(number_of(**queue, "MessageRetentionPeriod"));
  if (auto expired = store_.expire((*queue)->arn, oldest); !expired)
    return storage_failed(expired.error());
  const auto counts = store_.count((*queue)->arn, now());
  if (!counts) return storage_failed(counts.error());
  auto all = described(**queue);
  all["ApproximateNumberOfMessages"] = std::to_string(counts->visible);
  all["ApproximateNumberOfMessagesNotVisible"] = std::to_string(counts->in_flight);
  all["ApproximateNumberOfMessagesDelayed"] = std::to_string(counts->delayed);
  return all;
}

Result<void> Service::set_queue_attributes(const QueueName& name,
                                           const std::map<std::string, std::string>& attributes) {
  const auto queue = find(name);
  if (!queue) return tl::unexpected(queue.error());
  if (auto checked = check_attributes(attributes, name.region); !checked) return checked;
  Queue changed = **queue;
  for (const auto& [attribute, value] : attributes) {
    if (value.empty())
      changed.attributes.erase(attribute);
    else
      changed.attributes[attribute] = value;
  }
  changed.modified = now();
  if (auto put = store_.put_queue(changed); !put) return storage_failed(put.error());
  **queue = std::move(changed);
  return {};
}

Result<void> Service::set_queue_tags(const QueueName& name,
                                     std::map<std::string, std::string> tags) {
  const auto queue = find(name);
  if (!queue) return tl::unexpected(queue.error());
  Queue changed = **queue;
  changed.tags = std::move(tags);
  if (auto put = store_.put_queue(changed); !put) return storage_failed(put.error());
  **queue = std::move(changed);
  return {};
}

Result<void> Service::purge_queue(const QueueName& name) {
  const auto queue = find(name);
  if (!queue) return tl::unexpected(queue.error());
  if (auto purged = store_.purge((*queue)->arn); !purged) return storage_failed(purged.error());
  trace_.record("sqs", "purge", {{"queue", name.name}});
  return {};
}

Result<Message> Service::send_message(const QueueName& name, const SendMessageInput& input) {
  const auto queue = find(name);
  if (!queue) return tl::unexpected(queue.error());
  if (input.body.empty())
    return fail(ErrorCode::missing_parameter,
                "The request must contain the parameter MessageBody.");
  if (!is_message_text(input.body)) return fail(ErrorCode::invalid_message_contents);
  if (auto checked = check_message_attributes(input.attributes); !checked)
    return tl::unexpected(checked.error());
  if (auto checked = check_range(input.delay_seconds.value_or(0), 0, 900, "DelaySeconds");
      !checked) {
    return tl::unexpected(checked.error());
  }
  const std::uint64_t bytes_max = number_of(**queue, "MaximumMessageSize");
  if (input.body.size() + bytes_of(input.attributes) > bytes_max) {
    return fail(ErrorCode::invalid_parameter_value,
                "One or more parameters are invalid. Reason: Message must be shorter than " +
                    std::to_string(bytes_max) + " bytes.");
  }
  return store_message(**queue, input, {});
}

Result<Message> Service::store_message(const Queue& queue, const SendMessageInput& input,
                                       std::vector<sim::Field> more) {
  const Duration delay = seconds(input.delay_seconds.value_or(number_of(queue, "DelaySeconds")));
  Message message{.id = random_.uuid(),
                  .body = input.body,
                  .attributes = input.attributes,
                  .sender = options_.account,
                  .sent = now(),
                  .visible_at = now() + delay};
  if (auto added = store_.add(queue.arn, message); !added) return storage_failed(added.error());
  std::vector<sim::Field> fields{{"queue", queue.name},
                                 {"message_id", message.id},
                                 {"bytes", std::uint64_t{message.body.size()}}};
  fields.insert(fields.end(), more.begin(), more.end());
  trace_.record("sqs", "message", std::move(fields));
  wake(queue.arn);
  return message;
}

std::uint64_t Service::receive_message(const QueueName& name, const ReceiveMessageInput& input,
                                       Received done) {
  const auto queue = find(name);
  auto checked = queue ? check_range(input.messages_max, 1, 10, "MaxNumberOfMessages")
                       : tl::unexpected(queue.error());
  if (checked) checked = check_range(input.wait_seconds.value_or(0), 0, 20, "WaitTimeSeconds");
  if (checked)
    checked = check_range(input.visibility_timeout.value_or(0), 0, visibility_seconds_max,
                          "VisibilityTimeout");
  auto taken = checked ? take(**queue, input) : tl::unexpected(checked.error());
  const std::uint64_t wait =
      checked ? input.wait_seconds.value_or(number_of(**queue, "ReceiveMessageWaitTimeSeconds"))
              : 0;
  if (!taken || !taken->empty() || wait == 0) {
    done(std::move(taken));
    return 0;
  }
  const std::uint64_t poll = next_poll_++;
  const auto give_up = [this, poll] { end_poll(poll, std::vector<Message>()); };
  const auto deadline =
      scheduler_.after(seconds(wait), "sqs.poll", give_up, sim::Scheduler::Kind::background);
  polls_.emplace(poll, Poll{(*queue)->arn, input, std::move(done), deadline});
  plan_wake((*queue)->arn);
  return poll;
}

void Service::cancel_poll(std::uint64_t poll) {
  const auto found = polls_.find(poll);
  if (found == polls_.end()) return;
  scheduler_.cancel(found->second.deadline);
  polls_.erase(found);
}

void Service::end_poll(std::uint64_t poll, Result<std::vector<Message>> messages) {
  const auto found = polls_.find(poll);
  if (found == polls_.end()) return;
  const Received done = std::move(found->second.done);
  cancel_poll(poll);
  done(std::move(messages));
}

// Gives the messages that are visible now to the polls that wait for them, the oldest poll first.
void Service::wake(const std::string& queue_arn) {
  std::vector<std::uint64_t> waiting;
  for (const auto& [number, poll] : polls_) {
    if (poll.queue_arn == queue_arn) waiting.push_back(number);
  }
  for (const std::uint64_t number : waiting) {
    const auto queue = queues_.find(queue_arn);
    const auto poll = polls_.find(number);
    if (queue == queues_.end() || poll == polls_.end()) continue;
    auto taken = take(queue->second, poll->second.input);
    if (taken && taken->empty()) break;
    end_poll(number, std::move(taken));
  }
  plan_wake(queue_arn);
}

void Service::plan_wake(const std::string& queue_arn) {
  if (const auto planned = wakes_.find(queue_arn); planned != wakes_.end()) {
    scheduler_.cancel(planned->second);
    wakes_.erase(planned);
  }
  const bool is_polled = std::any_of(polls_.begin(), polls_.end(), [&](const auto& each) {
    return each.second.queue_arn == queue_arn;
  });
  if (!is_polled) return;
  const auto next = store_.next_visible(queue_arn, now());
  if (!next || !*next) return;
  const auto task = [this, queue_arn] {
    wakes_.erase(queue_arn);
    wake(queue_arn);
  };
  wakes_[queue_arn] =
      scheduler_.after(**next - now(), "sqs.visible", task, sim::Scheduler::Kind::background);
}

// Expired, or received so often that it goes to the dead-letter queue: then it is not for this
// receipt.
Result<bool> Service::put_aside(const Queue& queue, Message& message) {
  if (message.sent + seconds(number_of(queue, "MessageRetentionPeriod")) <= now()) {
    if (auto removed = store_.remove(message.number); !removed)
      return storage_failed(removed.error());
    trace_.record("sqs", "expire", {{"queue", queue.name}, {"message_id", message.id}});
    return true;
  }
  const auto text = queue.attributes.find("RedrivePolicy");
  const auto policy =
      text == queue.attributes.end() ? std::nullopt : parse_redrive_policy(text->second);
  if (!policy || message.receive_count < policy->receive_count_max) return false;
  const auto target = queues_.find(policy->target_arn);
  if (target == queues_.end()) return false;  // deleted meanwhile: AWS keeps giving the message out
  message.visible_at = now();
  if (auto moved = store_.move(message, target->first); !moved)
    return storage_failed(moved.error());
  trace_.record("sqs", "dead_letter",
                {{"queue", queue.name}, {"message_id", message.id}, {"to", target->second.name}});
  wake(target->first);
  return true;
}

Result<std::vector<Message>> Service::take(const Queue& queue, const ReceiveMessageInput& input) {
  std::vector<Message> taken;
  const Duration hidden =
      seconds(input.visibility_timeout.value_or(number_of(queue, "VisibilityTimeout")));
  bool put_any_aside = true;
  while (put_any_aside) {
    put_any_aside = false;
    taken.clear();
    auto visible =
        store_.visible(queue.arn, now(), std::min<std::size_t>(input.messages_max, batch_of_rows));
    if (!visible) return storage_failed(visible.error());
    for (Message& message : *visible) {
      const auto aside = put_aside(queue, message);
      if (!aside) return tl::unexpected(aside.error());
      if (*aside)
        put_any_aside = true;
      else
        taken.push_back(std::move(message));
    }
  }
  if (taken.empty()) return taken;
  for (Message& message : taken) {
    ++message.receive_count;
    if (!message.first_received) message.first_received = now();
    message.visible_at = now() + hidden;
    message.receipt_handle = base::to_base64(message.id + " " + random_.hex(32));
  }
  if (auto written = store_.received(taken); !written) return storage_failed(written.error());
  for (const Message& message : taken) {
    trace_.record(
        "sqs", "receive",
        {{"queue", queue.name}, {"message_id", message.id}, {"receipt", message.receive_count}});
  }
  return taken;
}

// A handle of ours names its message: "<id> <random>". One that is not the latest is no error, but
// finds nothing.
Result<Message> Service::find_receipt(const Queue& queue, const std::string& receipt_handle) {
  const auto text = base::from_base64(receipt_handle);
  if (!text || text->size() != 36 + 1 + 32 || (*text)[36] != ' ') {
    return fail(
        ErrorCode::receipt_handle_is_invalid,
        "The input receipt handle \"" + receipt_handle + "\" is not a valid receipt handle.");
  }
  auto found = store_.find(queue.arn, receipt_handle);
  if (!found) return storage_failed(found.error());
  return *found ? std::move(**found) : Message{};
}

Result<void> Service::delete_message(const QueueName& name, const std::string& receipt_handle) {
  const auto queue = find(name);
  if (!queue) return tl::unexpected(queue.error());
  const auto message = find_receipt(**queue, receipt_handle);
  if (!message) return tl::unexpected(message.error());
  if (message->id.empty()) return {};
  if (auto removed = store_.remove(message->number); !removed)
    return storage_failed(removed.error());
  trace_.record("sqs", "delete", {{"queue", name.name}, {"message_id", message->id}});
  return {};
}

Result<void> Service::change_message_visibility(const QueueName& name,
                                                const std::string& receipt_handle,
                                                std::uint64_t count) {
  const auto queue = find(name);
  if (!queue) return tl::unexpected(queue.error());
  if (auto checked = check_range(count, 0, visibility_seconds_max, "VisibilityTimeout"); !checked)
    return checked;
  const auto message = find_receipt(**queue, receipt_handle);
  if (!message) return tl::unexpected(message.error());
  const bool in_flight = !message->id.empty() && message->visible_at > now();
  if (!in_flight) {
    return fail(ErrorCode::message_not_inflight,
                "Value " + receipt_handle +
                    " for parameter ReceiptHandle is invalid. Reason: Message "
                    "does not exist or is not available for visibility timeout change.");
  }
  if (auto set = store_.set_visible_at(message->number, now() + seconds(count)); !set)
    return storage_failed(set.error());
  wake((*queue)->arn);
  return {};
}

std::string Service::refusal(const std::string& arn, const std::string& bucket) const {
  const auto queue = queues_.find(arn);
  if (queue == queues_.end()) return "The destination queue does not exist";
  const auto policy = queue->second.attributes.find("Policy");
  if (policy == queue->second.attributes.end()) {
    return options_.policy_required ? "Permissions on the destination queue do not allow S3 to "
                                      "publish notifications from this bucket"
                                    : "";
  }
  if (lets_s3_send(policy->second, arn,
                   {.bucket_arn = "arn:aws:s3:::" + bucket, .account = options_.account}))
    return {};
  return "Permissions on the destination queue do not allow S3 to publish notifications from this "
         "bucket";
}

void Service::deliver(const s3::OutboxEvent& event, std::function<void()> done) {
  const auto queue = queues_.find(event.destination_arn);
  if (queue == queues_.end()) return;
  std::vector<sim::Field> more{{"bucket", event.bucket}};
  if (!event.key.empty()) more.emplace_back("key", event.key);
  more.emplace_back("event", event.event_name);
  const auto sent = store_message(queue->second, {.body = event.record_json}, std::move(more));
  if (sent) return done();
  // Its row stays in the outbox: after a restart it comes again.
  trace_.record("sqs", "failed",
                {{"queue", queue->second.name}, {"why", message_of(sent.error())}});
}

}  // namespace emulator::sqs
