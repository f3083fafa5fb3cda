// Uploads from browsers' forms. What a browser sends: fields, then the file (AWS: "POST Object").

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "emulator/s3/form_parser.h"
#include "emulator/sim/random.h"
#include "tests/emulator/s3/rest_client.h"

namespace emulator::s3 {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string form(const Fields& fields, const std::string& file,
                 const std::string& file_name = "a.txt") {
  std::string out;
  for (const auto& [name, value] : fields) {
    out +=
        "--xYzZY\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  }
  out += "--xYzZY\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + file_name +
         "\"\r\nContent-Type: text/plain\r\n\r\n" + file;
  return out + "\r\n--xYzZY--\r\n";
}

const HeaderList form_headers{{"content-type", "multipart/form-data; boundary=xYzZY"}};

struct FormWorld : RestWorld {
  FormWorld() { bucket("one"); }
  Answer post(const Fields& fields, const std::string& file = "body",
              const std::string& file_name = "a.txt") {
    return send("POST", "/one", form_headers, form(fields, file, file_name));
  }
};

std::string post_policy_of(const std::string& conditions,
                           const std::string& expiration = "2026-01-03T00:00:00.000Z") {
  return base::to_base64(R"({"expiration":")" + expiration + R"(","conditions":[)" + conditions +
                         "]}");
}

TEST(PostObject, StoresTheFileUnderTheKeyOfTheForm) {
  FormWorld world;
  for (std::size_t piece_bytes : {1u, 7u, 1000u}) {
    world.piece_bytes = piece_bytes;
    const Answer answer = world.post({{"key", "in/${filename}"},
                                      {"Content-Type", "text/csv"},
                                      {"x-amz-meta-a", "1"},
                                      {"acl", "private"}},
                                     "one\r\n--xYzZ\r\ntwo", "C:\\tmp\\a b.csv");
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.header("location"), "http://127.0.0.1:4566/one/in%2Fa%20b.csv");
    const Answer stored = world.send("GET", "/one/in/a%20b.csv");
    EXPECT_EQ(stored.body, "one\r\n--xYzZ\r\ntwo");
    EXPECT_EQ(stored.header("content-type"), "text/csv");
    EXPECT_EQ(stored.header("x-amz-meta-a"), "1");
    EXPECT_EQ(stored.header("etag"), answer.header("etag"));
  }
}

TEST(PostObject, AnswersAsTheFormAsks) {
  FormWorld world;
  const Answer created = world.post({{"key", "a"}, {"success_action_status", "201"}});
  EXPECT_EQ(created.status, 201);
  EXPECT_EQ(created.element("Key"), "a");
  EXPECT_EQ(created.element("Bucket"), "one");
  EXPECT_EQ(world.post({{"key", "a"}, {"success_action_status", "200"}}).status, 200);
  EXPECT_EQ(world.post({{"key", "a"}, {"success_action_status", "404"}}).status, 204);
  const Answer redirected =
      world.post({{"key", "a b"}, {"success_action_redirect", "http://here.test/done?x=1"}});
  EXPECT_EQ(redirected.status, 303);
  EXPECT_EQ(
      redirected.header("location"),
      "http://here.test/done?x=1&bucket=one&key=a%20b&etag=%22841a2d689ad86bd1611447453c22c6fc%22");
}

TEST(PostObject, AnswersTheChecksumThatItHeldTheFileTo) {
  FormWorld world;
  const std::string sum = base::to_base64(*base::from_hex("ae8b14860a799888"));
  const Answer computed = world.post({{"key", "a"}}, "123456789");
  EXPECT_EQ(computed.header("x-amz-checksum-crc64nvme"), sum);
  EXPECT_EQ(computed.header("x-amz-checksum-type"), "FULL_OBJECT");
  EXPECT_EQ(world.post({{"key", "a"}, {"x-amz-checksum-crc64nvme", sum}}, "other").code(),
            "BadDigest");
  EXPECT_EQ(world.post({{"key", "a"}, {"x-amz-checksum-crc16", sum}}).code(), "NotImplemented");
  EXPECT_EQ(world
                .post({{"key", "a"},
                       {"x-amz-checksum-crc64nvme", sum},
                       {"x-amz-checksum-crc32", "AAAAAA=="}},
                      "123456789")
                .code(),
            "InvalidRequest");
}

TEST(PostObject, IsAnEventOfItsOwn) {
  FormWorld world;
  world.notify("one", {"s3:ObjectCreated:Post"});
  world.post(
      {{"key", "a"},
       {"tagging", "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>"}});
  world.put("one", "b");
  world.run();
  ASSERT_EQ(world.inbox.events.size(), 1u);
  EXPECT_EQ(world.inbox.events[0].event_name, "ObjectCreated:Post");
  EXPECT_EQ(world.send("HEAD", "/one/a").header("x-amz-tagging-count"), "1");
}

TEST(PostObject, HoldsTheFormToItsPolicy) {
  FormWorld world;
  const auto post = [&](const std::string& policy, Fields fields = {},
                        const std::string& file = "body") {
    fields.insert(fields.begin(), {{"key", "user/a"}, {"policy", policy}});
    const Answer answer = world.post(fields, file);
    return answer.status < 300 ? "ok" : answer.code() + ": " + answer.element("Message");
  };
  const std::string base_conditions = R"({"bucket":"one"},["starts-with","$key","user/"])";
  EXPECT_EQ(post(post_policy_of(base_conditions)), "ok");
  EXPECT_EQ(post(post_policy_of(base_conditions, "2026-01-02T03:04:05.000Z")),
            "AccessDenied: Invalid according to Policy: Policy expired.");
  EXPECT_EQ(post(post_policy_of(base_conditions), {{"x-amz-meta-a", "1"}}),
            "AccessDenied: Invalid according to Policy: Extra input fields: x-amz-meta-a");
  EXPECT_EQ(post(post_policy_of(base_conditions), {{"x-ignore-a", "1"}}), "ok");
  EXPECT_EQ(post(post_policy_of(base_conditions + R"(,["eq","$x-amz-meta-a","1"])"),
                 {{"X-Amz-Meta-A", "1"}}),
            "ok");
  EXPECT_EQ(post(post_policy_of(base_conditions + R"(,["eq","$x-amz-meta-a","1"])")),
            "AccessDenied: Invalid according to Policy: Policy Condition failed: "
            "[&quot;eq&quot;,&quot;$x-amz-meta-a&quot;,&quot;1&quot;]");
  EXPECT_EQ(post(post_policy_of(base_conditions + R"(,["eq", "key", "user/a"])")),
            "AccessDenied: Invalid according to Policy: Policy Condition failed: "
            "[&quot;eq&quot;, &quot;key&quot;, &quot;user/a&quot;]");
  EXPECT_EQ(post(post_policy_of(base_conditions + R"(,["content-length-range", "few", "4"])")),
            "AccessDenied: Invalid according to Policy: Policy Condition failed: "
            "[&quot;content-length-range&quot;, &quot;few&quot;, &quot;4&quot;]");
  EXPECT_TRUE(post(post_policy_of(R"({"bucket":"two"},["starts-with","$key",""])"))
                  .starts_with("AccessDenied: Invalid according to Policy: Policy Condition"));
  const std::string range = base_conditions + R"(,["content-length-range",2,4])";
  EXPECT_EQ(post(post_policy_of(range), {}, "1234"), "ok");
  EXPECT_TRUE(post(post_policy_of(range), {}, "12345").starts_with("EntityTooLarge"));
  EXPECT_TRUE(post(post_policy_of(range), {}, "1").starts_with("EntityTooSmall"));
  for (const std::string& bad :
       {std::string("%%%"), base::to_base64("{"), base::to_base64("[]"),
        base::to_base64(R"({"conditions":[]})"),
        base::to_base64(R"({"expiration":"2026-01-03T00:00:00Z"})"), post_policy_of("1"),
        post_policy_of(R"(["eq",[["x"]],"a"])"), post_policy_of(R"(["like","$key","a"])"),
        post_policy_of("{}", "tomorrow")}) {
    EXPECT_TRUE(post(bad).starts_with("InvalidPolicyDocument") ||
                post(bad).starts_with("AccessDenied: "))
        << bad;
  }
}

TEST(PostObject, RefusesPoliciesThatAreNone) {
  FormWorld world;
  const auto post = [&](const std::string& policy) {
    return world.post({{"key", "a"}, {"policy", policy}}).code();
  };
  EXPECT_EQ(post(post_policy_of("{}")), "InvalidPolicyDocument");
  EXPECT_EQ(post(post_policy_of(R"({"bucket":"one","key":"a"})")), "InvalidPolicyDocument")
      << "one condition a member";
  EXPECT_EQ(post(post_policy_of(R"({"bucket":"one"})", "2026-01-03 00:00:00+00:00")),
            "InvalidPolicyDocument");
}

TEST(PostObject, WantsTheSignatureThatBelongsToItsKey) {
  FormWorld world;
  EXPECT_EQ(world.post({{"key", "a"}, {"AWSAccessKeyId", "AK"}, {"policy", post_policy_of("")}})
                .element("ArgumentName"),
            "Signature");
  EXPECT_EQ(world
                .post({{"key", "a"},
                       {"x-amz-credential", "AK/20260102/us-east-1/s3/aws4_request"},
                       {"policy", post_policy_of("")}})
                .code(),
            "InvalidArgument");
}

TEST(PostObject, NamesTheFieldOfASignatureThatIsNotThere) {
  FormWorld world;
  aws::Authenticator strict{{.strict = true, .secrets = {{"AK", "secret"}}}};
  const auto missing = [&](const Fields& fields) {
    const std::string body = form(fields, "body");
    base::HttpRequest request;
    request.method = "POST";
    request.path = "/one";
    request.content_length = body.size();
    request.headers.add("host", "127.0.0.1:4566");
    request.headers.add("content-type", form_headers.front().second);
    base::Reply reply = handle_rest(world.service, request, strict);
    auto early = reply.receiver->data(body);
    const Answer answer = read_all(early ? std::move(*early) : reply.receiver->finish());
    return answer.code() + " " + answer.element("ArgumentName");
  };
  const std::string policy = post_policy_of("");
  EXPECT_EQ(missing({{"key", "a"}, {"policy", policy}, {"x-amz-signature", "0"}}),
            "InvalidArgument X-Amz-Algorithm");
  EXPECT_EQ(missing({{"key", "a"}, {"policy", policy}, {"signature", "0"}}),
            "InvalidArgument AWSAccessKeyId");
  EXPECT_EQ(missing({{"key", "a"}, {"policy", policy}}), "AccessDenied (none)");
}

TEST(PostObject, ChecksItsPolicyBeforeItLooksForTheBucket) {
  FormWorld world;
  const auto post = [&](const std::string& expiration) {
    return world
        .send("POST", "/none", form_headers,
              form({{"key", "a"},
                    {"policy", post_policy_of(R"({"key":"a"},{"bucket":"none"})", expiration)}},
                   "x"))
        .code();
  };
  EXPECT_EQ(post("2026-01-01T00:00:00.000Z"), "AccessDenied");
  EXPECT_EQ(post("2026-01-03T00:00:00.000Z"), "NoSuchBucket");
  EXPECT_EQ(world.send("POST", "/none", {{"content-type", "text/plain"}}, "x").code(),
            "PreconditionFailed");
}

TEST(PostObject, RefusesFormsThatAreNone) {
  FormWorld world;
  const auto post = [&](const std::string& body, const HeaderList& headers = form_headers) {
    return world.send("POST", "/one", headers, body).code();
  };
  EXPECT_EQ(world.post({{"x", "y"}}).code(), "UserKeyMustBeSpecified");
  EXPECT_EQ(
      post("--xYzZY\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na\r\n--xYzZY--\r\n"),
      "IncorrectNumberOfFilesInPostRequest");
  EXPECT_EQ(post("nothing at all"), "MalformedPOSTRequest");
  EXPECT_EQ(post(form({{"key", "cut"}}, "body").substr(0, 160)), "MalformedPOSTRequest");
  EXPECT_EQ(post("x", {{"content-type", "text/plain"}}), "PreconditionFailed");
  EXPECT_EQ(post("x", {{"content-type", "multipart/form-data"}}), "MalformedPOSTRequest");
  EXPECT_EQ(world.post({{"key", "a"}, {"x", std::string(20 * 1024, 'x')}}).code(),
            "MaxPostPreDataLengthExceededError");
  EXPECT_EQ(world.post({{"key", "a"}, {"x-amz-checksum-crc32", "AAAAAA=="}}).code(), "BadDigest");
  EXPECT_EQ(world.send("POST", "/none", form_headers, form({{"key", "a"}}, "x")).code(),
            "NoSuchBucket");
  EXPECT_FALSE(world.service.get_object("one", "cut"));
}

TEST(FormParser, NeverCrashesOnCutOrChangedForms) {
  const std::string real =
      form({{"key", "in/${filename}"}, {"policy", post_policy_of("{}")}, {"x-amz-meta-a", "1"}},
           std::string(300, 'b'));
  sim::Random random(7, "forms");
  const FormParser::Handlers handlers{
      [](const FormFields&, const FormParser::File&) -> Result<void> { return {}; },
      [](std::string_view) -> Result<void> { return {}; }};
  for (int round = 0; round < 2000; ++round) {
    std::string text = real.substr(0, random.below(real.size() + 1));
    for (std::uint64_t changes = random.below(4); changes > 0 && !text.empty(); --changes) {
      text[random.below(text.size())] = static_cast<char>(random.below(256));
    }
    FormParser parser = FormParser::create("multipart/form-data; boundary=\"xYzZY\"").value();
    bool goes_on = true;
    for (std::string_view left = text; goes_on && !left.empty();) {
      const std::size_t size = std::min<std::size_t>(left.size(), 1 + random.below(40));
      goes_on = parser.parse(left.substr(0, size), handlers).has_value();
      left.remove_prefix(size);
    }
    if (goes_on) static_cast<void>(parser.finish());
  }
}

TEST(FormParser, GivesTheSameHoweverTheBodyIsCut) {
  const std::string body = form({{"A", "1\r\n--xYzZ"}, {"empty", ""}}, "\r\n--xYz\r\n\r\n", "");
  for (std::size_t size = 1; size <= body.size(); ++size) {
    std::string story;
    const FormParser::Handlers handlers{
        [&](const FormFields& fields, const FormParser::File& file) -> Result<void> {
          for (const auto& [name, value] : fields) story += name + "=" + value + ";";
          story += file.name + file.content_type + "|";
          return {};
        },
        [&](std::string_view bytes) -> Result<void> {
          story += bytes;
          return {};
        }};
    FormParser parser = FormParser::create("multipart/form-data;boundary=xYzZY").value();
    for (std::size_t at = 0; at < body.size(); at += size)
      ASSERT_TRUE(parser.parse(std::string_view(body).substr(at, size), handlers));
    EXPECT_TRUE(parser.finish());
    EXPECT_EQ(story, "a=1\r\n--xYzZ;empty=;text/plain|\r\n--xYz\r\n\r\n") << size;
  }
}

}  // namespace
}  // namespace emulator::s3
