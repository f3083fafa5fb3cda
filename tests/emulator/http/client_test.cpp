#include "emulator/http/client.h"

#include <gtest/gtest.h>

#include <thread>

#include "emulator/http/server.h"

namespace emulator::http {
namespace {

TEST(Client, SendsARequestAndReadsTheAnswer) {
  sim::SystemClock clock;
  Server server(
      [](const base::HttpRequest& request) {
        const std::string start = request.method + " " + request.path + " " + request.query + " ";
        return base::collect_body(
            1000, [] { return base::HttpResponse(); },
            [start](std::string body) {
              base::HttpResponse response;
              response.status = 400;
              response.body = start + body;
              return response;
            });
      },
      clock);
  const std::uint16_t port = server.listen("127.0.0.1", 0).value();
  std::thread thread([&] { server.run(); });
  const auto answer = exchange(
      {.port = port, .method = "POST", .target = "/_sluice/sql?database=d", .body = "SELECT 1"});
  server.stop();
  thread.join();
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_EQ(answer->status, 400);
  EXPECT_EQ(answer->body, "POST /_sluice/sql database=d SELECT 1");
  const auto gone = exchange({.port = port});
  ASSERT_FALSE(gone);
  EXPECT_NE(gone.error().text().find("refused"), std::string::npos);
}

}  // namespace
}  // namespace emulator::http
