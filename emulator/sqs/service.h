#pragma once
// Amazon SQS, standard queues: the operations as plain calls, and a destination of S3's events.
// HTTP clients reach the same through protocol.h. Every message is taken at least once: in the
// order of sending as far as receipts allow, as AWS's "best effort" may. One thread; long polls
// wait in the scheduler. A message is as durable as the database's sync mode says when send
// returns.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/s3/service.h"
#include "emulator/sim/random.h"
#include "emulator/sim/scheduler.h"
#include "emulator/sim/trace.h"
#include "emulator/sqs/error.h"
#include "emulator/sqs/message_store.h"
#include "emulator/sqs/model.h"

namespace emulator::sqs {

struct ServiceOptions {
  std::string account = "000000000000";
  // S3 may send to a queue without a policy: as any key works. Strict, the policy has to say so, as
  // on AWS.
  bool policy_required = false;
};

// Of a queue that is there: by region and name, or by URL.
struct QueueName {
  std::string region;
  std::string name;
};

struct SendMessageInput {
  std::string body;
  std::optional<std::uint64_t> delay_seconds = {};
  MessageAttributes attributes = {};
};

struct ReceiveMessageInput {
  std::uint64_t messages_max = 1;
  std::optional<std::uint64_t> visibility_timeout = {};  // seconds
  std::optional<std::uint64_t> wait_seconds = {};
};

class Service final : public s3::EventDestination {
 public:
  using Received = std::function<void(Result<std::vector<Message>>)>;

  Service(sqlite::Database& database, sim::Scheduler& scheduler, sim::Trace& trace,
          sim::Random random, ServiceOptions options = {});

  base::Result<void> open();  // once, before all else

  // Again with the same attributes: the same queue.
  Result<Queue> create_queue(const QueueName& name,
                             const std::map<std::string, std::string>& attributes,
                             const std::map<std::string, std::string>& tags);
  Result<void> delete_queue(const QueueName& name);
  Result<Queue> get_queue(const QueueName& name) const;
  // By name, those that begin with prefix, names > after; at most `limit`.
  std::vector<Queue> list_queues(const std::string& region, std::string_view prefix,
                                 std::string_view after, std::size_t limit) const;
  Result<std::map<std::string, std::string>> get_queue_attributes(
      const QueueName& name);  // all of them
  Result<void> set_queue_attributes(const QueueName& name,
                                    const std::map<std::string, std::string>& attributes);
  Result<void> set_queue_tags(const QueueName& name, std::map<std::string, std::string> tags);
  Result<void> purge_queue(const QueueName& name);

  Result<Message> send_message(const QueueName& name, const SendMessageInput& input);
  // Calls `done` as soon as there is a message, at the latest when the wait is over: at once, or
  // later. Returns the number of the poll that waits; 0: none, `done` has been called.
  std::uint64_t receive_message(const QueueName& name, const ReceiveMessageInput& input,
                                Received done);
  void cancel_poll(std::uint64_t poll);  // `done` is not called
  Result<void> delete_message(const QueueName& name, const std::string& receipt_handle);
  Result<void> change_message_visibility(const QueueName& name, const std::string& receipt_handle,
                                         std::uint64_t seconds);

  // As a destination of S3.
  std::string refusal(const std::string& arn, const std::string& bucket) const override;
  void deliver(const s3::OutboxEvent& event, std::function<void()> done) override;

  std::string new_request_id() { return random_.uuid(); }
  sim::Instant now() const { return scheduler_.now(); }
  const ServiceOptions& options() const { return options_; }

 private:
  struct Poll {
    std::string queue_arn;
    ReceiveMessageInput input;
    Received done;
    sim::Scheduler::Timer deadline;
  };
  std::string arn_of(const QueueName& name) const;
  Result<Queue*> find(const QueueName& name);
  Result<void> check_attributes(const std::map<std::string, std::string>& attributes,
                                const std::string& region) const;
  Result<Message> store_message(const Queue& queue, const SendMessageInput& input,
                                std::vector<sim::Field> more);
  Result<std::vector<Message>> take(const Queue& queue, const ReceiveMessageInput& input);
  Result<bool> put_aside(const Queue& queue, Message& message);
  Result<Message> find_receipt(const Queue& queue, const std::string& receipt_handle);
  void wake(const std::string& queue_arn);
  void plan_wake(const std::string& queue_arn);
  void end_poll(std::uint64_t poll, Result<std::vector<Message>> messages);

  MessageStore store_;
  sim::Scheduler& scheduler_;
  sim::Trace& trace_;
  sim::Random random_;
  ServiceOptions options_;
  std::map<std::string, Queue> queues_;  // by ARN: what the store holds
  std::map<std::uint64_t, Poll> polls_;
  std::uint64_t next_poll_ = 1;
  std::map<std::string, sim::Scheduler::Timer>
      wakes_;  // by ARN of a queue with polls: when its next message becomes visible
};

// Trace lines (actor "sqs"): create_queue{queue} delete_queue{queue} purge{queue}
// message{queue,message_id,bytes,bucket?,key?,event?} receive{queue,message_id,receipt}
// delete{queue,message_id} expire{queue,message_id} dead_letter{queue,message_id,to}
// failed{queue,why}.

}  // namespace emulator::sqs
