#include "emulator/s3/cors.h"

#include "tests/emulator/s3/rest_client.h"

namespace emulator::s3 {
namespace {

std::string cors_of(const std::string& rules) {
  return "<CORSConfiguration>" + rules + "</CORSConfiguration>";
}
std::string rule(const std::string& origin, const std::string& method,
                 const std::string& more = {}) {
  return "<CORSRule><AllowedOrigin>" + origin + "</AllowedOrigin><AllowedMethod>" + method +
         "</AllowedMethod>" + more + "</CORSRule>";
}

struct CorsWorld : RestWorld {
  CorsWorld() {
    bucket("one");
    put("one", "a", "body");
  }
  std::string set(const std::string& rules) {
    return send("PUT", "/one?cors", {}, cors_of(rules)).code();
  }
  Answer ask(const std::string& origin, const std::string& method, const std::string& headers = {},
             const std::string& path = "/one/a") {
    HeaderList list{{"origin", origin}, {"access-control-request-method", method}};
    if (!headers.empty()) list.emplace_back("access-control-request-headers", headers);
    return send("OPTIONS", path, list);
  }
};

TEST(Preflight, AnswersByTheFirstRuleThatFits) {
  CorsWorld world;
  ASSERT_EQ(
      world.set(rule("https://*.example.test", "PUT",
                     "<AllowedHeader>x-amz-*</AllowedHeader><MaxAgeSeconds>60</MaxAgeSeconds>") +
                rule("*", "GET", "<ExposeHeader>ETag</ExposeHeader>")),
      "ok");
  const Answer put = world.ask("https://a.example.test", "PUT", "X-Amz-Date, x-amz-acl",
                               "/one/b?partNumber=1&uploadId=u");
  EXPECT_EQ(put.status, 200);
  EXPECT_EQ(put.header("access-control-allow-origin"), "https://a.example.test");
  EXPECT_EQ(put.header("access-control-allow-credentials"), "true");
  EXPECT_EQ(put.header("access-control-allow-headers"), "x-amz-date, x-amz-acl");
  EXPECT_EQ(put.header("access-control-max-age"), "60");
  EXPECT_EQ(put.header("vary"),
            "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
  const Answer get = world.ask("http://other.test", "GET");
  EXPECT_EQ(get.header("access-control-allow-origin"), "*");
  EXPECT_EQ(get.header("access-control-allow-credentials"), "");
  EXPECT_EQ(get.header("access-control-expose-headers"), "ETag");
}

TEST(Preflight, IsRefusedWhereNoRuleFits) {
  CorsWorld world;
  EXPECT_EQ(world.ask("http://a.test", "GET").code(), "AccessForbidden");
  EXPECT_EQ(world.ask("http://a.test", "GET").element("Message"),
            "CORSResponse: CORS is not enabled for this bucket.");
  ASSERT_EQ(world.set(rule("http://a.test", "GET")), "ok");
  EXPECT_EQ(world.ask("http://a.test", "GET").status, 200);
  EXPECT_EQ(world.ask("http://a.test", "PUT").status, 403);
  EXPECT_EQ(world.ask("http://b.test", "GET").status, 403);
  EXPECT_EQ(world.ask("http://a.test", "GET", "x-other").status, 403);
  EXPECT_EQ(world.ask("http://a.test", "GET", "", "/none/a").element("Message"),
            "CORSResponse: Bucket not found");
  EXPECT_EQ(world.ask("http://a.test", "TRACE").element("Message"),
            "Invalid Access-Control-Request-Method: TRACE");
  EXPECT_EQ(world.send("OPTIONS", "/one/a").code(), "BadRequest");
  EXPECT_EQ(world.send("OPTIONS", "/one/a", {{"origin", "http://a.test"}}).code(), "BadRequest");
}

TEST(Preflight, OfAMethodThatIsNoneIsABadRequestEvenWithoutRules) {
  CorsWorld world;
  for (const char* method : {"PATCH", "get", "anything"}) {
    const Answer answer = world.ask("http://a.test", method);
    EXPECT_EQ(answer.code(), "BadRequest");
    EXPECT_EQ(answer.element("Message"),
              "Invalid Access-Control-Request-Method: " + std::string(method));
  }
}

TEST(Cors, AddsItsHeadersToEveryAnswerAlsoToErrors) {
  CorsWorld world;
  ASSERT_EQ(world.set(rule("http://a.test", "GET")), "ok");
  EXPECT_EQ(world.send("GET", "/one/a", {{"origin", "http://a.test"}})
                .header("access-control-allow-origin"),
            "http://a.test");
  const Answer missing = world.send("GET", "/one/none", {{"origin", "http://a.test"}});
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.header("access-control-allow-origin"), "http://a.test");
  EXPECT_EQ(world.send("GET", "/one/a", {{"origin", "http://b.test"}})
                .header("access-control-allow-origin"),
            "");
  EXPECT_EQ(world.send("PUT", "/one/b", {{"origin", "http://a.test"}}, "x")
                .header("access-control-allow-origin"),
            "");
  EXPECT_EQ(world.send("GET", "/one/a").header("access-control-allow-origin"), "");
}

TEST(Cors, TakesThePreflightsHeadersOfAnyRequestAtTheirWord) {
  CorsWorld world;
  ASSERT_EQ(world.set(rule("http://a.test", "PUT") + rule("*", "GET")), "ok");
  const HeaderList as_if{{"origin", "http://a.test"}, {"access-control-request-method", "PUT"}};
  EXPECT_EQ(world.send("GET", "/one/a", as_if).header("access-control-allow-origin"),
            "http://a.test");
  EXPECT_EQ(world.send("GET", "/one/a", {{"origin", "http://a.test"}})
                .header("access-control-allow-origin"),
            "*");
}

TEST(Cors, RefusesRulesThatAwsRefuses) {
  CorsWorld world;
  EXPECT_EQ(world.set(rule("*", "PATCH")), "InvalidRequest");
  EXPECT_EQ(world.set(rule("http://*.*.test", "GET")), "InvalidRequest");
  EXPECT_EQ(world.set(rule("*", "GET", "<ExposeHeader>x-*</ExposeHeader>")), "InvalidRequest");
  for (const std::string name : {"AllowedHeader", "ExposeHeader"}) {
    for (const char* header : {"two words", "X-Custom:Header", "Bad/Header", "X[Key]"})
      EXPECT_EQ(world.set(rule("*", "GET", "<" + name + ">" + header + "</" + name + ">")),
                "InvalidRequest")
          << header;
  }
  EXPECT_EQ(world.set("<CORSRule><AllowedOrigin>*</AllowedOrigin></CORSRule>"), "MalformedXML");
  EXPECT_EQ(world.set(""), "MalformedXML");
  std::string many;
  for (int i = 0; i < 101; ++i) many += rule("*", "GET");
  EXPECT_EQ(world.set(many), "MalformedXML");
}

}  // namespace
}  // namespace emulator::s3
