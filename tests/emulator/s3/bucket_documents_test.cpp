// The sub-resources of a bucket. What AWS answers where nothing is configured is what Terraform
// reads on every refresh.

#include <gtest/gtest.h>

#include <map>

#include "emulator/s3/bucket_policy.h"
#include "tests/emulator/s3/counting_store.h"
#include "tests/emulator/s3/rest_client.h"

namespace emulator::s3 {
namespace {

struct DocumentWorld : RestWorld {
  DocumentWorld() { bucket("one"); }

  std::string put(const std::string& document, const std::string& body) {
    return send("PUT", "/one?" + document, {}, body).code();
  }
  Answer get(const std::string& document) { return send("GET", "/one?" + document); }
};

TEST(BucketDocuments, ThatAreNotConfiguredAnswerAsAwsDoes) {
  DocumentWorld world;
  const std::map<std::string, std::string> errors{
      {"cors", "NoSuchCORSConfiguration"},
      {"lifecycle", "NoSuchLifecycleConfiguration"},
      {"object-lock", "ObjectLockConfigurationNotFoundError"},
      {"ownershipControls", "OwnershipControlsNotFoundError"},
      {"policy", "NoSuchBucketPolicy"},
      {"policyStatus", "NoSuchBucketPolicy"},
      {"publicAccessBlock", "NoSuchPublicAccessBlockConfiguration"},
      {"replication", "ReplicationConfigurationNotFoundError"},
      {"tagging", "NoSuchTagSet"},
      {"website", "NoSuchWebsiteConfiguration"}};
  for (const auto& [document, code] : errors) {
    const Answer answer = world.get(document);
    EXPECT_EQ(answer.code(), code);
    EXPECT_EQ(answer.status, 404) << document;
    EXPECT_EQ(answer.element("BucketName"), "one") << document;
    EXPECT_EQ(world.send("GET", "/none?" + document).code(), "NoSuchBucket") << document;
  }
  const std::map<std::string, std::string> answers{
      {"accelerate", "AccelerateConfiguration"},
      {"acl", "AccessControlPolicy"},
      {"encryption", "ServerSideEncryptionConfiguration"},
      {"logging", "BucketLoggingStatus"},
      {"requestPayment", "RequestPaymentConfiguration"},
      {"versioning", "VersioningConfiguration"}};
  for (const auto& [document, root] : answers) {
    EXPECT_NE(world.get(document).body.find("<" + root +
                                            " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"),
              std::string::npos);
    EXPECT_EQ(world.send("GET", "/none?" + document).code(), "NoSuchBucket") << document;
  }
  EXPECT_EQ(world.get("encryption").element("SSEAlgorithm"), "AES256");
  EXPECT_EQ(world.get("requestPayment").element("Payer"), "BucketOwner");
  EXPECT_EQ(world.get("versioning").element("Status"), "(none)");
}

TEST(BucketDocuments, AreKeptUntilTheyAreDeleted) {
  const std::map<std::string, std::string> documents{
      {"accelerate",
       "<AccelerateConfiguration><Status>Suspended</Status></AccelerateConfiguration>"},
      {"cors",
       "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</"
       "AllowedMethod></CORSRule></CORSConfiguration>"},
      {"encryption",
       "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>"
       "AES256</SSEAlgorithm>"
       "</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule></"
       "ServerSideEncryptionConfiguration>"},
      {"lifecycle",
       "<LifecycleConfiguration><Rule><ID>old</ID><Filter><Prefix>logs/</Prefix></"
       "Filter><Status>Enabled</Status><Expiration><Days>30"
       "</Days></Expiration></Rule></LifecycleConfiguration>"},
      {"ownershipControls",
       "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></"
       "OwnershipControls>"},
      {"requestPayment",
       "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>"},
      {"tagging",
       "<Tagging><TagSet><Tag><Key>a b</Key><Value>1+2</Value></Tag></TagSet></Tagging>"},
      {"website",
       "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument></"
       "WebsiteConfiguration>"}};
  DocumentWorld world;
  for (const auto& [document, body] : documents) {
    std::string sent = body;
    sent.insert(sent.find('>') + 1, "\n  ");
    EXPECT_EQ(world.put(document, sent), "ok");
    const std::string inside = body.substr(body.find('>') + 1);
    EXPECT_NE(world.get(document).body.find(inside), std::string::npos) << document;
  }
  for (const char* document :
       {"cors", "encryption", "lifecycle", "ownershipControls", "tagging", "website"}) {
    EXPECT_EQ(world.send("DELETE", "/one?" + std::string(document)).status, 204) << document;
  }
  EXPECT_EQ(world.get("lifecycle").code(), "NoSuchLifecycleConfiguration");
  EXPECT_EQ(world.get("encryption").element("BucketKeyEnabled"), "false");
  EXPECT_EQ(world.send("DELETE", "/one?cors").status, 204);
  EXPECT_EQ(world.send("DELETE", "/none?cors").code(), "NoSuchBucket");
}

TEST(BucketDocuments, TellWhatWasNotSaid) {
  DocumentWorld world;
  EXPECT_EQ(
      world.put("encryption",
                "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>"
                "<SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault></"
                "Rule></ServerSideEncryptionConfiguration>"),
      "ok");
  EXPECT_EQ(world.get("encryption").element("BucketKeyEnabled"), "false");
  EXPECT_EQ(world.put("publicAccessBlock",
                      "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></"
                      "PublicAccessBlockConfiguration>"),
            "ok");
  EXPECT_EQ(world.get("publicAccessBlock").element("IgnorePublicAcls"), "false");
  EXPECT_EQ(world.put("publicAccessBlock", "<PublicAccessBlockConfiguration/>"), "InvalidRequest");
}

TEST(BucketDocuments, ThatAreMalformedChangeNothing) {
  DocumentWorld world;
  ASSERT_EQ(
      world.put("tagging",
                "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>"),
      "ok");
  const std::string before = world.get("tagging").body;
  for (const char* bad :
       {"<Tagging", "<Other/>", "<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>",
        "<Tagging>x<TagSet/></Tagging>", "<Tagging><TagSet><Tog/></TagSet></Tagging>"}) {
    EXPECT_EQ(world.put("tagging", bad), "MalformedXML") << bad;
  }
  EXPECT_EQ(world.put("tagging", ""), "MissingRequestBodyError");
  EXPECT_EQ(world.get("tagging").body, before);
  EXPECT_EQ(world.put("cors", "<CORSConfiguration/>"), "MalformedXML");
  EXPECT_EQ(world.put("accelerate",
                      "<AccelerateConfiguration><Status>Maybe</Status></AccelerateConfiguration>"),
            "MalformedXML");
  EXPECT_EQ(
      world.put("versioning",
                "<VersioningConfiguration><Status>enabled</Status></VersioningConfiguration>"),
      "MalformedXML");
  EXPECT_EQ(world.put("versioning", "<VersioningConfiguration/>"),
            "IllegalVersioningConfigurationException");
  EXPECT_EQ(world.put("website", "<WebsiteConfiguration/>"), "InvalidArgument");
}

TEST(BucketDocuments, ThatWouldDoWhatIsNotHereAreRefusedByName) {
  DocumentWorld world;
  const auto message = [&](const std::string& document, const std::string& body) {
    const Answer answer = world.send("PUT", "/one?" + document, {}, body);
    EXPECT_EQ(answer.status, 501);
    return answer.element("Message");
  };
  EXPECT_EQ(message("versioning",
                    "<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</"
                    "MfaDelete></VersioningConfiguration>"),
            "PutBucketVersioning: MfaDelete Enabled is not implemented");
  EXPECT_EQ(message("logging", "<BucketLoggingStatus><LoggingEnabled/></BucketLoggingStatus>"),
            "PutBucketLogging: LoggingEnabled is not implemented");
  EXPECT_EQ(message("replication", "<ReplicationConfiguration/>"),
            "PutBucketReplication is not implemented");
}

TEST(BucketTags, KeepWithinTheLimitsOfAws) {
  DocumentWorld world;
  const auto tags = [](std::size_t count, const std::string& key = "k",
                       const std::string& value = "v") {
    std::string out = "<Tagging><TagSet>";
    for (std::size_t i = 0; i < count; ++i) {
      out += "<Tag><Key>" + key + (i == 0 ? "" : std::to_string(i)) + "</Key><Value>" + value +
             "</Value></Tag>";
    }
    return out + "</TagSet></Tagging>";
  };
  EXPECT_EQ(world.put("tagging", tags(50)), "ok");
  EXPECT_EQ(world.put("tagging", tags(51)), "BadRequest");
  EXPECT_EQ(world.put("tagging", tags(1, std::string(128, 'k'), std::string(256, 'v'))), "ok");
  EXPECT_EQ(world.put("tagging", tags(1, std::string(129, 'k'))), "InvalidTag");
  EXPECT_EQ(world.put("tagging", tags(1, "k", std::string(257, 'v'))), "InvalidTag");
  EXPECT_EQ(world.put("tagging", tags(1, "aws:k")), "InvalidTag");
  EXPECT_EQ(world.put("tagging", tags(1, "")), "InvalidTag");
  EXPECT_EQ(world.put("tagging",
                      "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>a</"
                      "Key><Value>2</Value></Tag></TagSet></Tagging>"),
            "InvalidTag");
  EXPECT_EQ(world.put("tagging", tags(0)), "ok");
  EXPECT_EQ(world.get("tagging").code(), "NoSuchTagSet");
}

TEST(Lifecycle, RefusesWhatAwsRefuses) {
  DocumentWorld world;
  const auto rule = [&](const std::string& inside) {
    const Answer answer =
        world.send("PUT", "/one?lifecycle", {},
                   "<LifecycleConfiguration>" + inside + "</LifecycleConfiguration>");
    return answer.status < 300 ? "ok" : answer.code() + ": " + answer.element("Message");
  };
  const std::string head = "<Rule><Filter/><Status>Enabled</Status>";
  EXPECT_EQ(rule(head + "<Expiration><Days>1</Days></Expiration></Rule>"), "ok");
  EXPECT_EQ(world.get("lifecycle").element("ID").size(), 16u);
  EXPECT_EQ(world.get("lifecycle").header("x-amz-transition-default-minimum-object-size"),
            "all_storage_classes_128K");
  EXPECT_EQ(rule(head + "<Expiration><Days>0</Days></Expiration></Rule>"),
            "InvalidArgument: 'Days' for Expiration action must be a positive integer");
  EXPECT_EQ(
      rule(head +
           "<Transition><Days>0</Days><StorageClass>GLACIER</StorageClass></Transition></Rule>"),
      "ok");
  EXPECT_EQ(rule(head + "<Expiration><Date>2026-01-02</Date></Expiration></Rule>"), "ok");
  EXPECT_EQ(rule(head + "<Expiration><Date>2026-01-02T03:00:00Z</Date></Expiration></Rule>"),
            "InvalidArgument: 'Date' must be at midnight GMT");
  EXPECT_EQ(rule(head + "</Rule>"),
            "InvalidRequest: At least one action needs to be specified in a rule");
  EXPECT_TRUE(rule("<Rule><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>")
                  .starts_with("MalformedXML"));
  EXPECT_TRUE(
      rule("<Rule><Filter/><Status>On</Status><Expiration><Days>1</Days></Expiration></Rule>")
          .starts_with("MalformedXML"));
  EXPECT_TRUE(rule(head + "<Expiration><Days>1</Days><ExpiredObjectDeleteMarker>false</"
                          "ExpiredObjectDeleteMarker></Expiration></Rule>")
                  .starts_with("MalformedXML"));
  EXPECT_TRUE(rule(head + "<NoncurrentVersionTransition><StorageClass>GLACIER</StorageClass></"
                          "NoncurrentVersionTransition></Rule>")
                  .starts_with("MalformedXML"));
  EXPECT_TRUE(rule(head + "<NoncurrentVersionExpiration/></Rule>").starts_with("MalformedXML"));
  EXPECT_EQ(
      rule("<Rule><Filter><And><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>a</Key><Value>2"
           "</Value></Tag></And></Filter><Status>Enabled</Status><Expiration><Days>1</Days></"
           "Expiration></Rule>"),
      "InvalidRequest: Duplicate Tag Keys are not allowed.");
  const std::string named =
      "<Rule><ID>a</ID><Filter/><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></"
      "Rule>";
  EXPECT_EQ(rule(named + named),
            "InvalidArgument: Rule ID must be unique. Found same ID for more than one rule");
}

TEST(Lifecycle, KeepsTheLeastSizeOfWhatMovesToAnotherClass) {
  DocumentWorld world;
  const std::string header = "x-amz-transition-default-minimum-object-size";
  const auto put = [&](const HeaderList& headers) {
    return world.send("PUT", "/one?lifecycle", headers,
                      "<LifecycleConfiguration><Rule><Filter/><Status>Enabled</Status><Expiration>"
                      "<Days>1</Days></Expiration></Rule></LifecycleConfiguration>");
  };
  EXPECT_EQ(put({{header, "varies_by_storage_class"}}).header(header), "varies_by_storage_class");
  EXPECT_EQ(world.get("lifecycle").header(header), "varies_by_storage_class");
  EXPECT_EQ(put({{header, "any"}}).code(), "InvalidRequest");
  EXPECT_EQ(world.get("lifecycle").header(header), "varies_by_storage_class");
  EXPECT_EQ(put({}).header(header), "all_storage_classes_128K");
  EXPECT_EQ(world.get("lifecycle").header(header), "all_storage_classes_128K");
}

TEST(BucketDocuments, AreOneCommitWithTheHeaderThatGoesWithThem) {
  World world;
  CountingStore counting(*world.store);
  Service service(counting, world.scheduler, world.trace, world.faults, sim::Random(1, "other"));
  ASSERT_TRUE(service.create_bucket("one"));
  const std::string header = "x-amz-transition-default-minimum-object-size";
  const auto send = [&](const std::string& method, const std::string& size) {
    base::HttpRequest request;
    request.method = method;
    request.path = "/one";
    request.query = "lifecycle";
    request.headers.add("host", "127.0.0.1:4566");
    request.headers.add(header, size);
    const std::string body =
        "<LifecycleConfiguration><Rule><Filter/><Status>Enabled</Status><Expiration><Days>1</Days>"
        "</Expiration></Rule></LifecycleConfiguration>";
    request.content_length = body.size();
    request.headers.add("content-md5", md5_base64(body));
    const std::size_t before = counting.bucket_writes;
    base::Reply reply = handle_rest(service, request);
    if (reply.receiver) {
      EXPECT_FALSE(reply.receiver->data(body).has_value());
      reply.response = reply.receiver->finish();
    }
    return std::to_string(reply.response->status) +
           ", writes: " + std::to_string(counting.bucket_writes - before);
  };
  EXPECT_EQ(send("PUT", "varies_by_storage_class"), "200, writes: 1");
  EXPECT_EQ(send("PUT", "any"), "400, writes: 0");
  EXPECT_EQ(send("DELETE", ""), "204, writes: 1");
  EXPECT_TRUE(world.store->find_bucket("one").value()->configurations.empty());
}

std::string statement(const std::string& effect, const std::string& action,
                      const std::string& resource, const std::string& more = {}) {
  return R"({"Effect":")" + effect + R"(","Principal":"*","Action":")" + action +
         R"(","Resource":"arn:aws:s3:::)" + resource + "\"" + more + "}";
}
std::string policy_of(const std::string& statements) {
  return R"({"Version":"2012-10-17","Statement":[)" + statements + "]}";
}

TEST(BucketPolicy, IsKeptAsJsonAndSaysWhetherItIsPublic) {
  DocumentWorld world;
  EXPECT_EQ(world
                .send("PUT", "/one?policy", {},
                      " { \"Statement\" : " + statement("Allow", "s3:GetObject", "one/*") + "}")
                .status,
            204);
  EXPECT_EQ(
      world.get("policy").body,
      R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::one/*"}})");
  EXPECT_EQ(world.get("policyStatus").element("IsPublic"), "true");
  const std::string with_condition = statement(
      "Allow", "s3:GetObject", "one/*", R"(,"Condition":{"Bool":{"aws:SecureTransport":"true"}})");
  EXPECT_EQ(world.put("policy", policy_of(with_condition)), "ok");
  EXPECT_EQ(world.get("policyStatus").element("IsPublic"), "false");
  EXPECT_EQ(world.send("DELETE", "/one?policy").status, 204);
  EXPECT_EQ(world.get("policy").code(), "NoSuchBucketPolicy");
}

TEST(BucketPolicy, ThatIsPublicIsRefusedWhereTheBucketBlocksIt) {
  DocumentWorld world;
  EXPECT_EQ(world.put("publicAccessBlock",
                      "<PublicAccessBlockConfiguration><BlockPublicPolicy>TRUE</"
                      "BlockPublicPolicy></PublicAccessBlockConfiguration>"),
            "ok");
  EXPECT_EQ(world.get("publicAccessBlock").element("BlockPublicPolicy"), "true");
  EXPECT_EQ(world.get("publicAccessBlock").element("BlockPublicAcls"), "false");
  EXPECT_EQ(world.put("policy", policy_of(statement("Allow", "s3:GetObject", "one/*"))),
            "AccessDenied");
  EXPECT_EQ(world.put("policy", policy_of(statement("Deny", "s3:GetObject", "one/*"))), "ok");
}

TEST(BucketPolicy, RefusesWhatAwsRefuses) {
  const auto verdict = [](const std::string& text) {
    const auto policy = canonical_policy(text, "one");
    return policy ? "ok" : policy.error().message;
  };
  EXPECT_EQ(verdict(policy_of(statement("Allow", "s3:*", "one"))), "ok");
  EXPECT_EQ(verdict(policy_of(statement("Allow", "s3:*", "two/*"))), "Policy has invalid resource");
  EXPECT_EQ(verdict(policy_of(statement("Allow", "ec2:Run", "one"))), "Policy has invalid action");
  EXPECT_EQ(verdict(policy_of(statement("Maybe", "s3:*", "one"))), "Invalid effect : \"Maybe\"");
  EXPECT_EQ(verdict(R"({"Version":"2012-10-17"})"), "Missing required field Statement");
  EXPECT_EQ(verdict(R"({"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]})"),
            "Missing required field Principal");
  EXPECT_EQ(
      verdict(
          R"({"Statement":[{"Effect":"Allow","NotPrincipal":"*","Action":"s3:*","Resource":"*"}]})"),
      "Allow with NotPrincipal is not allowed.");
  EXPECT_EQ(verdict("{true}"), "This policy contains invalid Json");
  for (const char* bad : {"", "x", "{", "[]", "{\"Statement\":"})
    EXPECT_FALSE(canonical_policy(bad, "one")) << bad;
  EXPECT_FALSE(canonical_policy("{\"Statement\":" + std::string(10000, '['), "one"));
  EXPECT_FALSE(canonical_policy(
      policy_of(statement("Allow", "s3:*", "one", ",\"Sid\":\"" + std::string(20480, 'x') + "\"")),
      "one"));
}

TEST(BucketPolicy, TellsActionsOfObjectsFromThoseOfBuckets) {
  const auto fits = [](const std::string& action, const std::string& resource) {
    return canonical_policy(policy_of(statement("Allow", action, resource)), "one").has_value();
  };
  for (const char* action :
       {"s3:GetObject", "s3:getobject", "s3:BypassGovernanceRetention", "s3:AbortMultipartUpload",
        "s3:ReplicateDelete", "s3:ObjectOwnerOverrideToBucketOwner"}) {
    EXPECT_TRUE(fits(action, "one/*")) << action;
    EXPECT_FALSE(fits(action, "one")) << action;
  }
  for (const char* action :
       {"s3:ListBucket", "s3:listbucket", "s3:GetBucketObjectLockConfiguration"}) {
    EXPECT_TRUE(fits(action, "one")) << action;
    EXPECT_FALSE(fits(action, "one/*")) << action;
  }
}

TEST(BucketPolicy, RefusesConditionsThatAreNone) {
  const auto verdict = [](const std::string& condition) {
    const auto policy = canonical_policy(
        policy_of(statement("Allow", "s3:*", "one", ",\"Condition\":" + condition)), "one");
    return policy ? "ok" : policy.error().message;
  };
  EXPECT_EQ(verdict(R"({"StringLike":{"aws:Referer":["a*"]}})"), "ok");
  EXPECT_EQ(verdict(R"({"ForAnyValue:StringEqualsIfExists":{"aws:TagKeys":"a"}})"), "ok");
  EXPECT_EQ(verdict(R"({"StringIs":{"aws:Referer":"a"}})"), "Invalid Condition type : StringIs");
  EXPECT_EQ(verdict(R"({"Bool":"true"})"), "Invalid policy syntax.");
  EXPECT_EQ(verdict(R"(["Bool"])"), "Invalid policy syntax.");
}

TEST(BucketPolicy, LetsAnyoneDoWhatItAllowsAndDoesNotDeny) {
  const std::string policy = policy_of(statement("Allow", "s3:Get*", "one/pub?ic/*") + "," +
                                       statement("Deny", "s3:GetObject", "one/public/secret*"));
  EXPECT_TRUE(allows_anyone(policy, "s3:GetObject", "arn:aws:s3:::one/public/a"));
  EXPECT_FALSE(allows_anyone(policy, "s3:GetObject", "arn:aws:s3:::one/public/secret.txt"));
  EXPECT_FALSE(allows_anyone(policy, "s3:GetObject", "arn:aws:s3:::one/other"));
  EXPECT_FALSE(allows_anyone(policy, "s3:PutObject", "arn:aws:s3:::one/public/a"));
  EXPECT_FALSE(allows_anyone("", "s3:GetObject", "arn:aws:s3:::one/public/a"));
}

}  // namespace
}  // namespace emulator::s3
