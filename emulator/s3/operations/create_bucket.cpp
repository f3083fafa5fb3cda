#include <algorithm>
#include <array>

#include "emulator/base/text.h"
#include "emulator/base/xml.h"
#include "emulator/s3/acl.h"
#include "emulator/s3/names.h"
#include "emulator/s3/object_lock.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"
#include "emulator/s3/tags.h"
#include "emulator/s3/xml_document.h"

namespace emulator::s3 {

Result<Bucket> Service::create_bucket(const std::string& name, const std::string& region,
                                      bool with_object_lock,
                                      std::map<std::string, std::string> documents) {
  if (auto named = check_bucket_name(name); !named) return tl::unexpected(std::move(named.error()));
  auto found = store_.find_bucket(name);
  if (!found) return storage_failed(found.error());
  const std::string& wanted = region.empty() ? options_.region : region;
  if (*found) {
    // Only us-east-1 lets the owner create a bucket twice, and there not with tags, which would be
    // lost (AWS: CreateBucket, BucketAlreadyOwnedByYou).
    if ((*found)->region == "us-east-1" && wanted == "us-east-1" && documents.count("tagging") == 0)
      return std::move(**found);
    return tl::unexpected(
        Error{ErrorCode::bucket_already_owned_by_you, {}, {{"BucketName", name}}});
  }
  Bucket bucket{
      .name = name, .region = wanted, .created = now(), .configurations = std::move(documents)};
  if (with_object_lock) {
    bucket.configurations["object-lock"] = new_object_lock();
    bucket.configurations["versioning"] = versioning_document("Enabled");
  }
  if (auto put = store_.put_bucket(bucket); !put) return storage_failed(put.error());
  trace_.record("s3", "create_bucket", {{"bucket", name}});
  return bucket;
}

namespace {

// What the body says; tags are rendered as they are kept.
struct Configuration {
  std::string constraint;  // "" = none
  std::string tags;
};

constexpr std::string_view old_europe = "EU";  // the old name of eu-west-1, told again as it came

tl::unexpected<Error> not_valid(const std::string& constraint) {
  return tl::unexpected(
      Error{ErrorCode::invalid_location_constraint, {}, {{"LocationConstraint", constraint}}});
}

Result<Configuration> parse_configuration(const std::string& body) {
  if (base::trim(body).empty()) return Configuration{};
  const auto root = parse_xml(body, "CreateBucketConfiguration");
  if (!root) return tl::unexpected(root.error());
  for (const char* name : {"Location", "Bucket"}) {  // of directory buckets
    if (root->child(name) != nullptr)
      return fail(ErrorCode::not_implemented,
                  std::string("CreateBucket: ") + name + " is not implemented");
  }
  Configuration wanted{
      .constraint = std::string(base::trim(root->child_text("LocationConstraint"))), .tags = {}};
  if (const XmlElement* given = root->child("Tags")) {
    for (const XmlElement& tag : given->children) {
      if (!base::to_lower(tag.child_text("Key")).starts_with("aws:")) continue;
      return fail(ErrorCode::invalid_tag,
                  "User-defined tag keys can't start with \"aws:\". This prefix is reserved for "
                  "system tags. Remove \"aws:\" from your tag keys and try again.");
    }
    const auto tags = parse_tag_set(*given, bucket_tags_max);
    if (!tags) return tl::unexpected(tags.error());
    if (!tags->empty()) wanted.tags = render_tagging(*tags);
  }
  return wanted;
}

// Each region's endpoint makes buckets of its own region; that of us-east-1 is the global one and
// makes any (AWS: CreateBucket, LocationConstraint). AWS takes us-east-1 only unsaid; clients that
// say the region that they are given (s3fs) would then make no bucket here, so it is taken.
Result<std::string> region_of(const std::string& constraint, const std::string& endpoint) {
  const auto incompatible = [](const std::string& which) {
    return fail(ErrorCode::illegal_location_constraint,
                "The " + which +
                    " location constraint is incompatible for the region specific endpoint this "
                    "request was "
                    "sent to.");
  };
  if (constraint.empty()) {
    if (endpoint != "us-east-1") return incompatible("unspecified");
    return endpoint;
  }
  const std::string region = constraint == old_europe ? "eu-west-1" : constraint;
  if (region != endpoint && endpoint != "us-east-1") return incompatible(constraint);
  if (region != endpoint && !is_region_name(region)) return not_valid(constraint);
  return region;
}

bool says_more_than_default(const Call& call, const Acl& acl) {
  return acl_text(acl) != acl_text(default_acl(owner_id(call.service.options())));
}

Result<void> check_ownership_and_acl(const Call& call) {
  const std::string_view ownership = call.header("x-amz-object-ownership");
  constexpr std::array<std::string_view, 4> known{"", "BucketOwnerEnforced", "BucketOwnerPreferred",
                                                  "ObjectWriter"};
  if (std::find(known.begin(), known.end(), ownership) == known.end()) {
    return tl::unexpected(Error{ErrorCode::invalid_argument,
                                "Invalid x-amz-object-ownership header: " + std::string(ownership),
                                {{"ArgumentName", "x-amz-object-ownership"}}});
  }
  const auto acl = acl_of_headers(call);
  if (!acl) return tl::unexpected(acl.error());
  const bool enforces_owner = ownership.empty() || ownership == "BucketOwnerEnforced";
  if (*acl && says_more_than_default(call, **acl) && enforces_owner)
    return fail(ErrorCode::invalid_bucket_acl_with_object_ownership);
  return {};
}

// Names of an account's own namespace end in what nobody else may use (AWS: "Namespaces for general
// purpose buckets").
Result<void> check_namespace(const Call& call, const std::string& region) {
  const std::string_view wanted = call.header("x-amz-bucket-namespace");
  if (wanted.empty() || wanted == "global") return {};
  if (wanted != "account-regional")
    return invalid_argument("Invalid x-amz-bucket-namespace header", "x-amz-bucket-namespace",
                            std::string(wanted));
  const std::string suffix = "-" + call.service.options().account + "-" + region + "-an";
  if (call.bucket.ends_with(suffix)) return {};
  return fail(
      ErrorCode::invalid_namespace_header,
      "The requested bucket name did not include the account-regional namespace suffix, but "
      "the provided x-amz-bucket-namespace header value is account-regional. Specify " +
          suffix +
          " as the bucket name suffix to create a bucket in your account-regional namespace, "
          "or remove the header.");
}

std::string render_ownership(std::string_view ownership) {
  base::XmlWriter xml("OwnershipControls", s3_namespace);
  xml.open("Rule").leaf("ObjectOwnership", ownership).close();
  return xml.take();
}

std::map<std::string, std::string> documents_of(const Call& call, Configuration wanted) {
  std::map<std::string, std::string> documents;
  if (!wanted.tags.empty()) documents["tagging"] = std::move(wanted.tags);
  if (wanted.constraint == old_europe) documents["location"] = std::move(wanted.constraint);
  const std::string_view ownership = call.header("x-amz-object-ownership");
  if (const auto acl = acl_of_headers(call); acl && *acl && says_more_than_default(call, **acl))
    documents["acl"] = acl_text(**acl);
  if (!ownership.empty()) documents["ownershipControls"] = render_ownership(ownership);
  return documents;
}

}  // namespace

Result<base::HttpResponse> rest_create_bucket(Call& call, const std::string& body) {
  if (auto named = check_bucket_name(call.bucket); !named)
    return tl::unexpected(std::move(named.error()));
  if (auto checked = check_ownership_and_acl(call); !checked)
    return tl::unexpected(std::move(checked.error()));
  auto wanted = parse_configuration(body);
  if (!wanted) return tl::unexpected(std::move(wanted.error()));
  const auto region = region_of(wanted->constraint, signing_region(call));
  if (!region) return tl::unexpected(region.error());
  if (auto held = check_namespace(call, *region); !held)
    return tl::unexpected(std::move(held.error()));
  const bool with_object_lock =
      base::equals_ignoring_case(call.header("x-amz-bucket-object-lock-enabled"), "true");
  const auto bucket = call.service.create_bucket(call.bucket, *region, with_object_lock,
                                                 documents_of(call, std::move(*wanted)));
  if (!bucket) return tl::unexpected(bucket.error());
  base::HttpResponse response;
  response.headers.add("location", "/" + bucket->name);
  response.headers.add("x-amz-bucket-arn", "arn:aws:s3:::" + bucket->name);
  return response;
}

}  // namespace emulator::s3
