// Versions over REST. What AWS answers: "Using versioning in S3 buckets", "Working with delete
// markers", and the pages of the operations.

#include "emulator/base/digest.h"
#include "emulator/s3/version_id.h"
#include "tests/emulator/s3/rest_client.h"

namespace emulator::s3 {
namespace {

TEST(VersionId, HoldsItsPlaceAndShowsNothingOfIt) {
  sim::Random random(1, "s3");
  const std::string sequencer = "00000000000004D2", id = new_version_id(random, sequencer);
  EXPECT_EQ(id.size(), 32u);
  EXPECT_EQ(
      id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._"),
      std::string::npos);
  EXPECT_EQ(sequencer_of(id), sequencer);
  EXPECT_NE(new_version_id(random, sequencer), id);
  for (const char* no_id :
       {"", "null", "abc", "0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcde+"}) {
    EXPECT_FALSE(sequencer_of(no_id)) << no_id;
  }
}

struct VersionsWorld : RestWorld {
  VersionsWorld() { bucket("one"); }

  std::string versioning(const std::string& status) {
    return send(
               "PUT", "/one?versioning", {},
               "<VersioningConfiguration><Status>" + status + "</Status></VersioningConfiguration>")
        .code();
  }
  // The id of what was put.
  std::string put_version(const std::string& key, const std::string& body) {
    return send("PUT", "/one/" + key, {}, body).header("x-amz-version-id");
  }
  Answer get(const std::string& key, const std::string& version = {}) {
    return send("GET", "/one/" + key + (version.empty() ? "" : "?versionId=" + version));
  }
  Answer remove(const std::string& key, const std::string& version = {},
                const HeaderList& headers = {}) {
    return send("DELETE", "/one/" + key + (version.empty() ? "" : "?versionId=" + version),
                headers);
  }
  std::vector<ListedVersion> versions() {
    return service.list_object_versions({.bucket = "one"})->versions;
  }
  // "a* a(d) b*": keys, the latest, delete markers.
  std::string listed() {
    std::string text;
    for (const ListedVersion& version : versions()) {
      text += (text.empty() ? "" : " ") + version.object.key +
              (version.object.is_delete_marker ? "(d)" : "") + (version.is_latest ? "*" : "");
    }
    return text;
  }
};

TEST(Versioning, IsNeverEnabledSuspendedAndEnabledAgain) {
  VersionsWorld world;
  EXPECT_EQ(world.send("GET", "/one?versioning").element("Status"), "(none)");
  for (const char* status : {"Suspended", "Enabled", "Enabled", "Suspended", "Enabled"}) {
    EXPECT_EQ(world.versioning(status), "ok");
    EXPECT_EQ(world.send("GET", "/one?versioning").element("Status"), status);
  }
}

TEST(Versioning, RefusesToAskForATokenAtDeletions) {
  VersionsWorld world;
  const auto put = [&](const char* mfa) {
    return world.send("PUT", "/one?versioning", {},
                      std::string("<VersioningConfiguration><Status>Enabled</Status><MfaDelete>") +
                          mfa + "</MfaDelete></VersioningConfiguration>");
  };
  EXPECT_EQ(put("Enabled").status, 501);
  EXPECT_EQ(world.put_version("a", "1"), "");
  EXPECT_EQ(put("Disabled").code(), "ok");
  EXPECT_NE(world.put_version("a", "1"), "");
}

TEST(Versions, AreThereByTheirIdsAndTheLastIsCurrent) {
  VersionsWorld world;
  world.versioning("Enabled");
  const std::string first = world.put_version("a", "one"), second = world.put_version("a", "two");
  EXPECT_NE(first, second);
  EXPECT_EQ(world.get("a").body, "two");
  EXPECT_EQ(world.get("a").header("x-amz-version-id"), second);
  EXPECT_EQ(world.get("a", first).body, "one");
  EXPECT_EQ(world.get("a", first).header("x-amz-version-id"), first);
  EXPECT_EQ(world.send("HEAD", "/one/a?versionId=" + first).header("content-length"), "3");
  EXPECT_EQ(world.listed(), "a* a");
}

TEST(Versions, HaveNoIdInABucketThatNeverKeptThem) {
  VersionsWorld world;
  EXPECT_EQ(world.put_version("a", "one"), "");
  EXPECT_EQ(world.get("a").header("x-amz-version-id"), "");
  EXPECT_EQ(world.remove("a").header("x-amz-version-id"), "");
  EXPECT_EQ(world.remove("a").header("x-amz-delete-marker"), "");
  EXPECT_EQ(world.listed(), "");
}

TEST(Versions, OfBeforeVersioningAreNull) {
  VersionsWorld world;
  world.put_version("a", "old");
  world.versioning("Enabled");
  EXPECT_EQ(world.get("a").header("x-amz-version-id"), "null");
  world.put_version("a", "new");
  EXPECT_EQ(world.get("a", "null").body, "old");
  EXPECT_EQ(world.remove("a", "null").header("x-amz-version-id"), "null");
  EXPECT_EQ(world.listed(), "a*");
  EXPECT_EQ(world.get("a").body, "new");
}

TEST(Versions, AreOverwrittenWhereTheyAreNullWhileSuspended) {
  VersionsWorld world;
  world.versioning("Enabled");
  const std::string kept = world.put_version("a", "kept");
  world.versioning("Suspended");
  EXPECT_EQ(world.put_version("a", "1"), "");
  EXPECT_EQ(world.put_version("a", "2"), "");
  EXPECT_EQ(world.get("a").header("x-amz-version-id"), "null");
  EXPECT_EQ(world.listed(), "a* a");
  EXPECT_EQ(world.get("a").body, "2");
  const Answer removed = world.remove("a");
  EXPECT_EQ(removed.header("x-amz-delete-marker"), "true");
  EXPECT_EQ(removed.header("x-amz-version-id"), "null");
  EXPECT_EQ(world.listed(), "a(d)* a");
  world.remove("a");
  EXPECT_EQ(world.listed(), "a(d)* a");
  EXPECT_EQ(world.get("a", kept).body, "kept");
}

TEST(Versions, ThatAreNotThereAreNamed) {
  VersionsWorld world;
  world.versioning("Enabled");
  const std::string id = world.put_version("a", "1");
  const Answer missing = world.get("b", id);
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.code(), "NoSuchVersion");
  EXPECT_EQ(missing.element("VersionId"), id);
  EXPECT_EQ(world.get("a", "null").code(), "NoSuchVersion");
  EXPECT_EQ(world.get("a", "no-id").code(), "InvalidArgument");
  EXPECT_EQ(world.send("GET", "/one/a?versionId=").code(), "InvalidArgument");
  EXPECT_EQ(world.remove("a", "no-id").code(), "InvalidArgument");
  EXPECT_EQ(world.send("HEAD", "/one/a?versionId=no-id").status, 400);
}

TEST(DeleteMarker, HidesTheObjectAndSaysSo) {
  VersionsWorld world;
  world.versioning("Enabled");
  const std::string id = world.put_version("a", "1");
  const Answer removed = world.remove("a");
  EXPECT_EQ(removed.status, 204);
  EXPECT_EQ(removed.header("x-amz-delete-marker"), "true");
  const std::string marker = removed.header("x-amz-version-id");
  for (const char* method : {"GET", "HEAD"}) {
    const Answer hidden = world.send(method, "/one/a");
    EXPECT_EQ(hidden.status, 404);
    EXPECT_EQ(hidden.header("x-amz-delete-marker"), "true");
    EXPECT_EQ(hidden.header("x-amz-version-id"), marker);
    const Answer itself = world.send(method, "/one/a?versionId=" + marker);
    EXPECT_EQ(itself.status, 405);
    EXPECT_EQ(itself.header("allow"), "DELETE");
    EXPECT_EQ(itself.header("x-amz-delete-marker"), "true");
    EXPECT_EQ(itself.header("last-modified"), "Fri, 02 Jan 2026 03:04:05 GMT");
  }
  EXPECT_EQ(world.get("a").code(), "NoSuchKey");
  EXPECT_EQ(world.get("a", marker).code(), "MethodNotAllowed");
  EXPECT_EQ(world.get("a", id).body, "1");
  EXPECT_EQ(describe(*world.service.list_objects({.bucket = "one"})), "");
}

TEST(DeleteMarker, GoesByItsIdAndTheObjectIsBack) {
  VersionsWorld world;
  world.versioning("Enabled");
  world.put_version("a", "1");
  const std::string marker = world.remove("a").header("x-amz-version-id");
  const Answer undone = world.remove("a", marker);
  EXPECT_EQ(undone.header("x-amz-delete-marker"), "true");
  EXPECT_EQ(undone.header("x-amz-version-id"), marker);
  EXPECT_EQ(world.get("a").body, "1");
  EXPECT_EQ(world.remove("a", marker).status, 204);  // again
}

TEST(DeleteMarker, IsPutForAKeyThatNeverWas) {
  VersionsWorld world;
  world.versioning("Enabled");
  EXPECT_EQ(world.remove("a").header("x-amz-delete-marker"), "true");
  world.remove("a");
  EXPECT_EQ(world.listed(), "a(d)* a(d)");
  EXPECT_EQ(world.send("DELETE", "/one").code(), "BucketNotEmpty");
}

TEST(DeleteMarker, CountsAsAbsentForConditions) {
  VersionsWorld world;
  world.versioning("Enabled");
  world.put_version("a", "1");
  EXPECT_EQ(world.send("PUT", "/one/a", {{"if-none-match", "*"}}, "2").code(),
            "PreconditionFailed");
  world.remove("a");
  EXPECT_EQ(world.send("PUT", "/one/a", {{"if-match", "*"}}, "2").code(), "NoSuchKey");
  EXPECT_EQ(world.send("PUT", "/one/a", {{"if-none-match", "*"}}, "2").code(), "ok");
}

TEST(DeleteObject, OfAVersionLeavesTheOthers) {
  VersionsWorld world;
  world.versioning("Enabled");
  const std::string first = world.put_version("a", "1"), second = world.put_version("a", "2"),
                    third = world.put_version("a", "3");
  const Answer removed = world.remove("a", third);
  EXPECT_EQ(removed.header("x-amz-version-id"), third);
  EXPECT_EQ(removed.header("x-amz-delete-marker"), "");
  EXPECT_EQ(world.get("a").body, "2");
  world.remove("a", first);
  EXPECT_EQ(world.listed(), "a*");
  world.remove("a", second);
  EXPECT_EQ(world.send("DELETE", "/one").status, 204);
}

TEST(DeleteObjects, TellsMarkersAndVersionsApart) {
  VersionsWorld world;
  world.versioning("Enabled");
  const std::string id = world.put_version("a", "1");
  world.put_version("b", "1");
  const auto remove = [&](const std::string& objects) {
    return world
        .send("POST", "/one?delete",
              {{"content-md5", base::to_base64(base::hash(base::HashKind::md5,
                                                          "<Delete>" + objects + "</Delete>"))}},
              "<Delete>" + objects + "</Delete>")
        .body;
  };
  const std::string answer = remove("<Object><Key>a</Key><VersionId>" + id +
                                    "</VersionId></Object><Object><Key>b</Key></Object>");
  EXPECT_NE(answer.find("<Deleted><Key>a</Key><VersionId>" + id + "</VersionId></Deleted>"),
            std::string::npos)
      << answer;
  const std::string marker = world.versions().front().object.version_id;
  EXPECT_NE(
      answer.find("<Deleted><Key>b</Key><DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>" +
                  marker + "</DeleteMarkerVersionId></Deleted>"),
      std::string::npos)
      << answer;
  const std::string undone =
      remove("<Object><Key>b</Key><VersionId>" + marker + "</VersionId></Object>");
  EXPECT_NE(
      undone.find("<VersionId>" + marker +
                  "</VersionId><DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>" + marker),
      std::string::npos)
      << undone;
  EXPECT_NE(remove("<Object><Key>b</Key><VersionId>x</VersionId></Object>")
                .find("<Code>InvalidArgument</Code>"),
            std::string::npos);
  EXPECT_EQ(world.listed(), "b*");
}

TEST(CopyObject, TakesAVersionAndNamesBoth) {
  VersionsWorld world;
  world.versioning("Enabled");
  const std::string first = world.put_version("a", "1");
  world.put_version("a", "2");
  const Answer restored =
      world.send("PUT", "/one/a", {{"x-amz-copy-source", "one/a?versionId=" + first}});
  EXPECT_EQ(restored.status, 200);
  EXPECT_EQ(restored.header("x-amz-copy-source-version-id"), first);
  EXPECT_EQ(restored.header("x-amz-version-id"), world.get("a").header("x-amz-version-id"));
  EXPECT_EQ(world.get("a").body, "1");
  EXPECT_EQ(world.listed(), "a* a a");
  const std::string marker = world.remove("a").header("x-amz-version-id");
  EXPECT_EQ(
      world.send("PUT", "/one/b", {{"x-amz-copy-source", "one/a?versionId=" + marker}}).code(),
      "InvalidRequest");
  EXPECT_EQ(world.send("PUT", "/one/b", {{"x-amz-copy-source", "one/a"}}).code(), "NoSuchKey");
}

TEST(UploadPartCopy, TakesAVersionAndNamesIt) {
  VersionsWorld world;
  world.versioning("Enabled");
  const std::string first = world.put_version("a", "first");
  world.put_version("a", "second");
  const std::string upload = world.send("POST", "/one/b?uploads").element("UploadId");
  const Answer part = world.send("PUT", "/one/b?partNumber=1&uploadId=" + upload,
                                 {{"x-amz-copy-source", "one/a?versionId=" + first}});
  EXPECT_EQ(part.header("x-amz-copy-source-version-id"), first);
  EXPECT_EQ(part.element("ETag"),
            "&quot;" + base::to_hex(base::hash(base::HashKind::md5, "first")) + "&quot;");
}

TEST(Tags, BelongToAVersion) {
  VersionsWorld world;
  world.versioning("Enabled");
  const std::string first = world.put_version("a", "1"), second = world.put_version("a", "2");
  const std::string tags =
      "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>";
  EXPECT_EQ(
      world.send("PUT", "/one/a?tagging&versionId=" + first, {}, tags).header("x-amz-version-id"),
      first);
  EXPECT_EQ(world.send("GET", "/one/a?tagging&versionId=" + first).element("Key"), "k");
  EXPECT_EQ(world.send("GET", "/one/a?tagging").element("Key"), "(none)");
  EXPECT_EQ(world.send("DELETE", "/one/a?tagging&versionId=" + first).status, 204);
  EXPECT_EQ(world.send("GET", "/one/a?tagging&versionId=" + first).element("Key"), "(none)");
  EXPECT_EQ(world.get("a", first).body, "1");
  const Answer attributes = world.send("GET", "/one/a?attributes&versionId=" + first,
                                       {{"x-amz-object-attributes", "ObjectSize"}});
  EXPECT_EQ(attributes.header("x-amz-version-id"), first);
  EXPECT_EQ(world.send("GET", "/one/a?acl&versionId=" + second).status, 200);
}

TEST(CompleteMultipartUpload, MakesAVersionAtItsOwnPlace) {
  VersionsWorld world;
  world.versioning("Enabled");
  const std::string upload = world.send("POST", "/one/a?uploads").element("UploadId");
  const Answer part = world.send("PUT", "/one/a?partNumber=1&uploadId=" + upload, {}, "parts");
  const std::string between = world.put_version("a", "between");
  const std::string list = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" +
                           part.header("etag") + "</ETag></Part></CompleteMultipartUpload>";
  const Answer done = world.send("POST", "/one/a?uploadId=" + upload, {}, list);
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(world.get("a").body, "parts");
  EXPECT_EQ(done.header("x-amz-version-id"), world.versions().front().object.version_id);
  world.put_version("a", "after");
  EXPECT_EQ(world.send("POST", "/one/a?uploadId=" + upload, {}, list).header("x-amz-version-id"),
            done.header("x-amz-version-id"));
  EXPECT_EQ(world.get("a", done.header("x-amz-version-id")).body, "parts");
  EXPECT_EQ(world.get("a", between).body, "between");
}

TEST(ListObjectVersions, HasVersionsAndMarkersTheLatestFirst) {
  VersionsWorld world;
  world.versioning("Enabled");
  const std::string id = world.put_version("a b", "1");
  world.remove("a b");
  const Answer answer = world.send("GET", "/one?versions&encoding-type=url");
  EXPECT_EQ(answer.element("Name"), "one");
  EXPECT_EQ(answer.element("EncodingType"), "url");
  EXPECT_EQ(answer.element("MaxKeys"), "1000");
  EXPECT_EQ(answer.element("IsTruncated"), "false");
  EXPECT_EQ(answer.element("NextKeyMarker"), "(none)");
  EXPECT_LT(answer.body.find("<DeleteMarker><Key>a%20b</Key>"),
            answer.body.find("<Version><Key>a%20b</Key><VersionId>" + id +
                             "</VersionId><IsLatest>false</IsLatest>"));
  EXPECT_NE(answer.body.find("<Size>1</Size>"), std::string::npos);
  EXPECT_EQ(world.send("GET", "/none?versions").code(), "NoSuchBucket");
}

TEST(ListObjectVersions, CallsVersionsWithoutAnIdNull) {
  VersionsWorld world;
  world.put_version("a", "1");
  const Answer answer = world.send("GET", "/one?versions");
  EXPECT_EQ(answer.element("VersionId"), "null");
  EXPECT_EQ(answer.element("IsLatest"), "true");
}

// Every page, until there are no more.
std::string paged(VersionsWorld& world, const std::string& query) {
  std::string text, markers;
  for (int page = 0; page < 100; ++page) {
    const Answer answer = world.send("GET", "/one?versions&" + query + markers);
    for (std::size_t at = 0; (at = answer.body.find("<Key>", at)) != std::string::npos; ++at) {
      text += answer.body.substr(at + 5, answer.body.find('<', at + 5) - at - 5) + " ";
    }
    for (std::size_t at = answer.body.find("<CommonPrefixes>"); at != std::string::npos;
         at = answer.body.find("<CommonPrefixes>", at + 1)) {
      const std::size_t from = at + std::string("<CommonPrefixes><Prefix>").size();
      text += "[" + answer.body.substr(from, answer.body.find('<', from) - from) + "] ";
    }
    text += "| ";
    if (answer.element("IsTruncated") != "true") return text;
    markers = "&key-marker=" + answer.element("NextKeyMarker");
    if (const std::string id = answer.element("NextVersionIdMarker"); id != "(none)")
      markers += "&version-id-marker=" + id;
  }
  return "endless";
}

TEST(ListObjectVersions, GoesOnFromItsMarkers) {
  VersionsWorld world;
  world.put_version("a", "0");
  world.versioning("Enabled");
  for (const char* key : {"a", "a", "b", "d/1", "d/1", "d/2", "e"}) world.put_version(key, "1");
  world.remove("b");
  EXPECT_EQ(paged(world, "max-keys=2"), "a a | a b | b d/1 | d/1 d/2 | e | ");
  EXPECT_EQ(paged(world, "max-keys=100"), "a a a b b d/1 d/1 d/2 e | ");
  EXPECT_EQ(paged(world, "max-keys=2&delimiter=/"), "a a | a b | b [d/] | e | ");
  EXPECT_EQ(paged(world, "max-keys=1&prefix=d/"), "d/1 | d/1 | d/2 | ");
  EXPECT_EQ(paged(world, "max-keys=0"), "| ");
  EXPECT_EQ(world.send("GET", "/one?versions&version-id-marker=null").code(), "InvalidArgument");
  EXPECT_EQ(world.send("GET", "/one?versions&key-marker=a&version-id-marker=x").code(),
            "InvalidArgument");
}

TEST(ListObjectVersions, FindsAllThatIsLeftWhenEachPageIsDeleted) {
  VersionsWorld world;
  world.put_version("a", "0");
  world.versioning("Enabled");
  for (int i = 0; i < 7; ++i) world.put_version(i < 4 ? "a" : "b", "1");
  world.remove("a");
  ListObjectVersionsInput input{.bucket = "one", .max_keys = 2};
  for (int page = 0; page < 10; ++page) {
    const auto output = world.service.list_object_versions(input).value();
    for (const ListedVersion& version : output.versions) {
      const std::string id = version.object.version_id.empty() ? "null" : version.object.version_id;
      ASSERT_TRUE(world.service.delete_object(
          {.bucket = "one", .key = version.object.key, .version_id = id}));
    }
    if (!output.truncated) break;
    input.key_marker = output.next_key_marker;
    input.version_id_marker = output.next_version_id_marker;
  }
  EXPECT_EQ(world.listed(), "");
}

TEST(Events, NameTheVersion) {
  VersionsWorld world;
  world.versioning("Enabled");
  world.notify("one", {"s3:ObjectCreated:*", "s3:ObjectRemoved:*"});
  const std::string id = world.put_version("a", "1");
  const std::string marker = world.remove("a").header("x-amz-version-id");
  world.remove("a", id);
  world.run();
  ASSERT_EQ(world.inbox.events.size(), 3u);
  const auto& events = world.inbox.events;
  EXPECT_NE(events[0].record_json.find("\"versionId\":\"" + id + "\""), std::string::npos);
  EXPECT_EQ(events[1].event_name, "ObjectRemoved:DeleteMarkerCreated");
  EXPECT_NE(events[1].record_json.find(
                "\"eTag\":\"d41d8cd98f00b204e9800998ecf8427e\",\"versionId\":\"" + marker + "\""),
            std::string::npos)
      << events[1].record_json;
  EXPECT_EQ(events[1].record_json.find("\"size\""), std::string::npos);
  EXPECT_EQ(events[2].event_name, "ObjectRemoved:Delete");
  EXPECT_NE(events[2].record_json.find("\"versionId\":\"" + id + "\""), std::string::npos);
}

}  // namespace
}  // namespace emulator::s3
