#include "emulator/base/xml.h"
#include "emulator/s3/acl.h"
#include "emulator/s3/archive.h"
#include "emulator/s3/conditions.h"
#include "emulator/s3/copy_source.h"
#include "emulator/s3/encryption.h"
#include "emulator/s3/hashed_body.h"
#include "emulator/s3/names.h"
#include "emulator/s3/object_answer.h"
#include "emulator/s3/object_headers.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"
#include "emulator/s3/sliced_answer.h"
#include "emulator/s3/tags.h"
#include "emulator/s3/upload_request.h"

namespace emulator::s3 {
namespace {

// REPLACE takes the request's headers; what describes the bytes themselves stays with them.
// The storage class is the request's alone (AWS: CopyObject, "By default, the storage class is
// STANDARD").
std::map<std::string, std::string> copied_headers(const CopyObjectInput& input,
                                                  const Object& source) {
  std::map<std::string, std::string> headers =
      input.replace_headers ? input.headers : source.headers;
  for (const auto& [name, value] : source.headers) {
    if (name.starts_with("x-amz-checksum-")) headers[name] = value;
  }
  // Tags have a directive of their own.
  const auto& tags_from = input.replace_tags ? input.headers : source.headers;
  headers.erase(tagging_header);
  if (const auto tags = tags_from.find(tagging_header); tags != tags_from.end())
    headers[tagging_header] = tags->second;
  // Locks and ACLs are never copied.
  for (const char* name : {acl_header, lock_mode_header, lock_until_header, legal_hold_header}) {
    headers.erase(name);
    if (const auto given = input.headers.find(name); given != input.headers.end())
      headers[name] = given->second;
  }
  // Nor is where a website redirects to (AWS: CopyObject, x-amz-website-redirect-location).
  headers.erase("x-amz-website-redirect-location");
  if (const auto given = input.headers.find("x-amz-website-redirect-location");
      given != input.headers.end())
    headers.insert(*given);
  // And a copy is encrypted as its request or its bucket says, and not restored.
  std::erase_if(headers, [](const auto& header) {
    return header.first.starts_with(encryption_header) || header.first == restore_header;
  });
  for (const auto& [name, value] : input.headers) {
    if (name.starts_with(encryption_header)) headers[name] = value;
  }
  headers.erase("x-amz-storage-class");
  if (!input.storage_class.empty() && input.storage_class != "STANDARD")
    headers["x-amz-storage-class"] = input.storage_class;
  return headers;
}

// The algorithm of a checksum that has to be computed anew: the one asked for (its header is there,
// without a value); or the source's, if it is one of parts, which says nothing of a copy in one
// piece.
const ChecksumKind* checksum_to_renew(const CopyObjectInput& input, const Object& source) {
  for (const auto& [name, value] : input.headers) {
    if (const ChecksumKind* asked_for = find_checksum_by_header(name)) return asked_for;
  }
  const auto type = source.headers.find("x-amz-checksum-type");
  if (type == source.headers.end() || type->second != composite) return nullptr;
  return stored_checksum(source);
}

// A copy of a named version is how an older one is made current again.
bool changes_nothing(const CopyObjectInput& input, const Bucket& bucket) {
  return !input.replace_headers && input.storage_class.empty() && !input.names_encryption &&
         input.headers.count("x-amz-website-redirect-location") == 0 &&
         bucket.configurations.count("encryption") == 0 && input.source_bucket == input.bucket &&
         input.source_key == input.key && input.source_version_id.empty();
}

}  // namespace

Result<ObjectBody> Service::open_copy_source(const std::string& bucket, const std::string& key,
                                             const std::string& version_id) {
  auto source = get_object(bucket, key, version_id);
  if (!source && source.error().code == ErrorCode::invalid_object_state)
    return fail(ErrorCode::object_not_in_active_tier);
  if (source || source.error().code != ErrorCode::method_not_allowed) return source;
  return fail(
      ErrorCode::invalid_request,
      "The source of a copy request may not specifically refer to a delete marker by version id.");
}

struct Service::ObjectCopy::State {
  Service& service;
  CopyObjectInput input;
  RequestIds ids;
  Object source;
  const ChecksumKind* checksum;
  HashedBody body;
  std::unique_ptr<BodyReader> from;
  ByteRange left;
};

Service::ObjectCopy::ObjectCopy(std::unique_ptr<State> state) : state_(std::move(state)) {}
Service::ObjectCopy::~ObjectCopy() = default;

Result<std::unique_ptr<Service::ObjectCopy>> Service::begin_copy_object(
    const CopyObjectInput& input, const std::optional<RequestIds>& ids) {
  if (auto key = check_key(input.key); !key) return tl::unexpected(std::move(key.error()));
  const auto bucket = find_bucket(input.bucket);
  if (!bucket) return tl::unexpected(bucket.error());
  if (auto may = check_lock_headers(*bucket, input.headers, now()); !may)
    return tl::unexpected(std::move(may.error()));
  auto source = open_copy_source(input.source_bucket, input.source_key, input.source_version_id);
  if (!source) return tl::unexpected(std::move(source.error()));
  if (auto held = check_copy_source(input.source_conditions, source->object, now()); !held) {
    return tl::unexpected(std::move(held.error()));
  }
  if (auto fits = check_copied_size(source->object.size); !fits)
    return tl::unexpected(std::move(fits.error()));
  if (changes_nothing(input, *bucket)) {
    return fail(
        ErrorCode::invalid_request,
        "This copy request is illegal because it is trying to copy an object to itself without "
        "changing the "
        "object's metadata, storage class, website redirect location or encryption attributes.");
  }
  const auto current = find_object(input.bucket, input.key);
  if (!current) return tl::unexpected(current.error());
  if (auto held = check_write(input.conditions, input.key, *current); !held)
    return tl::unexpected(std::move(held.error()));
  const ChecksumKind* const checksum = checksum_to_renew(input, source->object);
  const ByteRange all{0, source->object.size};
  return std::unique_ptr<ObjectCopy>(new ObjectCopy(std::make_unique<ObjectCopy::State>(
      ObjectCopy::State{*this, input, ids ? *ids : new_request_ids(), std::move(source->object),
                        checksum, HashedBody(store_.new_body(), options_.workers, checksum),
                        std::move(source->body), all})));
}

Result<bool> Service::ObjectCopy::step() {
  return state_->body.append_slice(*state_->from, state_->left);
}

Result<CopyObjectOutput> Service::ObjectCopy::finish() {
  Service& service = state_->service;
  const CopyObjectInput& input = state_->input;
  // Others may have written while it was copied.
  const auto current = service.find_object(input.bucket, input.key);
  if (!current) return tl::unexpected(current.error());
  if (auto held = check_write(input.conditions, input.key, *current); !held)
    return tl::unexpected(std::move(held.error()));
  // The ETag of a copy is the md5 of its bytes, also where the source came in parts.
  Object object{.bucket = input.bucket, .key = input.key, .etag = state_->body.etag().value()};
  object.headers = copied_headers(input, state_->source);
  if (const auto bucket = service.find_bucket(input.bucket); bucket)
    apply_default_encryption(*bucket, service.options_.account, object.headers);
  if (state_->checksum != nullptr) {
    std::erase_if(object.headers,
                  [](const auto& header) { return header.first.starts_with("x-amz-checksum-"); });
    object.headers[std::string(state_->checksum->header)] = state_->body.checksum();
    object.headers["x-amz-checksum-type"] = full_object;
  }
  const auto body = state_->body.finish();
  if (!body) return tl::unexpected(body.error());
  auto stored = service.store_object(
      std::move(object), *body, "ObjectCreated:Copy", state_->ids, "copy",
      {{"source_bucket", input.source_bucket}, {"source_key", input.source_key}});
  if (!stored) {
    service.store_.discard(*body);
    return tl::unexpected(std::move(stored.error()));
  }
  return CopyObjectOutput{std::move(*stored), service.version_id(state_->source)};
}

Result<CopyObjectOutput> Service::copy_object(const CopyObjectInput& input,
                                              const std::optional<RequestIds>& ids) {
  auto copy = begin_copy_object(input, ids);
  if (!copy) return tl::unexpected(std::move(copy.error()));
  return all_slices(**copy);
}

namespace {

Result<bool> replaces(const Call& call, const std::string& header, const char* unknown) {
  const std::string_view directive = call.header(header);
  if (directive.empty() || directive == "COPY") return false;
  if (directive == "REPLACE") return true;
  return invalid_argument(unknown, header, std::string(directive));
}

Result<void> check_implemented(const Call& call) {
  constexpr const char* customer_key =
      "x-amz-copy-source-server-side-encryption-customer-algorithm";
  if (call.request.headers.has(customer_key)) {
    return fail(ErrorCode::not_implemented,
                std::string("CopyObject: ") + customer_key + " is not implemented");
  }
  const std::string_view algorithm = call.header("x-amz-checksum-algorithm");
  if (!algorithm.empty() && find_checksum_by_name(algorithm) == nullptr) {
    return fail(ErrorCode::invalid_request,
                "Checksum algorithm provided is unsupported. Please try again with any of the "
                "valid types: [" +
                    checksum_names() + "]");
  }
  return {};
}

Result<CopyObjectInput> copy_input(const Call& call) {
  if (auto checked = check_implemented(call); !checked)
    return tl::unexpected(std::move(checked.error()));
  auto source = parse_copy_source(call.header("x-amz-copy-source"));
  if (!source) return tl::unexpected(std::move(source.error()));
  const auto replace = replaces(call, "x-amz-metadata-directive", "Unknown metadata directive.");
  if (!replace) return tl::unexpected(replace.error());
  const auto replace_tags = replaces(call, "x-amz-tagging-directive", "Unknown tagging directive.");
  if (!replace_tags) return tl::unexpected(replace_tags.error());
  auto headers = stored_headers(call);
  if (!headers) return tl::unexpected(std::move(headers.error()));
  if (const ChecksumKind* asked_for =
          find_checksum_by_name(call.header("x-amz-checksum-algorithm"))) {
    (*headers)[std::string(asked_for->header)] = "";  // to be computed
  }
  return CopyObjectInput{
      .source_bucket = std::move(source->bucket),
      .source_key = std::move(source->key),
      .source_version_id = std::move(source->version_id),
      .bucket = call.bucket,
      .key = call.key,
      .replace_headers = *replace,
      .replace_tags = *replace_tags,
      .headers = std::move(*headers),
      .storage_class = std::string(call.header("x-amz-storage-class")),
      .names_encryption = call.request.headers.has("x-amz-server-side-encryption"),
      .conditions = conditions_of(call),
      .source_conditions = conditions_of(call, "x-amz-copy-source-")};
}

}  // namespace

namespace {

// AWS names the version of a copy also where versioning is suspended: null.
base::HttpResponse copied(const CopyObjectOutput& output, const std::string& version_id,
                          const LifecycleRules& rules) {
  const Object& object = output.object;
  base::XmlWriter xml("CopyObjectResult", s3_namespace);
  xml.leaf("LastModified", whole_seconds(object.last_modified)).leaf("ETag", quoted(object.etag));
  if (const ChecksumKind* kind = stored_checksum(object)) {
    xml.leaf(checksum_element(*kind), object.headers.at(std::string(kind->header)));
    xml.leaf("ChecksumType", full_object);
  }
  base::HttpResponse response = xml_response(xml.take());
  add_encryption(object.headers, response.headers);
  add_version_id(version_id, response.headers);
  add_expiration(expiration_of(rules, object), response.headers);
  add_source_version_id(output.source_version_id, response.headers);
  return response;
}

}  // namespace

Result<base::HttpResponse> rest_copy_object(Call& call, const std::string&) {
  const auto input = copy_input(call);
  if (!input) return tl::unexpected(input.error());
  auto begun = call.service.begin_copy_object(*input, call.ids);
  if (!begun) return tl::unexpected(std::move(begun.error()));
  const std::shared_ptr<Service::ObjectCopy> copy =
      std::move(*begun);  // shared by the two that work on it
  return answer_in_slices(
      call, [copy] { return copy->step(); },
      [copy, &service = call.service] {
        return copy->finish().map([&service](const CopyObjectOutput& output) {
          return copied(output, service.version_id(output.object),
                        service.lifecycle_rules(output.object.bucket));
        });
      });
}

}  // namespace emulator::s3
