#pragma once
// One connection: reads a request, asks the handler, writes the response, and again. Internal to this folder. Sessions are
// held by shared_ptr, because each one lives as long as the last operation that Asio still has to complete for it.

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/http_message.h"
#include "emulator/http/request_parser.h"
#include "emulator/http/server.h"

namespace boost::asio {
class io_context;
}

namespace emulator::http {

class Session;

// What the sessions of one server share.
struct SessionContext {
  base::HttpHandler handler;
  const sim::Clock& clock;
  ServerOptions options;
  std::function<void()> before_handling = [] {};
  std::function<void()> after_handling = [] {};
  bool stopping = false;
  std::set<Session*> sessions = {};
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  // Takes over the descriptor of a connected TCP socket, an IPv6 one if is_v6.
  struct Accepted {
    int descriptor;
    bool is_v6;
  };
  Session(boost::asio::io_context& io, Accepted socket, SessionContext& context);
  ~Session();

  void start() { await_request(); }
  // The server stops: an idle connection closes, one that waits for its answer gets what there is.
  void wind_up();
  void close();

 private:
  using Step = void (Session::*)();

  // Reading: the head, then the body if there is one.
  void await_request();
  void begin_head();
  void read_head();
  void on_head();
  void take_reply(base::Reply reply);
  void send_continue();
  void read_body();
  void on_body_end();
  void on_input_end();
  void refuse(int status, std::string reason);
  bool may_skip_body() const;
  std::size_t parse();
  // Reads up to bytes_max more bytes into the buffer, then goes on with `next`; at the end of input with `at_end`.
  void read_more(std::size_t bytes_max, Step next, Step at_end);

  // Waiting for an answer that comes later: only the end of the connection is of interest meanwhile.
  enum class Watch { input, error };
  void await_answer();
  void watch_for_end(Watch watch);
  void on_answer(base::HttpResponse answer);

  // Writing: the head with the first piece of the body, then the other pieces.
  void send();
  void write(std::string_view body);
  void write_next_piece();
  std::string_view next_piece();
  void on_response_end();
  void linger();

  // Runs what a handler does. An exception that gets out of it costs this connection, not the server.
  template <class Work>
  void guarded(Work work);

  struct Wire;  // the stream and what was read ahead, of Beast: session.cpp

  SessionContext& context_;
  std::unique_ptr<Wire> wire_;
  std::optional<RequestParser> parser_;
  std::unique_ptr<base::BodyReceiver> receiver_;
  std::unique_ptr<base::PendingResponse> pending_;
  std::optional<base::HttpResponse> response_;
  std::string head_;
  std::vector<char> piece_;
  std::uint64_t body_left_ = 0;  // of a response's stream
  std::uint64_t lingered_bytes_ = 0;
  bool keep_alive_ = true;
  bool idle_ = true;  // between requests
};

}  // namespace emulator::http
