#include "emulator/s3/bucket_documents.h"

#include <algorithm>
#include <array>
#include <set>

#include "emulator/base/text.h"
#include "emulator/s3/bucket_policy.h"
#include "emulator/s3/cors.h"
#include "emulator/s3/lifecycle.h"
#include "emulator/s3/object_lock.h"
#include "emulator/s3/tags.h"
#include "emulator/s3/versioning.h"
#include "emulator/s3/website.h"
#include "emulator/s3/xml_schema.h"

namespace emulator::s3 {
namespace {

using NewId = std::function<std::string()>;

#define S3_DOCUMENT(root, content)                     \
  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<" root \
  " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" content "</" root ">"

constexpr std::string_view standard_encryption =
    S3_DOCUMENT("ServerSideEncryptionConfiguration",
                "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></"
                "ApplyServerSideEncryptionByDefault>"
                "<BucketKeyEnabled>false</BucketKeyEnabled></Rule>");
constexpr std::string_view standard_payer =
    S3_DOCUMENT("RequestPaymentConfiguration", "<Payer>BucketOwner</Payer>");
constexpr std::string_view no_acceleration = S3_DOCUMENT("AccelerateConfiguration", "");
constexpr std::string_view no_logging = S3_DOCUMENT("BucketLoggingStatus", "");
constexpr std::string_view no_versioning = S3_DOCUMENT("VersioningConfiguration", "");
#undef S3_DOCUMENT

constexpr std::array accelerate_schema{
    Field{"AccelerateConfiguration", "Status", FieldKind::choice, 1, 1, "Enabled|Suspended"},
};
constexpr std::array payment_schema{
    Field{"RequestPaymentConfiguration", "Payer", FieldKind::choice, 1, 1, "BucketOwner|Requester"},
};
constexpr std::array encryption_schema{
    Field{"ServerSideEncryptionConfiguration", "Rule", FieldKind::group, 1, 1},
    Field{"Rule", "ApplyServerSideEncryptionByDefault", FieldKind::group, 0, 1},
    Field{"Rule", "BucketKeyEnabled", FieldKind::boolean, 0, 1},
    Field{"Rule", "BlockedEncryptionTypes", FieldKind::group, 0, 1},
    Field{"BlockedEncryptionTypes", "EncryptionType", FieldKind::text, 0, 10},
    Field{"ApplyServerSideEncryptionByDefault", "SSEAlgorithm", FieldKind::choice, 1, 1,
          "AES256|aws:kms|aws:kms:dsse"},
    Field{"ApplyServerSideEncryptionByDefault", "KMSMasterKeyID", FieldKind::text, 0, 1},
};
constexpr std::array block_schema{
    Field{"PublicAccessBlockConfiguration", "BlockPublicAcls", FieldKind::boolean},
    Field{"PublicAccessBlockConfiguration", "IgnorePublicAcls", FieldKind::boolean},
    Field{"PublicAccessBlockConfiguration", "BlockPublicPolicy", FieldKind::boolean},
    Field{"PublicAccessBlockConfiguration", "RestrictPublicBuckets", FieldKind::boolean},
};
constexpr std::array ownership_schema{
    Field{"OwnershipControls", "Rule", FieldKind::group, 1, 1},
    Field{"Rule", "ObjectOwnership", FieldKind::choice, 1, 1,
          "BucketOwnerEnforced|BucketOwnerPreferred|ObjectWriter"},
};
constexpr std::array versioning_schema{
    Field{"VersioningConfiguration", "Status", FieldKind::choice, 0, 1, "Enabled|Suspended"},
    Field{"VersioningConfiguration", "MfaDelete", FieldKind::choice, 0, 1, "Enabled|Disabled"},
};

tl::unexpected<Error> not_here(const std::string& what) {
  return fail(ErrorCode::not_implemented, what + " is not implemented");
}

Result<std::string> tagging(std::string_view body, const std::string&, const NewId&) {
  const auto document = parse_xml(body, "Tagging");
  if (!document) return tl::unexpected(document.error());
  const auto tags = parse_tagging(*document, bucket_tags_max);
  if (!tags) return tl::unexpected(tags.error());
  return tags->empty() ? std::string() : render_tagging(*tags);
}

Result<std::string> cors(std::string_view body, const std::string&, const NewId&) {
  const auto document = parse_xml(body, "CORSConfiguration");
  if (!document) return tl::unexpected(document.error());
  if (const auto rules = parse_cors(*document); !rules) return tl::unexpected(rules.error());
  return render_document(*document);
}

Result<std::string> lifecycle(std::string_view body, const std::string&, const NewId& new_id) {
  auto document = parse_xml(body, "LifecycleConfiguration");
  if (!document) return tl::unexpected(document.error());
  if (auto checked = check_lifecycle(*document); !checked)
    return tl::unexpected(std::move(checked.error()));
  name_lifecycle_rules(*document, new_id);
  return render_document(*document);
}

Result<std::string> policy(std::string_view body, const std::string& bucket, const NewId&) {
  return canonical_policy(body, bucket);
}

Result<std::string> encryption(std::string_view body, const std::string&, const NewId&) {
  auto document = parse_checked(body, "ServerSideEncryptionConfiguration", encryption_schema);
  if (!document) return tl::unexpected(document.error());
  XmlElement& rule = document->children.front();
  const XmlElement* by_default = rule.child("ApplyServerSideEncryptionByDefault");
  if (by_default != nullptr && by_default->child_text("SSEAlgorithm") == "AES256" &&
      by_default->child("KMSMasterKeyID") != nullptr) {
    return tl::unexpected(
        Error{ErrorCode::invalid_argument,
              "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or "
              "aws:kms:dsse",
              {{"ArgumentName", "ApplyServerSideEncryptionByDefault"}}});
  }
  if (rule.child("BucketKeyEnabled") == nullptr)  // AWS tells what is not said
    rule.children.push_back({.name = "BucketKeyEnabled", .text = "false", .children = {}});
  return render_document(*document);
}

// What is left out is false.
Result<std::string> public_access_block(std::string_view body, const std::string&, const NewId&) {
  const auto document = parse_checked(body, "PublicAccessBlockConfiguration", block_schema);
  if (!document) return tl::unexpected(document.error());
  if (document->children.empty())
    return fail(ErrorCode::invalid_request, "Must specify at least one configuration.");
  XmlElement whole{.name = document->name, .text = {}, .children = {}};
  for (const Field& field : block_schema) {
    const bool on =
        base::equals_ignoring_case(base::trim(document->child_text(field.name)), "true");
    whole.children.push_back(
        {.name = std::string(field.name), .text = on ? "true" : "false", .children = {}});
  }
  return render_document(whole);
}

// Objects belong to the one account that there is, whichever of the three it is; what differs is
// how ACLs are refused (acl.h).
Result<std::string> ownership(std::string_view body, const std::string&, const NewId&) {
  const auto document = parse_checked(body, "OwnershipControls", ownership_schema);
  if (!document) return tl::unexpected(document.error());
  return render_document(*document);
}

Result<std::string> versioning(std::string_view body, const std::string&, const NewId&) {
  const auto document = parse_checked(body, "VersioningConfiguration", versioning_schema);
  if (!document) return tl::unexpected(document.error());
  if (document->child_text("MfaDelete") == "Enabled")
    return not_here("PutBucketVersioning: MfaDelete Enabled");
  const std::string status(document->child_text("Status"));
  if (status.empty()) return fail(ErrorCode::illegal_versioning_configuration);
  return versioning_document(status);
}

Result<std::string> request_payment(std::string_view body, const std::string&, const NewId&) {
  const auto document = parse_checked(body, "RequestPaymentConfiguration", payment_schema);
  if (!document) return tl::unexpected(document.error());
  return render_document(*document);
}

Result<std::string> accelerate(std::string_view body, const std::string&, const NewId&) {
  const auto document = parse_checked(body, "AccelerateConfiguration", accelerate_schema);
  if (!document) return tl::unexpected(document.error());
  return render_document(*document);
}

Result<std::string> object_lock(std::string_view body, const std::string&, const NewId&) {
  return canonical_object_lock(body);
}

// To keep the switch and write no logs would be a silent lie.
Result<std::string> logging(std::string_view body, const std::string&, const NewId&) {
  const auto document = parse_xml(body, "BucketLoggingStatus");
  if (!document) return tl::unexpected(document.error());
  if (document->child("LoggingEnabled") != nullptr)
    return not_here("PutBucketLogging: LoggingEnabled");
  if (!document->children.empty()) return fail(ErrorCode::malformed_xml);
  return std::string();
}

Result<std::string> website(std::string_view body, const std::string&, const NewId&) {
  const auto document = parse_xml(body, "WebsiteConfiguration");
  if (!document) return tl::unexpected(document.error());
  if (auto checked = check_website(*document); !checked)
    return tl::unexpected(std::move(checked.error()));
  return render_document(*document);
}

constexpr std::array<std::string_view, 2> minimum_sizes{"all_storage_classes_128K",
                                                        "varies_by_storage_class"};

constexpr std::array documents{
    BucketDocument{"accelerate", accelerate, {}, no_acceleration},
    BucketDocument{"cors", cors, ErrorCode::no_such_cors_configuration},
    BucketDocument{"encryption", encryption, {}, standard_encryption},
    BucketDocument{"lifecycle",
                   lifecycle,
                   ErrorCode::no_such_lifecycle_configuration,
                   {},
                   200,
                   {"x-amz-transition-default-minimum-object-size",
                    "TransitionDefaultMinimumObjectSize", minimum_sizes}},
    BucketDocument{"logging", logging, {}, no_logging},
    BucketDocument{"object-lock", object_lock, ErrorCode::object_lock_configuration_not_found},
    BucketDocument{"ownershipControls", ownership, ErrorCode::ownership_controls_not_found},
    BucketDocument{"policy", policy, ErrorCode::no_such_bucket_policy, {}, 204},
    BucketDocument{"publicAccessBlock", public_access_block,
                   ErrorCode::no_such_public_access_block},
    BucketDocument{"replication", nullptr, ErrorCode::replication_configuration_not_found},
    BucketDocument{"requestPayment", request_payment, {}, standard_payer},
    BucketDocument{"tagging", tagging, ErrorCode::no_such_tag_set, {}, 204},
    BucketDocument{"versioning", versioning, {}, no_versioning},
    BucketDocument{"website", website, ErrorCode::no_such_website_configuration},
};

}  // namespace

const BucketDocument* find_bucket_document(std::string_view subresource) {
  const auto found =
      std::find_if(documents.begin(), documents.end(),
                   [&](const BucketDocument& row) { return row.subresource == subresource; });
  return found == documents.end() ? nullptr : &*found;
}

}  // namespace emulator::s3
