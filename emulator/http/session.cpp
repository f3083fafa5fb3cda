#include "emulator/http/session.h"

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <exception>
#include <utility>

#include "emulator/base/check.h"
#include "emulator/http/response_head.h"

namespace emulator::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t head_read_bytes = 16 * 1024;
constexpr std::size_t body_read_bytes = 64 * 1024;
constexpr std::size_t unparsed_bytes_max = 64 * 1024;  // the header of an HTTP chunk is never that long
constexpr std::size_t piece_bytes = 128 * 1024;        // of a streamed response
// An unwanted body up to this size is read and dropped, to keep the connection.
constexpr std::uint64_t skipped_body_bytes_max = 256 * 1024;
// After an answer that comes before the end of the body, go on reading for a while: to close at once would reset the
// connection, and the client might lose the answer.
constexpr std::uint64_t lingering_bytes_max = 256 * 1024 * 1024;
constexpr std::chrono::seconds lingering_time_max{2};

base::HttpResponse plain_text(int status, std::string reason) {
  base::HttpResponse response;
  response.status = status;
  response.headers.add("content-type", "text/plain");
  response.body = std::move(reason) + "\n";
  return response;
}

}  // namespace

struct Session::Wire {
  explicit Wire(asio::io_context& io) : stream(io) {}
  boost::beast::tcp_stream stream;
  boost::beast::flat_buffer buffer;
};

Session::Session(asio::io_context& io, Accepted socket, SessionContext& context)
    : context_(context), wire_(std::make_unique<Wire>(io)) {
  error_code ignored;  // a socket that cannot be used fails at its first read
  wire_->stream.socket().assign(socket.is_v6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), socket.descriptor, ignored);
  wire_->stream.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  context_.sessions.insert(this);
}

Session::~Session() { context_.sessions.erase(this); }

void Session::close() {
  error_code ignored;
  wire_->stream.socket().close(ignored);
}

void Session::wind_up() {
  if (idle_) return close();
  if (pending_) guarded([&] { on_answer(pending_->give_up()); });
}

void Session::await_request() {
  parser_.emplace();
  keep_alive_ = true;
  if (wire_->buffer.size() > 0) return begin_head();  // the client did not wait for the last answer
  idle_ = true;
  if (context_.stopping) return close();
  wire_->stream.expires_after(context_.options.idle_time_max);
  read_more(head_read_bytes, &Session::begin_head, &Session::close);
}

// One deadline for the whole head, so that a client that sends a byte now and then does not hold the connection.
void Session::begin_head() {
  idle_ = false;
  wire_->stream.expires_after(context_.options.head_time_max);
  read_head();
}

void Session::read_head() {
  parse();
  switch (parser_->stage()) {
    case RequestParser::Stage::header: return read_more(head_read_bytes, &Session::read_head, &Session::on_input_end);
    case RequestParser::Stage::failed: return refuse(parser_->failure().status, parser_->failure().reason);
    case RequestParser::Stage::body:
    case RequestParser::Stage::complete: return on_head();
  }
}

void Session::on_head() {
  keep_alive_ = parser_->keeps_alive();
  error_code ignored;
  parser_->request().remote_address = wire_->stream.socket().remote_endpoint(ignored).address().to_string(ignored);
  guarded([&] {
    context_.before_handling();
    base::Reply reply = context_.handler(parser_->request());
    context_.after_handling();
    take_reply(std::move(reply));
  });
}

void Session::take_reply(base::Reply reply) {
  const bool has_all = parser_->stage() == RequestParser::Stage::complete;
  if (reply.receiver) {
    receiver_ = std::move(reply.receiver);
    parser_->set_body_sink([this](std::string_view piece) {
      response_ = receiver_->data(piece);
      return !response_;
    });
    if (has_all) return on_body_end();
    if (parser_->expects_continue() && wire_->buffer.size() == 0) return send_continue();
    return read_body();
  }
  CHECK(reply.response);
  response_ = std::move(reply.response);
  if (has_all) return send();
  if (may_skip_body()) return read_body();
  keep_alive_ = false;
  send();
}

bool Session::may_skip_body() const {
  const auto length = parser_->request().content_length;
  return keep_alive_ && !parser_->expects_continue() && length && *length <= skipped_body_bytes_max;
}

void Session::send_continue() {
  static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  wire_->stream.expires_after(context_.options.body_time_max);
  asio::async_write(wire_->stream, asio::buffer(go_on), [self = shared_from_this()](error_code error, std::size_t) {
    if (!error) self->read_body();
  });
}

void Session::read_body() {
  guarded([&] {
    parse();
    if (parser_->is_stopped()) {
      keep_alive_ = false;
      return send();
    }
    switch (parser_->stage()) {
      case RequestParser::Stage::complete: return on_body_end();
      case RequestParser::Stage::failed: return refuse(parser_->failure().status, parser_->failure().reason);
      default: break;
    }
    if (wire_->buffer.size() > unparsed_bytes_max) return refuse(400, "the header of a chunk is too long");
    wire_->stream.expires_after(context_.options.body_time_max);
    read_more(body_read_bytes, &Session::read_body, &Session::on_input_end);
  });
}

void Session::on_body_end() {
  if (!receiver_) return send();  // the body was skipped
  guarded([&] {
    context_.before_handling();
    response_ = receiver_->finish();
    context_.after_handling();
    send();
  });
}

void Session::on_input_end() {
  parser_->end_of_input();
  if (parser_->stage() != RequestParser::Stage::failed) return close();
  refuse(parser_->failure().status, parser_->failure().reason);
}

// Answers what is no request, or none that goes on. Who was taking its body hears no more of it.
void Session::refuse(int status, std::string reason) {
  receiver_.reset();
  if (!response_) response_ = plain_text(status, std::move(reason));
  keep_alive_ = false;
  send();
}

std::size_t Session::parse() {
  const auto bytes = wire_->buffer.data();
  const std::size_t used = parser_->parse({static_cast<const char*>(bytes.data()), bytes.size()});
  wire_->buffer.consume(used);
  return used;
}

void Session::read_more(std::size_t bytes_max, Step next, Step at_end) {
  wire_->stream.async_read_some(wire_->buffer.prepare(bytes_max),
                          [self = shared_from_this(), next, at_end](error_code error, std::size_t bytes) {
                            if (error == asio::error::eof) return (*self.*at_end)();
                            if (error) return self->close();
                            self->wire_->buffer.commit(bytes);
                            (*self.*next)();
                          });
}

void Session::await_answer() {
  pending_ = std::move(response_->pending);
  response_.reset();
  wire_->stream.expires_never();
  watch_for_end(Watch::input);
  pending_->start([session = weak_from_this()](base::HttpResponse answer) {
    if (const auto self = session.lock()) self->on_answer(std::move(answer));
  });
  context_.after_handling();  // it may have planned when to give up
}

// The handler holds the session while it waits.
void Session::watch_for_end(Watch watch) {
  using Socket = asio::ip::tcp::socket;
  const auto wait = watch == Watch::input ? Socket::wait_read : Socket::wait_error;
  wire_->stream.socket().async_wait(wait, [self = shared_from_this(), watch](error_code error) {
    if (!self->pending_ || self->response_) return;  // answered
    char next = 0;
    if (!error && watch == Watch::input) {
      self->wire_->stream.socket().receive(asio::buffer(&next, 1), Socket::message_peek, error);
      if (!error) return self->watch_for_end(Watch::error);  // the next request, ahead of its time
    }
    self->pending_.reset();
    self->close();
  });
}

// Out of the service that answers, whose pending response goes now.
void Session::on_answer(base::HttpResponse answer) {
  if (response_ || !pending_) return;
  response_ = std::move(answer);
  asio::post(wire_->stream.get_executor(), [self = shared_from_this()] {
    self->pending_.reset();
    error_code ignored;
    if (!self->wire_->stream.socket().is_open()) return;
    self->wire_->stream.socket().cancel(ignored);
    self->guarded([&] { self->send(); });
  });
}

void Session::send() {
  receiver_.reset();
  if (response_->pending) return await_answer();
  keep_alive_ = keep_alive_ && !response_->close && !context_.stopping;
  const bool to_head = parser_->request().method == "HEAD";
  head_ = render_head(*response_, HeadOptions{.now = context_.clock.now(),
                                              .keep_alive = keep_alive_,
                                              .to_http_1_0 = parser_->is_http_1_0(),
                                              .to_head = to_head});
  body_left_ = 0;
  if (!has_body(response_->status, to_head)) return write({});
  if (!response_->stream) return write(response_->body);
  body_left_ = response_->stream_length;
  piece_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(piece_bytes, body_left_)));
  write(next_piece());
}

std::string_view Session::next_piece() {
  const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece_.size(), body_left_));
  const std::size_t size = wanted == 0 ? 0 : response_->stream->read(std::span<char>(piece_.data(), wanted));
  return {piece_.data(), size};
}

void Session::write(std::string_view body) {
  if (body_left_ > 0) {
    // A source that ends early breaks the promised length: the client must not take it for the whole.
    if (body.empty()) return close();
    body_left_ -= body.size();
  }
  wire_->stream.expires_after(context_.options.body_time_max);
  const std::array buffers{asio::const_buffer(head_.data(), head_.size()), asio::const_buffer(body.data(), body.size())};
  asio::async_write(wire_->stream, buffers, [self = shared_from_this()](error_code error, std::size_t) {
    if (error) return self->close();
    self->write_next_piece();
  });
}

void Session::write_next_piece() {
  head_.clear();
  if (body_left_ == 0) return on_response_end();
  guarded([&] { write(next_piece()); });
}

void Session::on_response_end() {
  response_.reset();
  piece_ = {};
  if (keep_alive_) return await_request();
  error_code ignored;
  wire_->stream.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  if (parser_->stage() == RequestParser::Stage::complete) return close();
  wire_->stream.expires_after(lingering_time_max);
  linger();
}

void Session::linger() {
  lingered_bytes_ += wire_->buffer.size();
  wire_->buffer.consume(wire_->buffer.size());
  if (lingered_bytes_ > lingering_bytes_max) return close();
  read_more(body_read_bytes, &Session::linger, &Session::close);
}

template <class Work>
void Session::guarded(Work work) {
  try {
    work();
  } catch (const std::exception&) {
    close();
  }
}

}  // namespace emulator::http
