#include <array>

#include "emulator/base/digest.h"
#include "emulator/base/text.h"
#include "emulator/base/xml.h"
#include "emulator/s3/conditions.h"
#include "emulator/s3/names.h"
#include "emulator/s3/object_answer.h"
#include "emulator/s3/object_headers.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"

namespace emulator::s3 {
namespace {

struct CopiedBody {
  BodyRef body;
  std::string etag;
};

// The ETag of a copy is the md5 of its bytes, also where the source came in parts.
Result<CopiedBody> copy_body(BodyReader& from, BodyWriter& to) {
  base::Hash md5(base::HashKind::md5);
  std::string buffer(static_cast<std::size_t>(std::min<std::uint64_t>(from.size(), 256 * 1024)), '\0');
  std::uint64_t at = 0;
  while (at < from.size()) {
    const auto got = from.read(at, buffer);
    if (!got) return storage_failed(got.error());
    if (*got == 0) return fail(ErrorCode::internal_error, "the stored body of the source is too short");
    const std::string_view piece(buffer.data(), *got);
    md5.update(piece);
    if (auto appended = to.append(piece); !appended) return storage_failed(appended.error());
    at += *got;
  }
  auto body = to.finish();
  if (!body) return storage_failed(body.error());
  return CopiedBody{std::move(*body), base::to_hex(md5.finish())};
}

// REPLACE takes the request's headers; what describes the bytes themselves stays with them.
// The storage class is the request's alone (AWS: CopyObject, "By default, the storage class is STANDARD").
std::map<std::string, std::string> copied_headers(const CopyObjectInput& input, const Object& source) {
  std::map<std::string, std::string> headers = input.replace_headers ? input.headers : source.headers;
  for (const auto& [name, value] : source.headers) {
    if (name.starts_with("x-amz-checksum-")) headers[name] = value;
  }
  headers.erase("x-amz-storage-class");
  if (!input.storage_class.empty()) headers["x-amz-storage-class"] = input.storage_class;
  return headers;
}

bool changes_nothing(const CopyObjectInput& input) {
  return !input.replace_headers && input.storage_class.empty() && input.source_bucket == input.bucket &&
         input.source_key == input.key;
}

}  // namespace

Result<Object> Service::copy_object(const CopyObjectInput& input, const std::optional<RequestIds>& ids) {
  if (auto key = check_key(input.key); !key) return tl::unexpected(std::move(key.error()));
  if (const auto bucket = find_bucket(input.bucket); !bucket) return tl::unexpected(bucket.error());
  auto source = get_object(input.source_bucket, input.source_key);
  if (!source) return tl::unexpected(std::move(source.error()));
  if (auto held = check_copy_source(input.source_conditions, source->object, now()); !held) {
    return tl::unexpected(std::move(held.error()));
  }
  if (changes_nothing(input)) {
    return fail(ErrorCode::invalid_request,
                "This copy request is illegal because it is trying to copy an object to itself without changing the "
                "object's metadata, storage class, website redirect location or encryption attributes.");
  }
  const auto current = find_object(input.bucket, input.key);
  if (!current) return tl::unexpected(current.error());
  if (auto held = check_write(input.conditions, *current); !held) return tl::unexpected(std::move(held.error()));
  const std::unique_ptr<BodyWriter> writer = store_.new_body();
  auto copied = copy_body(*source->body, *writer);
  if (!copied) return tl::unexpected(std::move(copied.error()));
  Object object{.bucket = input.bucket, .key = input.key, .etag = std::move(copied->etag)};
  object.headers = copied_headers(input, source->object);
  auto stored = store_object(std::move(object), copied->body, "ObjectCreated:Copy", ids ? *ids : new_request_ids(),
                             "copy", {{"source_bucket", input.source_bucket}, {"source_key", input.source_key}});
  if (!stored) store_.discard(copied->body);
  return stored;
}

namespace {

struct CopySource {
  std::string bucket;
  std::string key;
};

// [/]bucket/key[?versionId=...], percent-encoded; a plus is a plus.
Result<CopySource> parse_copy_source(std::string_view header) {
  const auto bad = [] {
    return tl::unexpected(Error{ErrorCode::invalid_argument,
                                "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
                                {{"ArgumentName", "x-amz-copy-source"}}});
  };
  constexpr std::string_view version = "?versionId=";
  const std::size_t version_at = header.rfind(version);
  if (version_at != std::string_view::npos) {
    const std::string id(header.substr(version_at + version.size()));
    if (auto checked = check_version_id(id); !checked) return tl::unexpected(std::move(checked.error()));
    header = header.substr(0, version_at);
  }
  const auto decoded = base::percent_decode(header, false);
  if (!decoded) return bad();
  std::string_view path = *decoded;
  if (path.starts_with('/')) path.remove_prefix(1);
  const std::size_t slash = path.find('/');
  if (slash == 0 || slash == std::string_view::npos || slash + 1 == path.size()) return bad();
  return CopySource{std::string(path.substr(0, slash)), std::string(path.substr(slash + 1))};
}

Result<bool> replaces_headers(const Call& call) {
  const std::string_view directive = call.header("x-amz-metadata-directive");
  if (directive.empty() || directive == "COPY") return false;
  if (directive == "REPLACE") return true;
  return tl::unexpected(Error{ErrorCode::invalid_argument,
                              "Unknown metadata directive.",
                              {{"ArgumentName", "x-amz-metadata-directive"}, {"ArgumentValue", std::string(directive)}}});
}

Result<void> check_implemented(const Call& call) {
  for (const char* header : {"x-amz-checksum-algorithm", "x-amz-copy-source-server-side-encryption-customer-algorithm"}) {
    if (call.request.headers.has(header)) {
      return fail(ErrorCode::not_implemented, std::string("CopyObject: ") + header + " is not implemented");
    }
  }
  return {};
}

Result<CopyObjectInput> copy_input(const Call& call) {
  if (auto checked = check_implemented(call); !checked) return tl::unexpected(std::move(checked.error()));
  auto source = parse_copy_source(call.header("x-amz-copy-source"));
  if (!source) return tl::unexpected(std::move(source.error()));
  const auto replace = replaces_headers(call);
  if (!replace) return tl::unexpected(replace.error());
  auto headers = stored_headers(call);
  if (!headers) return tl::unexpected(std::move(headers.error()));
  return CopyObjectInput{.source_bucket = std::move(source->bucket),
                         .source_key = std::move(source->key),
                         .bucket = call.bucket,
                         .key = call.key,
                         .replace_headers = *replace,
                         .headers = std::move(*headers),
                         .storage_class = std::string(call.header("x-amz-storage-class")),
                         .conditions = conditions_of(call),
                         .source_conditions = conditions_of(call, "x-amz-copy-source-")};
}

}  // namespace

Result<base::HttpResponse> rest_copy_object(Call& call, const std::string&) {
  const auto input = copy_input(call);
  if (!input) return tl::unexpected(input.error());
  const auto object = call.service.copy_object(*input, call.ids);
  if (!object) return tl::unexpected(object.error());
  base::XmlWriter xml("CopyObjectResult", s3_namespace);
  xml.leaf("LastModified", whole_seconds(object->last_modified)).leaf("ETag", quoted(object->etag));
  base::HttpResponse response = xml_response(xml.take());
  response.headers.add("x-amz-server-side-encryption", "AES256");
  return response;
}

}  // namespace emulator::s3
