#pragma once
// AWS Lambda, as far as the chain needs it: functions, and their asynchronous invocation: at least
// once, two retries after one and two minutes with the same request id, then the dead letter
// (lambda-glue.md sections 2 to 4). An EventDestination of S3.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/s3/service.h"
#include "emulator/sim/random.h"
#include "emulator/sim/scheduler.h"
#include "emulator/sim/trace.h"

namespace pipeline::lambda {

using emulator::base::Duration;
using emulator::base::Instant;

struct Outcome {
  bool ok = true;
  std::string error_type;  // "ConcurrentRunsExceededException"
  std::string error_message;
  std::string payload;  // what the handler returned, as JSON
};

// What a function runs. May answer later (a call across a link); answers exactly once.
class Handler {
 public:
  struct Invocation {
    std::string request_id;
    std::string event_json;
    int attempt = 1;
    std::function<void(std::string line)> log;
  };
  virtual ~Handler() = default;
  virtual void handle(const Invocation& invocation, std::function<void(Outcome)> done) = 0;
};

struct Function {
  std::string name;
  int maximum_retry_attempts = 2;
  Duration maximum_event_age = std::chrono::hours(6);
};

struct FunctionStatistics {
  std::uint64_t events = 0;        // accepted
  std::uint64_t invocations = 0;   // attempts
  std::uint64_t succeeded = 0;     // events
  std::uint64_t errors = 0;        // failed attempts
  std::uint64_t dead_letters = 0;  // events given up
};

class Service {
 public:
  Service(emulator::sim::Scheduler& scheduler, emulator::sim::Trace& trace,
          emulator::sim::Random random, std::string region = "us-east-1",
          std::string account = "000000000000");
  ~Service();

  // Returns the ARN. The destination to register with S3 is destination(name).
  std::string create_function(Function function, std::unique_ptr<Handler> handler);
  emulator::s3::EventDestination& destination(const std::string& name);

  // Asynchronous invocation; `done` when the event has succeeded or was given up.
  void invoke_async(const std::string& name, std::string event_json, std::function<void()> done);

  const FunctionStatistics& statistics(const std::string& name) const;
  // CloudWatch's lines of a function's log group, oldest first: START, what it printed, END,
  // REPORT.
  struct LogLine {
    Instant at;
    std::string stream;
    std::string text;
  };
  const std::vector<LogLine>& log(const std::string& name) const;
  struct DeadLetter {
    std::string request_id, event_json, error_type, error_message;
  };
  const std::vector<DeadLetter>& dead_letters(const std::string& name) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Trace lines (actor "lambda"): invoke{function,request_id,attempt,key}
// succeeded{function,request_id,result} failed{function,request_id,attempt,error,retry_in?}
// dead_letter{function,request_id,key,error}.

}  // namespace pipeline::lambda
