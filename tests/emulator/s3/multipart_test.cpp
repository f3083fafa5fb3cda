// Multipart uploads over REST (s3.md sections 3, 4, 6).

#include <set>

#include "emulator/base/bytes.h"
#include "emulator/base/digest.h"
#include "tests/emulator/s3/rest_client.h"

namespace emulator::s3 {
namespace {

constexpr std::size_t mebibyte = 1024 * 1024;
constexpr std::string_view unsigned_trailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

// Bytes that no other part has, and that no shift of themselves equals.
std::string content(std::size_t size, unsigned seed) {
  std::string bytes(size, '\0');
  std::uint32_t state = seed * 2654435761u + 1;
  for (char& byte : bytes) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

std::string md5(std::string_view text) { return base::hash(base::HashKind::md5, text); }
std::string md5_hex(std::string_view text) { return base::to_hex(md5(text)); }

std::string checksum(std::string_view algorithm, std::string_view text) {
  const auto running = find_checksum_by_name(algorithm)->start();
  running->update(text);
  return base::to_base64(running->finish());
}

struct ListedPart {
  int number;
  std::string etag;
  std::string more = {};  // further elements
};

std::string completion(const std::vector<ListedPart>& parts) {
  std::string xml = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (const ListedPart& part : parts) {
    xml += "<Part><PartNumber>" + std::to_string(part.number) + "</PartNumber><ETag>" + part.etag +
           "</ETag>" + part.more + "</Part>";
  }
  return xml + "</CompleteMultipartUpload>";
}

struct Multipart : testing::Test {
  Multipart() {
    world.bucket("one");
    world.piece_bytes = 100'000;
  }

  std::string create(const HeaderList& headers = {}, const std::string& key = "a") {
    const Answer answer = world.send("POST", "/one/" + key + "?uploads", headers);
    EXPECT_EQ(answer.code(), "ok") << answer.body;
    EXPECT_EQ(answer.element("Bucket"), "one");
    return answer.element("UploadId");
  }
  Answer part(const std::string& id, int number, std::string_view body,
              const HeaderList& headers = {}) {
    return world.send("PUT", "/one/a?partNumber=" + std::to_string(number) + "&uploadId=" + id,
                      headers, body);
  }
  Answer complete(const std::string& id, const std::vector<ListedPart>& parts,
                  const HeaderList& headers = {}) {
    return world.send("POST", "/one/a?uploadId=" + id, headers, completion(parts));
  }
  Answer copy(const std::string& id, int number, const std::string& source,
              HeaderList headers = {}) {
    headers.emplace_back("x-amz-copy-source", source);
    return world.send("PUT", "/one/a?uploadId=" + id + "&partNumber=" + std::to_string(number),
                      headers);
  }
  Answer get(const std::string& parameters = {}, const HeaderList& headers = {}) {
    return world.send("GET", "/one/a" + parameters, headers);
  }
  // The header of a part's checksum, where the headers of its upload chose an algorithm.
  static HeaderList checksum_header(const HeaderList& of_upload, std::string_view body) {
    for (const auto& [name, value] : of_upload) {
      if (name == "x-amz-checksum-algorithm")
        return {{"x-amz-checksum-" + base::to_lower(value), checksum(value, body)}};
    }
    return {};
  }
  // Uploads these and completes; the whole.
  std::string upload(const std::vector<std::string>& bodies, const HeaderList& headers = {}) {
    const std::string id = create(headers);
    std::vector<ListedPart> listed;
    std::string whole;
    for (const std::string& body : bodies) {
      const int number = static_cast<int>(listed.size()) + 1;
      const Answer answer = part(id, number, body, checksum_header(headers, body));
      std::string more;
      for (const char* name : {"CRC32", "CRC32C", "SHA1", "SHA256"}) {
        const std::string value = answer.header("x-amz-checksum-" + base::to_lower(name));
        if (!value.empty())
          more = "<Checksum" + std::string(name) + ">" + value + "</Checksum" + name + ">";
      }
      listed.push_back({number, answer.header("etag"), more});
      whole += body;
    }
    const Answer answer = complete(id, listed);
    EXPECT_EQ(answer.code(), "ok") << answer.body;
    return whole;
  }

  RestWorld world;
  const std::string first = content(5 * mebibyte, 1);
  const std::string second = content(5 * mebibyte + 3, 2);
  const std::string tail = content(1000, 3);
};

TEST_F(Multipart, MakesOneObjectOfItsParts) {
  const std::string id = create(
      {{"content-type", "text/csv"}, {"x-amz-meta-owner", "dms"}, {"cache-control", "no-store"}});
  const std::string one = part(id, 1, first).header("etag"), two = part(id, 2, tail).header("etag");
  EXPECT_EQ(one, "\"" + md5_hex(first) + "\"");
  EXPECT_EQ(get().code(), "NoSuchKey") << "not before it is completed";
  const Answer completed = complete(id, {{1, one}, {2, two}});
  EXPECT_EQ(completed.status, 200);
  EXPECT_EQ(completed.element("Location"), "http://127.0.0.1:4566/one/a");
  EXPECT_EQ(completed.element("Bucket"), "one");
  EXPECT_EQ(completed.element("Key"), "a");
  const std::string etag = md5_hex(md5(first) + md5(tail)) + "-2";
  EXPECT_EQ(completed.element("ETag"), "&quot;" + etag + "&quot;");
  const Answer got = get();
  EXPECT_TRUE(got.body == first + tail);
  EXPECT_EQ(got.header("etag"), "\"" + etag + "\"");
  EXPECT_EQ(got.header("content-type"), "text/csv");
  EXPECT_EQ(got.header("x-amz-meta-owner"), "dms");
  EXPECT_EQ(got.header("cache-control"), "no-store");
  EXPECT_EQ(world.send("GET", "/one?list-type=2").element("Size"),
            std::to_string(first.size() + tail.size()));
  EXPECT_EQ(complete(id, {{1, one}}).code(), "NoSuchUpload") << "with other parts it is no retry";
}

TEST_F(Multipart, KeepsTheKeyAndTheBytesThatWereThereUntilItIsCompleted) {
  world.put("one", "a", "old");
  const std::string id = create();
  const std::string etag = part(id, 1, tail).header("etag");
  EXPECT_EQ(get().body, "old");
  EXPECT_EQ(complete(id, {{1, etag}}).code(), "ok");
  EXPECT_TRUE(get().body == tail);
  world.put("one", "a", "new");
  EXPECT_EQ(get().body, "new");
}

TEST_F(Multipart, TakesThePartsThatAreListedAndTheLastOfANumber) {
  const std::string id = create();
  part(id, 7, first);
  const std::string seven = part(id, 7, second).header("etag");
  const std::string ten = part(id, 10000, tail).header("etag");
  part(id, 8, "left out");
  EXPECT_EQ(complete(id, {{7, md5_hex(second)}, {10000, ten}}).code(), "ok")
      << "an ETag needs no quotes";
  EXPECT_TRUE(get().body == second + tail);
}

TEST_F(Multipart, SucceedsAgainWhenItIsCompletedAgain) {
  world.notify("one", {"s3:ObjectCreated:*"});
  const std::string id = create();
  const std::string etag = part(id, 1, tail).header("etag");
  const Answer completed = complete(id, {{1, etag}});
  EXPECT_EQ(complete(id, {{1, etag}}).body, completed.body);
  EXPECT_EQ(complete(id, {{1, etag}}, {{"if-none-match", "*"}}).code(), "ok");
  EXPECT_EQ(complete(id, {{1, md5_hex("other")}}).code(), "NoSuchUpload");
  world.run();
  EXPECT_EQ(world.inbox.events.size(), 1u);
  world.put("one", "a", "newer");
  EXPECT_EQ(complete(id, {{1, etag}}).code(), "NoSuchUpload");
  EXPECT_EQ(get().body, "newer");
}

TEST_F(Multipart, SendsOneEventForTheWholeAndNoneForItsParts) {
  world.notify("one", {"s3:ObjectCreated:*"});
  upload({first, tail});
  world.run();
  ASSERT_EQ(world.inbox.events.size(), 1u);
  const OutboxEvent& event = world.inbox.events[0];
  EXPECT_EQ(event.event_name, "ObjectCreated:CompleteMultipartUpload");
  EXPECT_NE(event.record_json.find("\"size\":" + std::to_string(first.size() + tail.size())),
            std::string::npos);
  EXPECT_NE(event.record_json.find("\"eTag\":\"" + md5_hex(md5(first) + md5(tail)) + "-2\""),
            std::string::npos);
  EXPECT_TRUE(world.store->outbox().value().empty());
}

TEST_F(Multipart, IsAsOldAsItsBeginning) {
  const std::string id = create();
  world.scheduler.after(std::chrono::hours(1), "an hour", [] {});
  world.run();
  complete(id, {{1, part(id, 1, tail).header("etag")}});
  EXPECT_EQ(get().header("last-modified"), "Fri, 02 Jan 2026 03:04:05 GMT");
}

TEST_F(Multipart, RefusesAListThatDoesNotFit) {
  const std::string id = create();
  const std::string one = part(id, 1, first).header("etag"),
                    two = part(id, 2, second).header("etag");
  EXPECT_EQ(complete(id, {{2, two}, {1, one}}).code(), "InvalidPartOrder");
  EXPECT_EQ(complete(id, {{1, one}, {1, one}}).code(), "InvalidPartOrder");
  EXPECT_EQ(complete(id, {}).code(), "MalformedXML");
  const Answer missing = complete(id, {{1, one}, {3, two}});
  EXPECT_EQ(missing.code(), "InvalidPart");
  EXPECT_EQ(missing.element("PartNumber"), "3");
  EXPECT_EQ(missing.element("UploadId"), id);
  EXPECT_EQ(complete(id, {{1, two}}).code(), "InvalidPart");
  EXPECT_EQ(complete("none", {{1, one}}).code(), "NoSuchUpload");
  EXPECT_EQ(world.send("POST", "/one/a?uploadId=none", {}, "no xml").code(), "NoSuchUpload");
  EXPECT_EQ(get().code(), "NoSuchKey");
  EXPECT_EQ(complete(id, {{1, one}, {2, two}}).code(), "ok")
      << "a refusal leaves the upload as it is";
}

TEST_F(Multipart, RefusesBodiesThatAreNoListOfParts) {
  const std::string id = create();
  part(id, 1, tail);
  const auto send = [&](const std::string& body) {
    return world.send("POST", "/one/a?uploadId=" + id, {}, body).code();
  };
  EXPECT_EQ(send(""), "MalformedXML");
  EXPECT_EQ(send("<CompleteMultipartUpload>"), "MalformedXML");
  EXPECT_EQ(send("<Delete/>"), "MalformedXML");
  EXPECT_EQ(send("<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></"
                 "CompleteMultipartUpload>"),
            "MalformedXML");
  EXPECT_EQ(send("<CompleteMultipartUpload><Part><PartNumber>x</PartNumber><ETag>e</ETag></Part></"
                 "CompleteMultipartUpload>"),
            "MalformedXML");
  EXPECT_EQ(send(completion({{0, "e"}})), "InvalidArgument");
  EXPECT_EQ(send(completion({{-1, "e"}})), "InvalidArgument");
  EXPECT_EQ(send(completion({{10001, "e"}})), "MalformedXML");
}

TEST_F(Multipart, WantsFiveMebibytesOfEveryPartButTheLast) {
  const std::string id = create();
  const std::string small = part(id, 1, std::string_view(first).substr(1)).header("etag");
  const std::string enough = part(id, 2, first).header("etag"),
                    empty = part(id, 3, "").header("etag");
  const Answer refused = complete(id, {{1, small}, {2, enough}});
  EXPECT_EQ(refused.code(), "EntityTooSmall");
  EXPECT_EQ(refused.element("PartNumber"), "1");
  EXPECT_EQ(refused.element("ProposedSize"), std::to_string(first.size() - 1));
  EXPECT_EQ(refused.element("MinSizeAllowed"), "5242880");
  EXPECT_EQ(complete(id, {{2, enough}, {3, empty}}).code(), "ok");
  EXPECT_TRUE(get().body == first);
}

TEST_F(Multipart, TakesTenThousandParts) {
  const std::string id = create({{"x-amz-checksum-algorithm", "CRC64NVME"}});
  const MultipartUpload upload = *world.store->find_upload("one", "a", id).value();
  std::vector<ListedPart> listed;
  for (int number = 1; number <= 10000;
       ++number) {  // told to the store alone: 50 GB are much for a test
    Part told{.number = static_cast<std::uint32_t>(number),
              .size = part_bytes_min,
              .etag = md5_hex(std::to_string(number))};
    told.checksum = checksum("CRC64NVME", std::to_string(number));
    ASSERT_TRUE(world.store->put_part(upload, told, BodyRef{}));
    listed.push_back(
        {number, told.etag, "<ChecksumCRC64NVME>" + told.checksum + "</ChecksumCRC64NVME>"});
  }
  const Answer answer = complete(id, listed);
  EXPECT_EQ(answer.code(), "ok") << answer.body;
  EXPECT_EQ(world.send("HEAD", "/one/a").header("content-length"), "52428800000");
  EXPECT_NE(answer.element("ETag").find("-10000&quot;"), std::string::npos);
}

TEST_F(Multipart, WritesUnderConditions) {
  const auto fresh = [&] {
    const std::string id = create();
    return std::pair(id, part(id, 1, tail).header("etag"));
  };
  const auto [id, etag] = fresh();
  EXPECT_EQ(complete(id, {{1, etag}}, {{"if-match", "*"}}).code(), "NoSuchKey");
  world.put("one", "a", "there");
  const Answer refused = complete(id, {{1, etag}}, {{"if-none-match", "*"}});
  EXPECT_EQ(refused.status, 412);
  EXPECT_EQ(refused.code(), "PreconditionFailed");
  EXPECT_EQ(complete(id, {{1, etag}}, {{"if-match", "\"00\""}}).code(), "PreconditionFailed");
  EXPECT_EQ(complete(id, {{1, etag}}, {{"if-none-match", "\"00\""}}).code(), "NotImplemented");
  EXPECT_EQ(get().body, "there");
  const auto [later, its_etag] = fresh();
  EXPECT_EQ(complete(later, {{1, its_etag}}, {{"if-match", md5_hex("there")}}).code(), "ok");
  EXPECT_TRUE(get().body == tail);
}

// AWS, recorded: a condition is held against what there was when the upload began.
TEST_F(Multipart, IsOvertakenByAWriteOrADeletionSinceItBeganWhereItIsConditional) {
  for (const bool with_versions : {false, true}) {
    if (with_versions) {
      ASSERT_EQ(world
                    .send("PUT", "/one?versioning", {},
                          "<VersioningConfiguration><Status>Enabled</Status></"
                          "VersioningConfiguration>")
                    .status,
                200);
    }
    const std::string etag = world.send("PUT", "/one/a", {}, "x").header("etag");
    const auto attempt = [&](const std::string& id, const HeaderList& conditions) {
      const Answer answer = complete(id, {{1, md5_hex(tail)}}, conditions);
      return answer.code() + " " + answer.element("Condition");
    };
    const auto begin = [&] {
      const std::string id = create();
      part(id, 1, tail);
      return id;
    };
    const std::string written = begin();
    world.send("PUT", "/one/a", {}, "x");
    EXPECT_EQ(attempt(written, {{"if-match", etag}}), "ConditionalRequestConflict If-Match");
    const std::string deleted = begin();
    world.send("DELETE", "/one/a");
    EXPECT_EQ(attempt(deleted, {{"if-none-match", "*"}}),
              "ConditionalRequestConflict If-None-Match");
    EXPECT_EQ(attempt(begin(), {{"if-none-match", "*"}}), "ok (none)") << "begun anew";
    EXPECT_EQ(attempt(deleted, {}), "ok (none)") << "without a condition the last one wins";
    EXPECT_EQ(get().header("overtaken"), "");
    world.send("DELETE", "/one/a");
  }
}

TEST_F(Multipart, ForgetsWhatIsAborted) {
  const std::string id = create();
  const std::string etag = part(id, 1, tail).header("etag");
  EXPECT_EQ(world.send("DELETE", "/one/a?uploadId=" + id).status, 204);
  EXPECT_EQ(world.send("DELETE", "/one/a?uploadId=" + id).code(), "NoSuchUpload");
  EXPECT_EQ(part(id, 2, tail).code(), "NoSuchUpload");
  EXPECT_EQ(complete(id, {{1, etag}}).code(), "NoSuchUpload");
  EXPECT_EQ(world.send("GET", "/one/a?uploadId=" + id).code(), "NoSuchUpload");
  EXPECT_EQ(world.send("DELETE", "/none/a?uploadId=" + id).code(), "NoSuchBucket");
}

TEST_F(Multipart, RefusesAPartWhoseUploadWentWhileItCame) {
  const std::string id = create();
  const auto upload =
      world.service.begin_upload_part({.upload = {"one", "a", id}, .number = 1}).value();
  ASSERT_TRUE(upload->append("x"));
  ASSERT_TRUE(world.service.abort_multipart_upload({"one", "a", id}));
  EXPECT_EQ(outcome(upload->finish()), "NoSuchUpload");
}

TEST_F(Multipart, AnswersBeforeThePartWhatNeedsNoPart) {
  const std::string id = create();
  const auto early = [&](const std::string& path, const std::string& query) {
    const base::HttpRequest request{
        .method = "PUT", .path = path, .query = query, .content_length = 1};
    return handle_rest(world.service, request).response.has_value();
  };
  EXPECT_FALSE(early("/one/a", "partNumber=1&uploadId=" + id));
  EXPECT_TRUE(early("/one/a", "partNumber=1&uploadId=none"));
  EXPECT_TRUE(early("/one/b", "partNumber=1&uploadId=" + id));
  EXPECT_TRUE(early("/none/a", "partNumber=1&uploadId=" + id));
  EXPECT_TRUE(early("/one/a", "partNumber=0&uploadId=" + id));
}

TEST_F(Multipart, WantsANumberAndAnUploadForEachPart) {
  const std::string id = create();
  for (const char* number : {"0", "10001", "-1", "x", "", "99999999999999999999"}) {
    const Answer answer =
        world.send("PUT", "/one/a?uploadId=" + id + "&partNumber=" + number, {}, "x");
    EXPECT_EQ(answer.code(), "InvalidArgument") << number;
    EXPECT_EQ(answer.element("ArgumentName"), "partNumber");
  }
  EXPECT_EQ(world.send("PUT", "/one/a?uploadId=" + id, {}, "x").code(), "InvalidArgument");
  EXPECT_EQ(world.send("PUT", "/one/a?partNumber=1", {}, "x").code(), "InvalidArgument");
  EXPECT_EQ(get().code(), "NoSuchKey") << "no part falls through to PutObject";
}

TEST_F(Multipart, ChecksEachPartAsAPutObject) {
  const std::string id = create();
  EXPECT_EQ(part(id, 1, "x", {{"content-md5", base::to_base64(md5("y"))}}).code(), "BadDigest");
  EXPECT_EQ(part(id, 1, "x", {{"x-amz-checksum-crc32", checksum("CRC32", "y")}}).code(),
            "BadDigest");
  EXPECT_EQ(part(id, 1, "x",
                 {{"x-amz-content-sha256", base::to_hex(base::hash(base::HashKind::sha256, "y"))}})
                .code(),
            "XAmzContentSHA256Mismatch");
  EXPECT_EQ(part(id, 1, "x", {{"transfer-encoding", "chunked"}}).code(), "MissingContentLength");
  EXPECT_EQ(
      part(id, 1, "x", {{"x-amz-server-side-encryption-customer-algorithm", "AES256"}}).code(),
      "NotImplemented");
  EXPECT_EQ(world.send("GET", "/one/a?uploadId=" + id).element("PartNumber"), "(none)");
  EXPECT_EQ(part(id, 1, "x", {{"content-md5", base::to_base64(md5("x"))}}).code(), "ok");
}

TEST_F(Multipart, TakesPartsInChunksWithATrailer) {
  const std::string id = create({{"x-amz-checksum-algorithm", "CRC32"}});
  const std::string crc = checksum("CRC32", tail);
  const std::string framed = "3e8\r\n" + tail + "\r\n0\r\nx-amz-checksum-crc32:" + crc + "\r\n\r\n";
  HeaderList headers{{"x-amz-content-sha256", std::string(unsigned_trailer)},
                     {"x-amz-decoded-content-length", "1000"},
                     {"x-amz-trailer", "x-amz-checksum-crc32"}};
  const Answer answer = part(id, 1, framed, headers);
  EXPECT_EQ(answer.header("x-amz-checksum-crc32"), crc);
  const ListedPart listed{1, answer.header("etag"), "<ChecksumCRC32>" + crc + "</ChecksumCRC32>"};
  EXPECT_EQ(complete(id, {listed}).code(), "ok");
  EXPECT_TRUE(get().body == tail);
}

// Both kinds, against checksums of the whole and of the parts' checksums computed here.
TEST_F(Multipart, CombinesTheChecksumsOfItsParts) {
  const std::vector<std::string> bodies{first, second, tail};
  for (const std::string algorithm : {"CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"}) {
    for (const std::string type : {"COMPOSITE", "FULL_OBJECT"}) {
      if ((algorithm == "CRC64NVME") == (type == "COMPOSITE") && algorithm != "CRC32" &&
          algorithm != "CRC32C")
        continue;
      if (algorithm.starts_with("SHA") && type == "FULL_OBJECT") continue;
      SCOPED_TRACE(algorithm + " " + type);
      const std::string whole =
          upload(bodies, {{"x-amz-checksum-algorithm", algorithm}, {"x-amz-checksum-type", type}});
      std::string of_parts;
      for (const std::string& body : bodies)
        of_parts += *base::from_base64(checksum(algorithm, body));
      const Answer got = get("", {{"x-amz-checksum-mode", "ENABLED"}});
      EXPECT_EQ(
          got.header("x-amz-checksum-" + base::to_lower(algorithm)),
          type == "COMPOSITE" ? checksum(algorithm, of_parts) + "-3" : checksum(algorithm, whole));
      EXPECT_EQ(got.header("x-amz-checksum-type"), type);
      const Answer list = world.send("GET", "/one?list-type=2");
      EXPECT_EQ(list.element("ChecksumAlgorithm"), algorithm);
      EXPECT_EQ(list.element("ChecksumType"), type);
    }
  }
}

TEST_F(Multipart, ChecksTheWholeByCrc64WhereTheClientAsksForNothing) {
  const std::string whole = upload({first, tail});
  const Answer got = get("", {{"x-amz-checksum-mode", "ENABLED"}});
  EXPECT_EQ(got.header("x-amz-checksum-crc64nvme"), checksum("CRC64NVME", whole));
  EXPECT_EQ(got.header("x-amz-checksum-type"), "FULL_OBJECT");
}

TEST_F(Multipart, TakesAnyChecksumOfAPartWhereNoneWasChosen) {
  const std::string id = create();
  const Answer answer = part(id, 1, tail, {{"x-amz-checksum-sha256", checksum("SHA256", tail)}});
  EXPECT_EQ(answer.header("x-amz-checksum-sha256"), checksum("SHA256", tail));
  EXPECT_EQ(complete(id, {{1, answer.header("etag")}}).element("ChecksumCRC64NVME"),
            checksum("CRC64NVME", tail));
}

TEST_F(Multipart, SettlesTheChecksumOfAnUpload) {
  const auto settled = [&](const HeaderList& headers) {
    const Answer answer = world.send("POST", "/one/a?uploads", headers);
    if (answer.status != 200) return answer.code();
    return answer.header("x-amz-checksum-algorithm") + " " + answer.header("x-amz-checksum-type");
  };
  const auto choose = [&](const std::string& algorithm, const std::string& type = {}) {
    HeaderList headers{{"x-amz-checksum-algorithm", algorithm}};
    if (!type.empty()) headers.emplace_back("x-amz-checksum-type", type);
    return settled(headers);
  };
  EXPECT_EQ(settled({}), " ");
  EXPECT_EQ(choose("CRC32"), "CRC32 COMPOSITE");
  EXPECT_EQ(choose("CRC32C", "FULL_OBJECT"), "CRC32C FULL_OBJECT");
  EXPECT_EQ(choose("CRC64NVME"), "CRC64NVME FULL_OBJECT");
  EXPECT_EQ(choose("SHA256"), "SHA256 COMPOSITE");
  EXPECT_EQ(choose("CRC64NVME", "COMPOSITE"), "InvalidRequest");
  EXPECT_EQ(choose("SHA1", "FULL_OBJECT"), "InvalidRequest");
  EXPECT_EQ(choose("CRC32", "HALF"), "InvalidRequest");
  EXPECT_EQ(choose("MD4"), "InvalidRequest");
  EXPECT_EQ(settled({{"x-amz-checksum-type", "COMPOSITE"}}), "InvalidRequest");
}

TEST_F(Multipart, HoldsThePartsToTheAlgorithmOfTheUpload) {
  const std::string id = create({{"x-amz-checksum-algorithm", "SHA256"}});
  EXPECT_EQ(part(id, 1, tail, {{"x-amz-checksum-crc32", checksum("CRC32", tail)}}).code(),
            "InvalidRequest");
  const std::string sha = checksum("SHA256", tail);
  const std::string etag = part(id, 1, tail, {{"x-amz-checksum-sha256", sha}}).header("etag");
  EXPECT_EQ(complete(id, {{1, etag}}).code(), "InvalidRequest")
      << "a composite checksum needs those of the parts";
  EXPECT_EQ(
      complete(id, {{1, etag, "<ChecksumSHA256>" + checksum("SHA256", "x") + "</ChecksumSHA256>"}})
          .code(),
      "InvalidPart");
  EXPECT_EQ(
      complete(id, {{1, etag, "<ChecksumCRC32>" + checksum("CRC32", tail) + "</ChecksumCRC32>"}})
          .element("Message"),
      "The crc32 you specified for part 1 did not match what we received.");
  const Answer completed =
      complete(id, {{1, etag, "<ChecksumSHA256>" + sha + "</ChecksumSHA256>"}});
  EXPECT_EQ(completed.element("ChecksumSHA256"),
            checksum("SHA256", *base::from_base64(sha)) + "-1");
  EXPECT_EQ(completed.element("ChecksumType"), "COMPOSITE");
}

// AWS: the recorded answers of CompleteMultipartUpload to uploads that were created without an
// algorithm.
TEST_F(Multipart, TakesNoChecksumsOfPartsAndNoTypeWhereTheUploadHasNoAlgorithm) {
  const std::string id = create();
  const Answer uploaded = part(id, 1, tail, {{"x-amz-checksum-crc32c", checksum("CRC32C", tail)}});
  EXPECT_EQ(uploaded.header("x-amz-checksum-crc32c"), checksum("CRC32C", tail));
  const std::string etag = uploaded.header("etag");
  EXPECT_EQ(
      complete(id, {{1, etag, "<ChecksumCRC32C>" + checksum("CRC32C", tail) + "</ChecksumCRC32C>"}})
          .code(),
      "InvalidPart");
  for (const char* type : {"FULL_OBJECT", "COMPOSITE"}) {
    EXPECT_EQ(complete(id, {{1, etag}}, {{"x-amz-checksum-type", type}}).element("Message"),
              "The upload was created using the null checksum mode. The complete request must use "
              "the same checksum mode.");
  }
  EXPECT_EQ(complete(id, {{1, etag}}).element("ChecksumCRC64NVME"), checksum("CRC64NVME", tail));
}

TEST_F(Multipart, TellsOfAPartTheChecksumThatTheUploadOrTheClientChoseAndNoOther) {
  const Answer unchosen = part(create(), 1, tail);
  EXPECT_FALSE(unchosen.headers.has("x-amz-checksum-crc64nvme"));
  const Answer chosen =
      part(create({{"x-amz-checksum-algorithm", "CRC32"}, {"x-amz-checksum-type", "FULL_OBJECT"}}),
           1, tail);
  EXPECT_EQ(chosen.header("x-amz-checksum-crc32"), checksum("CRC32", tail));
}

TEST_F(Multipart, WantsAChecksumWithEachPartWhereTheWholesIsMadeOfTheirs) {
  const Answer refused = part(create({{"x-amz-checksum-algorithm", "SHA256"}}), 1, tail);
  EXPECT_EQ(refused.code(), "InvalidRequest");
  EXPECT_EQ(refused.element("Message"),
            "Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum "
            "Type: null");
  const std::string whole =
      create({{"x-amz-checksum-algorithm", "CRC32"}, {"x-amz-checksum-type", "FULL_OBJECT"}});
  EXPECT_EQ(part(whole, 1, tail).header("x-amz-checksum-crc32"), checksum("CRC32", tail));
}

TEST_F(Multipart, RefusesChecksumsThatAreNone) {
  const std::string id =
      create({{"x-amz-checksum-algorithm", "CRC32"}, {"x-amz-checksum-type", "FULL_OBJECT"}});
  const std::string etag = part(id, 1, tail).header("etag");
  const Answer whole = complete(id, {{1, etag}}, {{"x-amz-checksum-crc32", "bad"}});
  EXPECT_EQ(whole.code(), "BadDigest") << "Ceph's s3-tests: test_multipart_checksum_sha256";
  const Answer with_count =
      complete(id, {{1, etag}}, {{"x-amz-checksum-crc32", checksum("CRC32", tail) + "-1"}});
  EXPECT_EQ(with_count.code(), "BadDigest") << "it is of the whole, not of its parts";
  const Answer listed = complete(id, {{1, etag, "<ChecksumCRC32>bad</ChecksumCRC32>"}});
  EXPECT_EQ(listed.code(), "InvalidArgument");
  EXPECT_EQ(listed.element("ArgumentValue"), "CRC32:bad;");
  const Answer two = complete(
      id, {{1, etag,
            "<ChecksumCRC32>" + checksum("CRC32", tail) + "</ChecksumCRC32><ChecksumSHA1>" +
                checksum("SHA1", tail) + "</ChecksumSHA1>"}});
  EXPECT_EQ(two.code(), "InvalidArgument");
  EXPECT_EQ(complete(id, {{1, etag}}, {{"x-amz-checksum-type", "ANY"}}).element("Message"),
            "Value for x-amz-checksum-type header is invalid.");
  EXPECT_EQ(
      world.send("POST", "/one/a?uploads", {{"x-amz-checksum-type", "ANY"}}).element("Message"),
      "Value for x-amz-checksum-type header is invalid.");
  EXPECT_EQ(complete(id, {{1, etag}}).code(), "ok");
}

TEST_F(Multipart, ChecksWhatTheClientSaysOfTheWhole) {
  const std::string id =
      create({{"x-amz-checksum-algorithm", "CRC32"}, {"x-amz-checksum-type", "FULL_OBJECT"}});
  const std::string etag = part(id, 1, tail).header("etag");
  const auto say = [&](const std::string& name, const std::string& value) {
    return complete(id, {{1, etag}}, {{name, value}}).code();
  };
  EXPECT_EQ(say("x-amz-mp-object-size", "999"), "InvalidRequest");
  EXPECT_EQ(say("x-amz-mp-object-size", "many"), "InvalidRequest");
  EXPECT_EQ(say("x-amz-checksum-crc32", checksum("CRC32", "x")), "BadDigest");
  EXPECT_EQ(say("x-amz-checksum-sha1", checksum("SHA1", tail)), "BadDigest")
      << "another algorithm than the upload's";
  EXPECT_EQ(say("x-amz-checksum-type", "COMPOSITE"), "InvalidRequest");
  const HeaderList right{{"x-amz-mp-object-size", "1000"},
                         {"x-amz-checksum-type", "FULL_OBJECT"},
                         {"x-amz-checksum-crc32", checksum("CRC32", tail)}};
  EXPECT_EQ(complete(id, {{1, etag}}, right).code(), "ok");
}

TEST_F(Multipart, TakesACompositeChecksumOfTheWholeWithAndWithoutTheNumberOfParts) {
  const std::string of_part = checksum("CRC32C", tail);
  const std::string whole = checksum("CRC32C", *base::from_base64(of_part));
  for (const auto& [said, code] : {std::pair<std::string, std::string>{whole, "ok"},
                                   {whole + "-1", "ok"},
                                   {whole + "-2", "BadDigest"},
                                   {of_part, "BadDigest"}}) {
    const std::string id = create({{"x-amz-checksum-algorithm", "CRC32C"}});
    const ListedPart one{1, part(id, 1, tail, {{"x-amz-checksum-crc32c", of_part}}).header("etag"),
                         "<ChecksumCRC32C>" + of_part + "</ChecksumCRC32C>"};
    EXPECT_EQ(complete(id, {one}, {{"x-amz-checksum-crc32c", said}}).code(), code) << said;
  }
}

TEST_F(Multipart, CopiesObjectsIntoParts) {
  world.put("one", "src/\xC3\xA4 +", first + tail);
  const std::string id = create();
  const std::string source = "/one/src/%C3%A4%20%2B";
  const Answer whole = copy(id, 1, source);
  EXPECT_EQ(whole.element("ETag"), "&quot;" + md5_hex(first + tail) + "&quot;");
  EXPECT_EQ(whole.element("LastModified"), "2026-01-02T03:04:05.000Z");
  EXPECT_EQ(copy(id, 2, source, {{"x-amz-copy-source-range", "bytes=1-3"}}).code(), "ok");
  const std::string last = std::to_string(first.size() + tail.size() - 1);
  EXPECT_EQ(copy(id, 3, source, {{"x-amz-copy-source-range", "bytes=" + last + "-" + last}}).code(),
            "ok");
  EXPECT_EQ(complete(id, {{1, md5_hex(first + tail)}, {2, md5_hex(first.substr(1, 3))}}).code(),
            "ok");
  EXPECT_TRUE(get().body == first + tail + first.substr(1, 3));
}

TEST_F(Multipart, GivesCopiedPartsTheChecksumOfTheUpload) {
  world.put("one", "src", "12345");
  const std::string id = create({{"x-amz-checksum-algorithm", "SHA1"}});
  EXPECT_EQ(copy(id, 1, "one/src").element("ChecksumSHA1"), checksum("SHA1", "12345"));
  EXPECT_EQ(copy(create(), 1, "one/src").element("ETag"), "&quot;" + md5_hex("12345") + "&quot;");
}

TEST_F(Multipart, RefusesRangesThatAreNoneOfTheSource) {
  world.put("one", "src", "12345");
  const std::string id = create();
  const auto range = [&](const std::string& text) {
    return copy(id, 1, "one/src", {{"x-amz-copy-source-range", text}}).code();
  };
  for (const char* bad : {"0-2", "bytes=0", "bytes=hello-world", "bytes=0-bar", "bytes=hello-",
                          "bytes=0-2,3-5", "bytes=3-2", "bytes=-2"}) {
    EXPECT_EQ(range(bad), "InvalidArgument") << bad;
  }
  EXPECT_EQ(range("bytes=0-5"), "InvalidRange");
  EXPECT_EQ(range("bytes=5-6"), "InvalidRequest") << "nothing of it is in the source";
  EXPECT_EQ(range("bytes=0-4"), "ok");
}

TEST_F(Multipart, CopiesUnderConditionsOnTheSource) {
  world.put("one", "src", "12345");
  const std::string id = create();
  const auto under = [&](const std::string& name, const std::string& value) {
    return copy(id, 1, "one/src", {{name, value}}).code();
  };
  EXPECT_EQ(under("x-amz-copy-source-if-match", md5_hex("12345")), "ok");
  EXPECT_EQ(under("x-amz-copy-source-if-match", md5_hex("other")), "PreconditionFailed");
  EXPECT_EQ(under("x-amz-copy-source-if-none-match", md5_hex("12345")), "PreconditionFailed");
  EXPECT_EQ(under("x-amz-copy-source-if-unmodified-since", "Thu, 01 Jan 2026 00:00:00 GMT"),
            "PreconditionFailed");
  EXPECT_EQ(under("x-amz-copy-source-if-modified-since", "Thu, 01 Jan 2026 00:00:00 GMT"), "ok");
  EXPECT_EQ(copy(id, 1, "one/none").code(), "NoSuchKey");
  EXPECT_EQ(copy(id, 1, "none").code(), "InvalidArgument");
  EXPECT_EQ(copy("none", 1, "one/src").code(), "NoSuchUpload");
}

TEST_F(Multipart, GivesACopyOfItselfTheChecksumOfItsBytes) {
  const std::string whole = upload({first, tail}, {{"x-amz-checksum-algorithm", "SHA256"}});
  EXPECT_EQ(world.send("PUT", "/one/b", {{"x-amz-copy-source", "one/a"}}).code(), "ok");
  EXPECT_EQ(world.send("PUT", "/one/c", {{"x-amz-copy-source", "one/a"}}).element("ChecksumSHA256"),
            checksum("SHA256", whole));
  const Answer copied = world.send("GET", "/one/b", {{"x-amz-checksum-mode", "ENABLED"}});
  EXPECT_TRUE(copied.body == whole);
  EXPECT_EQ(copied.header("etag"), "\"" + md5_hex(whole) + "\"");
  EXPECT_EQ(copied.header("x-amz-checksum-sha256"), checksum("SHA256", whole));
  EXPECT_EQ(copied.header("x-amz-checksum-type"), "FULL_OBJECT");
}

TEST_F(Multipart, ReadsRangesAcrossParts) {
  const std::string whole = upload({first, second, tail});
  const std::size_t edge = first.size();
  const std::string range =
      "bytes=" + std::to_string(edge - 5) + "-" + std::to_string(edge + second.size() + 4);
  const Answer got = get("", {{"range", range}});
  EXPECT_EQ(got.status, 206);
  EXPECT_TRUE(got.body == whole.substr(edge - 5, second.size() + 10));
}

TEST_F(Multipart, ReadsOnePartByItsNumber) {
  upload({first, second, tail}, {{"x-amz-checksum-algorithm", "CRC32"}});
  const Answer got = get("?partNumber=2", {{"x-amz-checksum-mode", "ENABLED"}});
  EXPECT_EQ(got.status, 206);
  EXPECT_TRUE(got.body == second);
  EXPECT_EQ(got.header("x-amz-mp-parts-count"), "3");
  EXPECT_EQ(got.header("x-amz-checksum-crc32"), checksum("CRC32", second));
  const std::string total = std::to_string(first.size() + second.size() + tail.size());
  EXPECT_EQ(got.header("content-range"), "bytes " + std::to_string(first.size()) + "-" +
                                             std::to_string(first.size() + second.size() - 1) +
                                             "/" + total);
  EXPECT_NE(got.header("etag").find("-3\""), std::string::npos);
  const Answer head = world.send("HEAD", "/one/a?partNumber=3");
  EXPECT_EQ(head.status, 206);
  EXPECT_EQ(head.header("content-length"), "1000");
  EXPECT_EQ(head.header("x-amz-mp-parts-count"), "3");
  EXPECT_EQ(get("?partNumber=4").code(), "InvalidPartNumber");
  EXPECT_EQ(get("?partNumber=4").status, 416);
  EXPECT_EQ(get("?partNumber=0").code(), "InvalidArgument");
  EXPECT_EQ(get("?partNumber=1", {{"range", "bytes=0-1"}}).code(), "InvalidRequest");
  EXPECT_EQ(world.send("HEAD", "/one/a").header("x-amz-mp-parts-count"), "")
      << "only with a part number";
}

TEST_F(Multipart, TakesAnObjectInOnePieceAsItsFirstPart) {
  world.put("one", "a", "body");
  const Answer got = get("?partNumber=1");
  EXPECT_EQ(got.body, "body");
  EXPECT_EQ(got.status, 206);
  EXPECT_EQ(got.header("content-range"), "bytes 0-3/4");
  EXPECT_EQ(got.header("x-amz-mp-parts-count"), "");
  world.send("PUT", "/one/a", {{"x-amz-checksum-crc32", checksum("CRC32", "body")}}, "body");
  EXPECT_EQ(
      get("?partNumber=1", {{"x-amz-checksum-mode", "ENABLED"}}).header("x-amz-checksum-crc32"),
      checksum("CRC32", "body"));
  EXPECT_EQ(get("?partNumber=2").code(), "InvalidPartNumber");
  world.put("one", "a", "");
  EXPECT_EQ(get("?partNumber=1").status, 200);
}

TEST_F(Multipart, ListsTheParts) {
  const std::string id =
      create({{"x-amz-checksum-algorithm", "CRC32"}, {"x-amz-storage-class", "STANDARD_IA"}});
  for (int number : {5, 1, 3}) {
    const std::string body(static_cast<std::size_t>(number), 'x');
    part(id, number, body, {{"x-amz-checksum-crc32", checksum("CRC32", body)}});
  }
  const Answer all = world.send("GET", "/one/a?uploadId=" + id);
  EXPECT_EQ(all.element("Bucket") + all.element("Key") + all.element("UploadId"), "onea" + id);
  EXPECT_EQ(all.element("StorageClass"), "STANDARD_IA");
  EXPECT_EQ(all.element("ChecksumAlgorithm") + all.element("ChecksumType"), "CRC32COMPOSITE");
  EXPECT_EQ(all.element("MaxParts") + all.element("IsTruncated"), "1000false");
  EXPECT_NE(all.body.find("<Part><PartNumber>1</PartNumber><LastModified>2026-01-02T03:04:05.000Z</"
                          "LastModified><ETag>&quot;" +
                          md5_hex("x") + "&quot;</ETag><Size>1</Size><ChecksumCRC32>" +
                          checksum("CRC32", "x")),
            std::string::npos);
  const Answer page = world.send("GET", "/one/a?max-parts=2&uploadId=" + id);
  EXPECT_EQ(page.element("IsTruncated") + page.element("NextPartNumberMarker"), "true3");
  const Answer rest = world.send("GET", "/one/a?part-number-marker=3&uploadId=" + id);
  EXPECT_EQ(rest.element("PartNumber") + rest.element("IsTruncated"), "5false");
  EXPECT_EQ(world.send("GET", "/one/a?max-parts=0&uploadId=" + id).element("IsTruncated"), "false");
  EXPECT_EQ(world.send("GET", "/one/a?max-parts=-1&uploadId=" + id).code(), "InvalidArgument");
  EXPECT_EQ(world.send("GET", "/one/a?part-number-marker=-1&uploadId=" + id).element("Message"),
            "Argument part-number-marker must be an integer between 0 and 2147483647");
  EXPECT_EQ(
      world.send("GET", "/one/a?part-number-marker=2147483648&uploadId=" + id).element("Message"),
      "Provided part-number-marker not an integer or within integer range");
  EXPECT_EQ(world.send("GET", "/one/a?part-number-marker=x&uploadId=" + id).code(),
            "InvalidArgument");
}

TEST_F(Multipart, TagsObjectsAndLeavesTheirPartsAlone) {
  const std::string whole = upload({first, tail}, {{"x-amz-tagging", "team=cdc"}});
  EXPECT_EQ(get().header("x-amz-tagging-count"), "1");
  const std::string tags =
      "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key><Value/></Tag></"
      "TagSet></Tagging>";
  EXPECT_EQ(world.send("PUT", "/one/a?tagging", {}, tags).code(), "ok");
  EXPECT_EQ(get().header("x-amz-tagging-count"), "2");
  EXPECT_TRUE(get().body == whole);
  EXPECT_EQ(get("?partNumber=2").header("x-amz-mp-parts-count"), "2");
}

// "a b [dir/]" of a listing of uploads, and "..." where there is more.
std::string describe(const ListMultipartUploadsOutput& output) {
  std::string out;
  for (const MultipartUpload& upload : output.uploads) out += upload.key + " ";
  for (const std::string& prefix : output.common_prefixes) out += "[" + prefix + "] ";
  return out + (output.truncated ? "..." : ".");
}

TEST_F(Multipart, ListsUploadsByPrefixAndDelimiter) {
  for (const char* key : {"b", "d/1", "d/2", "d/2", "a", "e/x"}) create({}, key);
  const auto list = [&](ListMultipartUploadsInput input) {
    input.bucket = "one";
    return describe(world.service.list_multipart_uploads(input).value());
  };
  EXPECT_EQ(list({}), "a b d/1 d/2 d/2 e/x .");
  EXPECT_EQ(list({.prefix = "d/"}), "d/1 d/2 d/2 .");
  EXPECT_EQ(list({.delimiter = "/"}), "a b [d/] [e/] .");
  EXPECT_EQ(list({.delimiter = "/", .max_uploads = 3}), "a b [d/] ...");
  EXPECT_EQ(list({.delimiter = "/", .key_marker = "d/"}), "[e/] .");
  EXPECT_EQ(list({.key_marker = "d/1"}), "d/2 d/2 e/x .");
  EXPECT_EQ(list({.key_marker = "d/2"}), "e/x .");
  EXPECT_EQ(list({.max_uploads = 0}), ".");
  EXPECT_EQ(outcome(world.service.list_multipart_uploads({.bucket = "none"})), "NoSuchBucket");
}

TEST_F(Multipart, ThePagesOfUploadsTogetherAreTheWhole) {
  for (const char* key : {"b", "d/1", "d/2", "d/2", "a", "d/2"}) create({}, key);
  for (std::size_t size = 1; size <= 7; ++size) {
    std::vector<std::string> ids;
    ListMultipartUploadsInput input{.bucket = "one", .max_uploads = size};
    ListMultipartUploadsOutput page;
    do {
      page = world.service.list_multipart_uploads(input).value();
      for (const MultipartUpload& upload : page.uploads) ids.push_back(upload.key + upload.id);
      input.key_marker = page.next_key_marker;
      input.upload_id_marker = page.next_upload_id_marker;
    } while (page.truncated && ids.size() < 10);
    EXPECT_EQ(ids.size(), 6u) << size;
    EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 6u) << size;
  }
}

TEST_F(Multipart, AnswersAListingOfUploadsInXml) {
  const std::string id = create({{"x-amz-checksum-algorithm", "SHA1"}}, "a%20b/1");
  create({}, "z");
  const Answer list = world.send("GET", "/one?uploads&encoding-type=url&max-uploads=1");
  EXPECT_EQ(list.element("Key") + list.element("UploadId"), "a%20b/1" + id);
  EXPECT_EQ(list.element("EncodingType"), "url");
  EXPECT_EQ(list.element("IsTruncated") + list.element("MaxUploads"), "true1");
  EXPECT_EQ(list.element("NextKeyMarker") + list.element("NextUploadIdMarker"), "a%20b/1" + id);
  EXPECT_EQ(list.element("Initiated"), "2026-01-02T03:04:05.000Z");
  EXPECT_EQ(list.element("ChecksumAlgorithm"), "SHA1");
  EXPECT_EQ(
      world.send("GET", "/one?uploads&key-marker=a%20b/1&upload-id-marker=" + id).element("Key"),
      "z");
  EXPECT_EQ(world.send("GET", "/one?uploads&max-uploads=x").code(), "InvalidArgument");
}

TEST_F(Multipart, ListsUploadsBehindAMarkerOfTheirKeyOnly) {
  const std::string of_a = create({}, "a"), of_b = create({}, "b");
  const auto behind = [&](const std::string& key, const std::string& id) {
    return world.send("GET", "/one?uploads&key-marker=" + key + "&upload-id-marker=" + id);
  };
  for (const std::string& id : {of_b, std::string("none")}) {
    EXPECT_EQ(behind("a", id).code(), "InvalidArgument");
    EXPECT_EQ(behind("a", id).element("Message"), "Invalid uploadId marker");
  }
  EXPECT_EQ(behind("a", of_a).element("Key"), "b");
  world.send("DELETE", "/one/a?uploadId=" + of_a);
  EXPECT_EQ(behind("a", of_a).element("Key"), "b") << "it was ended between two pages";
}

TEST_F(Multipart, DoesNotKeepABucketFromBeingDeleted) {
  const std::string id = create();
  part(id, 1, tail);
  EXPECT_EQ(world.send("DELETE", "/one").status, 204);
  world.bucket("one");
  EXPECT_EQ(world.send("GET", "/one?uploads").element("UploadId"), "(none)");
  EXPECT_EQ(part(id, 1, tail).code(), "NoSuchUpload");
}

TEST_F(Multipart, TellsTheAttributesOfAnObjectInParts) {
  upload({first, second, tail}, {{"x-amz-checksum-algorithm", "CRC32"}});
  const auto ask = [&](HeaderList headers, const std::string& names) {
    headers.emplace_back("x-amz-object-attributes", names);
    return world.send("GET", "/one/a?attributes", headers);
  };
  const Answer all = ask({}, "ETag,Checksum,ObjectParts,StorageClass,ObjectSize");
  EXPECT_EQ(all.element("ETag"), md5_hex(md5(first) + md5(second) + md5(tail)) + "-3")
      << "without quotes";
  EXPECT_EQ(all.element("ObjectSize"), std::to_string(first.size() + second.size() + tail.size()));
  EXPECT_EQ(all.element("StorageClass"), "STANDARD");
  EXPECT_EQ(all.element("PartsCount"), "3");
  EXPECT_EQ(all.element("ChecksumType"), "COMPOSITE");
  EXPECT_NE(all.body.find("<Part><PartNumber>3</PartNumber><Size>1000</Size><ChecksumCRC32>" +
                          checksum("CRC32", tail)),
            std::string::npos);
  EXPECT_EQ(all.header("last-modified"), "Fri, 02 Jan 2026 03:04:05 GMT");
  const Answer page =
      ask({{"x-amz-max-parts", "1"}, {"x-amz-part-number-marker", "1"}}, "ObjectParts");
  EXPECT_EQ(page.element("PartNumber") + page.element("IsTruncated") +
                page.element("NextPartNumberMarker"),
            "2true2");
  EXPECT_EQ(page.element("ETag"), "(none)");
  EXPECT_EQ(ask({}, "Size").code(), "InvalidArgument");
  EXPECT_EQ(world.send("GET", "/one/a?attributes").code(), "InvalidRequest");
}

TEST_F(Multipart, ListsThePartsOfAnObjectAlsoWhereTheyHaveNoChecksumThatCounts) {
  upload({first, second, tail});
  const Answer all =
      world.send("GET", "/one/a?attributes", {{"x-amz-object-attributes", "ObjectParts"}});
  EXPECT_EQ(all.element("PartsCount") + all.element("MaxParts") + all.element("IsTruncated"),
            "31000false");
  EXPECT_NE(all.body.find("<Part><PartNumber>3</PartNumber><Size>1000</Size></Part>"),
            std::string::npos)
      << all.body;
}

TEST_F(Multipart, AnswersAPartWithItsOwnChecksum) {
  for (const std::string type : {"FULL_OBJECT", "COMPOSITE"}) {
    upload({first, tail}, {{"x-amz-checksum-algorithm", "CRC32"}, {"x-amz-checksum-type", type}});
    const Answer part = get("?partNumber=2", {{"x-amz-checksum-mode", "ENABLED"}});
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.header("x-amz-mp-parts-count"), "2");
    EXPECT_EQ(part.header("x-amz-checksum-crc32"), checksum("CRC32", tail));
    EXPECT_EQ(part.header("x-amz-checksum-type"), type);
    EXPECT_FALSE(get("?partNumber=2").headers.has("x-amz-checksum-crc32")) << "nobody asked for it";
  }
}

TEST_F(Multipart, AnswersTheOnlyPartWithTheChecksumOfTheWhole) {
  upload({tail}, {{"x-amz-checksum-algorithm", "CRC32"}, {"x-amz-checksum-type", "FULL_OBJECT"}});
  EXPECT_EQ(
      get("?partNumber=1", {{"x-amz-checksum-mode", "ENABLED"}}).header("x-amz-checksum-crc32"),
      checksum("CRC32", tail));
}

TEST_F(Multipart, SaysHowManyPartsThereAreToWhoAsksForAnother) {
  upload({first, tail});
  const Answer answer = get("?partNumber=3");
  EXPECT_EQ(answer.status, 416);
  EXPECT_EQ(answer.element("PartNumberRequested") + answer.element("ActualPartCount"), "32");
}

TEST_F(Multipart, NamesAWrongChecksumOfTheWholeBeforeMissingOnesOfParts) {
  const std::string id = create({{"x-amz-checksum-algorithm", "SHA256"}});
  const std::string etag =
      part(id, 1, tail, {{"x-amz-checksum-sha256", checksum("SHA256", tail)}}).header("etag");
  EXPECT_EQ(complete(id, {{1, etag}}, {{"x-amz-checksum-sha256", checksum("SHA256", "x")}}).code(),
            "BadDigest");
}

TEST_F(Multipart, TellsTheAttributesOfAnObjectInOnePiece) {
  world.send("PUT", "/one/a", {{"x-amz-checksum-sha256", checksum("SHA256", "body")}}, "body");
  const Answer all = world.send("GET", "/one/a?attributes",
                                {{"x-amz-object-attributes", "ETag, Checksum, ObjectParts"}});
  EXPECT_EQ(all.element("ETag"), md5_hex("body"));
  EXPECT_EQ(all.element("ChecksumSHA256") + all.element("ChecksumType"),
            checksum("SHA256", "body") + "FULL_OBJECT");
  EXPECT_EQ(all.element("ObjectParts"), "(none)");
}

}  // namespace
}  // namespace emulator::s3
