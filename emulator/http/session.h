#pragma once
// One connection: reads a request, asks the handler, writes the response, and again. Internal to
// this folder. Sessions are held by shared_ptr, because each one lives as long as the last
// operation that Asio still has to complete for it.

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
  std::function<base::HttpResponse(const Refusal&)> render_refusal = {};
  // Group commit: an answer that comes while something is unsettled is held until that is.
  std::function<bool()> is_unsettled = [] { return false; };
  std::vector<std::shared_ptr<Session>> held = {};
  bool stopping = false;
  std::set<Session*> sessions = {};
  // Deadlines are counted in ticks of the server: one timer for all connections, and no clock is
  // read for them.
  std::uint64_t now_ticks = 0;
  base::Duration tick = std::chrono::seconds(1);
  std::vector<char> scratch =
      {};  // what has just been read, of whichever session: none holds a buffer while it waits
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  // Takes over the descriptor of a connected TCP socket, an IPv6 one if is_v6.
  struct Accepted {
    int descriptor;
    bool is_v6;
    std::string remote_address;
  };
  Session(boost::asio::io_context& io, Accepted accepted, SessionContext& context);
  ~Session();

  void start() { await_request(); }
  bool is_idle() const { return idle_; }
  bool is_overdue() const { return !pending_ && context_.now_ticks >= deadline_; }
  std::uint64_t deadline() const { return deadline_; }
  // Who stops in the middle of a body is told so (408), if what he has to read gets through.
  void on_overdue();
  void on_settled(bool succeeded);
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
  void expire_after(base::Duration duration);
  // Parses what has been read, and keeps what the parser leaves.
  void parse();
  std::string_view unparsed() const;
  // Waits until there is something to read and reads it, then goes on with `next`; at the end of
  // input with `at_end`.
  void read_more(Step next, Step at_end);
  void read_now(Step next, Step at_end);

  // Waiting for an answer that comes later: only the end of the connection is of interest
  // meanwhile.
  enum class Watch { input, error };
  void await_answer();
  void watch_for_end(Watch watch);
  void on_answer(base::HttpResponse answer);

  // Writing: the head with the first piece of the body, then the other pieces.
  void send();
  void write();
  enum class Written {
    some,
    nothing_now,
    failed
  };  // nothing_now: the socket takes no more for now
  Written write_next();
  Written write_some();
  std::optional<Written> send_file();  // nullopt: the next bytes lie in none
  bool take_piece();
  bool read_piece();
  void on_response_end();
  void linger();

  // Runs what a handler does. An exception that gets out of it costs this connection, not the
  // server.
  template <class Work>
  void guarded(Work work);

  struct Wire;  // the socket, of Asio: session.cpp

  SessionContext& context_;
  std::unique_ptr<Wire> wire_;
  std::unique_ptr<RequestParser> parser_;  // none between requests
  std::unique_ptr<base::BodyReceiver> receiver_;
  std::unique_ptr<base::PendingResponse> pending_;
  std::optional<base::HttpResponse> response_;
  std::string remote_address_;
  std::string unparsed_;         // was read, but not used yet
  std::string_view fresh_;       // the same, while it still lies in the scratch
  std::string head_;             // what is still to be written: this,
  std::string_view piece_;       // then this, which lies in the response or in piece_bytes_,
  std::uint64_t body_left_ = 0;  // and so much behind it, of a response's stream
  std::vector<char> piece_bytes_;
  std::uint64_t deadline_ = 0;  // in ticks
  std::uint64_t lingered_bytes_ = 0;
  std::optional<std::uint64_t> request_length_;
  bool keep_alive_ = true;
  bool to_head_ = false;
  bool idle_ = true;        // between requests
  bool timed_out_ = false;  // no more of the body is read
};

}  // namespace emulator::http
