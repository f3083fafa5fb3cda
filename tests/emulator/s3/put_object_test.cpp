// PutObject over REST: lengths, digests, aws-chunked bodies (s3.md sections 1 and 3).

#include "emulator/base/bytes.h"
#include "emulator/base/digest.h"
#include "tests/emulator/s3/rest_client.h"

namespace emulator::s3 {
namespace {

struct PutObjectRest : testing::Test {
  PutObjectRest() { world.bucket("one"); }

  Answer put(const HeaderList& headers, std::string_view body) {
    return world.send("PUT", "/one/a", headers, body);
  }
  std::string stored() { return world.send("GET", "/one/a").body; }
  bool nothing_stored() { return world.send("HEAD", "/one/a").status == 404; }

  RestWorld world;
};

std::string crc32_base64(std::string_view text) {
  std::string bytes;
  base::append_be(bytes, base::crc32(text), 4);
  return base::to_base64(bytes);
}

HeaderList streaming(std::string_view kind, std::size_t decoded, HeaderList more = {}) {
  more.emplace_back("x-amz-content-sha256", std::string(kind));
  more.emplace_back("x-amz-decoded-content-length", std::to_string(decoded));
  return more;
}
constexpr std::string_view unsigned_trailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
constexpr std::string_view signed_payload = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";

TEST_F(PutObjectRest, StoresTheBodyAndAnswersItsETag) {
  const Answer answer = put({{"content-type", "text/csv"}, {"x-amz-meta-owner", "dms"}}, "1,Ada\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("etag"),
            "\"" + base::to_hex(base::hash(base::HashKind::md5, "1,Ada\n")) + "\"");
  EXPECT_EQ(answer.header("x-amz-request-id").size(), 16u);
  EXPECT_EQ(answer.header("x-amz-id-2").size(), 76u);
  const Answer got = world.send("GET", "/one/a");
  EXPECT_EQ(got.body, "1,Ada\n");
  EXPECT_EQ(got.header("content-type"), "text/csv");
  EXPECT_EQ(got.header("x-amz-meta-owner"), "dms");
  EXPECT_EQ(got.header("last-modified"), "Fri, 02 Jan 2026 03:04:05 GMT");
}

TEST_F(PutObjectRest, TakesAnEmptyBody) {
  EXPECT_EQ(put({}, "").status, 200);
  EXPECT_EQ(stored(), "");
}

TEST_F(PutObjectRest, WantsALength) {
  EXPECT_EQ(put({{"transfer-encoding", "chunked"}}, "x").code(), "MissingContentLength");
  EXPECT_EQ(put({{"x-amz-content-sha256", std::string(unsigned_trailer)}}, "0\r\n\r\n").code(),
            "MissingContentLength");
  EXPECT_TRUE(nothing_stored());
}

TEST_F(PutObjectRest, RefusesWhatIsTooLongBeforeItComes) {
  base::HttpRequest request{
      .method = "PUT", .path = "/one/a", .content_length = (std::uint64_t{5} << 30) + 1};
  const Answer answer = world.send(request, "");
  EXPECT_EQ(answer.code(), "EntityTooLarge");
  EXPECT_EQ(answer.element("MaxSizeAllowed"), "5368709120");
  // In chunks it is the size of what is in them, and a part is no larger either.
  request.headers.add("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
  request.headers.add("x-amz-decoded-content-length", "5368709121");
  request.content_length = 100;
  EXPECT_EQ(world.send(request, "").code(), "EntityTooLarge");
  request.query =
      "partNumber=1&uploadId=" + world.send("POST", "/one/a?uploads").element("UploadId");
  EXPECT_EQ(world.send(request, "").code(), "EntityTooLarge");
}

TEST_F(PutObjectRest, JoinsTheHeadersOfOneName) {
  EXPECT_EQ(put({{"x-amz-meta-a", "1"}, {"x-amz-meta-a", "2"}, {"x-amz-meta-b", "3"}}, "x").code(),
            "ok");
  const Answer head = world.send("HEAD", "/one/a");
  EXPECT_EQ(head.header("x-amz-meta-a"), "1,2");
  EXPECT_EQ(head.headers.count("x-amz-meta-a"), 1u);
}

// LocalStack's recordings of AWS: test_system_metadata_with_unicode,
// test_user_metadata_rfc2047_encoded.
TEST_F(PutObjectRest, GivesBackHeadersByteForByte) {
  for (const char* value :
       {"\xC3\x84M\xC3\x84Z S3", "caf\xE9", "a  b\t~!\"#$%&'()*+,-./:;<=>?@[]^_`{|}",
        "=?UTF-8?Q?=C3=84M=C3=84Z=C3=95=C3=91_S3?="}) {
    EXPECT_EQ(put({{"cache-control", value}, {"x-amz-meta-a", value}}, "x").code(), "ok");
    const Answer head = world.send("HEAD", "/one/a");
    EXPECT_EQ(head.header("cache-control"), value);
    EXPECT_EQ(head.header("x-amz-meta-a"), value);
  }
}

TEST_F(PutObjectRest, StoresNothingOfABodyThatIsCutShort) {
  base::HttpRequest request{.method = "PUT", .path = "/one/a", .content_length = 10};
  EXPECT_EQ(world.send(request, "12345").code(), "IncompleteBody");
  EXPECT_TRUE(nothing_stored());
}

TEST_F(PutObjectRest, AnswersBeforeTheBodyWhatNeedsNoBody) {
  const auto early = [&](const std::string& path, const HeaderList& headers) {
    base::HttpRequest request{.method = "PUT", .path = path, .content_length = 1};
    for (const auto& [name, value] : headers) request.headers.add(name, value);
    return handle_rest(world.service, request).response.has_value();
  };
  EXPECT_FALSE(early("/one/a", {}));
  EXPECT_TRUE(early("/none/a", {}));
  EXPECT_TRUE(early("/one/a", {{"if-match", "*"}}));
  EXPECT_TRUE(early("/one/a", {{"content-md5", "!"}}));
}

TEST_F(PutObjectRest, VerifiesContentMd5) {
  EXPECT_EQ(put({{"content-md5", md5_base64("x")}}, "x").code(), "ok");
  EXPECT_EQ(put({{"content-md5", md5_base64("y")}}, "z").code(), "BadDigest");
  EXPECT_EQ(put({{"content-md5", "abc"}}, "z").code(), "InvalidDigest");
  EXPECT_EQ(stored(), "x");
}

TEST_F(PutObjectRest, VerifiesTheSha256ThatWasSigned) {
  const std::string good = base::to_hex(base::hash(base::HashKind::sha256, "x"));
  EXPECT_EQ(put({{"x-amz-content-sha256", good}}, "x").code(), "ok");
  const Answer bad = put({{"x-amz-content-sha256", good}}, "y");
  EXPECT_EQ(bad.code(), "XAmzContentSHA256Mismatch");
  EXPECT_EQ(bad.element("ClientComputedContentSHA256"), good);
  EXPECT_EQ(put({{"x-amz-content-sha256", "UNSIGNED-PAYLOAD"}}, "z").code(), "ok");
  EXPECT_EQ(put({{"x-amz-content-sha256", "nonsense"}}, "z").code(), "InvalidArgument");
  EXPECT_EQ(put({{"x-amz-content-sha256", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"}}, "z").code(),
            "NotImplemented");
}

// Values of "123456789": the check values of the CRC catalogue, and FIPS 180's functions.
TEST_F(PutObjectRest, VerifiesAndEchoesEveryChecksum) {
  const std::string text = "123456789";
  const auto from_hex = [](const char* hex) { return base::to_base64(*base::from_hex(hex)); };
  const HeaderList checksums{
      {"x-amz-checksum-crc32", from_hex("cbf43926")},
      {"x-amz-checksum-crc32c", from_hex("e3069283")},
      {"x-amz-checksum-crc64nvme", from_hex("ae8b14860a799888")},
      {"x-amz-checksum-sha1", base::to_base64(base::hash(base::HashKind::sha1, text))},
      {"x-amz-checksum-sha256", base::to_base64(base::hash(base::HashKind::sha256, text))},
  };
  for (const auto& [name, value] : checksums) {
    const Answer answer = put({{name, value}}, text);
    EXPECT_EQ(answer.status, 200) << name << answer.body;
    EXPECT_EQ(answer.header(name), value);
    EXPECT_EQ(answer.header("x-amz-checksum-type"), "FULL_OBJECT");
    EXPECT_EQ(put({{name, value}}, "12345678!").code(), "BadDigest") << name;
    EXPECT_EQ(put({{name, "AA=="}}, text).code(), "InvalidRequest") << name;
    EXPECT_EQ(world.send("GET", "/one/a", {{"x-amz-checksum-mode", "ENABLED"}}).header(name),
              value);
    EXPECT_EQ(world.send("GET", "/one/a").header(name), "");
  }
}

TEST_F(PutObjectRest, ComputesCrc64NvmeWhereTheClientGivesNoChecksum) {
  EXPECT_EQ(put({}, "123456789").header("x-amz-checksum-crc64nvme"),
            base::to_base64(*base::from_hex("ae8b14860a799888")));
}

TEST_F(PutObjectRest, KnowsTheChecksumsOfNewerClients) {
  // Of "123456789": SHA-512 and MD5 are known, those of xxHash are its own program's.
  const std::vector<std::pair<std::string, std::string>> known{
      {"sha512",
       "d9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274ad27fcd5811b313d681f7e55ec02"
       "d73d499c95455b6b5bb503acf574fba8ffe85"},
      {"md5", "25f9e794323b453885f5181f1b624d0b"},
      {"xxhash64", "8cb841db40e6ae83"},
      {"xxhash3", "72dcb18b67a17dff"},
      {"xxhash128", "33119477ede5dcd5e9716427681d5860"}};
  for (const auto& [name, hex] : known) {
    const std::string header = "x-amz-checksum-" + name;
    if (find_checksum_by_header(header) == nullptr) continue;  // built without xxHash
    const std::string value = base::to_base64(*base::from_hex(hex));
    EXPECT_EQ(put({{header, value}}, "123456789").header(header), value);
    EXPECT_EQ(put({{header, value}}, "12345678").code(), "BadDigest") << name;
  }
}

TEST_F(PutObjectRest, RefusesTwoChecksumsAndUnknownOnes) {
  EXPECT_EQ(put({{"x-amz-checksum-crc32", crc32_base64("x")},
                 {"x-amz-checksum-sha1", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="}},
                "x")
                .code(),
            "InvalidRequest");
  EXPECT_EQ(put({{"x-amz-checksum-sha512", "AAAA"}}, "x").code(), "InvalidRequest");
  EXPECT_EQ(put({{"x-amz-checksum-crc16", "AAAA"}}, "x").code(), "NotImplemented");
  EXPECT_EQ(put({{"x-amz-sdk-checksum-algorithm", "CRC32"}}, "x").code(), "InvalidRequest");
  EXPECT_TRUE(nothing_stored());
}

TEST_F(PutObjectRest, TakesUnsignedChunksWithATrailer) {
  const std::string body =
      "b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:" + crc32_base64("hello world") + "\r\n\r\n";
  const HeaderList headers = streaming(unsigned_trailer, 11,
                                       {{"x-amz-trailer", "x-amz-checksum-crc32"},
                                        {"content-encoding", "aws-chunked,gzip"},
                                        {"x-amz-sdk-checksum-algorithm", "CRC32"}});
  for (std::size_t piece = 1; piece <= body.size(); ++piece) {
    world.piece_bytes = piece;
    const Answer answer = put(headers, body);
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.header("x-amz-checksum-crc32"), crc32_base64("hello world"));
  }
  const Answer got = world.send("GET", "/one/a");
  EXPECT_EQ(got.body, "hello world");
  EXPECT_EQ(got.header("content-encoding"), "gzip");
}

TEST_F(PutObjectRest, DoesNotStoreAwsChunkedAsTheEncoding) {
  ASSERT_EQ(put(streaming(unsigned_trailer, 0, {{"content-encoding", "aws-chunked"}}), "0\r\n\r\n")
                .status,
            200);
  EXPECT_FALSE(world.send("GET", "/one/a").headers.has("content-encoding"));
}

TEST_F(PutObjectRest, KeepsTheOtherEncodingsAsTheyWereWritten) {
  const auto stored = [&](const std::string& encoding) {
    EXPECT_EQ(put({{"content-encoding", encoding}}, "x").status, 200);
    return world.send("HEAD", "/one/a").header("content-encoding");
  };
  EXPECT_EQ(stored("deflate, gzip"), "deflate, gzip");
  EXPECT_EQ(stored("deflate,gzip"), "deflate,gzip");
  EXPECT_EQ(stored("gzip, aws-chunked"), "gzip");
  EXPECT_EQ(stored("aws-chunked, gzip"), "gzip");
  EXPECT_EQ(stored("aws-chunked, aws-chunked"), "");
}

TEST_F(PutObjectRest, RefusesWhatItsHeadersContradict) {
  EXPECT_EQ(
      put({{"x-amz-sdk-checksum-algorithm", "SHA256"}, {"x-amz-checksum-crc32", crc32_base64("x")}},
          "x")
          .code(),
      "InvalidRequest");
  EXPECT_EQ(put({{"x-amz-website-redirect-location", "elsewhere"}}, "x").code(),
            "InvalidRedirectLocation");
  EXPECT_EQ(put({{"x-amz-tagging", "=1"}}, "x").code(), "InvalidArgument");
  EXPECT_EQ(put({{"x-amz-website-redirect-location", "/elsewhere"}}, "x").code(), "ok");
}

TEST_F(PutObjectRest, TakesTrailersThatEndAsAwssPageHasThem) {
  // LF CR LF ends a trailer there, and so minio-go writes it.
  const std::string sum = "x-amz-checksum-crc32:" + crc32_base64("abc") + "\n\r\n";
  const HeaderList headers =
      streaming(unsigned_trailer, 3, {{"x-amz-trailer", "x-amz-checksum-crc32"}});
  for (const char* end : {"\r\n", ""}) {
    EXPECT_EQ(put(headers, "3\r\nabc\r\n0\r\n" + sum + end).code(), "ok");
    EXPECT_EQ(stored(), "abc");
  }
  EXPECT_EQ(put(headers, "3\r\nabc\r\n0\r\n" + sum + "\r\nmore").code(), "IncompleteBody");
  EXPECT_EQ(put(headers, "3\r\nabd\r\n0\r\n" + sum + "\r\n").code(), "BadDigest");
  EXPECT_EQ(stored(), "abc");
}

TEST_F(PutObjectRest, TakesALastChunkWithoutTheEmptyLineBehindIt) {
  EXPECT_EQ(
      put(streaming(signed_payload, 3), "3;chunk-signature=a\r\nabc\r\n0;chunk-signature=b\r\n")
          .code(),
      "ok");
  EXPECT_EQ(stored(), "abc");
  EXPECT_EQ(put(streaming(signed_payload, 3), "3;chunk-signature=a\r\nabc\r\n").code(),
            "IncompleteBody");
}

TEST_F(PutObjectRest, SaysWhatWasWrongWithAContentMd5) {
  EXPECT_EQ(put({{"content-md5", "not base64"}}, "x").element("Content-MD5"), "not base64");
  const Answer other = put({{"content-md5", md5_base64("y")}}, "x");
  EXPECT_EQ(other.code(), "BadDigest");
  EXPECT_EQ(other.element("ExpectedDigest"), base::to_hex(base::hash(base::HashKind::md5, "y")));
  EXPECT_EQ(other.element("CalculatedDigest"), md5_base64("x"));
}

TEST_F(PutObjectRest, TakesSignedChunksInsideHttpChunks) {
  const std::string signature = ";chunk-signature=" + std::string(64, 'a');
  const std::string data(8192, 'd');
  const std::string body = "2000" + signature + "\r\n" + data + "\r\n3" + signature +
                           "\r\nend\r\n0" + signature + "\r\n\r\n";
  HeaderList headers = streaming(signed_payload, 8195);
  EXPECT_EQ(put(headers, body).code(), "ok");
  EXPECT_EQ(stored(), data + "end");
  headers.emplace_back("transfer-encoding", "chunked");
  EXPECT_EQ(put(headers, body).code(), "ok");
}

// s3.md wants it of signed chunks; StrictMode.RefusesSmallUnsignedChunks has the others.
TEST_F(PutObjectRest, RefusesSmallSignedChunksButTheLast) {
  const std::string frames = "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  const Answer small = put(streaming(signed_payload, 5), frames);
  EXPECT_EQ(small.code(), "InvalidChunkSizeError");
  EXPECT_EQ(small.element("Chunk"), "2");
  EXPECT_EQ(small.element("BadChunkSize"), "3");
  EXPECT_EQ(put(streaming(unsigned_trailer, 5), frames).code(), "ok");
  EXPECT_EQ(stored(), "abcde");
}

TEST_F(PutObjectRest, TakesAnEmptyContentTypeForNone) {
  EXPECT_EQ(put({{"content-type", ""}}, "x").code(), "ok");
  EXPECT_EQ(world.send("HEAD", "/one/a").header("content-type"), "binary/octet-stream");
}

TEST_F(PutObjectRest, CountsChecksumsBeforeItReadsThem) {
  const Answer two = put({{"x-amz-checksum-crc32", "bad"}, {"x-amz-checksum-sha1", "bad"}}, "x");
  EXPECT_EQ(two.element("Message"),
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
}

TEST_F(PutObjectRest, StoresNothingOfABadAwsChunkedBody) {
  const auto code = [&](std::size_t decoded, std::string_view body, HeaderList more = {}) {
    return put(streaming(unsigned_trailer, decoded, std::move(more)), body).code();
  };
  const HeaderList with_crc{{"x-amz-trailer", "x-amz-checksum-crc32"}};
  EXPECT_EQ(code(4, "5\r\nhello\r\n0\r\n\r\n"), "IncompleteBody");
  EXPECT_EQ(code(6, "5\r\nhello\r\n0\r\n\r\n"), "IncompleteBody");
  EXPECT_EQ(code(5, "5\r\nhello\r\n"), "IncompleteBody");
  EXPECT_EQ(code(5, "5\r\nhello\r\n0\r\n"), "IncompleteBody");
  EXPECT_EQ(code(5, "5\r\nhelloX\r\n0\r\n\r\n"), "IncompleteBody");
  EXPECT_EQ(code(5, "zz\r\nhello\r\n0\r\n\r\n"), "IncompleteBody");
  EXPECT_EQ(code(5, "5\r\nhello\r\n0\r\n\r\nmore"), "IncompleteBody");
  EXPECT_EQ(code(5, "5\r\nhello\r\n0\r\n\r\n", with_crc), "MalformedTrailerError");
  EXPECT_EQ(code(5, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", with_crc),
            "BadDigest");
  EXPECT_EQ(code(5, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:A\r\n\r\n", with_crc),
            "InvalidRequest");
  EXPECT_EQ(code(5, "5\r\nhello\r\n0\r\nx-amz-meta-a:b\r\n\r\n", with_crc),
            "MalformedTrailerError");
  EXPECT_EQ(code(5, "5\r\nhello\r\n0\r\n\r\n", {{"x-amz-trailer", "x-amz-meta-a"}}),
            "InvalidRequest");
  EXPECT_TRUE(nothing_stored());
}

TEST_F(PutObjectRest, HoldsConditions) {
  EXPECT_EQ(put({{"if-match", "\"abc\""}}, "x").code(), "NoSuchKey");
  EXPECT_EQ(put({{"if-none-match", "*"}}, "x").code(), "ok");
  const Answer second = put({{"if-none-match", "*"}}, "y");
  EXPECT_EQ(second.status, 412);
  EXPECT_EQ(second.element("Condition"), "If-None-Match");
  EXPECT_EQ(put({{"if-none-match", "\"abc\""}}, "y").code(), "NotImplemented");
  EXPECT_EQ(stored(), "x");
}

TEST_F(PutObjectRest, RefusesHeadersThatAskForMoreThanIsHere) {
  EXPECT_EQ(put({{"x-amz-server-side-encryption-context", "e30="}}, "x").code(), "NotImplemented");
  EXPECT_EQ(put({{"x-amz-server-side-encryption-customer-algorithm", "AES256"}}, "x").code(),
            "NotImplemented");
  EXPECT_EQ(put({{"x-amz-acl", "public-read"}}, "x").code(), "AccessControlListNotSupported");
  EXPECT_EQ(put({{"x-amz-storage-class", "COLD"}}, "x").code(), "InvalidStorageClass");
  EXPECT_EQ(put({{"x-amz-meta-a", std::string(2048, 'v')}}, "x").code(), "MetadataTooLarge");
  EXPECT_TRUE(nothing_stored());
  EXPECT_EQ(
      put({{"x-amz-acl", "bucket-owner-full-control"}, {"x-amz-server-side-encryption", "AES256"}},
          "x")
          .code(),
      "ok");
}

TEST_F(PutObjectRest, RepeatsItsRequestIdInTheEvent) {
  world.notify("one", {"s3:ObjectCreated:*"});
  const Answer answer = put({}, "x");
  world.run();
  ASSERT_EQ(world.inbox.events.size(), 1u);
  EXPECT_NE(world.inbox.events[0].record_json.find(answer.header("x-amz-request-id")),
            std::string::npos);
  EXPECT_NE(world.inbox.events[0].record_json.find(answer.header("x-amz-id-2")), std::string::npos);
}

}  // namespace
}  // namespace emulator::s3
