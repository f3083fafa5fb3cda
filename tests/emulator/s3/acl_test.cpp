// ACLs: where they are refused, what is kept of them, and what they let the anonymous do in strict
// mode.

#include "emulator/s3/acl.h"

#include "emulator/s3/rest.h"
#include "tests/emulator/s3/rest_client.h"

namespace emulator::s3 {
namespace {

constexpr const char* everybody = "http://acs.amazonaws.com/groups/global/AllUsers";

std::string controls(const std::string& ownership) {
  return "<OwnershipControls><Rule><ObjectOwnership>" + ownership +
         "</ObjectOwnership></Rule></OwnershipControls>";
}

struct AclWorld : RestWorld {
  AclWorld() {
    bucket("one");
    put("one", "a");
  }
  std::string own(const std::string& ownership) {
    return send("PUT", "/one?ownershipControls", {}, controls(ownership)).code();
  }
  std::string set(const std::string& path, const std::string& canned) {
    return send("PUT", path + "?acl", {{"x-amz-acl", canned}}).code();
  }
  std::string owner() { return send("GET", "/one?acl").element("ID"); }
  std::string document(const std::string& grantee, const std::string& permission) {
    return "<AccessControlPolicy><Owner><ID>" + owner() +
           "</ID></Owner><AccessControlList><Grant><Grantee>" + grantee + "</Grantee><Permission>" +
           permission + "</Permission></Grant></AccessControlList></AccessControlPolicy>";
  }
  int anonymous(const std::string& method, const std::string& target, std::string_view body = {}) {
    aws::Authenticator strict{{.strict = true, .secrets = {{"AK", "secret"}}}};
    base::HttpRequest request;
    request.method = method;
    request.path = target.substr(0, target.find('?'));
    if (request.path.size() < target.size()) request.query = target.substr(request.path.size() + 1);
    request.headers.add("host", "127.0.0.1");
    if (method == "PUT") request.content_length = body.size();
    base::Reply reply = handle_rest(service, request, strict);
    if (reply.response) return reply.response->status;
    if (auto early = reply.receiver->data(body)) return early->status;
    return reply.receiver->finish().status;
  }
};

TEST(Acl, GivesTheOwnerEverythingAndIsRefusedWhereTheBucketEnforcesItsOwner) {
  AclWorld world;
  for (const std::string path : {"/one", "/one/a"}) {
    const Answer acl = world.send("GET", path + "?acl");
    EXPECT_EQ(acl.element("Permission"), "FULL_CONTROL") << path;
    EXPECT_NE(acl.body.find("xsi:type=\"CanonicalUser\""), std::string::npos);
    EXPECT_EQ(world.send("PUT", path + "?acl", {}, acl.body).status, 200);
    EXPECT_EQ(world.set(path, "private"), "ok");
    EXPECT_EQ(world.set(path, "public-read"), "AccessControlListNotSupported");
    EXPECT_EQ(world
                  .send("PUT", path + "?acl", {},
                        world.document("<URI>" + std::string(everybody) + "</URI>", "READ"))
                  .code(),
              "AccessControlListNotSupported");
    EXPECT_EQ(world.send("PUT", path + "?acl").code(), "MissingSecurityHeader");
  }
  EXPECT_EQ(world.send("PUT", "/one/b", {{"x-amz-acl", "public-read"}}, "x").code(),
            "AccessControlListNotSupported");
  EXPECT_EQ(world.send("GET", "/one/none?acl").code(), "NoSuchKey");
  EXPECT_EQ(world.send("GET", "/none?acl").code(), "NoSuchBucket");
}

TEST(Acl, IsKeptWhereTheOwnershipControlsLetItIn) {
  for (const std::string ownership : {"BucketOwnerPreferred", "ObjectWriter"}) {
    AclWorld world;
    ASSERT_EQ(world.own(ownership), "ok");
    for (const std::string path : {"/one", "/one/a"}) {
      ASSERT_EQ(world.set(path, "public-read"), "ok");
      const Answer acl = world.send("GET", path + "?acl");
      EXPECT_NE(acl.body.find("xsi:type=\"Group\"><URI>" + std::string(everybody) +
                              "</URI></Grantee><Permission>READ</Permission>"),
                std::string::npos)
          << path;
      EXPECT_NE(acl.body.find("<Permission>FULL_CONTROL</Permission>"), std::string::npos);
      EXPECT_EQ(world.send("PUT", path + "?acl", {}, acl.body).code(), "ok")
          << "what was told is taken again";
      EXPECT_EQ(world.send("GET", path + "?acl").body, acl.body);
      EXPECT_EQ(world.set(path, "private"), "ok");
      EXPECT_EQ(world.send("GET", path + "?acl").body.find("Group"), std::string::npos);
    }
    EXPECT_EQ(world.send("HEAD", "/one/a").header("x-amz-acl"), "");
  }
}

TEST(Acl, IsLetInWhereTheOwnershipControlsWereDeleted) {
  AclWorld world;
  EXPECT_EQ(world.send("DELETE", "/one?ownershipControls").status, 204);
  EXPECT_EQ(world.send("GET", "/one?ownershipControls").code(), "OwnershipControlsNotFoundError");
  EXPECT_EQ(world.set("/one", "public-read"), "ok");
  EXPECT_EQ(world.own("BucketOwnerEnforced"), "InvalidBucketAclWithObjectOwnership");
  EXPECT_EQ(world.set("/one", "private"), "ok");
  EXPECT_EQ(world.own("BucketOwnerEnforced"), "ok");
  EXPECT_EQ(world.set("/one", "public-read"), "AccessControlListNotSupported");
}

TEST(Acl, ComesWithTheBucketAndWithTheObjectButNotWithACopy) {
  RestWorld world;
  const HeaderList headers{{"x-amz-object-ownership", "ObjectWriter"},
                           {"x-amz-acl", "public-read-write"}};
  ASSERT_EQ(world.send("PUT", "/one", headers).code(), "ok");
  EXPECT_NE(world.send("GET", "/one?acl").body.find("<Permission>WRITE</Permission>"),
            std::string::npos);
  ASSERT_EQ(world
                .send("PUT", "/one/a",
                      {{"x-amz-grant-read", "uri=\"" + std::string(everybody) + "\""}}, "x")
                .code(),
            "ok");
  const std::string acl = world.send("GET", "/one/a?acl").body;
  EXPECT_NE(acl.find("<Permission>READ</Permission>"), std::string::npos);
  EXPECT_EQ(acl.find("FULL_CONTROL"), std::string::npos)
      << "the grants of headers are the whole of it";
  ASSERT_EQ(world.send("PUT", "/one/b", {{"x-amz-copy-source", "/one/a"}}).code(), "ok");
  EXPECT_EQ(world.send("GET", "/one/b?acl").element("Permission"), "FULL_CONTROL");
}

TEST(Acl, CannotBePutOnADeleteMarker) {
  AclWorld world;
  world.send("PUT", "/one?versioning", {},
             "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
  world.send("DELETE", "/one/a");
  const Answer put = world.send("PUT", "/one/a?acl", {{"x-amz-acl", "private"}});
  EXPECT_EQ(put.status, 405);
  EXPECT_EQ(put.element("Method"), "PUT");
  EXPECT_EQ(put.element("ResourceType"), "DeleteMarker");
  EXPECT_EQ(world.send("GET", "/one/a?acl").code(), "NoSuchKey");
}

TEST(Acl, IsRefusedAsAwsRefusesIt) {
  AclWorld world;
  ASSERT_EQ(world.own("ObjectWriter"), "ok");
  const auto with = [&](const HeaderList& headers, const std::string& body = {}) {
    return world.send("PUT", "/one/a?acl", headers, body);
  };
  EXPECT_EQ(with({{"x-amz-acl", "everybody"}}).code(), "InvalidArgument");
  EXPECT_EQ(with({{"x-amz-grant-read", "uri=\"http://acs.amazonaws.com/groups/s3/FakeGroup\""}})
                .element("Message"),
            "Invalid group uri");
  EXPECT_EQ(with({{"x-amz-grant-read", "id=\"wrong-id\""}}).element("Message"), "Invalid id");
  EXPECT_EQ(with({{"x-amz-grant-write", "fakekey=\"1234\""}}).element("Message"),
            "Argument format not recognized");
  EXPECT_EQ(with({{"x-amz-acl", "private"},
                  {"x-amz-grant-read", "uri=\"" + std::string(everybody) + "\""}})
                .code(),
            "InvalidRequest");
  EXPECT_EQ(
      with({{"x-amz-acl", "private"}}, world.document("<ID>" + world.owner() + "</ID>", "READ"))
          .code(),
      "UnexpectedContent");
  EXPECT_EQ(with({}, world.document("<ID>wrong-id</ID>", "READ")).element("ArgumentName"),
            "CanonicalUser/ID");
  EXPECT_EQ(with({}, world.document("<URI>http://none</URI>", "READ")).element("ArgumentName"),
            "Group/URI");
  EXPECT_EQ(with({}, world.document("<ID>" + world.owner() + "</ID>", "EAT")).code(),
            "MalformedACLError");
  EXPECT_EQ(with({}, world.document("<ID></ID>", "READ")).code(), "MalformedACLError");
  EXPECT_EQ(with({}, "<AccessControlPolicy/>").code(), "MalformedACLError");
  EXPECT_EQ(world.send("GET", "/one/a?acl").element("Permission"), "FULL_CONTROL")
      << "nothing of it was kept";
}

TEST(Acl, OpensABucketAndAnObjectToTheAnonymous) {
  AclWorld world;
  ASSERT_EQ(world.own("ObjectWriter"), "ok");
  EXPECT_EQ(world.anonymous("GET", "/one/a"), 403);
  ASSERT_EQ(world.set("/one/a", "public-read"), "ok");
  EXPECT_EQ(world.anonymous("GET", "/one/a"), 200);
  EXPECT_EQ(world.anonymous("GET", "/one"), 403) << "the bucket is another matter";
  ASSERT_EQ(world.set("/one", "public-read"), "ok");
  EXPECT_EQ(world.anonymous("GET", "/one"), 200);
  EXPECT_EQ(world.anonymous("GET", "/one/none"), 404)
      << "403 before: who may not list is told nothing";
  EXPECT_EQ(world.anonymous("PUT", "/one/b", "x"), 403);
  ASSERT_EQ(world.set("/one", "public-read-write"), "ok");
  EXPECT_EQ(world.anonymous("PUT", "/one/b", "x"), 200);
  EXPECT_EQ(world.anonymous("GET", "/one/b"), 403);
  EXPECT_EQ(world.anonymous("DELETE", "/one/b"), 204);
  ASSERT_EQ(world.set("/one/a", "authenticated-read"), "ok");
  EXPECT_EQ(world.anonymous("GET", "/one/a"), 403);
}

TEST(Acl, IsBlockedByThePublicAccessBlock) {
  AclWorld world;
  ASSERT_EQ(world.own("ObjectWriter"), "ok");
  ASSERT_EQ(world.set("/one/a", "public-read"), "ok");
  const auto block = [&](const std::string& what) {
    return world
        .send("PUT", "/one?publicAccessBlock", {},
              "<PublicAccessBlockConfiguration><" + what + ">true</" + what +
                  "></PublicAccessBlockConfiguration>")
        .code();
  };
  ASSERT_EQ(block("IgnorePublicAcls"), "ok");
  EXPECT_EQ(world.anonymous("GET", "/one/a"), 403);
  ASSERT_EQ(block("BlockPublicAcls"), "ok");
  EXPECT_EQ(world.anonymous("GET", "/one/a"), 200);
  EXPECT_EQ(world.set("/one/a", "public-read"), "AccessDenied");
  EXPECT_EQ(world.set("/one/a", "private"), "ok");
}

TEST(Acl, IsAnEventWhereItChanges) {
  AclWorld world;
  ASSERT_EQ(world.own("ObjectWriter"), "ok");
  world.notify("one", {"s3:ObjectAcl:Put"});
  for (const std::string canned :
       {"public-read", "public-read", "private", "bucket-owner-full-control"})
    world.set("/one/a", canned);
  world.run();
  EXPECT_EQ(world.inbox.events.size(), 2u);
}

}  // namespace
}  // namespace emulator::s3
