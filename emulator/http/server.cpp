#include "emulator/http/server.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/system_timer.hpp>
#include <csignal>
#include <utility>

#include "emulator/http/session.h"

namespace emulator::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds accept_pause{50};  // when the process is out of descriptors

constexpr base::Duration tick_max = std::chrono::seconds(1);

// Of the deadlines of connections: short enough for the shortest time that is asked for.
base::Duration tick_of(const ServerOptions& options) {
  const base::Duration shortest =
      std::min({options.idle_time_max, options.head_time_max, options.body_time_max});
  return std::clamp(base::Duration(shortest / 4), base::Duration(std::chrono::milliseconds(1)),
                    tick_max);
}

// Each connection is a descriptor, and the usual limit of 1,024 is for programs that use select().
void allow_many_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  static_cast<void>(::setrlimit(
      RLIMIT_NOFILE, &limit));  // if it fails the old limit holds, and connections are shed earlier
}

}  // namespace

class Server::Impl {
 public:
  Impl(base::HttpHandler handler, const sim::Clock& clock, const ServerOptions& options)
      : context_{.handler = std::move(handler),
                 .clock = clock,
                 .options = options,
                 .tick = tick_of(options)} {
    context_.before_handling = [this] { run_due(); };
    context_.after_handling = [this] {
      plan();
      settle_soon();
    };
  }

  void pace(std::function<std::optional<base::Instant>()> next_at, std::function<void()> run_due) {
    next_at_ = std::move(next_at);
    run_due_ = std::move(run_due);
    plan();
  }

  void settle_together(std::function<bool()> is_unsettled, std::function<bool()> settle) {
    context_.is_unsettled = std::move(is_unsettled);
    settle_ = std::move(settle);
  }

  void render_refusals(std::function<base::HttpResponse(const Refusal&)> render) {
    context_.render_refusal = std::move(render);
  }

  base::Result<std::uint16_t> listen(const std::string& address, std::uint16_t port) {
    error_code error;
    const auto ip = asio::ip::make_address(address == "localhost" ? "127.0.0.1" : address, error);
    if (error)
      return base::fail(fmt::format("{} is not an IP address", address),
                        "127.0.0.1 is this machine alone");
    const tcp::endpoint endpoint(ip, port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      error_code ignored;
      acceptor_.close(ignored);
      return base::fail(fmt::format("cannot listen on {}:{}: {}", address, port, error.message()));
    }
    allow_many_descriptors();
    accept();
    return acceptor_.local_endpoint().port();
  }

  void stop_at_signals() {
    signals_.add(SIGTERM);
    signals_.add(SIGINT);
    signals_.async_wait([this](error_code error, int) {
      if (!error) drain();
    });
  }

  void run() {
    while (!(context_.stopping && context_.sessions.empty()) && io_.run_one() > 0) continue;
  }
  void stop() {
    asio::post(io_, [this] { drain(); });
  }
  void post(std::function<void()> task) {
    asio::post(io_, [this, task = std::move(task)] {
      context_.before_handling();
      task();
      context_.before_handling();
      context_.after_handling();
    });
  }

 private:
  // Work that is due may tell others what requests did.
  void run_due() {
    if (context_.is_unsettled()) {
      const auto next = next_at_();
      if (next && *next <= context_.clock.now()) settle();
    }
    run_due_();
  }

  // Behind what is ready by now.
  void settle_soon() {
    if (settling_ || !context_.is_unsettled()) return;
    settling_ = true;
    asio::post(io_, [this] {
      settling_ = false;
      settle();
    });
  }

  void settle() {
    const bool succeeded = !context_.is_unsettled() || settle_();
    for (const auto& session : std::exchange(context_.held, {})) session->on_settled(succeeded);
  }

  void accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted || !acceptor_.is_open()) return;
      if (!error) {
        take_over(std::move(socket));
        return accept();
      }
      if (error == asio::error::no_descriptors) return accept_by_making_room();
      accept_later();
    });
  }

  // accept() takes a descriptor before it looks who is there, so it fails without one even when
  // nobody is: wait for somebody.
  void accept_by_making_room() {
    acceptor_.async_wait(tcp::acceptor::wait_read, [this](error_code error) {
      if (error || !acceptor_.is_open()) return;
      shed_oldest_idle() ? accept() : accept_later();
    });
  }

  void accept_later() {
    pause_timer_.expires_after(accept_pause);
    pause_timer_.async_wait([this](error_code cancelled) {
      if (!cancelled) accept();
    });
  }

  void take_over(tcp::socket socket) {
    error_code lost;
    const asio::ip::address remote = socket.remote_endpoint(lost).address();
    if (lost) return;  // the client has gone already
    const int descriptor = socket.release(lost);
    if (lost) return;
    std::make_shared<Session>(
        io_, Session::Accepted{descriptor, remote.is_v6(), remote.to_string()}, context_)
        ->start();
    if (!ticking_) tick();
  }

  // Out of descriptors: whoever has been silent the longest makes room for who has something to
  // ask. false: nobody is silent.
  bool shed_oldest_idle() {
    Session* oldest = nullptr;
    for (Session* session : context_.sessions) {
      if (session->is_idle() && (oldest == nullptr || session->deadline() < oldest->deadline()))
        oldest = session;
    }
    if (oldest != nullptr) oldest->close();
    return oldest != nullptr;
  }

  // Closes what is overdue, while there are connections at all.
  void tick() {
    ticking_ = true;
    tick_timer_.expires_after(context_.tick);
    tick_timer_.async_wait([this](error_code cancelled) {
      if (cancelled) return;
      ++context_.now_ticks;
      for (Session* session : context_.sessions) {
        if (session->is_overdue()) session->on_overdue();
      }
      ticking_ = false;
      if (!context_.sessions.empty()) tick();
    });
  }

  // Wakes up when the next piece of work is due.
  void plan() {
    const auto next = context_.stopping ? std::nullopt : next_at_();
    if (next == planned_) return;
    planned_ = next;
    due_timer_.cancel();
    if (!next) return;
    due_timer_.expires_at(*next);
    due_timer_.async_wait([this](error_code cancelled) {
      if (cancelled) return;
      planned_.reset();
      context_.before_handling();
      context_.after_handling();
    });
  }

  // No new connections and no idle ones; run() returns when the last request under way has been
  // answered.
  void drain() {
    if (std::exchange(context_.stopping, true)) return;
    error_code ignored;
    acceptor_.close(ignored);
    signals_.clear(ignored);
    signals_.cancel(ignored);
    due_timer_.cancel();
    pause_timer_.cancel();
    for (Session* session : context_.sessions) session->wind_up();
    drain_timer_.expires_after(context_.options.drain_time_max);
    drain_timer_.async_wait([this](error_code) {
      for (Session* session : context_.sessions) session->close();
    });
  }

  SessionContext context_;  // before io_, whose operations hold the sessions, which know it
  asio::io_context io_{1};
  tcp::acceptor acceptor_{io_};
  asio::signal_set signals_{io_};
  asio::system_timer due_timer_{io_};
  asio::steady_timer pause_timer_{io_};
  asio::steady_timer tick_timer_{io_};
  bool ticking_ = false;
  asio::steady_timer drain_timer_{io_};
  std::function<std::optional<base::Instant>()> next_at_ = [] { return std::nullopt; };
  std::function<void()> run_due_ = [] {};
  std::function<bool()> settle_;
  bool settling_ = false;  // settle() is on its way
  std::optional<base::Instant> planned_;
};

Server::Server(base::HttpHandler handler, const sim::Clock& clock, const ServerOptions& options)
    : impl_(std::make_unique<Impl>(std::move(handler), clock, options)) {}
Server::~Server() = default;

void Server::pace(std::function<std::optional<base::Instant>()> next_at,
                  std::function<void()> run_due) {
  impl_->pace(std::move(next_at), std::move(run_due));
}
void Server::settle_together(std::function<bool()> is_unsettled, std::function<bool()> settle) {
  impl_->settle_together(std::move(is_unsettled), std::move(settle));
}
void Server::render_refusals(std::function<base::HttpResponse(const Refusal&)> render) {
  impl_->render_refusals(std::move(render));
}
base::Result<std::uint16_t> Server::listen(const std::string& address, std::uint16_t port) {
  return impl_->listen(address, port);
}
void Server::stop_at_signals() { impl_->stop_at_signals(); }
void Server::run() { impl_->run(); }
void Server::stop() { impl_->stop(); }
void Server::post(std::function<void()> task) { impl_->post(std::move(task)); }

}  // namespace emulator::http
