#pragma once
// HTTP requests and responses as plain values: what emulator/http reads off a socket and what
// services answer, with no socket in sight. Bodies stream both ways: a request body is handed on as
// it arrives, a response body is read as the socket takes it.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/base/result.h"

namespace emulator::base {

// Headers in order; names in lower case (the parser lowers them).
class Headers {
 public:
  void add(std::string name, std::string value) {
    all_.emplace_back(std::move(name), std::move(value));
  }
  void reserve(std::size_t count) { all_.reserve(count); }
  void set(std::string_view name, std::string value);  // replaces every one of that name
  // The first of that name; empty and has() false if there is none. `name` in lower case.
  std::string_view get(std::string_view name) const;
  std::optional<std::string_view> find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name).has_value(); }
  std::size_t count(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return all_; }

 private:
  std::vector<std::pair<std::string, std::string>> all_;
};

struct HttpRequest {
  std::string method;  // as sent: "GET"
  std::string path;    // as sent, still percent-encoded: "/bucket/a%20b"
  std::string query;   // as sent, without '?'
  Headers headers;
  std::string remote_address;  // "127.0.0.1"
  std::optional<std::uint64_t> content_length;
  bool chunked = false;  // Transfer-Encoding: chunked

  // The value of a query parameter, decoded; a bare name has the value "". Nullopt: not there.
  std::optional<std::string> parameter(std::string_view name) const;
  std::vector<std::pair<std::string, std::string>> parameters() const;  // all, decoded, in order
};

// A body to be sent, piece by piece.
class BodySource {
 public:
  virtual ~BodySource() = default;
  // Zero bytes read = the end.
  virtual std::size_t read(std::span<char> into) = 0;
  // The next bytes, at most bytes_max, where they lie in memory, until the next call; empty: they
  // have to be read.
  virtual std::string_view take(std::uint64_t bytes_max) {
    return static_cast<void>(bytes_max), std::string_view();
  }
  // Where the next bytes lie in a file it sends them itself, at most bytes_max of them, to a socket
  // that does not block. 0: that takes no more for now; an Error: they cannot be had or sent;
  // nullopt: they do not lie in a file.
  virtual std::optional<Result<std::size_t>> send_to(int socket, std::uint64_t bytes_max) {
    return static_cast<void>(socket), static_cast<void>(bytes_max), std::nullopt;
  }
};

struct HttpResponse;

// An answer that is not there yet: a long poll. Destroyed before it has answered: the client has
// gone and nobody wants it any more.
class PendingResponse {
 public:
  virtual ~PendingResponse() = default;
  // Called once. `respond` is called once, inside start() or later on the same thread.
  virtual void start(std::function<void(HttpResponse)> respond) = 0;
  // The server stops: the answer as it stands. `respond` is not called any more.
  virtual HttpResponse give_up() = 0;
};

struct HttpResponse {
  int status = 200;
  Headers headers;                     // Content-Length, Date, Connection are added by the server
  std::string body;                    // used if there is no stream
  std::unique_ptr<BodySource> stream;  // of exactly stream_length bytes
  std::uint64_t stream_length = 0;
  bool close = false;  // close the connection after it
  std::unique_ptr<PendingResponse> pending =
      nullptr;  // if set, it gives the response, and the rest of this one is not used
};

// Takes a request's body as it arrives. A response from data() ends the exchange early (the rest of
// the body is not read and the connection closes); otherwise finish() is called once, after the
// last byte. aborted: the client went away or the body was cut short; `finish` will not come.
class BodyReceiver {
 public:
  virtual ~BodyReceiver() = default;
  virtual std::optional<HttpResponse> data(std::string_view piece) = 0;
  virtual HttpResponse finish() = 0;
};

// What a handler answers to a request's head: the response at once (no body wanted: a client that
// waits for 100 Continue does not get one), or a receiver for the body.
struct Reply {
  std::optional<HttpResponse> response;
  std::unique_ptr<BodyReceiver> receiver;

  static Reply now(HttpResponse r) { return Reply{std::move(r), nullptr}; }
  static Reply after_body(std::unique_ptr<BodyReceiver> r) {
    return Reply{std::nullopt, std::move(r)};
  }
};
// The request is the handler's to keep.
using HttpHandler = std::function<Reply(HttpRequest)>;

// A receiver that collects the whole body (at most `bytes_max`, beyond it `too_large()` answers)
// and then calls `done`.
Reply collect_body(std::size_t bytes_max, std::function<HttpResponse()> too_large,
                   std::function<HttpResponse(std::string)> done);

}  // namespace emulator::base
