#include "emulator/http/request_parser.h"

#include <gtest/gtest.h>

#include "emulator/sim/random.h"

namespace emulator::http {
namespace {

struct Parsed {
  RequestParser parser;
  std::string body;
};

// Gives the parser `bytes` in pieces of `piece_size`, as a socket would; ends the input if `ends`.
void feed(Parsed& parsed, std::string_view bytes, std::size_t piece_size, bool ends = false) {
  parsed.parser.set_body_sink([&](std::string_view piece) {
    parsed.body += piece;
    return true;
  });
  std::string waiting;
  while (!bytes.empty()) {
    waiting += bytes.substr(0, piece_size);
    bytes.remove_prefix(std::min(piece_size, bytes.size()));
    while (const std::size_t used = parsed.parser.parse(waiting)) waiting.erase(0, used);
  }
  if (ends) parsed.parser.end_of_input();
}

std::string describe(const Parsed& parsed) {
  const auto& request = parsed.parser.request();
  switch (parsed.parser.stage()) {
    case RequestParser::Stage::failed:
      return std::to_string(parsed.parser.failure().status);
    case RequestParser::Stage::header:
      return "header";
    case RequestParser::Stage::body:
      return "body";
    case RequestParser::Stage::complete:
      break;
  }
  return request.method + " " + request.path + (request.query.empty() ? "" : " ?" + request.query) +
         (parsed.body.empty() ? "" : " [" + parsed.body + "]");
}

std::string outcome(std::string_view bytes, std::size_t piece_size = 1 << 20, bool ends = false) {
  Parsed parsed;
  feed(parsed, bytes, piece_size, ends);
  return describe(parsed);
}

TEST(RequestParser, KeepsTheTargetAsItWasSent) {
  EXPECT_EQ(outcome("GET /a//b/../c%2Fd%20e+f?x=%20&y HTTP/1.1\r\nHost: h\r\n\r\n"),
            "GET /a//b/../c%2Fd%20e+f ?x=%20&y");
  EXPECT_EQ(outcome("GET http://h:80/a?b HTTP/1.1\r\nHost: h\r\n\r\n"), "GET /a ?b");
  EXPECT_EQ(outcome("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n"), "GET /");
  EXPECT_EQ(outcome("GET /http://h/a HTTP/1.1\r\nHost: h\r\n\r\n"), "GET /http://h/a");
  EXPECT_EQ(outcome("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"), "OPTIONS *");
  EXPECT_EQ(outcome("GET /?? HTTP/1.1\r\nHost: h\r\n\r\n"), "GET / ??");
}

TEST(RequestParser, LowersTheNamesOfHeadersAndKeepsTheirOrder) {
  Parsed parsed;
  feed(parsed, "GET / HTTP/1.1\r\nHost: h\r\nX-Two: 2\r\nx-one:  one two \r\nX-Two: 3\r\n\r\n",
       1 << 20);
  const auto& headers = parsed.parser.request().headers;
  ASSERT_EQ(headers.all().size(), 4u);
  EXPECT_EQ(headers.all()[1], std::make_pair(std::string("x-two"), std::string("2")));
  EXPECT_EQ(headers.get("x-one"), "one two");
  EXPECT_EQ(headers.count("x-two"), 2u);
}

TEST(RequestParser, ReadsBodiesByLengthAndByChunksInPiecesOfAnySize) {
  const std::string by_length =
      "PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\nhello world";
  const std::string by_chunks =
      "PUT /k HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
      "chunked\r\n\r\n5\r\nhello\r\n6;a=b;c=\"d\"\r\n world\r\n0\r\nX-Trailer: t\r\n\r\n";
  const std::string empty_chunks =
      "PUT /k HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  for (std::size_t size = 1; size < 40; ++size) {
    EXPECT_EQ(outcome(by_length, size), "PUT /k [hello world]");
    EXPECT_EQ(outcome(by_chunks, size), "PUT /k [hello world]");
    EXPECT_EQ(outcome(empty_chunks, size), "PUT /k");
  }
}

TEST(RequestParser, StopsBehindTheHeader) {
  const std::string head = "PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n";
  RequestParser parser;
  EXPECT_EQ(parser.parse(head + "ab"), head.size());
  EXPECT_EQ(parser.stage(), RequestParser::Stage::body);
  EXPECT_EQ(parser.request().content_length, 2u);
  EXPECT_EQ(parser.parse("ab"), 2u);
  EXPECT_EQ(parser.stage(), RequestParser::Stage::complete);
}

TEST(RequestParser, LeavesTheNextRequestAlone) {
  const std::string first = "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n";
  RequestParser parser;
  EXPECT_EQ(parser.parse(first + "GET /2 HTTP/1.1\r\n"), first.size());
  EXPECT_EQ(parser.parse("GET /2 HTTP/1.1\r\n"), 0u);
}

TEST(RequestParser, StopsWhenTheBodyIsNotWanted) {
  RequestParser parser;
  parser.parse("PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n");
  parser.set_body_sink([](std::string_view) { return false; });
  parser.parse("abcd");
  EXPECT_TRUE(parser.is_stopped());
  EXPECT_NE(parser.stage(), RequestParser::Stage::failed);
}

TEST(RequestParser, KnowsWhoWantsToStayAndWhoWaits) {
  const auto parsed = [](std::string_view text) {
    auto parser = std::make_unique<RequestParser>();
    parser->parse(text);
    return parser;
  };
  EXPECT_TRUE(parsed("GET / HTTP/1.1\r\nHost: h\r\n\r\n")->keeps_alive());
  EXPECT_FALSE(parsed("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")->keeps_alive());
  EXPECT_FALSE(parsed("GET / HTTP/1.0\r\n\r\n")->keeps_alive());
  EXPECT_TRUE(parsed("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")->keeps_alive());
  EXPECT_TRUE(
      parsed("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n")
          ->expects_continue());
  // S3 ignores other expectations.
  for (const std::string other : {"", "200", "a miracle"}) {
    const auto parser =
        parsed("PUT / HTTP/1.1\r\nHost: h\r\nExpect: " + other + "\r\nContent-Length: 1\r\n\r\n");
    EXPECT_EQ(parser->stage(), RequestParser::Stage::body) << other;
    EXPECT_FALSE(parser->expects_continue()) << other;
  }
  // A client of HTTP/1.0 does not know the interim answer.
  EXPECT_FALSE(parsed("PUT / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
                   ->expects_continue());
}

struct Malformed {
  std::string text;
  std::string status;
};
TEST(RequestParser, RefusesWhatIsNoRequest) {
  const std::string host = "Host: h\r\n";
  const std::vector<Malformed> cases{
      {"\x16\x03\x01\x02\r\n\r\n", "400"},
      {"GET\r\n\r\n", "400"},
      {"GET / HTTP/2.0\r\n\r\n", "400"},
      {"GET / HTTP/1.1\n\n", "400"},
      {"GET a/b HTTP/1.1\r\n" + host + "\r\n", "400"},
      {"GET / HTTP/1.1\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\n" + host + "no colon\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\n" + host + "bad name: 1\r\n\r\n", "400"},
      {"PUT / HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n", "400"},
      {"PUT / HTTP/1.1\r\n" + host + "Content-Length: 99999999999999999999999\r\n\r\n", "400"},
      {"PUT / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "400"},
      {"PUT / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
       "400"},
      {"PUT / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
       "400"},
      {"PUT / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip\r\n\r\n", "501"},
      {"PUT / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", "400"},
      {"PUT / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
       "400"},
      {"PUT / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
       "400"},
      {"GET / HTTP/1.1\r\n" + host + "x: " + std::string(9000, 'x') + "\r\n\r\n", "431"},
      {"GET /" + std::string(9000, 'x') + " HTTP/1.1\r\n" + host + "\r\n", "414"},
      {"GET /" + std::string(90000, 'x'), "431"},
  };
  for (const Malformed& malformed : cases) {
    EXPECT_EQ(outcome(malformed.text), malformed.status) << malformed.text.substr(0, 120);
    EXPECT_EQ(outcome(malformed.text, 1, true), malformed.status) << malformed.text.substr(0, 120);
  }
  std::string many = "GET / HTTP/1.1\r\n" + host;
  for (int i = 0; i < 1000; ++i)
    many += "x-header-number-" + std::to_string(i) + ": " + std::string(60, 'v') + "\r\n";
  EXPECT_EQ(outcome(many + "\r\n"), "431");
}

TEST(RequestParser, TellsARequestThatWasCutShort) {
  const std::string whole = "PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
  EXPECT_EQ(outcome("", 1, true), "header");
  for (std::size_t size = 1; size < whole.size(); ++size)
    EXPECT_EQ(outcome(whole.substr(0, size), 7, true), "400") << size;
  EXPECT_EQ(outcome(whole, 7, true), "PUT /k [abc]");
}

TEST(RequestParser, SurvivesMutatedRequests) {
  const std::string seed_text =
      "PUT /bucket/key?partNumber=1 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nExpect: "
      "100-continue\r\n\r\n"
      "5;chunk-signature=abc\r\nhello\r\n1F\r\n0123456789012345678901234567890\r\n0\r\nx-amz-"
      "checksum-crc32: AAAA\r\n\r\n";
  sim::Random random(7, "http");
  for (int round = 0; round < 20000; ++round) {
    std::string text = seed_text;
    for (std::uint64_t changes = 1 + random.below(4); changes > 0; --changes) {
      const std::size_t at = random.below(text.size());
      if (random.chance(0.5)) text[at] = static_cast<char>(random.below(256));
      if (random.chance(0.2)) text.erase(at, 1 + random.below(8));
      if (random.chance(0.2))
        text.insert(at, text.substr(random.below(text.size()), random.below(30)));
      if (text.empty()) text = "\r";
    }
    const std::string whole = outcome(text, 1 << 20, true);
    EXPECT_EQ(outcome(text, 1 + random.below(9), true), whole) << text;
  }
}

}  // namespace
}  // namespace emulator::http
