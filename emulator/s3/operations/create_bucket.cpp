#include "emulator/base/text.h"
#include "emulator/s3/names.h"
#include "emulator/s3/object_lock.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"
#include "emulator/s3/xml_document.h"

namespace emulator::s3 {

Result<Bucket> Service::create_bucket(const std::string& name, const std::string& region, bool with_object_lock) {
  if (auto named = check_bucket_name(name); !named) return tl::unexpected(std::move(named.error()));
  auto found = store_.find_bucket(name);
  if (!found) return storage_failed(found.error());
  const std::string& wanted = region.empty() ? options_.region : region;
  if (*found) {
    // Only us-east-1 lets the owner create a bucket twice (AWS: CreateBucket, BucketAlreadyOwnedByYou).
    if ((*found)->region == "us-east-1" && wanted == "us-east-1") return std::move(**found);
    return tl::unexpected(Error{ErrorCode::bucket_already_owned_by_you, {}, {{"BucketName", name}}});
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

bool is_region(std::string_view text) {
  return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

// The LocationConstraint of the body; "" = none.
Result<std::string> location_constraint(const std::string& body) {
  if (base::trim(body).empty()) return std::string();
  const auto root = parse_xml(body, "CreateBucketConfiguration");
  if (!root) return tl::unexpected(root.error());
  for (const char* name : {"Location", "Bucket", "Tags"}) {
    if (root->child(name) != nullptr) return fail(ErrorCode::not_implemented, std::string("CreateBucket: ") + name + " is not implemented");
  }
  const std::string constraint(base::trim(root->child_text("LocationConstraint")));
  return constraint == "EU" ? "eu-west-1" : constraint;  // the old name
}

// Each region's endpoint makes buckets of its own region; that of us-east-1 is the global one and makes any.
Result<std::string> region_of(const std::string& constraint, const std::string& endpoint) {
  const auto incompatible = [](const std::string& which) {
    return fail(ErrorCode::illegal_location_constraint,
                "The " + which + " location constraint is incompatible for the region specific endpoint this request was "
                "sent to.");
  };
  if (constraint.empty()) {
    if (endpoint != "us-east-1") return incompatible("unspecified");
    return endpoint;
  }
  if (!is_region(constraint)) return incompatible(constraint);
  if (constraint != endpoint && endpoint != "us-east-1") return incompatible(constraint);
  return constraint;
}

Result<void> check_headers(const Call& call) {
  const std::string_view ownership = call.header("x-amz-object-ownership");
  if (!ownership.empty() && ownership != "BucketOwnerEnforced") {
    return fail(ErrorCode::not_implemented,
                "CreateBucket: x-amz-object-ownership: " + std::string(ownership) + " is not implemented");
  }
  const std::string_view acl = call.header("x-amz-acl");
  if (!acl.empty() && acl != "private") return fail(ErrorCode::access_control_list_not_supported);
  return {};
}

}  // namespace

Result<base::HttpResponse> rest_create_bucket(Call& call, const std::string& body) {
  if (auto checked = check_headers(call); !checked) return tl::unexpected(std::move(checked.error()));
  const auto constraint = location_constraint(body);
  if (!constraint) return tl::unexpected(constraint.error());
  const auto region = region_of(*constraint, signing_region(call));
  if (!region) return tl::unexpected(region.error());
  const bool with_object_lock = base::equals_ignoring_case(call.header("x-amz-bucket-object-lock-enabled"), "true");
  const auto bucket = call.service.create_bucket(call.bucket, *region, with_object_lock);
  if (!bucket) return tl::unexpected(bucket.error());
  base::HttpResponse response;
  response.headers.add("location", "/" + bucket->name);
  return response;
}

}  // namespace emulator::s3
