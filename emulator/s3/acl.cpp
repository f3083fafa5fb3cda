#include "emulator/s3/acl.h"

#include <algorithm>
#include <array>

#include "emulator/base/text.h"
#include "emulator/base/xml.h"
#include "emulator/s3/xml_document.h"

namespace emulator::s3 {
namespace {

constexpr std::string_view group_prefix = "http://acs.amazonaws.com/groups/";
constexpr std::string_view authenticated_users =
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
constexpr std::string_view log_delivery = "http://acs.amazonaws.com/groups/s3/LogDelivery";
// The canonical user of Amazon EC2, which reads bundles of images.
constexpr std::string_view amazon_ec2 =
    "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c";

struct CannedAcl {
  std::string_view name;
  std::string_view grantee = {};  // besides the owner
  std::array<std::string_view, 2> permissions = {};
};
constexpr std::array canned_acls{
    CannedAcl{"private"},
    CannedAcl{"bucket-owner-read"},
    CannedAcl{"bucket-owner-full-control"},
    CannedAcl{"public-read", all_users, {"READ"}},
    CannedAcl{"public-read-write", all_users, {"READ", "WRITE"}},
    CannedAcl{"authenticated-read", authenticated_users, {"READ"}},
    CannedAcl{"aws-exec-read", amazon_ec2, {"READ"}},
    CannedAcl{"log-delivery-write", log_delivery, {"WRITE", "READ_ACP"}},
};

struct GrantHeader {
  std::string_view name;
  std::string_view permission;
};
constexpr std::array grant_headers{
    GrantHeader{"x-amz-grant-full-control", "FULL_CONTROL"},
    GrantHeader{"x-amz-grant-read", "READ"},
    GrantHeader{"x-amz-grant-read-acp", "READ_ACP"},
    GrantHeader{"x-amz-grant-write", "WRITE"},
    GrantHeader{"x-amz-grant-write-acp", "WRITE_ACP"},
};

bool is_group(std::string_view grantee) { return grantee.starts_with(group_prefix); }

Result<std::string> known_group(std::string_view uri, std::string_view argument) {
  if (uri == all_users || uri == authenticated_users || uri == log_delivery)
    return std::string(uri);
  return invalid_argument("Invalid group uri", argument, uri);
}

// Canonical ids are 64 hexadecimal digits; whose they are is known to their accounts alone.
Result<std::string> known_id(std::string_view id, std::string_view argument) {
  if (id.size() == 64 && base::from_hex(id)) return std::string(id);
  return invalid_argument("Invalid id", argument, id);
}

// One of id="...", uri="...", emailAddress="...".
Result<std::string> grantee_of(std::string_view text, std::string_view header) {
  const std::size_t equals = text.find('=');
  const std::string_view kind = text.substr(0, equals);
  std::string_view value =
      equals == std::string_view::npos ? std::string_view() : base::trim(text.substr(equals + 1));
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
    value = value.substr(1, value.size() - 2);
  if (base::equals_ignoring_case(kind, "id")) return known_id(value, "id");
  if (base::equals_ignoring_case(kind, "uri")) return known_group(value, "uri");
  if (base::equals_ignoring_case(kind, "emailAddress")) {
    return fail(ErrorCode::not_implemented,
                std::string(header) + ": grantees by e-mail address are not implemented");
  }
  return invalid_argument("Argument format not recognized", header, text);
}

Result<Acl> acl_of_grant_headers(const Call& call) {
  Acl acl;
  for (const GrantHeader& header : grant_headers) {
    const auto value = call.request.headers.find(header.name);
    if (!value) continue;
    for (std::string_view text : base::split(*value, ',')) {
      auto grantee = grantee_of(base::trim(text), header.name);
      if (!grantee) return tl::unexpected(std::move(grantee.error()));
      acl.push_back({std::move(*grantee), std::string(header.permission)});
    }
  }
  return acl;
}

Result<Acl> acl_of_name(std::string_view name, const std::string& owner) {
  const auto row = std::find_if(canned_acls.begin(), canned_acls.end(),
                                [&](const CannedAcl& each) { return each.name == name; });
  if (row == canned_acls.end()) return invalid_argument({}, "x-amz-acl", name);
  Acl acl = default_acl(owner);
  for (std::string_view permission : row->permissions) {
    if (!permission.empty()) acl.push_back({std::string(row->grantee), std::string(permission)});
  }
  return acl;
}

bool is_default(const Acl& acl, const std::string& owner) {
  return acl_text(acl) == acl_text(default_acl(owner));
}

bool is_public(const Acl& acl) {
  return std::any_of(acl.begin(), acl.end(), [](const Grant& grant) {
    return grant.grantee == all_users || grant.grantee == authenticated_users;
  });
}

bool says(const Call& call, const char* document, std::string_view what) {
  const auto text = call.service.get_bucket_document(call.bucket, document);
  return text && text->find(what) != std::string::npos;
}

// The default of new buckets; ownership controls that were deleted leave objects to their writers.
bool enforces_owner(const Call& call) {
  const auto controls = call.service.get_bucket_document(call.bucket, "ownershipControls");
  if (!controls || controls->empty()) return !says(call, "object-ownership", "ObjectWriter");
  return controls->find(">BucketOwnerEnforced<") != std::string::npos;
}

Result<Grant> parse_grant(const XmlElement& grant) {
  const XmlElement* who = grant.child("Grantee");
  const std::string permission(base::trim(grant.child_text("Permission")));
  const bool is_known =
      std::any_of(grant_headers.begin(), grant_headers.end(),
                  [&](const GrantHeader& header) { return header.permission == permission; });
  if (who == nullptr || !is_known) return fail(ErrorCode::malformed_acl);
  if (const XmlElement* uri = who->child("URI")) {
    return known_group(base::trim(uri->text), "Group/URI").map([&](std::string name) {
      return Grant{std::move(name), permission};
    });
  }
  if (who->child("EmailAddress") != nullptr) {
    return fail(ErrorCode::not_implemented, "Grantees by e-mail address are not implemented");
  }
  const XmlElement* id = who->child("ID");
  if (id == nullptr || base::trim(id->text).empty()) return fail(ErrorCode::malformed_acl);
  return known_id(base::trim(id->text), "CanonicalUser/ID").map([&](std::string name) {
    return Grant{std::move(name), permission};
  });
}

// What an action needs, and of whom (AWS: "Mapping of ACL permissions and access policy
// permissions").
struct Need {
  std::string_view action;
  bool of_object;
  std::string_view permission;
};
constexpr std::array needs{
    Need{"s3:ListBucket", false, "READ"},
    Need{"s3:ListBucketVersions", false, "READ"},
    Need{"s3:ListBucketMultipartUploads", false, "READ"},
    Need{"s3:GetBucketAcl", false, "READ_ACP"},
    Need{"s3:PutBucketAcl", false, "WRITE_ACP"},
    Need{"s3:PutObject", false, "WRITE"},
    Need{"s3:DeleteObject", false, "WRITE"},
    Need{"s3:DeleteObjects", false, "WRITE"},
    Need{"s3:DeleteObjectVersion", false, "WRITE"},
    Need{"s3:AbortMultipartUpload", false, "WRITE"},
    Need{"s3:GetObject", true, "READ"},
    Need{"s3:GetObjectVersion", true, "READ"},
    Need{"s3:GetObjectAcl", true, "READ_ACP"},
    Need{"s3:GetObjectVersionAcl", true, "READ_ACP"},
    Need{"s3:PutObjectAcl", true, "WRITE_ACP"},
    Need{"s3:PutObjectVersionAcl", true, "WRITE_ACP"},
};

bool grants_anyone(std::string_view text, std::string_view permission) {
  const Acl acl = parse_acl_text(text, {});
  return std::any_of(acl.begin(), acl.end(), [&](const Grant& grant) {
    return grant.grantee == all_users &&
           (grant.permission == permission || grant.permission == "FULL_CONTROL");
  });
}

// nullopt: it is not there.
std::optional<std::string> acl_of_object(const Call& call) {
  const auto object =
      call.service.head_object(call.bucket, call.key, call.parameter("versionId").value_or(""));
  if (!object) return std::nullopt;
  const auto kept = object->headers.find(acl_header);
  return kept == object->headers.end() ? std::string() : kept->second;
}

}  // namespace

Acl default_acl(const std::string& owner) { return {{owner, "FULL_CONTROL"}}; }

std::string acl_text(const Acl& acl) {
  std::string out;
  for (const Grant& grant : acl) out += grant.permission + " " + grant.grantee + ";";
  return out;
}

Acl parse_acl_text(std::string_view text, const std::string& owner) {
  if (text.empty()) return default_acl(owner);
  Acl acl;
  for (std::string_view grant : base::split(text, ';')) {
    const std::size_t blank = grant.find(' ');
    if (blank != std::string_view::npos)
      acl.push_back({std::string(grant.substr(blank + 1)), std::string(grant.substr(0, blank))});
  }
  return acl;
}

Result<std::optional<Acl>> acl_of_headers(const Call& call) {
  const std::string_view name = call.header("x-amz-acl");
  auto granted = acl_of_grant_headers(call);
  if (!granted) return tl::unexpected(std::move(granted.error()));
  if (!name.empty() && !granted->empty()) {
    return fail(ErrorCode::invalid_request,
                "Specifying both Canned ACLs and Header Grants is not allowed");
  }
  if (!granted->empty()) return std::move(*granted);
  if (name.empty()) return std::nullopt;
  auto named = acl_of_name(name, owner_id(call.service.options()));
  if (!named) return tl::unexpected(std::move(named.error()));
  return std::move(*named);
}

Result<Acl> parse_acl(std::string_view document, const std::string& owner) {
  const auto policy = parse_xml(document, "AccessControlPolicy");
  if (!policy) return fail(ErrorCode::malformed_acl);
  const XmlElement* list = policy->child("AccessControlList");
  const XmlElement* told = policy->child("Owner");
  if (list == nullptr || told == nullptr || told->child_text("ID").empty())
    return fail(ErrorCode::malformed_acl);
  if (told->child_text("ID") != owner) {
    if (auto known = known_id(told->child_text("ID"), "CanonicalUser/ID"); !known)
      return tl::unexpected(std::move(known.error()));
    return fail(ErrorCode::access_denied);
  }
  Acl acl;
  for (const XmlElement& element : list->children) {
    auto grant = parse_grant(element);
    if (!grant) return tl::unexpected(std::move(grant.error()));
    acl.push_back(std::move(*grant));
  }
  return acl;
}

std::string render_acl(const Acl& acl, const std::string& owner) {
  const auto user = [&](std::string_view id) {
    std::string out = "<ID>" + std::string(id) + "</ID>";
    if (id == owner) out += "<DisplayName>" + std::string(owner_name) + "</DisplayName>";
    return out;
  };
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<AccessControlPolicy xmlns=\"";
  out += s3_namespace;
  out += "\"><Owner>" + user(owner) + "</Owner><AccessControlList>";
  for (const Grant& grant : acl) {
    const bool group = is_group(grant.grantee);
    out += "<Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"";
    out += group ? "Group\"><URI>" + grant.grantee + "</URI>"
                 : "CanonicalUser\">" + user(grant.grantee);
    out += "</Grantee><Permission>" + grant.permission + "</Permission></Grant>";
  }
  return out + "</AccessControlList></AccessControlPolicy>";
}

Result<void> check_acl_is_taken(const Call& call, const Acl& acl) {
  if (is_default(acl, owner_id(call.service.options()))) return {};
  if (const auto bucket = call.service.head_bucket(call.bucket); !bucket)
    return tl::unexpected(bucket.error());
  if (enforces_owner(call)) return fail(ErrorCode::access_control_list_not_supported);
  if (!is_public(acl) || !says(call, "publicAccessBlock", "<BlockPublicAcls>true<")) return {};
  return fail(
      ErrorCode::access_denied,
      "Access Denied: public ACLs are blocked by the BlockPublicAcls setting of the bucket");
}

Result<std::string> acl_to_keep(const Call& call) {
  const auto acl = acl_of_headers(call);
  if (!acl) return tl::unexpected(acl.error());
  if (!*acl || is_default(**acl, owner_id(call.service.options()))) return std::string();
  if (auto taken = check_acl_is_taken(call, **acl); !taken)
    return tl::unexpected(std::move(taken.error()));
  return acl_text(**acl);
}

bool acl_allows_anyone(const Call& call, std::string_view action) {
  const auto need = std::find_if(needs.begin(), needs.end(),
                                 [&](const Need& row) { return row.action == action; });
  if (need == needs.end() || enforces_owner(call) ||
      says(call, "publicAccessBlock", "<IgnorePublicAcls>true<"))
    return false;
  if (need->of_object) {
    if (const auto kept = acl_of_object(call)) return grants_anyone(*kept, need->permission);
    // That nothing is there may be told to those who may list the bucket.
    return acl_allows_anyone(call, "s3:ListBucket");
  }
  const auto kept = call.service.get_bucket_document(call.bucket, "acl");
  return kept && grants_anyone(*kept, need->permission);
}

}  // namespace emulator::s3
