#pragma once
// Access control lists (AWS: "Access control list (ACL) overview"): who besides the owner may do
// what. There is one account, so they matter to the anonymous. Buckets enforce their owner unless
// their ownership controls say otherwise; then every ACL that says more than the default is
// refused. https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html

#include <vector>

#include "emulator/s3/rest_call.h"

namespace emulator::s3 {

// Where the ACL of an object is kept among its headers, in the form of acl_text(); a bucket's is
// its document "acl".
inline constexpr const char* acl_header = "x-amz-acl";

struct Grant {
  std::string grantee;     // a canonical user id, or the URI of a group
  std::string permission;  // "READ"
};
using Acl = std::vector<Grant>;

inline constexpr std::string_view all_users = "http://acs.amazonaws.com/groups/global/AllUsers";

// What the default says: everything to the owner, nothing to anybody else.
Acl default_acl(const std::string& owner);
std::string acl_text(const Acl& acl);
Acl parse_acl_text(std::string_view text, const std::string& owner);  // "" = the default

// Of a request: what x-amz-acl or the x-amz-grant-* headers ask for; nullopt: neither is there.
Result<std::optional<Acl>> acl_of_headers(const Call& call);
// Of the document AccessControlPolicy.
Result<Acl> parse_acl(std::string_view document, const std::string& owner);
std::string render_acl(const Acl& acl, const std::string& owner);

// Whether the bucket takes the ACL. text = acl_text() of it, "" where it says no more than the
// default.
Result<void> check_acl_is_taken(const Call& call, const Acl& acl);
// What is to be kept of the ACL in the request's headers; "" where that is the default.
Result<std::string> acl_to_keep(const Call& call);

// Whether the ACLs of the bucket and the object let anybody at all do this.
bool acl_allows_anyone(const Call& call, std::string_view action);

}  // namespace emulator::s3
