// Bytes as the body of a request to SQS, in both protocols: a form, JSON, and a queue's policy.

#include <cstddef>
#include <cstdint>

#include "emulator/sim/trace.h"
#include "emulator/sqs/protocol.h"
#include "emulator/sqs/queue_policy.h"

using namespace std::literals;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static emulator::sim::Scheduler scheduler{emulator::base::Instant{}};
  static emulator::sim::Trace trace{scheduler};
  static auto database = emulator::sqlite::Database::open(":memory:").value();
  static emulator::sqs::Service service(database, scheduler, trace,
                                        emulator::sim::Random(1, "sqs"));
  static emulator::aws::Authenticator authenticator;
  static const bool made = service.create_queue({"us-east-1", "q"}, {}, {}).has_value();
  if (!made || size < 1) return 0;
  static constexpr const char* actions[] = {
      "CreateQueue",        "SendMessage",        "SendMessageBatch",
      "ReceiveMessage",     "DeleteMessage",      "SetQueueAttributes",
      "GetQueueAttributes", "ListQueues",         "ChangeMessageVisibility",
      "TagQueue",           "DeleteMessageBatch", "UntagQueue"};
  emulator::base::HttpRequest request{.method = "POST", .path = "/000000000000/q"};
  if (data[0] % 16 < 12) request.headers.add("x-amz-target", "AmazonSQS."s + actions[data[0] % 16]);
  auto reply = handle_http(service, request, authenticator);
  if (!reply.receiver->data(bytes.substr(1))) {
    auto response = reply.receiver->finish();
    if (response.pending) response.pending->start([](const emulator::base::HttpResponse&) {});
  }
  static_cast<void>(emulator::sqs::lets_s3_send(bytes, "arn:aws:sqs:us-east-1:000000000000:q",
                                                {"arn:aws:s3:::b", "000000000000"}));
  static_cast<void>(service.purge_queue({"us-east-1", "q"}));
  return 0;
}
