#include "pipeline/mysql/protocol/transport.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <optional>

namespace pipeline::mysql::protocol {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr Duration wait_most = std::chrono::hours(24 * 365);

tl::unexpected<Error> lost(const std::string& why) {
  return protocol::fail(error_number::lost_connection, "Lost connection to MySQL server: " + why);
}

tl::unexpected<Error> tls_failed(const std::string& why) {
  return protocol::fail(error_number::tls_failed, "SSL connection error: " + why);
}

bool is_address(const std::string& host) {
  error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

}  // namespace

struct Transport::State {
  asio::io_context io{1};
  tcp::socket socket{io};
  std::optional<asio::ssl::context> tls_context;
  std::optional<asio::ssl::stream<tcp::socket&>> tls;
  std::atomic<bool> cancelled = false;
  bool reading = false;
  bool read_done = false;
  error_code read_error;
  std::size_t read_bytes = 0;

  // Until a handler of ours has run, which ends it by io.stop(), or the time is over.
  void run(Duration wait) {
    io.restart();
    io.run_for(std::min(wait, wait_most));
  }

  // Starts an operation with a handler that keeps its error, and waits. nullopt: not done in time;
  // then its socket is closed and its handler has run, so that nothing of it is left.
  template <class Start>
  std::optional<error_code> wait_for(Duration wait, Start start) {
    std::optional<error_code> result;
    start([&](const error_code& error, auto&&...) {
      result = error;
      io.stop();
    });
    run(wait);
    if (result) return result;
    abandon();
    while (!result) run(std::chrono::seconds(1));
    return std::nullopt;
  }

  void abandon() {
    error_code ignored;
    socket.close(ignored);
  }

  template <class Buffer, class Handler>
  void read_some(const Buffer& buffer, Handler handler) {
    if (tls)
      tls->async_read_some(buffer, std::move(handler));
    else
      socket.async_read_some(buffer, std::move(handler));
  }
};

Transport::Transport() : state_(std::make_unique<State>()) {}

Transport::~Transport() {
  state_->abandon();
  while (state_->reading && !state_->read_done) state_->run(std::chrono::seconds(1));
}

Result<std::unique_ptr<Transport>> Transport::connect(const std::string& host, std::uint16_t port,
                                                      Duration wait) {
  std::unique_ptr<Transport> transport(new Transport);
  State& state = *transport->state_;
  tcp::resolver resolver(state.io);
  tcp::resolver::results_type endpoints;
  error_code error;
  if (const auto address = asio::ip::make_address(host, error); !error) {
    endpoints = tcp::resolver::results_type::create(tcp::endpoint(address, port), host, "");
  } else {
    endpoints = resolver.resolve(host, std::to_string(port), error);
    if (error)
      return protocol::fail(
          error_number::unknown_host,
          fmt::format("Unknown MySQL server host '{}' ({})", host, error.message()));
  }
  const auto done = state.wait_for(wait, [&](auto handler) {
    asio::async_connect(state.socket, endpoints, std::move(handler));
  });
  if (!done || *done)
    return protocol::fail(error_number::no_connection,
                          fmt::format("Can't connect to MySQL server on '{}:{}' ({})", host, port,
                                      done ? done->message() : "no answer in time"));
  state.socket.set_option(tcp::no_delay(true), error);
  state.socket.set_option(asio::socket_base::keep_alive(true), error);
  return transport;
}

Result<void> Transport::start_tls(const Tls& tls, Duration wait) {
  State& state = *state_;
  error_code error;
  try {
    state.tls_context.emplace(asio::ssl::context::tls_client);
  } catch (const boost::system::system_error& failed) {
    return tls_failed(failed.what());
  }
  if (tls.verify_certificate) {
    if (tls.ca_file.empty())
      state.tls_context->set_default_verify_paths(error);
    else
      state.tls_context->load_verify_file(tls.ca_file, error);
    if (error) return tls_failed(fmt::format("{}: {}", tls.ca_file, error.message()));
  }
  state.tls.emplace(state.socket, *state.tls_context);
  state.tls->set_verify_mode(
      tls.verify_certificate ? asio::ssl::verify_peer : asio::ssl::verify_none, error);
  if (tls.verify_host)
    state.tls->set_verify_callback(asio::ssl::host_name_verification(tls.host), error);
  if (error) return tls_failed(error.message());
  if (!is_address(tls.host)) SSL_set_tlsext_host_name(state.tls->native_handle(), tls.host.c_str());
  const auto done = state.wait_for(wait, [&](auto handler) {
    state.tls->async_handshake(asio::ssl::stream_base::client, std::move(handler));
  });
  if (!done) return tls_failed("no answer in time");
  if (*done) return tls_failed(done->message());
  return {};
}

std::string Transport::tls_version() const {
  return state_->tls ? SSL_get_version(state_->tls->native_handle()) : "";
}

Result<void> Transport::write(std::string_view bytes, Duration wait) {
  State& state = *state_;
  if (state.cancelled) return lost("it was cancelled");
  const asio::const_buffer buffer(bytes.data(), bytes.size());
  const auto done = state.wait_for(wait, [&](auto handler) {
    if (state.tls)
      asio::async_write(*state.tls, buffer, std::move(handler));
    else
      asio::async_write(state.socket, buffer, std::move(handler));
  });
  if (state.cancelled) return lost("it was cancelled");
  if (!done) return lost("it takes no bytes");
  if (*done) return lost(done->message());
  return {};
}

bool Transport::is_reading() const { return state_->reading; }

void Transport::begin_read(std::span<char> into) {
  State& state = *state_;
  state.reading = true;
  state.read_done = false;
  const auto handler = [&state](const error_code& error, std::size_t bytes) {
    state.read_done = true;
    state.read_error = error;
    state.read_bytes = bytes;
    state.io.stop();
  };
  state.read_some(asio::buffer(into.data(), into.size()), handler);
}

Result<std::size_t> Transport::finish_read(Duration wait) {
  State& state = *state_;
  if (!state.read_done && !state.cancelled) state.run(wait);
  if (state.cancelled) return lost("it was cancelled");
  if (!state.read_done) return 0;
  state.reading = false;
  if (state.read_bytes != 0) return state.read_bytes;
  return lost(state.read_error.message());
}

void Transport::cancel() {
  State& state = *state_;
  state.cancelled = true;
  asio::post(state.io, [&state] {
    state.abandon();
    state.io.stop();
  });
}

}  // namespace pipeline::mysql::protocol
