// The three operations of every sub-resource that is a document (bucket_documents.h):
// GetBucketCors, PutBucketCors, DeleteBucketCors and their like.

#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/check.h"
#include "emulator/base/text.h"
#include "emulator/s3/bucket_documents.h"
#include "emulator/s3/bucket_policy.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"

namespace emulator::s3 {

Result<std::string> Service::get_bucket_document(const std::string& bucket_name,
                                                 const std::string& document) {
  const auto bucket = find_bucket(bucket_name);
  if (!bucket) return tl::unexpected(bucket.error());
  const auto stored = bucket->configurations.find(document);
  return stored == bucket->configurations.end() ? std::string() : stored->second;
}

namespace {

// Object Lock is of versions: it needs them, and then they stay (AWS: "Object Lock
// considerations").
Result<void> check_state(const Bucket& bucket, const std::string& document,
                         const std::string& text) {
  if (document == "object-lock" && versioning_of(bucket) != Versioning::enabled) {
    return fail(ErrorCode::invalid_bucket_state,
                "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration");
  }
  if (document != "versioning" || bucket.configurations.count("object-lock") == 0) return {};
  Bucket next = bucket;
  next.configurations[document] = text;
  if (versioning_of(next) == Versioning::enabled) return {};
  return fail(ErrorCode::invalid_bucket_state,
              "An Object Lock configuration is present on this bucket, so the versioning state "
              "cannot be changed.");
}

}  // namespace

Result<void> Service::put_bucket_document(const std::string& bucket, const std::string& document,
                                          std::string text) {
  return put_bucket_documents(bucket, {{document, std::move(text)}});
}

Result<void> Service::put_bucket_documents(const std::string& bucket_name,
                                           std::map<std::string, std::string> texts) {
  auto bucket = find_bucket(bucket_name);
  if (!bucket) return tl::unexpected(std::move(bucket.error()));
  bool changed = false;
  for (auto& [document, text] : texts) {
    if (auto may = check_state(*bucket, document, text); !may) return may;
    if (text.empty()) {
      changed = bucket->configurations.erase(document) > 0 || changed;
    } else {
      bucket->configurations[document] = std::move(text);
      changed = true;
    }
  }
  if (!changed) return {};
  if (auto put = store_.put_bucket(*bucket); !put) return storage_failed(put.error());
  versioning_.erase(bucket_name);
  lifecycle_rules_.erase(bucket_name);
  return {};
}

namespace {

const BucketDocument& document_of(const Call& call) {
  const BucketDocument* document = find_bucket_document(call.operation->subresource);
  CHECK(document != nullptr);
  return *document;
}

Result<base::HttpResponse> with_header(Call& call, const BucketDocument& document,
                                       base::HttpResponse response) {
  const DocumentHeader& header = document.header;
  if (header.name.empty()) return response;
  const auto kept = call.service.get_bucket_document(call.bucket, std::string(header.name));
  if (!kept) return tl::unexpected(kept.error());
  response.headers.add(std::string(header.name),
                       kept->empty() ? std::string(header.values.front()) : *kept);
  return response;
}

// What is kept of a document's header: "" where it says what is meant anyway.
Result<std::string> value_of(const Call& call, const DocumentHeader& header) {
  const std::string value(call.header(header.name));
  if (value.empty() || value == header.values.front()) return std::string();
  if (std::find(header.values.begin(), header.values.end(), value) != header.values.end())
    return value;
  return fail(ErrorCode::invalid_request, fmt::format("Invalid {} found: {}", header.field, value));
}

// A policy that opens the bucket is refused where the bucket blocks such policies.
Result<void> check_block(Call& call, const std::string& policy) {
  const auto block = call.service.get_bucket_document(call.bucket, "publicAccessBlock");
  if (!block) return tl::unexpected(block.error());
  if (block->find("<BlockPublicPolicy>true<") == std::string::npos || !is_public(policy)) return {};
  return fail(
      ErrorCode::access_denied,
      "Access Denied: public policies are blocked by the BlockPublicPolicy setting of the bucket");
}

// ACLs cannot be shut off where the bucket's grants something to others.
Result<void> check_ownership(Call& call, const std::string& text) {
  if (call.operation->subresource != "ownershipControls" ||
      text.find(">BucketOwnerEnforced<") == std::string::npos)
    return {};
  const auto acl = call.service.get_bucket_document(call.bucket, "acl");
  if (!acl) return tl::unexpected(acl.error());
  return acl->empty() ? Result<void>{}
                      : Result<void>(fail(ErrorCode::invalid_bucket_acl_with_object_ownership));
}

}  // namespace

Result<base::HttpResponse> rest_get_bucket_document(Call& call, const std::string&) {
  const BucketDocument& document = document_of(call);
  auto text = call.service.get_bucket_document(call.bucket, std::string(document.subresource));
  if (!text) return tl::unexpected(std::move(text.error()));
  if (text->empty() && document.missing) {
    return tl::unexpected(Error{*document.missing, {}, {{"BucketName", call.bucket}}});
  }
  base::HttpResponse response =
      xml_response(text->empty() ? std::string(document.standard) : std::move(*text));
  if (document.subresource == "policy") response.headers.set("content-type", "application/json");
  return with_header(call, document, std::move(response));
}

Result<base::HttpResponse> rest_put_bucket_document(Call& call, const std::string& body) {
  const BucketDocument& document = document_of(call);
  if (const auto bucket = call.service.head_bucket(call.bucket); !bucket)
    return tl::unexpected(bucket.error());
  if (body.empty() && document.subresource != "policy")
    return fail(ErrorCode::missing_request_body);
  if (document.subresource == "accelerate" && call.bucket.find('.') != std::string::npos) {
    return fail(
        ErrorCode::invalid_request,
        "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names");
  }
  auto text = document.canonical(body, call.bucket,
                                 [&] { return call.service.new_request_ids().request_id; });
  if (!text) return tl::unexpected(std::move(text.error()));
  if (document.subresource == "policy") {
    if (auto checked = check_block(call, *text); !checked)
      return tl::unexpected(std::move(checked.error()));
  }
  if (auto checked = check_ownership(call, *text); !checked)
    return tl::unexpected(std::move(checked.error()));
  std::map<std::string, std::string> texts{{std::string(document.subresource), std::move(*text)}};
  if (!document.header.name.empty()) {
    auto value = value_of(call, document.header);
    if (!value) return tl::unexpected(std::move(value.error()));
    texts[std::string(document.header.name)] = std::move(*value);
  }
  const auto put = call.service.put_bucket_documents(call.bucket, std::move(texts));
  if (!put) return tl::unexpected(put.error());
  return with_header(call, document, empty_response(document.put_status));
}

Result<base::HttpResponse> rest_delete_bucket_document(Call& call, const std::string&) {
  const BucketDocument& document = document_of(call);
  std::map<std::string, std::string> texts{{std::string(document.subresource), {}}};
  if (!document.header.name.empty()) texts[std::string(document.header.name)];
  if (document.subresource ==
      "ownershipControls") {  // then objects belong to their writers, and ACLs are let in
    texts["object-ownership"] = "ObjectWriter";
  }
  const auto deleted = call.service.put_bucket_documents(call.bucket, std::move(texts));
  if (!deleted) return tl::unexpected(deleted.error());
  return empty_response(204);
}

}  // namespace emulator::s3
