// Who may call: the strict mode over S3's own protocol. The signatures themselves are held in
// tests/emulator/aws.

#include "emulator/s3/authorization.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "emulator/aws/sigv2.h"
#include "tests/emulator/s3/rest_client.h"

namespace emulator::s3 {
namespace {

constexpr const char* timestamp = "20260102T030405Z";

struct StrictWorld : World {
  aws::Authenticator authenticator{{.strict = true, .secrets = {{"AK", "secret"}}}};

  static base::HttpRequest request_for(const std::string& method, const std::string& target,
                                       const HeaderList& headers = {}) {
    base::HttpRequest request;
    request.method = method;
    request.path = target.substr(0, target.find('?'));
    if (request.path.size() < target.size()) request.query = target.substr(request.path.size() + 1);
    request.headers.add("host", "127.0.0.1:4566");
    for (const auto& [name, value] : headers) request.headers.add(name, value);
    return request;
  }

  static aws::Credential credential(const std::string& region = "us-east-1") {
    return {"AK", "20260102", region, "s3"};
  }

  // Signs as a client would; returns the signature.
  static std::string sign(base::HttpRequest& request, const std::string& payload_hash,
                          const std::string& region = "us-east-1") {
    request.headers.add("x-amz-date", timestamp);
    request.headers.add("x-amz-content-sha256", payload_hash);
    std::vector<std::string> names;
    for (const auto& [name, value] : request.headers.all()) names.push_back(name);
    std::sort(names.begin(), names.end());
    const aws::Credential scope = credential(region);
    const std::string text = aws::string_to_sign(
        timestamp, scope.scope(), aws::canonical_request(request, names, payload_hash));
    const std::string signature = aws::hex_signature(aws::signing_key("secret", scope), text);
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ";") + name;
    request.headers.add("authorization", "AWS4-HMAC-SHA256 Credential=AK/" + scope.scope() +
                                             ", SignedHeaders=" + list +
                                             ", Signature=" + signature);
    return signature;
  }

  Answer send(base::HttpRequest request, std::string_view body = {}) {
    if (!body.empty() || request.method == "PUT") request.content_length = body.size();
    base::Reply reply = handle_rest(service, request, authenticator);
    if (reply.response) return read_all(std::move(*reply.response));
    if (auto early = reply.receiver->data(body)) return read_all(std::move(*early));
    return read_all(reply.receiver->finish());
  }

  Answer send_signed(const std::string& method, const std::string& target,
                     const HeaderList& headers = {}, std::string_view body = {}) {
    base::HttpRequest request = request_for(method, target, headers);
    sign(request, "UNSIGNED-PAYLOAD");
    return send(std::move(request), body);
  }
};

// No token is looked up here: the key is what counts.
TEST(StrictMode, TakesASessionTokenAsItIsGiven) {
  StrictWorld world;
  EXPECT_EQ(world.send_signed("PUT", "/one", {{"x-amz-security-token", "any/thing=="}}).status,
            200);
  base::HttpRequest unsigned_token = StrictWorld::request_for("GET", "/one");
  StrictWorld::sign(unsigned_token, "UNSIGNED-PAYLOAD");
  unsigned_token.headers.add("x-amz-security-token", "any/thing==");
  EXPECT_EQ(world.send(unsigned_token).code(), "AccessDenied");
}

TEST(StrictMode, TakesWhatIsSignedAndNothingElse) {
  StrictWorld world;
  EXPECT_EQ(world.send_signed("PUT", "/one").status, 200);
  EXPECT_EQ(world.send_signed("PUT", "/one/a%20b+c", {}, "body").status, 200);
  EXPECT_EQ(world.send_signed("GET", "/one/a%20b+c?response-content-type=a%2Fb").body, "body");
  EXPECT_EQ(world.send(StrictWorld::request_for("GET", "/one/a%20b+c")).code(), "AccessDenied");
  base::HttpRequest other = StrictWorld::request_for("GET", "/one/a");
  StrictWorld::sign(other, "UNSIGNED-PAYLOAD");
  other.path = "/one/b";
  const Answer refused = world.send(other);
  EXPECT_EQ(refused.code(), "SignatureDoesNotMatch");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.element("AWSAccessKeyId"), "AK");
  EXPECT_TRUE(refused.element("CanonicalRequest").starts_with("GET\n/one/b\n"));
  EXPECT_TRUE(
      refused.element("CanonicalRequestBytes").starts_with("47 45 54 0a 2f 6f 6e 65 2f 62"));
  EXPECT_TRUE(refused.element("StringToSignBytes").starts_with("41 57 53 34 2d"));
}

TEST(StrictMode, TakesADigestThatIsNotAmongTheSignedHeaders) {
  StrictWorld world;
  world.bucket("one");
  base::HttpRequest request = StrictWorld::request_for(
      "PUT", "/one/a", {{"x-amz-date", timestamp}, {"x-amz-content-sha256", "UNSIGNED-PAYLOAD"}});
  const aws::Credential scope = StrictWorld::credential();
  const std::string text = aws::string_to_sign(
      timestamp, scope.scope(),
      aws::canonical_request(request, {"host", "x-amz-date"}, "UNSIGNED-PAYLOAD"));
  request.headers.add("authorization",
                      "AWS4-HMAC-SHA256 Credential=AK/" + scope.scope() +
                          ", SignedHeaders=host;x-amz-date, Signature=" +
                          aws::hex_signature(aws::signing_key("secret", scope), text));
  EXPECT_EQ(world.send(request, "x").status, 200);
  request.headers.add("x-amz-meta-a", "1");
  EXPECT_EQ(world.send(request, "x").element("HeadersNotSigned"), "x-amz-meta-a");
}

TEST(StrictMode, SendsTheClientToTheRegionOfTheBucket) {
  StrictWorld world;
  world.service.create_bucket("two", "eu-west-1").value();
  const Answer refused = world.send_signed("GET", "/two/a");
  EXPECT_EQ(refused.code(), "AuthorizationHeaderMalformed");
  EXPECT_EQ(refused.element("Region"), "eu-west-1");
  EXPECT_EQ(world.send_signed("GET", "/two?location").status, 200);
  base::HttpRequest garbled = StrictWorld::request_for("GET", "/two");
  StrictWorld::sign(garbled, "no digest", "eu-west-1");
  EXPECT_EQ(world.send(garbled).element("ArgumentName"), "x-amz-content-sha256");
  base::HttpRequest request = StrictWorld::request_for("PUT", "/two/a");
  StrictWorld::sign(request, "UNSIGNED-PAYLOAD", "eu-west-1");
  EXPECT_EQ(world.send(request, "x").status, 200);
}

// Chunks as a client sends them, each signed; `spoil` changes what is sent behind the client's
// back.
std::string signed_chunks(const std::string& seed, const std::vector<std::string>& chunks,
                          const std::string& trailer = {}) {
  const aws::Credential scope = StrictWorld::credential();
  const std::string key = aws::signing_key("secret", scope);
  const std::string nothing = base::to_hex(base::hash(base::HashKind::sha256, ""));
  const std::string head = std::string("\n") + timestamp + "\n" + scope.scope() + "\n";
  std::string previous = seed;
  std::string out;
  std::vector<std::string> all = chunks;
  all.emplace_back();
  for (const std::string& chunk : all) {
    previous =
        aws::hex_signature(key, "AWS4-HMAC-SHA256-PAYLOAD" + head + previous + "\n" + nothing +
                                    "\n" + base::to_hex(base::hash(base::HashKind::sha256, chunk)));
    char size[20];
    std::snprintf(size, sizeof size, "%zx", chunk.size());
    out += std::string(size) + ";chunk-signature=" + previous + "\r\n" + chunk +
           (chunk.empty() ? "" : "\r\n");
  }
  if (!trailer.empty()) {
    const std::string signature = aws::hex_signature(
        key, "AWS4-HMAC-SHA256-TRAILER" + head + previous + "\n" +
                 base::to_hex(base::hash(base::HashKind::sha256, trailer + "\n")));
    out += trailer + "\r\nx-amz-trailer-signature:" + signature + "\r\n";
  }
  return out + "\r\n";
}

TEST(StrictMode, VerifiesTheSignatureOfEveryChunkAndOfTheTrailer) {
  StrictWorld world;
  world.bucket("one");
  const std::vector<std::string> chunks{std::string(8192, 'a'), "end"};
  const auto put = [&](const std::string& kind, const HeaderList& more, const std::string& trailer,
                       const std::string& from = {}, const std::string& to = {}) {
    HeaderList headers{{"x-amz-decoded-content-length", "8195"}};
    headers.insert(headers.end(), more.begin(), more.end());
    base::HttpRequest request = StrictWorld::request_for("PUT", "/one/a", headers);
    std::string body = signed_chunks(StrictWorld::sign(request, kind), chunks, trailer);
    if (!from.empty()) body.replace(body.find(from), from.size(), to);
    return world.send(std::move(request), body).code();
  };
  const std::string plain = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
  EXPECT_EQ(put(plain, {}, ""), "ok");
  EXPECT_EQ(put(plain, {}, "", "end", "End"), "SignatureDoesNotMatch");
  EXPECT_EQ(put(plain, {}, "", "aaa", "aba"), "SignatureDoesNotMatch");
  EXPECT_EQ(put(plain, {}, "", "3;chunk-signature=", "3;other-signature="),
            "SignatureDoesNotMatch");
  const std::string with_trailer = plain + "-TRAILER";
  const std::string crc = base::to_base64([&] {
    const std::uint32_t value = base::crc32(chunks[0] + chunks[1]);
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8)
      bytes.push_back(static_cast<char>(value >> shift & 0xFF));
    return bytes;
  }());
  const HeaderList announced{{"x-amz-trailer", "x-amz-checksum-crc32"}};
  EXPECT_EQ(put(with_trailer, announced, "x-amz-checksum-crc32:" + crc), "ok");
  EXPECT_EQ(put(with_trailer, announced, "x-amz-checksum-crc32:" + crc,
                "x-amz-trailer-signature:", "x-amz-trailer-signature:0"),
            "SignatureDoesNotMatch");
  EXPECT_EQ(put(with_trailer, announced, "x-amz-checksum-crc32:" + crc, crc, "AAAAAA=="),
            "SignatureDoesNotMatch");
}

// Streams that a client does not gather, which AWS refuses.
TEST(StrictMode, RefusesSmallUnsignedChunks) {
  StrictWorld world;
  world.bucket("one");
  const auto put = [&](const std::string& first) {
    base::HttpRequest request = StrictWorld::request_for(
        "PUT", "/one/a", {{"x-amz-decoded-content-length", std::to_string(first.size() + 3)}});
    StrictWorld::sign(request, "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    return world.send(std::move(request),
                      fmt::format("{:x}\r\n{}\r\n3\r\nend\r\n0\r\n\r\n", first.size(), first));
  };
  EXPECT_EQ(put(std::string(8192, 'a')).code(), "ok");
  const Answer small = put(std::string(8191, 'a'));
  EXPECT_EQ(small.code(), "InvalidChunkSizeError");
  EXPECT_EQ(small.element("BadChunkSize"), "8191");
}

TEST(StrictMode, LetsAnyoneDoWhatThePolicyAllows) {
  StrictWorld world;
  world.bucket("one");
  world.put("one", "public/a", "open");
  world.put("one", "private/a", "closed");
  const std::string policy =
      R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::one/public/*"}})";
  EXPECT_EQ(world.send_signed("PUT", "/one?policy", {}, policy).status, 204);
  const auto anonymous = [&](const std::string& method, const std::string& target,
                             const HeaderList& headers = {}) {
    return world.send(StrictWorld::request_for(method, target, headers)).status;
  };
  EXPECT_EQ(anonymous("GET", "/one/public/a"), 200);
  EXPECT_EQ(anonymous("HEAD", "/one/public/a"), 200);
  EXPECT_EQ(anonymous("GET", "/one/public/a?versionId=null"), 403)
      << "s3:GetObjectVersion is another permission";
  EXPECT_EQ(anonymous("GET", "/one/private/a"), 403);
  EXPECT_EQ(anonymous("PUT", "/one/public/b"), 403);
  EXPECT_EQ(anonymous("GET", "/one"), 403);
  EXPECT_EQ(anonymous("GET", "/"), 403);
  EXPECT_EQ(anonymous("GET", "/none/a"), 404) << "that there is no such bucket is no secret";
  EXPECT_EQ(world
                .send_signed("PUT", "/one?publicAccessBlock", {},
                             "<PublicAccessBlockConfiguration><RestrictPublicBuckets>true</"
                             "RestrictPublicBuckets></PublicAccessBlockConfiguration>")
                .status,
            200);
  EXPECT_EQ(anonymous("GET", "/one/public/a"), 403);
}

TEST(PresignedUrls, CarryHeadersInTheirQuery) {
  RestWorld world;
  world.bucket("one");
  const std::string query =
      "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK%2F20260102%2Fus-east-1%2Fs3%2Faws4_"
      "request&X-Amz-Date=20260102T030405Z"
      "&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00&x-amz-meta-from=query&x-amz-"
      "tagging=a%3D1";
  EXPECT_EQ(world.send("PUT", "/one/a" + query, {}, "x").status, 200);
  EXPECT_EQ(world.send("HEAD", "/one/a").header("x-amz-meta-from"), "query");
  EXPECT_EQ(world.send("HEAD", "/one/a").header("x-amz-tagging-count"), "1");
  EXPECT_EQ(world
                .send("PUT",
                      "/one/b" + query +
                          "&x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32",
                      {}, "x")
                .status,
            200)
      << "a checksum in the query is that of no body";
  EXPECT_EQ(world.send("PUT", "/one/a" + query + "&If-None-Match=%2A", {}, "x").status, 412);
  EXPECT_EQ(world.send("PUT", "/one/a" + query + "&If-Match=abc", {}, "x").status, 412);
  world.scheduler.advance_by(std::chrono::seconds(60));
  EXPECT_EQ(world.send("PUT", "/one/a" + query, {}, "x").code(), "AccessDenied");
}

}  // namespace
}  // namespace emulator::s3
