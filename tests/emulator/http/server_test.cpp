// The server over real sockets, on a port that the system chooses.

#include "emulator/http/server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <numeric>
#include <thread>

#include "emulator/base/file.h"
#include "emulator/sim/scheduler.h"
#include "tests/emulator/http/client.h"
#include "tests/temporary_folder.h"

namespace emulator::http {
namespace {

using base::HttpRequest;
using base::HttpResponse;
using base::Reply;

class FixedClock final : public sim::Clock {
 public:
  base::Instant now() const override {
    return base::Instant(std::chrono::seconds(1767225600));
  }  // 2026-01-01
};

HttpResponse text(std::string body, int status = 200) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

// `size` bytes of a pattern, of which only the first `given` come.
class PatternSource final : public base::BodySource {
 public:
  explicit PatternSource(std::uint64_t given) : left_(given) {}
  std::size_t read(std::span<char> into) override {
    const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left_));
    for (std::size_t i = 0; i < size; ++i) into[i] = static_cast<char>('a' + (position_ + i) % 23);
    position_ += size;
    left_ -= size;
    return size;
  }

 private:
  std::uint64_t left_;
  std::uint64_t position_ = 0;
};

HttpResponse pattern(std::uint64_t promised, std::uint64_t given) {
  HttpResponse response;
  response.stream = std::make_unique<PatternSource>(given);
  response.stream_length = promised;
  return response;
}

Reply echo(const HttpRequest&) {
  return base::collect_body(
      1 << 20, [] { return text("too large", 413); },
      [](std::string body) { return text(std::move(body)); });
}

// A server on a thread of its own; the handler runs there.
class Running {
 public:
  explicit Running(base::HttpHandler handler, const ServerOptions& options = {},
                   const sim::Clock& clock = fixed_clock())
      : server(std::move(handler), clock, options) {
    port = server.listen("127.0.0.1", 0).value();
  }
  ~Running() { finish(); }
  void start() {
    thread_ = std::thread([this] { server.run(); });
  }
  void finish() {
    if (!thread_.joinable()) return;
    server.stop();
    thread_.join();
  }

  Server server;
  std::uint16_t port = 0;

 private:
  static const sim::Clock& fixed_clock() {
    static const FixedClock clock;
    return clock;
  }
  std::thread thread_;
};

std::unique_ptr<Running> serve(base::HttpHandler handler, const ServerOptions& options = {}) {
  auto running = std::make_unique<Running>(std::move(handler), options);
  running->start();
  return running;
}

std::string ask(std::uint16_t port, std::string_view request) {
  Client client(port);
  client.say(request);
  return client.hear_response();
}

const std::string host = "Host: h\r\n";

TEST(Server, AnswersWithDateServerAndLength) {
  const auto running = serve([](const HttpRequest& request) {
    HttpResponse response = text(request.method + " " + request.path + " " + request.query + " " +
                                 request.remote_address);
    response.headers.add("x-amz-request-id", "F00");
    return Reply::now(std::move(response));
  });
  EXPECT_EQ(ask(running->port, "GET /a//../b%20?x=1 HTTP/1.1\r\n" + host + "\r\n"),
            "HTTP/1.1 200 OK\r\nx-amz-request-id: F00\r\nContent-Length: 29\r\nDate: Thu, 01 Jan "
            "2026 00:00:00 GMT\r\n"
            "Server: sluice\r\n\r\nGET /a//../b%20 x=1 127.0.0.1");
}

TEST(Server, SpellsTheNamesOfHeadersAsTheServersOfAwsDo) {
  const auto running = serve([](const HttpRequest&) {
    HttpResponse response;
    for (const char* name : {"etag", "last-modified", "x-amz-meta-a", "access-control-max-age"})
      response.headers.add(name, "1");
    return Reply::now(std::move(response));
  });
  const std::string head = ask(running->port, "GET / HTTP/1.1\r\n" + host + "\r\n");
  for (const char* name : {"ETag", "Last-Modified", "x-amz-meta-a", "Access-Control-Max-Age"})
    EXPECT_NE(head.find("\r\n" + std::string(name) + ": 1\r\n"), std::string::npos) << head;
}

TEST(Server, KeepsTheConnectionAndAnswersInOrder) {
  const auto running =
      serve([](const HttpRequest& request) { return Reply::now(text(request.path)); });
  Client client(running->port);
  for (int i = 0; i < 3; ++i) {
    client.say("GET /once HTTP/1.1\r\n" + host + "\r\n");
    EXPECT_TRUE(client.hear_response().ends_with("\r\n\r\n/once"));
  }
  // Several at once, before any answer.
  client.say("GET /1 HTTP/1.1\r\n" + host + "\r\nGET /2 HTTP/1.1\r\n" + host +
             "\r\nGET /3 HTTP/1.1\r\n" + host + "\r\n");
  EXPECT_TRUE(client.hear_response().ends_with("/1"));
  EXPECT_TRUE(client.hear_response().ends_with("/2"));
  EXPECT_TRUE(client.hear_response().ends_with("/3"));
}

TEST(Server, ClosesWhenTheClientOrTheHandlerWishesSo) {
  const auto running = serve([](const HttpRequest& request) {
    HttpResponse response = text("x");
    response.close = request.path == "/close";
    return Reply::now(std::move(response));
  });
  for (const char* request : {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
                              "GET /close HTTP/1.1\r\nHost: h\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"}) {
    Client client(running->port);
    client.say(request);
    const std::string answer = client.hear_all();  // ends only if the server closes
    EXPECT_EQ(Client::header(answer, "connection"), "close");
    EXPECT_TRUE(answer.ends_with("\r\n\r\nx"));
  }
  Client old(running->port);
  old.say("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(Client::header(old.hear_response(), "connection"), "keep-alive");
}

TEST(Server, HandsBodiesOnByLengthAndByChunks) {
  const auto running = serve(echo);
  Client client(running->port);
  const std::string body(300'000, 'b');
  client.say("PUT /k HTTP/1.1\r\n" + host + "Content-Length: 300000\r\n\r\n" + body);
  EXPECT_TRUE(client.hear_response().ends_with("\r\n\r\n" + body));
  client.say("PUT /k HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n");
  for (char byte : std::string("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"))
    client.say(std::string(1, byte));
  EXPECT_TRUE(client.hear_response().ends_with("\r\n\r\nabcde"));
  client.say("PUT /k HTTP/1.1\r\n" + host + "Content-Length: 0\r\n\r\n");
  EXPECT_EQ(Client::header(client.hear_response(), "content-length"), "0");
}

TEST(Server, AsksForTheBodyOnlyIfTheHandlerWantsIt) {
  const auto running = serve([](const HttpRequest& request) {
    return request.path == "/wanted" ? echo(request) : Reply::now(text("no such bucket", 404));
  });
  Client wanted(running->port);
  wanted.say("PUT /wanted HTTP/1.1\r\n" + host +
             "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(wanted.hear_head(), "HTTP/1.1 100 Continue\r\n\r\n");
  wanted.say("abc");
  EXPECT_TRUE(wanted.hear_response().ends_with("\r\n\r\nabc"));

  Client unwanted(running->port);
  unwanted.say("PUT /unwanted HTTP/1.1\r\n" + host +
               "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  const std::string answer = unwanted.hear_all();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 404 Not Found\r\n")) << answer;
  EXPECT_EQ(Client::header(answer, "connection"), "close");

  Client unasked(running->port);
  unasked.say("PUT /wanted HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\nabc");
  EXPECT_TRUE(unasked.hear_head().starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST(Server, KeepsTheConnectionAfterASmallBodyThatNobodyWanted) {
  const auto running = serve([](const HttpRequest&) { return Reply::now(text("no", 403)); });
  Client client(running->port);
  for (int i = 0; i < 2; ++i) {
    client.say("PUT /k HTTP/1.1\r\n" + host + "Content-Length: 5\r\n\r\nabcde");
    EXPECT_TRUE(client.hear_response().starts_with("HTTP/1.1 403 Forbidden\r\n"));
  }
}

TEST(Server, AnswersALargeUnwantedBodyAtOnceAndLetsTheClientFinish) {
  const auto running = serve([](const HttpRequest&) { return Reply::now(text("no", 403)); });
  Client client(running->port);
  client.say("PUT /k HTTP/1.1\r\n" + host + "Content-Length: 8000000\r\n\r\n");
  EXPECT_TRUE(client.say(std::string(8'000'000, 'x')));
  client.say_no_more();
  const std::string answer = client.hear_all();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 403 Forbidden\r\n")) << answer;
  EXPECT_EQ(Client::header(answer, "connection"), "close");
}

TEST(Server, EndsAnExchangeEarlyIfTheReceiverSaysSo) {
  const auto running = serve(echo);
  Client client(running->port);
  client.say("PUT /k HTTP/1.1\r\n" + host + "Content-Length: 4000000\r\n\r\n" +
             std::string(4'000'000, 'x'));
  client.say_no_more();
  const std::string answer = client.hear_all();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 413 Content Too Large\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("too large"));
}

TEST(Server, TellsHeadTheLengthAndSendsNoBody) {
  const auto running = serve([](const HttpRequest& request) {
    if (request.path == "/stated") {
      HttpResponse response;
      response.headers.add("content-length", "77");
      return Reply::now(std::move(response));
    }
    return Reply::now(request.path == "/stream"
                          ? pattern(5000, 5000)
                          : text("12345", request.path == "/absent" ? 404 : 200));
  });
  Client client(running->port);
  for (const auto& [path, length] :
       {std::pair("/", "5"), {"/stream", "5000"}, {"/stated", "77"}, {"/absent", "5"}}) {
    client.say("HEAD " + std::string(path) + " HTTP/1.1\r\n" + host + "\r\n");
    EXPECT_EQ(Client::header(client.hear_head(), "content-length"), length);
  }
  client.say("GET / HTTP/1.1\r\n" + host + "\r\n");
  EXPECT_TRUE(client.hear_response().starts_with("HTTP/1.1 200 OK"))
      << "bytes of a body were left in between";
}

TEST(Server, SendsNeitherBodyNorLengthWith204And304) {
  const auto running = serve([](const HttpRequest& request) {
    return Reply::now(text("hidden", request.path == "/204" ? 204 : 304));
  });
  Client client(running->port);
  for (const char* path : {"/204", "/304", "/204"}) {
    client.say("GET " + std::string(path) + " HTTP/1.1\r\n" + host + "\r\n");
    const std::string head = client.hear_head();
    EXPECT_EQ(head.substr(8, 4), " " + std::string(path).substr(1));
    EXPECT_EQ(Client::header(head, "content-length"), "");
  }
}

TEST(Server, StreamsLargeBodies) {
  constexpr std::uint64_t size = 30'000'000;
  const auto running = serve([](const HttpRequest&) { return Reply::now(pattern(size, size)); });
  Client client(running->port);
  for (int i = 0; i < 2; ++i) {
    client.say("GET / HTTP/1.1\r\n" + host + "\r\n");
    EXPECT_EQ(Client::header(client.hear_head(), "content-length"), std::to_string(size));
    const std::string body = client.hear(size);
    ASSERT_EQ(body.size(), size);
    std::string expected(size, '\0');
    PatternSource(size).read(expected);
    EXPECT_TRUE(body == expected);
  }
}

TEST(Server, CutsTheConnectionIfAStreamEndsEarly) {
  const auto running =
      serve([](const HttpRequest&) { return Reply::now(pattern(1'000'000, 300'000)); });
  Client client(running->port);
  client.say("GET / HTTP/1.1\r\n" + host + "\r\n");
  client.hear_head();
  EXPECT_LT(client.hear_all().size(), 1'000'000u);
}

TEST(Server, LetsNoHeaderValueBeginANewLine) {
  const auto running = serve([](const HttpRequest&) {
    HttpResponse response;
    response.headers.add("x-amz-meta-note", "a\r\nset-cookie: b");
    return Reply::now(std::move(response));
  });
  EXPECT_EQ(
      Client::header(ask(running->port, "GET / HTTP/1.1\r\n" + host + "\r\n"), "x-amz-meta-note"),
      "a  set-cookie: b");
}

TEST(Server, AnswersMalformedRequestsWith400AndCloses) {
  const auto running = serve([](const HttpRequest&) { return Reply::now(text("never")); });
  for (const char* request : {"\x16\x03\x01 hello\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
                              "GET / HTTP/9.9\r\nHost: h\r\n\r\n"}) {
    Client client(running->port);
    client.say(request);
    EXPECT_TRUE(client.hear_all().starts_with("HTTP/1.1 400 Bad Request\r\n"));
  }
}

TEST(Server, Answers400IfTheBodyEndsEarly) {
  std::atomic<bool> finished = false;
  const auto running = serve([&](const HttpRequest&) {
    return base::collect_body(
        1 << 20, [] { return text("too large", 413); },
        [&](std::string) {
          finished = true;
          return text("stored");
        });
  });
  Client client(running->port);
  client.say("PUT /k HTTP/1.1\r\n" + host + "Content-Length: 10\r\n\r\nabc");
  client.say_no_more();
  EXPECT_TRUE(client.hear_all().starts_with("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_FALSE(finished);
}

TEST(Server, ClosesSlowAndIdleConnections) {
  const auto running = serve(echo, {.idle_time_max = std::chrono::milliseconds(30),
                                    .head_time_max = std::chrono::milliseconds(30),
                                    .body_time_max = std::chrono::milliseconds(30)});
  for (const char* beginning : {"", "GET / HT"}) {
    Client client(running->port);
    client.say(beginning);
    EXPECT_EQ(client.hear_all(), "") << beginning;
  }
  // Bytes that trickle in do not prolong the time for a head.
  Client client(running->port);
  int trickled = 0;
  while (!client.hears_something_within(5) && trickled < 4000) {
    client.say("x");
    ++trickled;
  }
  EXPECT_LT(trickled, 4000);
}

TEST(Server, SaysThatABodyStoppedComingAndCloses) {
  const auto running = serve(echo, {.body_time_max = std::chrono::milliseconds(30)});
  for (const char* sent : {"", "a"}) {
    Client client(running->port);
    client.say("PUT /k HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\n" + sent);
    EXPECT_TRUE(client.hear_all().starts_with("HTTP/1.1 408 Request Timeout\r\n")) << sent;
  }
}

TEST(Server, ClosesOnAClientThatStopsReading) {
  const auto running =
      serve([](const HttpRequest&) { return Reply::now(pattern(1 << 30, 1 << 30)); },
            {.body_time_max = std::chrono::milliseconds(30)});
  Client client(running->port);
  client.say("GET / HTTP/1.1\r\n" + host + "\r\n");
  running->finish();  // returns once the connection is gone: nobody has read from it
  EXPECT_LT(client.hear_all().size(), std::size_t{1} << 30);
}

TEST(Server, AnswersAsManyRequestsAsAClientCaresToSendAhead) {
  const auto running =
      serve([](const HttpRequest& request) { return Reply::now(text(request.path)); });
  Client client(running->port);
  std::string all;
  for (int i = 0; i < 2000; ++i)
    all += "GET /" + std::to_string(i) + " HTTP/1.1\r\n" + host + "\r\n";
  client.say(all);
  for (int i = 0; i < 2000; ++i)
    ASSERT_TRUE(client.hear_response().ends_with("\r\n\r\n/" + std::to_string(i)));
}

// Bytes that lie in memory, to be sent from there, and then some that have to be read.
class MixedSource final : public base::BodySource {
 public:
  explicit MixedSource(std::string bytes) : bytes_(std::move(bytes)) {}
  std::size_t read(std::span<char> into) override {
    const std::size_t size =
        bytes_.copy(into.data(), std::min<std::size_t>(into.size(), 1000), at_);
    at_ += size;
    return size;
  }
  std::string_view take(std::uint64_t bytes_max) override {
    if (at_ % 2 == 1) return {};
    const std::string_view piece =
        std::string_view(bytes_).substr(at_, std::min<std::uint64_t>(bytes_max, 333'333));
    at_ += piece.size();
    return piece;
  }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

TEST(Server, SendsABodyFromWhereItLiesInMemory) {
  std::string bytes(5'000'000, ' ');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * i >> 7);
  const auto running = serve([&](const HttpRequest&) {
    HttpResponse response;
    response.stream = std::make_unique<MixedSource>(bytes);
    response.stream_length = bytes.size();
    return Reply::now(std::move(response));
  });
  Client client(running->port);
  for (int i = 0; i < 2; ++i) {
    client.say("GET / HTTP/1.1\r\n" + host + "\r\n");
    client.hear_head();
    EXPECT_TRUE(client.hear(bytes.size()) == bytes);
  }
}

// The process has one descriptor left, and the client takes it: to accept, the server has to make
// room.
TEST(Server, ClosesWhoWasSilentTheLongestWhenDescriptorsRunOut) {
  const auto running =
      serve([](const HttpRequest& request) { return Reply::now(text(request.path)); },
            {.idle_time_max = std::chrono::hours(1)});
  Client first(running->port), second(running->port);
  for (Client* client : {&first, &second}) {
    client->say("GET /early HTTP/1.1\r\n" + host + "\r\n");
    EXPECT_TRUE(client->hear_response().ends_with("/early"));
  }
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const int next = ::dup(0);
  ::close(next);
  const rlimit narrow{.rlim_cur = static_cast<rlim_t>(next) + 1, .rlim_max = before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &narrow);
  {
    Client late(running->port);
    late.say("GET /late HTTP/1.1\r\n" + host + "\r\n");
    EXPECT_TRUE(late.hear_response().ends_with("/late"));
  }
  ::setrlimit(RLIMIT_NOFILE, &before);
  const bool first_went = first.hears_something_within(0),
             second_went = second.hears_something_within(0);
  EXPECT_NE(first_went,
            second_went);  // of the same age to a tick: one of them, and no more than one
}

TEST(Server, SurvivesAHandlerThatThrows) {
  const auto running = serve([](const HttpRequest& request) -> Reply {
    if (request.path == "/throw") throw std::runtime_error("a fault of ours");
    return Reply::now(text("fine"));
  });
  EXPECT_EQ(ask(running->port, "GET /throw HTTP/1.1\r\n" + host + "\r\n"), "");
  EXPECT_TRUE(ask(running->port, "GET / HTTP/1.1\r\n" + host + "\r\n").ends_with("fine"));
}

TEST(Server, LetsRequestsUnderWayEndWhenItStops) {
  const auto running = serve(echo);
  Client idle(running->port);
  idle.say("PUT /k HTTP/1.1\r\n" + host + "Content-Length: 1\r\n\r\na");
  idle.hear_response();
  Client busy(running->port);
  busy.say("PUT /k HTTP/1.1\r\n" + host + "Content-Length: 6\r\nExpect: 100-continue\r\n\r\n");
  busy.hear_head();
  running->server.stop();
  EXPECT_EQ(idle.hear_all(), "");
  busy.say("abcdef");
  const std::string answer = busy.hear_all();
  EXPECT_EQ(Client::header(answer, "connection"), "close");
  EXPECT_TRUE(answer.ends_with("abcdef"));
  EXPECT_FALSE(Client(running->port).is_connected());
}

// What requests change is settled for several at once: /set changes something, settle() tells how
// it went.
struct Unsettled {
  std::unique_ptr<Running> serve() {
    auto running = std::make_unique<Running>([this](const HttpRequest& request) {
      changes += request.path == "/set";
      return Reply::now(text(request.path));
    });
    running->server.settle_together([this] { return changes > 0; },
                                    [this] {
                                      settled.push_back(changes);
                                      changes = 0;
                                      return succeeds;
                                    });
    running->start();
    return running;
  }
  std::vector<int> settled;  // how many changes each time
  int changes = 0;
  bool succeeds = true;
};

TEST(Server, AnswersWhenWhatARequestChangedIsSettled) {
  Unsettled world;
  auto running = world.serve();
  for (const char* path : {"/set", "/get", "/set"}) {
    EXPECT_TRUE(ask(running->port, std::string("GET ") + path + " HTTP/1.1\r\n" + host + "\r\n")
                    .ends_with(path));
  }
  running->finish();
  EXPECT_EQ(world.settled, (std::vector<int>{1, 1}));
}

TEST(Server, SettlesOnceForAllRequestsThatAreThere) {
  Unsettled world;
  auto running = world.serve();
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(std::make_unique<Client>(running->port));
  for (const auto& client : clients) client->say("GET /set HTTP/1.1\r\n" + host + "\r\n");
  for (const auto& client : clients) EXPECT_TRUE(client->hear_response().ends_with("/set"));
  running->finish();
  EXPECT_EQ(std::accumulate(world.settled.begin(), world.settled.end(), 0), 20);
}

TEST(Server, RefusesARequestWhoseChangesCouldNotBeSettled) {
  Unsettled world;
  world.succeeds = false;
  auto running = world.serve();
  Client client(running->port);
  client.say("GET /set HTTP/1.1\r\n" + host + "\r\n");
  EXPECT_TRUE(client.hear_all().starts_with("HTTP/1.1 500 "));
}

TEST(Server, SettlesBeforeWorkThatIsDueRuns) {
  Unsettled world;
  bool is_planned = false, ran_unsettled = false;
  auto running = std::make_unique<Running>([&](const HttpRequest& request) {
    world.changes += 1;
    is_planned = true;
    return Reply::now(text(request.path));
  });
  running->server.settle_together([&] { return world.changes > 0; },
                                  [&] { return world.changes = 0, true; });
  running->server.pace(
      [&]() -> std::optional<base::Instant> {
        return is_planned ? std::optional(FixedClock().now()) : std::nullopt;
      },
      [&] {
        ran_unsettled = ran_unsettled || (is_planned && world.changes > 0);
        is_planned = false;
      });
  running->start();
  Client client(running->port);
  client.say("GET /1 HTTP/1.1\r\n" + host + "\r\nGET /2 HTTP/1.1\r\n" + host + "\r\n");
  EXPECT_TRUE(client.hear_response().ends_with("/1"));
  EXPECT_TRUE(client.hear_response().ends_with("/2"));
  running->finish();
  EXPECT_FALSE(ran_unsettled);
}

// A body that lies in a file, of which the system sends 100,000 bytes at most at once.
class FileSource final : public base::BodySource {
 public:
  explicit FileSource(base::File file) : file_(std::move(file)) {}
  std::size_t read(std::span<char>) override { return ADD_FAILURE() << "it is to be sent", 0; }
  std::optional<base::Result<std::size_t>> send_to(int socket, std::uint64_t bytes_max) override {
    auto sent = file_.send_to(socket, at_, std::min<std::uint64_t>(bytes_max, 100'000));
    if (sent) at_ += *sent;
    return sent;
  }

 private:
  base::File file_;
  std::uint64_t at_ = 0;
};

TEST(Server, SendsABodyThatLiesInAFile) {
  const tests::TemporaryFolder folder;
  std::string bytes(3'000'000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>('a' + i % 23);
  ASSERT_TRUE(base::write_file_atomically(folder.path() + "/body", bytes));
  const auto running = serve([&](const HttpRequest& request) {
    HttpResponse response;
    response.stream =
        std::make_unique<FileSource>(base::File::open(folder.path() + "/body", O_RDONLY).value());
    response.stream_length = bytes.size() + (request.path == "/longer" ? 1 : 0);
    return Reply::now(std::move(response));
  });
  Client client(running->port);
  for (int i = 0; i < 2; ++i) {
    client.say("GET / HTTP/1.1\r\n" + host + "\r\n");
    EXPECT_TRUE(client.hear_response().ends_with("\r\n\r\n" + bytes));
  }
  client.say("GET /longer HTTP/1.1\r\n" + host + "\r\n");
  EXPECT_TRUE(client.hear_all().ends_with(bytes))
      << "the connection closes where the file ends too early";
}

TEST(Server, RefusesATakenPortAndABadAddress) {
  const auto running = serve(echo);
  FixedClock clock;
  Server second(echo, clock);
  const auto taken = second.listen("127.0.0.1", running->port);
  ASSERT_FALSE(taken);
  EXPECT_NE(taken.error().text().find("in use"), std::string::npos);
  EXPECT_FALSE(second.listen("not an address", 0));
  EXPECT_TRUE(second.listen("127.0.0.1", 0));
}

TEST(Server, RunsWhatIsDueWithoutAnyRequest) {
  sim::SystemClock clock;
  sim::Scheduler scheduler(clock.now());
  Running running(echo, {}, clock);
  int ticks = 0;
  std::function<void()> tick = [&] {
    if (++ticks == 3) return running.server.stop();
    scheduler.after(std::chrono::milliseconds(2), "tick", tick);
  };
  scheduler.after(std::chrono::milliseconds(2), "tick", tick);
  running.server.pace([&] { return scheduler.next_at(); },
                      [&] { scheduler.advance_to(clock.now()); });
  running.server.run();
  EXPECT_EQ(ticks, 3);
}

TEST(Server, RunsWhatIsDueBeforeARequestAndWhatARequestPlans) {
  sim::SystemClock clock;
  sim::Scheduler scheduler(base::Instant{});
  std::mutex mutex;
  std::condition_variable ran;
  bool planned_ran = false;
  base::Instant seen{};
  Running running(
      [&](const HttpRequest&) {
        seen = scheduler.now();
        scheduler.after(std::chrono::milliseconds(1), "planned", [&] {
          const std::lock_guard lock(mutex);
          planned_ran = true;
          ran.notify_one();
        });
        return Reply::now(text("planned"));
      },
      {}, clock);
  running.server.pace([&] { return scheduler.next_at(); },
                      [&] { scheduler.advance_to(clock.now()); });
  running.start();
  ask(running.port, "GET / HTTP/1.1\r\n" + host + "\r\n");
  std::unique_lock lock(mutex);
  EXPECT_TRUE(ran.wait_for(lock, std::chrono::seconds(20), [&] { return planned_ran; }));
  lock.unlock();
  running.finish();
  EXPECT_LT(base::Instant{}, seen);
}

// Long polls that a test answers from another request: "GET /poll" waits, "GET /answer" tells the
// oldest that still waits.
class Polls {
 public:
  Reply handle(const HttpRequest& request) {
    if (request.path == "/count") return Reply::now(text(std::to_string(waiting_.size())));
    if (request.path == "/poll") {
      HttpResponse response;
      response.pending = std::make_unique<Poll>(*this);
      return Reply::now(std::move(response));
    }
    waiting_.front()->respond(text("news"));
    return Reply::now(text("told"));
  }

 private:
  struct Poll final : base::PendingResponse {
    explicit Poll(Polls& owner) : polls(owner) {}
    ~Poll() override { leave(); }
    void start(std::function<void(HttpResponse)> then) override {
      answer = std::move(then);
      polls.waiting_.push_back(this);
    }
    HttpResponse give_up() override {
      leave();
      return text("nothing");
    }
    void respond(HttpResponse response) {
      leave();
      answer(std::move(response));
    }
    void leave() { std::erase(polls.waiting_, this); }
    Polls& polls;
    std::function<void(HttpResponse)> answer;
  };
  std::vector<Poll*> waiting_;
};

std::string get(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\n" + host + "\r\n";
}

// Asks until as many polls wait as are wanted: another connection may be quicker than the one that
// polls.
void wait_for_polls(std::uint16_t port, std::size_t wanted) {
  while (!ask(port, get("/count")).ends_with("\r\n\r\n" + std::to_string(wanted))) continue;
}

TEST(Server, AnswersALongPollWhenThereIsAnAnswerAndOthersMeanwhile) {
  Polls polls;
  const auto running = serve([&](const HttpRequest& request) { return polls.handle(request); });
  Client client(running->port);
  client.say(get("/poll"));
  wait_for_polls(running->port, 1);
  ask(running->port, get("/answer"));
  EXPECT_TRUE(client.hear_response().ends_with("\r\n\r\nnews"));
  client.say(get("/poll") + get("/count"));  // the second one waits for its turn
  wait_for_polls(running->port, 1);
  ask(running->port, get("/answer"));
  EXPECT_TRUE(client.hear_response().ends_with("\r\n\r\nnews"));
  EXPECT_TRUE(client.hear_response().ends_with("\r\n\r\n0"));
}

TEST(Server, ForgetsALongPollWhoseClientHasGone) {
  Polls polls;
  const auto running = serve([&](const HttpRequest& request) { return polls.handle(request); });
  {
    Client client(running->port);
    client.say(get("/poll"));
    wait_for_polls(running->port, 1);
  }
  wait_for_polls(running->port, 0);
}

TEST(Server, AnswersWithWhatThereIsWhenItStops) {
  Polls polls;
  const auto running = serve([&](const HttpRequest& request) { return polls.handle(request); });
  Client client(running->port);
  client.say(get("/poll"));
  wait_for_polls(running->port, 1);
  running->finish();
  const std::string answer = client.hear_all();
  EXPECT_TRUE(answer.ends_with("\r\n\r\nnothing")) << answer;
  EXPECT_NE(answer.find("Connection: close"), std::string::npos) << answer;
}

}  // namespace
}  // namespace emulator::http
