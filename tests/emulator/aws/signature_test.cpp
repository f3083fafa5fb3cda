// The worked examples of AWS's own pages: "Signature Calculations for the Authorization Header:
// Transferring Payload in a Single Chunk", "... in Multiple Chunks", "... Including Trailing
// Headers", "Authenticating Requests: Using Query Parameters" and, for version 2, "Signing and
// Authenticating REST Requests".

#include <gtest/gtest.h>

#include "emulator/aws/authentication.h"
#include "emulator/aws/sigv2.h"
#include "emulator/aws/sigv4.h"
#include "emulator/base/text.h"

namespace emulator::aws {
namespace {

using base::HttpRequest;

constexpr const char* access_key = "AKIAIOSFODNN7EXAMPLE";
constexpr const char* secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
constexpr const char* nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
using HeaderList = std::vector<std::pair<std::string, std::string>>;

HttpRequest request_for(const std::string& method, const std::string& target,
                        const HeaderList& headers) {
  HttpRequest request;
  request.method = method;
  request.path = target.substr(0, target.find('?'));
  if (request.path.size() < target.size()) request.query = target.substr(request.path.size() + 1);
  for (const auto& [name, value] : headers) request.headers.add(name, value);
  return request;
}

std::string v4(const std::string& signed_headers, const std::string& signature) {
  return std::string("AWS4-HMAC-SHA256 Credential=") + access_key +
         "/20130524/us-east-1/s3/aws4_request,SignedHeaders=" + signed_headers +
         ",Signature=" + signature;
}

Authenticator strict() {
  return Authenticator({.strict = true, .secrets = {{access_key, secret}}});
}

// "ok", or the code and the words of the refusal.
std::string verdict(Authenticator authenticator, const HttpRequest& request, const char* now,
                    std::string_view bucket = {}) {
  const auto parameters = request.parameters();
  const auto identity = authenticator.authenticate(
      request, parameters, {.now = base::parse_instant(now).value(), .bucket_of_host = bucket});
  if (identity) return "ok";
  const char* names[] = {"AccessDenied",
                         "AuthorizationHeaderMalformed",
                         "AuthorizationQueryParametersError",
                         "InvalidAccessKeyId",
                         "InvalidArgument",
                         "InvalidRequest",
                         "NotImplemented",
                         "RequestTimeTooSkewed",
                         "SignatureDoesNotMatch"};
  std::string out = names[static_cast<std::size_t>(identity.error().code)];
  if (!identity.error().message.empty()) out += ": " + identity.error().message;
  return out;
}

constexpr const char* at_the_time = "2013-05-24T00:00:00Z";
constexpr const char* host = "examplebucket.s3.amazonaws.com";

HttpRequest get_range() {
  return request_for(
      "GET", "/test.txt",
      {{"host", host},
       {"authorization", v4("host;range;x-amz-content-sha256;x-amz-date",
                            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")},
       {"range", "bytes=0-9"},
       {"x-amz-content-sha256", nothing},
       {"x-amz-date", "20130524T000000Z"}});
}

TEST(SignatureV4, HoldsForTheExamplesOfAws) {
  EXPECT_EQ(verdict(strict(), get_range(), at_the_time), "ok");
  EXPECT_EQ(
      verdict(strict(),
              request_for("PUT", "/test$file.text",
                          {{"host", host},
                           {"date", "Fri, 24 May 2013 00:00:00 GMT"},
                           {"authorization",
                            v4("date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                               "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")},
                           {"x-amz-date", "20130524T000000Z"},
                           {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
                           {"x-amz-content-sha256",
                            "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"}}),
              at_the_time),
      "ok");
  const auto get = [](const std::string& target, const std::string& signature) {
    return verdict(
        strict(),
        request_for("GET", target,
                    {{"host", host},
                     {"authorization", v4("host;x-amz-content-sha256;x-amz-date", signature)},
                     {"x-amz-date", "20130524T000000Z"},
                     {"x-amz-content-sha256", nothing}}),
        at_the_time);
  };
  EXPECT_EQ(get("/?lifecycle", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
            "ok");
  EXPECT_EQ(get("/?max-keys=2&prefix=J",
                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
            "ok");
  EXPECT_EQ(get("/?prefix=J&max-keys=2",
                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
            "ok");
  EXPECT_EQ(get("/?max-keys=3&prefix=J",
                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
            "SignatureDoesNotMatch");
}

TEST(SignatureV4, OfAValueThatIsNotAsciiHoldsForItsBytesAndForTheirUtf8) {
  const auto put = [](const std::string& city, const std::string& signature) {
    return verdict(
        strict(),
        request_for("PUT", "/test.txt",
                    {{"host", host},
                     {"authorization",
                      v4("host;x-amz-content-sha256;x-amz-date;x-amz-meta-city", signature)},
                     {"x-amz-content-sha256", "UNSIGNED-PAYLOAD"},
                     {"x-amz-date", "20130524T000000Z"},
                     {"x-amz-meta-city", city}}),
        at_the_time);
  };
  const std::string utf8 = "d7db48679eca317ec3a5eebd559f967295c112a3c22065d1bb3bbd028bb33f44";
  const std::string latin1 = "2347f0a6514dac7a83aaaac83b0a2a21243f9947f5919d1a972cf8ef05b39cdc";
  EXPECT_EQ(put("Orl\xC3\xA9"
                "ans",
                utf8),
            "ok");  // as botocore
  EXPECT_EQ(put("Orl\xE9"
                "ans",
                latin1),
            "ok");
  EXPECT_EQ(put("Orl\xE9"
                "ans",
                utf8),
            "ok");  // as Python's http.client sends text
  EXPECT_EQ(put("Orl\xC3\xA9"
                "ans",
                latin1),
            "SignatureDoesNotMatch");
  EXPECT_EQ(put("Orl\xE8"
                "ans",
                utf8),
            "SignatureDoesNotMatch");
  EXPECT_EQ(put("Orleans", utf8), "SignatureDoesNotMatch");
}

const std::string presigned =
    "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%"
    "2Fus-east-1%2Fs3%2Faws4_request"
    "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
    "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

TEST(SignatureV4, HoldsForAPresignedUrlUntilItExpires) {
  const HttpRequest request = request_for("GET", presigned, {{"host", host}});
  EXPECT_EQ(verdict(strict(), request, "2013-05-24T23:59:59Z"), "ok");
  EXPECT_EQ(verdict(strict(), request, "2013-05-25T00:00:00Z"),
            "AccessDenied: Request has expired");
  EXPECT_EQ(verdict(strict(), request, "2013-05-23T23:00:00Z"),
            "AccessDenied: Request is not valid yet");
  EXPECT_EQ(verdict(strict(), request_for("PUT", presigned, {{"host", host}}), at_the_time),
            "SignatureDoesNotMatch");
}

TEST(SignatureV4, OfAPresignedUrlExpiresWhereAnyKeyWorksToo) {
  HttpRequest request = request_for("GET", presigned, {{"host", host}});
  request.query.back() = '0';  // another signature
  EXPECT_EQ(verdict(Authenticator(), request, "2013-05-24T23:59:59Z"), "ok");
  EXPECT_EQ(verdict(Authenticator(), request, "2013-05-25T00:00:00Z"),
            "AccessDenied: Request has expired");
}

TEST(SignatureV4, RefusesAPresignedUrlThatIsMalformedInAwsWords) {
  const auto with = [](const std::string& from, const std::string& to) {
    std::string target = presigned;
    target.replace(target.find(from), from.size(), to);
    return verdict(Authenticator(), request_for("GET", target, {{"host", host}}), at_the_time);
  };
  EXPECT_EQ(with("Expires=86400", "Expires=604801"),
            "AuthorizationQueryParametersError: X-Amz-Expires must be less than a week (in "
            "seconds); that is, the given "
            "X-Amz-Expires must be less than 604800 seconds");
  EXPECT_EQ(with("Expires=86400", "Expires=-1"),
            "AuthorizationQueryParametersError: X-Amz-Expires must be non-negative");
  EXPECT_EQ(with("Expires=86400", "Expires=soon"),
            "AuthorizationQueryParametersError: X-Amz-Expires should be a number");
  EXPECT_EQ(with("Expires=86400", "Expires=0"), "AccessDenied: Request has expired");
  EXPECT_EQ(with("X-Amz-Date=20130524T000000Z", "X-Amz-Date=today"),
            "AuthorizationQueryParametersError: X-Amz-Date must be in the ISO8601 Long Format "
            "\"yyyyMMdd'T'HHmmss'Z'\"");
  EXPECT_TRUE(with("&X-Amz-SignedHeaders=host", "")
                  .starts_with("AuthorizationQueryParametersError: Query-string authentication "
                               "version 4 requires the X-Amz-Algorithm"));
}

TEST(Authenticator, TakesAnyKeyUnlessItIsStrict) {
  HttpRequest request = get_range();
  request.headers.set("authorization", v4("host", "00"));
  EXPECT_EQ(verdict(Authenticator(), request, "2026-01-01T00:00:00Z"), "ok");
  EXPECT_EQ(verdict(Authenticator(), request_for("GET", "/", {}), at_the_time), "ok");
}

TEST(Authenticator, NamesWhatDoesNotHold) {
  HttpRequest request = get_range();
  EXPECT_EQ(verdict(strict(), request, "2013-05-24T00:15:01Z"), "RequestTimeTooSkewed");
  EXPECT_EQ(verdict(strict(), request, "2013-05-23T23:44:59Z"), "RequestTimeTooSkewed");
  EXPECT_EQ(verdict(Authenticator(
                        {.strict = true, .secrets = {{access_key, secret}}, .check_clock = false}),
                    request, "2026-01-01T00:00:00Z"),
            "ok");
  EXPECT_EQ(verdict(Authenticator({.strict = true, .secrets = {{"other", secret}}}), request,
                    at_the_time),
            "InvalidAccessKeyId");
  EXPECT_EQ(verdict(Authenticator({.strict = true, .secrets = {{access_key, "other"}}}), request,
                    at_the_time),
            "SignatureDoesNotMatch");
  HttpRequest without_hash =
      request_for("GET", "/test.txt", {{"host", host}, {"x-amz-date", "20130524T000000Z"}});
  without_hash.headers.add("authorization", v4("host;x-amz-date", "0"));
  EXPECT_EQ(verdict(strict(), without_hash, at_the_time),
            "InvalidRequest: Missing required header for this request: x-amz-content-sha256");
  request.headers.add("x-amz-meta-a", "1");
  EXPECT_EQ(verdict(strict(), request, at_the_time),
            "AccessDenied: There were headers present in the request which were not signed");
  const auto with = [](const std::string& authorization) {
    HttpRequest changed = get_range();
    changed.headers.set("authorization", authorization);
    return verdict(strict(), changed, at_the_time);
  };
  EXPECT_TRUE(with("AWS4-HMAC-SHA256 Credential=AK/x, SignedHeaders=host, Signature=0")
                  .starts_with("AuthorizationHeaderMalformed: "));
  EXPECT_TRUE(with("AWS4-HMAC-SHA256 Signature=0").find("requires three components") !=
              std::string::npos);
  EXPECT_EQ(with("AWS4-HMAC-SHA256 Credential=AK/20130524/us-east-1/dms/aws4_request, "
                 "SignedHeaders=host, Signature=0"),
            "AuthorizationHeaderMalformed: The authorization header is malformed; incorrect "
            "service \"dms\". This endpoint belongs "
            "to \"s3\".");
  EXPECT_EQ(with("AWS4-HMAC-SHA256 Credential=AK/20130525/us-east-1/s3/aws4_request, "
                 "SignedHeaders=host, Signature=0"),
            "AuthorizationHeaderMalformed: The authorization header is malformed; Invalid "
            "credential date \"20130525\". This date is "
            "not the same as X-Amz-Date: \"20130524\".");
  EXPECT_EQ(with("AWS4-ECDSA-P256-SHA256 Credential=AK"),
            "NotImplemented: SigV4A (AWS4-ECDSA-P256-SHA256) is not implemented");
}

TEST(Authenticator, RefusesTwoMechanismsAndUnknownOnesWhateverTheKey) {
  HttpRequest request =
      request_for("GET", presigned, {{"host", host}, {"authorization", v4("host", "00")}});
  EXPECT_TRUE(verdict(Authenticator(), request, at_the_time)
                  .starts_with("InvalidArgument: Only one auth mechanism allowed"));
  EXPECT_EQ(verdict(Authenticator(), request_for("GET", "/", {{"authorization", "Basic YTpi"}}),
                    at_the_time),
            "InvalidArgument: Unsupported Authorization Type");
}

TEST(Authenticator, KeepsAnAccessKeyWithSlashes) {
  Credential credential;
  ASSERT_TRUE(parse_credential("a/b/20130524/us-east-1/s3/aws4_request", credential));
  EXPECT_EQ(credential.access_key, "a/b");
  EXPECT_EQ(credential.scope(), "20130524/us-east-1/s3/aws4_request");
  EXPECT_FALSE(parse_credential("20130524/us-east-1/s3/aws4_request", credential));
  EXPECT_FALSE(parse_credential("AK/today/us-east-1/s3/aws4_request", credential));
}

ChunkSignatures chunks(const std::string& seed) {
  const Credential credential{access_key, "20130524", "us-east-1", "s3"};
  return {signing_key(secret, credential), "20130524T000000Z", credential.scope(), seed};
}

TEST(ChunkSignatures, HoldForTheExampleOfAws) {
  ChunkSignatures signatures =
      chunks("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
  signatures.update(std::string(60000, 'a'));
  signatures.update(std::string(5536, 'a'));
  EXPECT_TRUE(
      signatures.end_chunk("ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"));
  signatures.update(std::string(1024, 'a'));
  EXPECT_TRUE(
      signatures.end_chunk("0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"));
  EXPECT_TRUE(
      signatures.end_chunk("b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"));
}

TEST(ChunkSignatures, CoverTheTrailers) {
  const char* seed = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";
  const auto after_the_chunks = [&] {
    ChunkSignatures signatures = chunks(seed);
    signatures.update(std::string(65536, 'a'));
    EXPECT_TRUE(
        signatures.end_chunk("b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2"));
    signatures.update(std::string(1024, 'a'));
    EXPECT_TRUE(
        signatures.end_chunk("1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7"));
    EXPECT_TRUE(
        signatures.end_chunk("2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"));
    return signatures;
  };
  const char* signature = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435";
  EXPECT_TRUE(after_the_chunks().check_trailers(signature, "x-amz-checksum-crc32c:sOO8/Q==\n"));
  EXPECT_FALSE(after_the_chunks().check_trailers(signature, "x-amz-checksum-crc32c:AAAAAA==\n"));
}

TEST(ChunkSignatures, FailWhereAByteDiffers) {
  ChunkSignatures signatures =
      chunks("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
  signatures.update(std::string(65535, 'a') + "b");
  EXPECT_FALSE(
      signatures.end_chunk("ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"));
}

std::string v2(const std::string& signature) {
  return std::string("AWS ") + access_key + ":" + signature;
}

TEST(SignatureV2, HoldsForTheExamplesOfAws) {
  const char* now = "2007-03-27T19:36:42Z";
  const auto with = [&](const std::string& method, const std::string& target, HeaderList headers,
                        const std::string& signature) {
    headers.emplace_back("authorization", v2(signature));
    return verdict(strict(), request_for(method, target, headers), now, "johnsmith");
  };
  EXPECT_EQ(with("GET", "/photos/puppy.jpg", {{"date", "Tue, 27 Mar 2007 19:36:42 +0000"}},
                 "bWq2s1WEIj+Ydj0vQ697zp+IXMU="),
            "ok");
  EXPECT_EQ(with("PUT", "/photos/puppy.jpg",
                 {{"content-type", "image/jpeg"}, {"date", "Tue, 27 Mar 2007 19:36:42 +0000"}},
                 "bWq2s1WEIj+Ydj0vQ697zp+IXMU="),
            "SignatureDoesNotMatch");
  EXPECT_EQ(with("GET", "/photos/puppy.jpg", {{"date", "Tue, 27 Mar 2007 18:36:42 +0000"}}, "="),
            "RequestTimeTooSkewed");
  EXPECT_EQ(with("GET", "/photos/puppy.jpg", {}, "="),
            "AccessDenied: AWS authentication requires a valid Date or x-amz-date header");
}

TEST(SignatureV2, SignsTheHeadersAndSubResourcesThatCount) {
  const HttpRequest request = request_for("PUT", "/db-backup.dat.gz?acl&marker=7",
                                          {{"content-md5", "4gJE4saaMU4BqNR0kLY+lw=="},
                                           {"content-type", "application/x-download"},
                                           {"x-amz-meta-reviewedby", "joe@johnsmith.net"},
                                           {"x-amz-acl", "public-read"},
                                           {"x-amz-meta-reviewedby", "jane@johnsmith.net"}});
  EXPECT_EQ(string_to_sign_v2(request, request.parameters(), "Tue, 27 Mar 2007 21:06:08 +0000",
                              "static.johnsmith.net"),
            "PUT\n4gJE4saaMU4BqNR0kLY+lw==\napplication/x-download\nTue, 27 Mar 2007 21:06:08 "
            "+0000\nx-amz-acl:public-read\n"
            "x-amz-meta-reviewedby:joe@johnsmith.net,jane@johnsmith.net\n/static.johnsmith.net/"
            "db-backup.dat.gz?acl");
}

TEST(SignatureV2, HoldsForAPresignedUrlUntilItExpires) {
  const auto at = [](const std::string& path, const char* now) {
    const std::string target = path +
                               "?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=NpgCjnDzrM%"
                               "2BWFzoENXmpNDUsSn8%3D&Expires=1175139620";
    return verdict(strict(), request_for("GET", target, {{"host", "johnsmith.s3.amazonaws.com"}}),
                   now, "johnsmith");
  };
  EXPECT_EQ(at("/photos/puppy.jpg", "2007-03-29T03:40:19Z"), "ok");
  EXPECT_EQ(at("/photos/puppy.jpg", "2007-03-29T03:40:20Z"), "AccessDenied: Request has expired");
  EXPECT_EQ(at("/photos/kitten.jpg", "2007-03-29T03:40:19Z"), "SignatureDoesNotMatch");
}

TEST(Forms, AreSignedByTheirPolicy) {
  // AWS: "Example: Browser-Based Upload using HTTP POST (Using AWS Signature Version 4)"
  const std::string policy =
      "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7"
      "ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVi"
      "dWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJw"
      "dWJsaWMtcmVhZCJ9LA0KICAgIHsic3Vj"
      "Y2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1"
      "Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwN"
      "CiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1"
      "aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwN"
      "CiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIs"
      "ICIkeC1hbXotbWV0YS10YWciLCAiIl0s"
      "DQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0x"
      "L3MzL2F3czRfcmVxdWVzdCJ9LA0KICAg"
      "IHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEy"
      "MjlUMDAwMDAwWiIgfQ0KICBdDQp9";
  std::vector<std::pair<std::string, std::string>> fields{
      {"policy", policy},
      {"x-amz-credential", "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},
      {"x-amz-algorithm", "AWS4-HMAC-SHA256"},
      {"x-amz-date", "20151229T000000Z"},
      {"x-amz-signature", "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"}};
  Authenticator authenticator = strict();
  EXPECT_TRUE(authenticator.authenticate_form(fields));
  fields[0].second += "A";
  EXPECT_FALSE(authenticator.authenticate_form(fields));
  EXPECT_TRUE(Authenticator().authenticate_form(fields));
}

}  // namespace
}  // namespace emulator::aws
