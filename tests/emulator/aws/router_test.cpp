#include "emulator/aws/router.h"

#include <gtest/gtest.h>

namespace emulator::aws {
namespace {

using base::HttpRequest;
using base::HttpResponse;
using base::Reply;

base::HttpHandler says(std::string body) {
  return [body](const HttpRequest&) {
    HttpResponse response;
    response.body = body;
    return Reply::now(std::move(response));
  };
}

Router router() {
  Router router;
  router.add_service("s3", says("s3"));
  router.add_service("dms", says("dms"));
  router.add_internal("GET", "/health", says("health"));
  router.add_internal("POST", "/sql", says("sql"));
  router.add_internal("GET", "/binlog/", says("binlog"));
  return router;
}

HttpRequest unsigned_request(std::string method, std::string path, std::string authorization = {}) {
  HttpRequest request;
  request.method = std::move(method);
  request.path = std::move(path);
  if (!authorization.empty()) request.headers.add("authorization", std::move(authorization));
  return request;
}

std::string signed_for(const std::string& service) {
  return "AWS4-HMAC-SHA256 Credential=AK/with/20260101/us-east-1/" + service +
         "/aws4_request, SignedHeaders=host, Signature=00";
}

// "200 body"
std::string answer(const HttpRequest& request) {
  const auto response = router().handle(request).response;
  return std::to_string(response->status) + " " + response->body;
}

TEST(Router, SendsEachRequestToTheServiceOfItsSignature) {
  EXPECT_EQ(answer(unsigned_request("GET", "/bucket", signed_for("s3"))), "200 s3");
  EXPECT_EQ(answer(unsigned_request("POST", "/", signed_for("dms"))), "200 dms");
}

TEST(Router, TakesUnsignedRequestsAndOldSignaturesForS3) {
  EXPECT_EQ(answer(unsigned_request("GET", "/bucket")), "200 s3");
  EXPECT_EQ(answer(unsigned_request("GET", "/bucket", "AWS AK:signature")), "200 s3");
  EXPECT_EQ(answer(unsigned_request("GET", "/bucket", "AWS4-HMAC-SHA256 Credential=AK")), "200 s3");
}

TEST(Router, ReadsTheScopeOfAPresignedQuery) {
  HttpRequest request = unsigned_request("GET", "/bucket/key");
  request.query = "X-Amz-Credential=AK%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Expires=60";
  EXPECT_EQ(service_scope(request), "s3");
}

TEST(Router, RefusesAServiceThatIsNotThereByName) {
  HttpRequest request = unsigned_request("POST", "/", signed_for("ku<be"));
  EXPECT_TRUE(answer(request).starts_with("501 <ErrorResponse>"));
  EXPECT_NE(answer(request).find("'ku&lt;be'"), std::string::npos);
  request.headers.add("x-amz-target", "Kube.List");
  EXPECT_EQ(
      answer(request),
      R"(501 {"__type":"NotImplemented","message":"NotImplemented: sluice does not have the service 'ku<be'"})");
}

TEST(Router, KeepsItsOwnPathsApartFromBuckets) {
  EXPECT_EQ(answer(unsigned_request("GET", "/_sluice/health")), "200 health");
  EXPECT_EQ(answer(unsigned_request("POST", "/_sluice/sql", signed_for("s3"))), "200 sql");
  EXPECT_EQ(answer(unsigned_request("GET", "/_sluice/binlog/binlog.000001")), "200 binlog");
  EXPECT_EQ(answer(unsigned_request("GET", "/_sluicery")), "200 s3");
}

TEST(Router, NamesAPathOfItsOwnThatIsNotThere) {
  EXPECT_EQ(answer(unsigned_request("GET", "/_sluice/helth")),
            R"(404 {"error":{"message":"sluice has no /_sluice/helth"}})");
  EXPECT_EQ(answer(unsigned_request("GET", "/_sluice")),
            R"(404 {"error":{"message":"sluice has no /_sluice"}})");
  EXPECT_EQ(answer(unsigned_request("DELETE", "/_sluice/health")),
            R"(405 {"error":{"message":"/_sluice/health is not for DELETE"}})");
}

}  // namespace
}  // namespace emulator::aws
