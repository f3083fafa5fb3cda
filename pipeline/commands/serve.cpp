#include <fmt/format.h>
#include <sys/random.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "emulator/aws/authentication.h"
#include "emulator/aws/router.h"
#include "emulator/base/file.h"
#include "emulator/base/text.h"
#include "emulator/base/worker_pool.h"
#include "emulator/http/server.h"
#include "emulator/s3/rest.h"
#include "emulator/sim/clock.h"
#include "emulator/sqs/protocol.h"
#include "pipeline/commands/command.h"
#include "pipeline/commands/environment.h"
#include "pipeline/commands/serve_endpoints.h"
#include "pipeline/commands/usage.h"
#include "pipeline/scenario/definition.h"
#include "pipeline/scenario/stack.h"

namespace pipeline::commands {
namespace {

namespace aws = emulator::aws;
namespace base = emulator::base;
namespace http = emulator::http;
namespace s3 = emulator::s3;
namespace sqs = emulator::sqs;
using emulator::sqlite::Sync;

struct ServeOptions {
  std::uint16_t port = 4566;
  std::string data = ":memory:";
  std::string address = "127.0.0.1";
  std::string ready_file;
  Sync sync = Sync::full;
  std::string stack;
  bool verify_signatures = false;
  std::vector<std::string> access_keys;  // ID:SECRET
  bool any_clock = false;
  std::string event_version;
};

const std::map<std::string, Sync> sync_names{
    {"full", Sync::full}, {"normal", Sync::normal}, {"off", Sync::off}};

// Ids of a live server must not repeat those of its former lives.
std::uint64_t seed_from_system() {
  std::uint64_t seed = 0;
  const bool drawn = ::getrandom(&seed, sizeof seed, 0) == sizeof seed;
  return drawn ? seed : 1;
}

base::Result<scenario::StackDefinition> read_stack(const std::string& path) {
  if (path.empty()) return scenario::StackDefinition{};
  auto file = scenario::read_scenario(path);
  if (!file) return tl::unexpected(file.error());
  return std::move(file->stack);
}

// The address that a client on this machine uses.
std::string url(const std::string& address, std::uint16_t port) {
  if (address == "0.0.0.0" || address == "::" || address == "localhost")
    return fmt::format("http://127.0.0.1:{}", port);
  if (address.find(':') != std::string::npos) return fmt::format("http://[{}]:{}", address, port);
  return fmt::format("http://{}:{}", address, port);
}

// The keys that --access-key names; test:test where signatures are verified and none is named.
emulator::aws::AuthenticationOptions authentication(const ServeOptions& options) {
  emulator::aws::AuthenticationOptions out{.strict = options.verify_signatures,
                                           .check_clock = !options.any_clock};
  for (const std::string& key : options.access_keys) {
    const std::size_t colon = key.find(':');
    out.secrets[key.substr(0, colon)] = key.substr(colon + 1);
  }
  if (out.secrets.empty()) out.secrets["test"] = "test";
  return out;
}

std::string check_access_key(const std::string& key) {
  const std::size_t colon = key.find(':');
  const bool holds = colon != std::string::npos && colon > 0 && colon + 1 < key.size();
  return holds ? "" : "an access key is given as ID:SECRET";
}

bool is_version(const std::string& text) {
  const std::vector<std::string_view> parts = base::split(text, '.');
  return parts.size() == 2 && base::parse_unsigned(parts[0]) && base::parse_unsigned(parts[1]);
}

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1" || address == "localhost";
}

class ServeCommand {
 public:
  explicit ServeCommand(const ServeOptions& options)
      : options_(options),
        authenticator_(authentication(options)),
        server_([this](base::HttpRequest request) { return router_.handle(std::move(request)); },
                clock_) {}

  int run() {
    auto definition = read_stack(options_.stack);
    if (!definition) return complain(definition.error(), exit_usage);
    // The port before the data: a taken port must not touch anything.
    auto port = server_.listen(options_.address, options_.port);
    if (!port) {
      if (port.error().hint.empty())
        port.error().hint =
            "is another sluice running there? --port N takes another port, --port 0 any free one";
      return complain(port.error(), exit_environment);
    }
    if (!is_loopback(options_.address)) {
      const char* why = options_.verify_signatures ? "what is under /_sluice asks for no signature"
                                                   : "any key works";
      std::fprintf(stderr,
                   "sluice: listening on %s: %s, so whoever reaches this port may read and write "
                   "all of it\n",
                   options_.address.c_str(), why);
    }
    if (auto up = bring_up(*definition); !up) return complain(up.error(), exit_environment);
    return serve(*port);
  }

 private:
  base::Result<void> bring_up(const scenario::StackDefinition& definition) {
    scenario::StackOptions options{
        .folder = options_.data == ":memory:" ? "" : options_.data,
        .sync = options_.sync,
        .listeners = {[this](const emulator::sim::TraceLine& line) { trace_.add(line); }},
        .queue_policy_required = options_.verify_signatures,
        .event_version = options_.event_version,
        .post = [this](std::function<void()> task) { server_.post(std::move(task)); },
        .environment = environment_variable,
        .workers = &workers_};
    auto stack = scenario::Stack::create(definition, seed_from_system(), clock_.now(), options);
    if (!stack) return tl::unexpected(stack.error());
    stack_ = std::move(*stack);
    router_.add_service("s3", [this](base::HttpRequest request) {
      return s3::handle_rest(stack_->s3(), std::move(request), authenticator_);
    });
    router_.add_service(
        "sqs",
        [this](const base::HttpRequest& request) {
          return sqs::handle_http(stack_->sqs(), request, authenticator_);
        },
        "AmazonSQS.");
    server_.render_refusals([this](const http::Refusal& refusal) {
      return s3::refuse_request(stack_->s3(), refusal.status, refusal.reason, refusal.in_body);
    });
    stack_->s3().gather_requests();
    server_.settle_together([this] { return stack_->s3().has_gathered(); },
                            [this] { return stack_->s3().commit_gathered(); });
    add_endpoints(router_, *stack_, trace_);
    server_.pace([this] { return stack_->scheduler().next_at(); },
                 [this] { stack_->scheduler().advance_to(clock_.now()); });
    return {};
  }

  int serve(std::uint16_t port) {
    server_.stop_at_signals();
    const std::string line = "ready " + url(options_.address, port) + "\n";
    if (!options_.ready_file.empty()) {
      if (auto written = base::write_file_atomically(options_.ready_file, line); !written) {
        return complain(written.error(), exit_environment);
      }
    }
    std::fputs(line.c_str(), stdout);
    std::fflush(stdout);
    server_.run();
    stack_->stop_reading();
    return exit_ok;
  }

  const ServeOptions& options_;
  aws::Authenticator authenticator_;
  emulator::sim::SystemClock clock_;
  TraceLog trace_;
  base::WorkerPool workers_{std::max<std::size_t>(2, base::WorkerPool::processors()) -
                            1};  // before the stack, which uses it
  std::unique_ptr<scenario::Stack> stack_;
  aws::Router router_;   // its endpoints hold sessions of the stack
  http::Server server_;  // its handler is the router
};

}  // namespace

std::function<int()> declare_serve(CLI::App& command) {
  auto options =
      std::make_shared<ServeOptions>();  // shared: CLI11 writes into it, the action reads it
  command.add_option("--port", options->port, "HTTP port; 0 takes a free one")
      ->capture_default_str()
      ->type_name("N");
  command.add_option("--data", options->data, "Keep everything in this folder")
      ->capture_default_str()
      ->type_name("DIR|:memory:");
  command.add_option("--bind", options->address, "Address to listen on")
      ->capture_default_str()
      ->type_name("ADDR");
  command.add_option("--ready-file", options->ready_file, "Write the ready line there too")
      ->type_name("FILE");
  command
      .add_option_function<std::string>(
          "--sync", [options](const std::string& word) { options->sync = sync_names.at(word); },
          "What survives a power cut: full all that was acknowledged, normal an earlier moment, "
          "off no promise; kill -9 takes "
          "nothing in any of them")
      ->check(one_of({"full", "normal", "off"}))
      ->default_str("full")
      ->type_name("full|normal|off");
  command
      .add_option("--stack", options->stack,
                  "Bring up the buckets, database, task, function and job of this file")
      ->type_name("FILE");
  auto* verify = command.add_flag(
      "--verify-signatures", options->verify_signatures,
      "Verify every signature, as AWS does: SigV4 and SigV2 (without it any key works)");
  command
      .add_option("--access-key", options->access_keys,
                  "A key to accept with --verify-signatures (default test:test)")
      ->needs(verify)
      ->check(check_access_key)
      ->type_name("ID:SECRET");
  command
      .add_flag("--any-clock", options->any_clock,
                "With --verify-signatures: take requests of any date")
      ->needs(verify);
  command
      .add_option("--event-version", options->event_version,
                  "eventVersion of S3's event records (default: AWS's, 2.1 or 2.3 by the event)")
      ->check([](const std::string& text) {
        return is_version(text) ? "" : "an event version is given as 2.1";
      })
      ->type_name("N.N");
  return [options] {
    std::signal(SIGPIPE, SIG_IGN);  // whoever read the ready line may go away
    return ServeCommand(*options).run();
  };
}

}  // namespace pipeline::commands
