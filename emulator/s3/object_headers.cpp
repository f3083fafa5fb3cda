#include "emulator/s3/object_headers.h"

#include <algorithm>
#include <array>

#include "emulator/base/text.h"
#include "emulator/s3/acl.h"
#include "emulator/s3/conditions.h"
#include "emulator/s3/encryption.h"
#include "emulator/s3/object_lock.h"
#include "emulator/s3/tags.h"
#include "emulator/s3/version_id.h"

namespace emulator::s3 {
namespace {

constexpr std::array<std::string_view, 7> kept_headers{
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
    "x-amz-website-redirect-location",
};
constexpr std::string_view metadata_prefix = "x-amz-meta-";
constexpr std::size_t metadata_bytes_max = 2 * 1024;

// Headers that ask for more than is here. A name ending in '*' stands for all that begin so.
constexpr std::array<std::string_view, 3> not_implemented_headers{
    "x-amz-server-side-encryption-customer-*",
    "x-amz-server-side-encryption-context",
    "x-amz-write-offset-bytes",
};

// Those of general purpose buckets: AWS has OUTPOSTS, SNOW and EXPRESS_ONEZONE in other places
// only.
constexpr std::array<std::string_view, 8> storage_classes{
    "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING",
    "GLACIER",  "DEEP_ARCHIVE",       "GLACIER_IR",
};

bool is_named_by(std::string_view pattern, std::string_view name) {
  if (!pattern.ends_with('*')) return pattern == name;
  return name.starts_with(pattern.substr(0, pattern.size() - 1));
}

Result<void> check_implemented(std::string_view name, std::string_view value) {
  for (std::string_view pattern : not_implemented_headers) {
    if (is_named_by(pattern, name)) {
      return tl::unexpected(Error{ErrorCode::not_implemented,
                                  std::string(name) + " is not implemented",
                                  {{"Header", std::string(name)}}});
    }
  }
  if (name == "x-amz-storage-class" &&
      std::find(storage_classes.begin(), storage_classes.end(), value) == storage_classes.end()) {
    return tl::unexpected(Error{
        ErrorCode::invalid_storage_class, {}, {{"StorageClassRequested", std::string(value)}}});
  }
  if (name == "x-amz-website-redirect-location" && !value.starts_with('/') &&
      !value.starts_with("http://") && !value.starts_with("https://")) {
    return fail(ErrorCode::invalid_redirect_location);
  }
  return {};
}

bool is_stored(std::string_view name) {
  return name.starts_with(metadata_prefix) ||
         std::find(kept_headers.begin(), kept_headers.end(), name) != kept_headers.end();
}

// "aws-chunked,gzip" -> "gzip": how the body came is no property of the object. What does not name
// it stays as it came.
std::string without_aws_chunked(std::string_view value) {
  if (value.find("aws-chunked") == std::string_view::npos) return std::string(value);
  std::string out;
  for (std::string_view coding : base::split(value, ',')) {
    coding = base::trim(coding);
    if (coding.empty() || coding == "aws-chunked") continue;
    if (!out.empty()) out += ", ";
    out += coding;
  }
  return out;
}

Result<void> check_metadata_size(const std::map<std::string, std::string>& headers) {
  std::size_t size = 0;
  for (const auto& [name, value] : headers) {
    if (name.starts_with(metadata_prefix))
      size += name.size() - metadata_prefix.size() + value.size();
  }
  if (size <= metadata_bytes_max) return {};
  return tl::unexpected(Error{
      ErrorCode::metadata_too_large,
      {},
      {{"Size", std::to_string(size)}, {"MaxSizeAllowed", std::to_string(metadata_bytes_max)}}});
}

}  // namespace

Result<void> check_headers(const Call& call) {
  for (const auto& [name, value] : call.request.headers.all()) {
    if (auto checked = check_implemented(name, value); !checked) return checked;
  }
  return {};
}

std::string_view storage_class_of(const std::map<std::string, std::string>& headers) {
  const auto named = headers.find("x-amz-storage-class");
  return named == headers.end() ? "STANDARD" : std::string_view(named->second);
}

const ChecksumKind* stored_checksum(const Object& object) {
  for (const auto& [name, value] : object.headers) {
    if (const ChecksumKind* kind = find_checksum_by_header(name)) return kind;
  }
  return nullptr;
}

Result<std::map<std::string, std::string>> stored_headers(const Call& call) {
  if (auto checked = check_headers(call); !checked)
    return tl::unexpected(std::move(checked.error()));
  std::map<std::string, std::string> headers;
  for (const auto& [name, value] : call.request.headers.all()) {
    if (!is_stored(name)) continue;
    std::string& stored = headers[name];
    // Two headers of one name are one with a comma (RFC 9110 5.3).
    stored = stored.empty() ? value : stored + "," + value;
  }
  const auto encoding = headers.find("content-encoding");
  if (encoding != headers.end()) {
    encoding->second = without_aws_chunked(encoding->second);
    if (encoding->second.empty()) headers.erase(encoding);
  }
  const auto type = headers.find("content-type");
  if (type != headers.end() && type->second.empty()) headers.erase(type);  // the default is meant
  auto encryption = requested_encryption(call);
  if (!encryption) return tl::unexpected(std::move(encryption.error()));
  headers.merge(*encryption);
  const std::string_view storage_class = call.header("x-amz-storage-class");
  if (!storage_class.empty() && storage_class != "STANDARD")
    headers["x-amz-storage-class"] = storage_class;
  if (const std::string_view tagging = call.header(tagging_header); !tagging.empty()) {
    const auto tags = parse_tagging_header(tagging);
    if (!tags) return tl::unexpected(tags.error());
    if (!tags->empty()) headers[tagging_header] = render_tagging_header(*tags);
  }
  auto acl = acl_to_keep(call);
  if (!acl) return tl::unexpected(std::move(acl.error()));
  if (!acl->empty()) headers[acl_header] = std::move(*acl);
  auto locks = lock_headers(call.request.headers);
  if (!locks) return tl::unexpected(std::move(locks.error()));
  headers.merge(*locks);
  if (auto checked = check_metadata_size(headers); !checked)
    return tl::unexpected(std::move(checked.error()));
  return headers;
}

Conditions conditions_of(const Call& call, const std::string& prefix) {
  Conditions conditions;
  const auto text = [&](const char* name) -> std::optional<std::string> {
    const auto found = call.request.headers.find(prefix + name);
    return found ? std::optional(std::string(*found)) : std::nullopt;
  };
  const auto date = [&](const char* name) -> std::optional<Instant> {
    const auto found = call.request.headers.find(prefix + name);
    return found ? parse_http_date(*found) : std::nullopt;  // what is no date is ignored
  };
  conditions.if_match = text("if-match");
  conditions.if_none_match = text("if-none-match");
  conditions.if_modified_since = date("if-modified-since");
  conditions.if_unmodified_since = date("if-unmodified-since");
  return conditions;
}

void add_version_id(const std::string& version_id, base::Headers& out) {
  if (!version_id.empty()) out.add("x-amz-version-id", version_id);
}

void add_source_version_id(const std::string& version_id, base::Headers& out) {
  if (!version_id.empty() && version_id != null_version)
    out.add("x-amz-copy-source-version-id", version_id);
}

void add_expiration(const std::string& expiration, base::Headers& out) {
  if (!expiration.empty()) out.add("x-amz-expiration", expiration);
}

bool bypasses_governance(const Call& call) {
  return base::equals_ignoring_case(call.header("x-amz-bypass-governance-retention"), "true");
}

Error invalid_version_id(const std::string& version_id) {
  return Error{
      ErrorCode::invalid_argument,
      version_id.empty() ? "Version id cannot be the empty string" : "Invalid version id specified",
      {{"ArgumentName", "versionId"}, {"ArgumentValue", version_id}}};
}

Result<void> check_version_id(const std::string& version_id) {
  if (version_id == null_version || sequencer_of(version_id)) return {};
  return tl::unexpected(invalid_version_id(version_id));
}

Result<std::string> requested_version(const Call& call) {
  auto version_id = call.parameter("versionId");
  if (!version_id) return std::string();
  if (auto checked = check_version_id(*version_id); !checked)
    return tl::unexpected(std::move(checked.error()));
  return std::move(*version_id);
}

void add_object_headers(const Object& object, bool with_checksum, base::Headers& out) {
  out.add("last-modified", base::rfc1123(object.last_modified));
  out.add("etag", quoted(object.etag));
  out.add("accept-ranges", "bytes");
  add_encryption(object.headers, out);
  if (object.headers.count("content-type") == 0) out.add("content-type", "binary/octet-stream");
  for (const auto& [name, value] : object.headers) {
    if (name == acl_header || name.starts_with(encryption_header) ||
        (name.starts_with("x-amz-checksum-") && !with_checksum))
      continue;
    if (name == tagging_header) {
      out.add("x-amz-tagging-count",
              std::to_string(std::count(value.begin(), value.end(), '&') + 1));
      continue;
    }
    out.add(name, value);
  }
}

}  // namespace emulator::s3
