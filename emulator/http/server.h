#pragma once
// The HTTP server: the only HTTP sockets there are. It knows plain requests and responses
// (base/http_message.h), not S3. One thread runs everything in run(): sockets, handlers, and the
// scheduler's tasks when they are due on the real clock. Bodies stream both ways, so memory does
// not grow with them. Slow, silent and malformed clients are shown the door.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "emulator/base/http_message.h"
#include "emulator/base/result.h"
#include "emulator/sim/clock.h"

namespace emulator::http {

struct ServerOptions {
  base::Duration idle_time_max = std::chrono::seconds(120);  // between requests
  base::Duration head_time_max =
      std::chrono::seconds(20);  // from a header's first byte to its last
  base::Duration body_time_max = std::chrono::seconds(60);  // for a piece of a body, either way
  base::Duration drain_time_max =
      std::chrono::seconds(10);  // for requests under way when the server stops
};

// What is no request, or one that was cut short.
struct Refusal {
  int status;
  std::string reason;
  bool in_body;  // its header was whole
};

class Server {
 public:
  // The clock gives the Date header.
  Server(base::HttpHandler handler, const sim::Clock& clock, const ServerOptions& options = {});
  ~Server();

  // Paces work that is due by the real clock: run_due is called before a request is handled, and
  // when the instant of next_at comes (nullopt: nothing is planned). For a Scheduler: next_at, and
  // advance_to(clock.now()).
  void pace(std::function<std::optional<base::Instant>()> next_at, std::function<void()> run_due);

  // Group commit: is_unsettled says whether what requests did still waits for settle, which is
  // called once for all requests that are there by then, and before planned work runs. Until then
  // no answer leaves. false of settle: a refusal with status 500 goes in their place.
  void settle_together(std::function<bool()> is_unsettled, std::function<bool()> settle);

  // How a refusal looks; plain text unless something is given.
  void render_refusals(std::function<base::HttpResponse(const Refusal&)> render);

  // Accepts from now on; returns the port (0 was asked: one that is free). An Error if the address
  // is taken or is none.
  base::Result<std::uint16_t> listen(const std::string& address, std::uint16_t port);
  void stop_at_signals();  // SIGTERM and SIGINT; a second one kills
  void run();              // until stop()
  // Runs a task on the thread of run(), between what is due before it and what it makes due. From
  // any thread.
  void post(std::function<void()> task);
  // Closes idle connections, lets requests under way end, and makes run() return. From any thread.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace emulator::http
