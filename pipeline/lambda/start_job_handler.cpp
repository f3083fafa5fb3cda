#include "pipeline/lambda/start_job_handler.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "emulator/base/json_document.h"
#include "emulator/base/text.h"

namespace pipeline::lambda {
namespace {

using Json = nlohmann::json;

Outcome failure(std::string type, std::string message) {
  Outcome outcome;
  outcome.ok = false;
  outcome.payload = emulator::base::json_text(Json{{"errorMessage", message}, {"errorType", type}});
  outcome.error_type = std::move(type);
  outcome.error_message = std::move(message);
  return outcome;
}

// What Python's event["Records"][0]["s3"]... gives, or the exception that it raises.
class Subscripts {
 public:
  explicit Subscripts(const Json& value) : value_(&value) {}

  Subscripts& key(const char* name) {
    if (failed_) return *this;
    if (!value_->is_object())
      return fail("TypeError",
                  fmt::format("'{}' object is not subscriptable", value_->type_name()));
    auto found = value_->find(name);
    if (found == value_->end()) return fail("KeyError", fmt::format("'{}'", name));
    value_ = &*found;
    return *this;
  }
  Subscripts& first() {
    if (failed_) return *this;
    if (!value_->is_array()) return fail("KeyError", "0");
    if (value_->empty()) return fail("IndexError", "list index out of range");
    value_ = &value_->front();
    return *this;
  }
  tl::expected<std::string, Outcome> text() {
    if (!failed_ && !value_->is_string()) fail("TypeError", "expected a string");
    if (failed_) return tl::unexpected(*failed_);
    return value_->get<std::string>();
  }

 private:
  Subscripts& fail(const char* type, std::string message) {
    failed_ = failure(type, std::move(message));
    return *this;
  }
  const Json* value_;
  std::optional<Outcome> failed_;
};

class StartJobHandler final : public Handler {
 public:
  StartJobHandler(StartJobHandlerOptions options, glue::Service& glue,
                  emulator::sim::Scheduler& scheduler, emulator::sim::Faults& faults,
                  emulator::sim::Trace& trace)
      : options_(std::move(options)),
        glue_(glue),
        link_("glue.start_job_run", scheduler, faults, trace) {}

  void handle(const Invocation& invocation, std::function<void(Outcome)> done) override {
    const Json event = emulator::base::read_json(invocation.event_json);
    if (event.is_discarded())
      return done(failure("Runtime.UnmarshalError", "the event is no JSON"));
    auto bucket =
        Subscripts(event).key("Records").first().key("s3").key("bucket").key("name").text();
    if (!bucket) return done(bucket.error());
    auto key = Subscripts(event).key("Records").first().key("s3").key("object").key("key").text();
    if (!key) return done(key.error());
    if (options_.decode_key) {
      auto decoded = emulator::base::percent_decode(*key, true);
      if (!decoded)
        return done(failure("ValueError", fmt::format("the key {} is not URL-encoded", *key)));
      key = std::move(*decoded);
    }
    invocation.log(fmt::format("{} {}", *bucket, *key));
    start({{"--s3_target_path_key", *key}, {"--s3_target_path_bucket", *bucket}}, *key,
          std::move(done));
  }

 private:
  void start(glue::Arguments arguments, const std::string& key, std::function<void(Outcome)> done) {
    using Started = tl::expected<std::string, glue::GlueError>;
    auto started = std::make_shared<Started>();
    link_.call(
        key,
        [this, started, arguments = std::move(arguments)] {
          *started = glue_.start_job_run(options_.job_name, arguments);
        },
        [started, done = std::move(done)](emulator::sim::Link::Outcome outcome) {
          done(answer(outcome, *started));
        });
  }

  static Outcome answer(emulator::sim::Link::Outcome outcome,
                        const tl::expected<std::string, glue::GlueError>& started) {
    using Link = emulator::sim::Link;
    // botocore's exceptions: the request never arrived, or its answer never came back.
    if (outcome == Link::Outcome::failed_before)
      return failure("ConnectTimeoutError",
                     "Connect timeout on endpoint URL: \"https://glue.us-east-1.amazonaws.com/\"");
    if (outcome == Link::Outcome::failed_after)
      return failure("ReadTimeoutError",
                     "Read timeout on endpoint URL: \"https://glue.us-east-1.amazonaws.com/\"");
    if (!started)
      return failure(
          started.error().code,
          fmt::format("An error occurred ({}) when calling the StartJobRun operation: {}",
                      started.error().code, started.error().message));
    Outcome success;
    success.payload = R"({"statusCode":200,"body":"\"Hello from Lambda!\""})";
    return success;
  }

  StartJobHandlerOptions options_;
  glue::Service& glue_;
  emulator::sim::Link link_;
};

}  // namespace

std::unique_ptr<Handler> start_job_handler(StartJobHandlerOptions options, glue::Service& glue,
                                           emulator::sim::Scheduler& scheduler,
                                           emulator::sim::Faults& faults,
                                           emulator::sim::Trace& trace) {
  return std::make_unique<StartJobHandler>(std::move(options), glue, scheduler, faults, trace);
}

}  // namespace pipeline::lambda
