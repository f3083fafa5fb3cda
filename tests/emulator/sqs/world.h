#pragma once
// What a test of SQS needs: a Service on a database of its own with its own time, chance and trace,
// and a wire that speaks both protocols to it.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "emulator/aws/value.h"
#include "emulator/base/text.h"
#include "emulator/sqs/protocol.h"
#include "emulator/sqs/service.h"

namespace emulator::sqs {

inline const QueueName q{"us-east-1", "q"};

struct World {
  explicit World(const std::string& path = ":memory:", ServiceOptions options = {})
      : database(sqlite::Database::open(path).value()),
        service(database, scheduler, trace, sim::Random(1, "sqs"), std::move(options)) {
    trace.listen([this](const sim::TraceLine& line) { lines.push_back(line); });
    EXPECT_TRUE(service.open());
  }

  void create(std::map<std::string, std::string> attributes = {}, const QueueName& name = q) {
    const auto made = service.create_queue(name, attributes, {});
    EXPECT_TRUE(made) << (made ? "" : message_of(made.error()));
  }
  void send(const std::string& body, std::optional<std::uint64_t> delay = {}) {
    EXPECT_TRUE(service.send_message(q, {.body = body, .delay_seconds = delay}));
  }
  // What is there at once.
  std::vector<Message> receive(ReceiveMessageInput input = {.messages_max = 10}) {
    std::vector<Message> got;
    EXPECT_EQ(service.receive_message(q, input,
                                      [&](Result<std::vector<Message>> messages) {
                                        got = std::move(messages.value());
                                      }),
              0u);
    return got;
  }
  // "a b": the bodies.
  std::string bodies(const ReceiveMessageInput& input = {.messages_max = 10}) {
    std::string out;
    for (const Message& message : receive(input)) out += (out.empty() ? "" : " ") + message.body;
    return out;
  }
  std::string attribute(const std::string& name) {
    return service.get_queue_attributes(q).value().at(name);
  }
  void pass(Duration time) { scheduler.advance_by(time); }

  struct Answer {
    int status = 0;
    std::string body;
    base::Headers headers;
    aws::Value json() const { return aws::Value::parse_json(body).value(); }
    std::string text(std::string_view name) const {
      const aws::Value all = json();
      return all.find(name) == nullptr ? "(none)" : all.find(name)->text();
    }
  };
  Answer speak(base::HttpRequest request, std::string_view body) {
    request.headers.add("host", "127.0.0.1:4566");
    request.method = "POST";
    request.content_length = body.size();
    base::Reply reply = handle_http(service, request, authenticator);
    for (const char& byte : body) EXPECT_FALSE(reply.receiver->data(std::string_view(&byte, 1)));
    base::HttpResponse response = reply.receiver->finish();
    Answer answer;
    const auto take = [&answer](base::HttpResponse done) {
      answer = {done.status, std::move(done.body), std::move(done.headers)};
    };
    if (!response.pending) {
      take(std::move(response));
    } else {
      pending = std::move(response.pending);
      pending->start(take);
    }
    return answer;
  }
  Answer json(const std::string& action, const std::string& body) {
    base::HttpRequest request{.path = "/"};
    request.headers.add("x-amz-target", "AmazonSQS." + action);
    return speak(std::move(request), body);
  }
  Answer form(const std::string& body, const std::string& path = "/") {
    return speak({.path = path}, body);
  }

  sim::Scheduler scheduler{base::parse_instant("2026-01-02T03:04:05.678Z").value()};
  sim::Trace trace{scheduler};
  sqlite::Database database;
  Service service;
  aws::Authenticator authenticator;
  std::unique_ptr<base::PendingResponse> pending;
  std::vector<sim::TraceLine> lines;
};

inline std::string outcome(const Result<void>& result) {
  return result ? "ok" : std::string(error_row(result.error().code).query_code);
}

}  // namespace emulator::sqs
