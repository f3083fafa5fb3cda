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
                                      bool with_object_lock) {
  if (auto named = check_bucket_name(name); !named) return tl::unexpected(std::move(named.error()));
  auto found = store_.find_bucket(name);
  if (!found) return storage_failed(found.error());
  const std::string& wanted = region.empty() ? options_.region : region;
  if (*found) {
    // Only us-east-1 lets the owner create a bucket twice (AWS: CreateBucket,
    // BucketAlreadyOwnedByYou).
    if ((*found)->region == "us-east-1" && wanted == "us-east-1") return std::move(**found);
    return tl::unexpected(
        Error{ErrorCode::bucket_already_owned_by_you, {}, {{"BucketName", name}}});
  }
  Bucket bucket{.name = name, .region = wanted, .created = now()};
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
  if (wanted.constraint == "EU") wanted.constraint = "eu-west-1";  // the old name
  if (!wanted.constraint.empty() && !is_region_name(wanted.constraint)) {
    return fail(ErrorCode::illegal_location_constraint,
                "The specified location-constraint is not valid: " + wanted.constraint);
  }
  if (const XmlElement* given = root->child("Tags")) {
    XmlElement set = *given;
    set.name = "TagSet";
    const auto tags = parse_tagging({.name = "Tagging", .text = {}, .children = {std::move(set)}},
                                    bucket_tags_max);
    if (!tags) return tl::unexpected(tags.error());
    if (!tags->empty()) wanted.tags = render_tagging(*tags);
  }
  return wanted;
}

// Each region's endpoint makes buckets of its own region; that of us-east-1 is the global one and
// makes any.
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
  if (constraint != endpoint && endpoint != "us-east-1") return incompatible(constraint);
  return constraint;
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
  const std::string_view acl = call.header("x-amz-acl");
  if (auto checked = check_canned_acl(acl); !checked) return checked;
  if (!has_grant_headers(call) && (acl.empty() || acl == "private")) return {};
  if (ownership.empty() || ownership == "BucketOwnerEnforced") {
    return fail(ErrorCode::access_control_list_not_supported);
  }
  return fail(
      ErrorCode::not_implemented,
      "CreateBucket: an ACL that grants something to others than the owner is not implemented");
}

std::string render_ownership(std::string_view ownership) {
  base::XmlWriter xml("OwnershipControls", s3_namespace);
  xml.open("Rule").leaf("ObjectOwnership", ownership).close();
  return xml.take();
}

Result<void> keep_documents(Call& call, std::string tags) {
  if (!tags.empty()) {
    if (auto kept = call.service.put_bucket_document(call.bucket, "tagging", std::move(tags));
        !kept)
      return kept;
  }
  const std::string_view ownership = call.header("x-amz-object-ownership");
  if (ownership.empty()) return {};
  return call.service.put_bucket_document(call.bucket, "ownershipControls",
                                          render_ownership(ownership));
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
  const bool is_new = !call.service.head_bucket(call.bucket);
  const bool with_object_lock =
      base::equals_ignoring_case(call.header("x-amz-bucket-object-lock-enabled"), "true");
  const auto bucket = call.service.create_bucket(call.bucket, *region, with_object_lock);
  if (!bucket) return tl::unexpected(bucket.error());
  if (is_new) {
    if (auto kept = keep_documents(call, std::move(wanted->tags)); !kept)
      return tl::unexpected(std::move(kept.error()));
  }
  base::HttpResponse response;
  response.headers.add("location", "/" + bucket->name);
  return response;
}

}  // namespace emulator::s3
