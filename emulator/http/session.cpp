#include "emulator/http/session.h"

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "emulator/base/check.h"
#include "emulator/http/response_head.h"

namespace emulator::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t scratch_bytes = 512 * 1024;
constexpr std::size_t unparsed_bytes_max =
    64 * 1024;  // the header of an HTTP chunk is never that long
constexpr std::size_t piece_bytes =
    128 * 1024;  // of a response that is neither in memory nor in a file
// What lies between us and a client: more would only leave the processor's caches before it is
// read.
constexpr int socket_bytes = 256 * 1024;
// An unwanted body up to this size is read and dropped, to keep the connection.
constexpr std::uint64_t skipped_body_bytes_max = 256 * 1024;
// After an answer that comes before the end of the body, go on reading for a while: to close at
// once would reset the connection, and the client might lose the answer.
constexpr std::uint64_t lingering_bytes_max = 256 * 1024 * 1024;
constexpr std::chrono::seconds lingering_time_max{2};

base::HttpResponse plain_text(const Refusal& refusal) {
  base::HttpResponse response;
  response.status = refusal.status;
  response.headers.add("content-type", "text/plain");
  response.body = refusal.reason + "\n";
  return response;
}

}  // namespace

// Not Beast's tcp_stream: its timers and its executor of any kind cost more than a small request
// does.
struct Session::Wire {
  explicit Wire(asio::io_context& io) : socket(io.get_executor()) {}
  asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type> socket;
};

Session::Session(asio::io_context& io, Accepted accepted, SessionContext& context)
    : context_(context),
      wire_(std::make_unique<Wire>(io)),
      remote_address_(std::move(accepted.remote_address)) {
  error_code ignored;  // a socket that cannot be used fails at its first read
  wire_->socket.assign(accepted.is_v6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(),
                       accepted.descriptor, ignored);
  wire_->socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  wire_->socket.set_option(asio::socket_base::send_buffer_size(socket_bytes), ignored);
  wire_->socket.non_blocking(true, ignored);
  context_.sessions.insert(this);
  if (context_.scratch.empty()) context_.scratch.resize(scratch_bytes);
}

Session::~Session() { context_.sessions.erase(this); }

void Session::on_overdue() {
  if (!receiver_ || response_ || timed_out_) return close();
  timed_out_ = true;
  error_code ignored;
  wire_->socket.cancel(ignored);
  refuse(408, "the body stopped coming");
}

void Session::close() {
  error_code ignored;
  wire_->socket.close(ignored);
}

void Session::wind_up() {
  if (idle_) return close();
  if (pending_) guarded([&] { on_answer(pending_->give_up()); });
}

// The tick under way may be nearly over, so one more than fit.
void Session::expire_after(base::Duration duration) {
  deadline_ =
      context_.now_ticks +
      static_cast<std::uint64_t>((duration + context_.tick - base::Duration(1)) / context_.tick) +
      1;
}

void Session::await_request() {
  parser_.reset();
  keep_alive_ = true;
  if (!unparsed().empty()) {  // the client did not wait for the last answer; others may have waited
                              // longer
    if (unparsed_.empty()) unparsed_ = fresh_;
    fresh_ = {};
    return asio::post(wire_->socket.get_executor(),
                      [self = shared_from_this()] { self->begin_head(); });
  }
  idle_ = true;
  if (context_.stopping) return close();
  unparsed_ = {};
  expire_after(context_.options.idle_time_max);
  read_more(&Session::begin_head, &Session::close);
}

// One deadline for the whole head, so that a client that sends a byte now and then does not hold
// the connection.
void Session::begin_head() {
  idle_ = false;
  parser_ = std::make_unique<RequestParser>();
  expire_after(context_.options.head_time_max);
  read_head();
}

void Session::read_head() {
  parse();
  switch (parser_->stage()) {
    case RequestParser::Stage::header:
      return read_more(&Session::read_head, &Session::on_input_end);
    case RequestParser::Stage::failed:
      return refuse(parser_->failure().status, parser_->failure().reason);
    case RequestParser::Stage::body:
    case RequestParser::Stage::complete:
      return on_head();
  }
}

void Session::on_head() {
  keep_alive_ = parser_->keeps_alive();
  base::HttpRequest& request = parser_->request();
  request.remote_address = remote_address_;
  to_head_ = request.method == "HEAD";
  request_length_ = request.content_length;
  guarded([&] {
    context_.before_handling();
    base::Reply reply = context_.handler(std::move(request));
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
    if (parser_->expects_continue() && unparsed().empty()) return send_continue();
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
  return keep_alive_ && !parser_->expects_continue() && request_length_ &&
         *request_length_ <= skipped_body_bytes_max;
}

// The socket's buffer is empty at that moment, so it takes these few bytes at once, or the client
// is gone.
void Session::send_continue() {
  static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  error_code error;
  if (wire_->socket.write_some(asio::buffer(go_on), error) != go_on.size()) return close();
  expire_after(context_.options.body_time_max);
  read_more(&Session::read_body, &Session::on_input_end);
}

void Session::read_body() {
  guarded([&] {
    parse();
    if (parser_->is_stopped()) {
      keep_alive_ = false;
      return send();
    }
    switch (parser_->stage()) {
      case RequestParser::Stage::complete:
        return on_body_end();
      case RequestParser::Stage::failed:
        return refuse(parser_->failure().status, parser_->failure().reason);
      default:
        break;
    }
    if (unparsed().size() > unparsed_bytes_max)
      return refuse(400, "the header of a chunk is too long");
    expire_after(context_.options.body_time_max);
    read_more(&Session::read_body, &Session::on_input_end);
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
  if (!response_) {
    const Refusal refusal{status, std::move(reason), parser_->has_header()};
    response_ = context_.render_refusal ? context_.render_refusal(refusal) : plain_text(refusal);
  }
  keep_alive_ = false;
  send();
}

std::string_view Session::unparsed() const {
  return unparsed_.empty() ? fresh_ : std::string_view(unparsed_);
}

void Session::parse() {
  const std::size_t used = parser_->parse(unparsed());
  if (unparsed_.empty()) {
    fresh_.remove_prefix(used);
  } else {
    unparsed_.erase(0, used);
  }
}

void Session::read_more(Step next, Step at_end) {
  if (unparsed_.empty()) unparsed_ = fresh_;  // another session reads next
  fresh_ = {};
  wire_->socket.async_wait(asio::socket_base::wait_read, [self = shared_from_this(), next, at_end,
                                                          before = timed_out_](error_code error) {
    if (self->timed_out_ != before) return;  // answered meanwhile
    if (error) return self->close();
    self->read_now(next, at_end);
  });
}

void Session::read_now(Step next, Step at_end) {
  error_code error;
  const std::size_t size = wire_->socket.read_some(asio::buffer(context_.scratch), error);
  if (error == asio::error::would_block || error == asio::error::interrupted)
    return read_more(next, at_end);
  if (error == asio::error::eof) return (this->*at_end)();
  if (error) return close();
  fresh_ = {context_.scratch.data(), size};
  if (!unparsed_.empty()) {
    unparsed_ += fresh_;
    fresh_ = {};
  }
  (this->*next)();
}

void Session::await_answer() {
  pending_ = std::move(response_->pending);
  response_.reset();
  watch_for_end(Watch::input);
  pending_->start([session = weak_from_this()](base::HttpResponse answer) {
    if (const auto self = session.lock()) self->on_answer(std::move(answer));
  });
  context_.after_handling();  // it may have planned when to give up
}

// The handler holds the session while it waits.
void Session::watch_for_end(Watch watch) {
  if (unparsed_.empty()) unparsed_ = fresh_;
  fresh_ = {};
  const auto wait =
      watch == Watch::input ? asio::socket_base::wait_read : asio::socket_base::wait_error;
  wire_->socket.async_wait(wait, [self = shared_from_this(), watch](error_code error) {
    if (!self->pending_ || self->response_) return;  // answered
    char next = 0;
    if (!error && watch == Watch::input) {
      self->wire_->socket.receive(asio::buffer(&next, 1), asio::socket_base::message_peek, error);
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
  asio::post(wire_->socket.get_executor(), [self = shared_from_this()] {
    self->pending_.reset();
    error_code ignored;
    if (!self->wire_->socket.is_open()) return;
    self->wire_->socket.cancel(ignored);
    self->guarded([&] { self->send(); });
  });
}

void Session::send() {
  receiver_.reset();
  if (response_->pending) return await_answer();
  if (context_.is_unsettled()) return context_.held.push_back(shared_from_this());
  keep_alive_ = keep_alive_ && !response_->close && !context_.stopping;
  head_ = render_head(*response_, HeadOptions{.now = context_.clock.now(),
                                              .keep_alive = keep_alive_,
                                              .to_http_1_0 = parser_->is_http_1_0(),
                                              .to_head = to_head_});
  piece_ = {};
  body_left_ = 0;
  if (has_body(response_->status, to_head_)) {
    if (response_->stream) {
      body_left_ = response_->stream_length;
    } else {
      piece_ = response_->body;
    }
  }
  expire_after(context_.options.body_time_max);
  guarded([&] { write(); });
}

// What the answer says has become certain, or has not happened.
void Session::on_settled(bool succeeded) {
  if (!wire_->socket.is_open()) return;
  if (succeeded) return guarded([&] { send(); });
  response_.reset();
  refuse(500, "what the request changed could not be stored");
}

// Goes on until all is written or the socket is full; then again when it is not.
void Session::write() {
  while (!head_.empty() || !piece_.empty() || body_left_ > 0) {
    const Written written = write_next();
    if (written == Written::some) continue;
    if (written == Written::failed) return close();
    if (unparsed_.empty()) unparsed_ = fresh_;
    fresh_ = {};
    return wire_->socket.async_wait(asio::socket_base::wait_write,
                                    [self = shared_from_this()](error_code error) {
                                      if (error) return self->close();
                                      self->guarded([&] { self->write(); });
                                    });
  }
  on_response_end();
}

// From memory, head and body in one call; of a file the head, and then the system sends it; else
// read here.
Session::Written Session::write_next() {
  if (piece_.empty() && body_left_ > 0 && !take_piece()) {
    if (head_.empty()) {
      if (const auto sent = send_file()) return *sent;
    }
    // A source that ends early breaks the promised length: the client must not take it for the
    // whole.
    if ((head_.empty() || body_left_ <= piece_bytes) && !read_piece()) return Written::failed;
  }
  return write_some();
}

bool Session::take_piece() {
  piece_ = response_->stream->take(body_left_);
  body_left_ -= piece_.size();
  return !piece_.empty();
}

bool Session::read_piece() {
  piece_bytes_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(piece_bytes, body_left_)));
  piece_ = {piece_bytes_.data(), response_->stream->read(piece_bytes_)};
  body_left_ -= piece_.size();
  return !piece_.empty();
}

std::optional<Session::Written> Session::send_file() {
  const auto sent = response_->stream->send_to(wire_->socket.native_handle(), body_left_);
  if (!sent) return std::nullopt;
  if (!*sent) return Written::failed;
  if (**sent == 0) return Written::nothing_now;
  expire_after(context_.options.body_time_max);
  body_left_ -= **sent;
  return Written::some;
}

Session::Written Session::write_some() {
  const std::array buffers{asio::const_buffer(head_.data(), head_.size()),
                           asio::const_buffer(piece_.data(), piece_.size())};
  const bool more = piece_.empty() && body_left_ > 0;  // follows at once, and shares a packet
  error_code error;
  const std::size_t size = wire_->socket.send(buffers, more ? MSG_MORE : 0, error);
  if (error == asio::error::would_block || error == asio::error::interrupted)
    return Written::nothing_now;
  if (error) return Written::failed;
  expire_after(context_.options.body_time_max);
  const std::size_t of_head = std::min(size, head_.size());
  head_.erase(0, of_head);
  piece_.remove_prefix(size - of_head);
  return Written::some;
}

void Session::on_response_end() {
  response_.reset();
  piece_bytes_ = {};
  if (keep_alive_) return await_request();
  error_code ignored;
  wire_->socket.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  if (parser_->stage() == RequestParser::Stage::complete) return close();
  expire_after(lingering_time_max);
  linger();
}

void Session::linger() {
  lingered_bytes_ += unparsed().size();
  unparsed_ = {};
  fresh_ = {};
  if (lingered_bytes_ > lingering_bytes_max) return close();
  read_more(&Session::linger, &Session::close);
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
