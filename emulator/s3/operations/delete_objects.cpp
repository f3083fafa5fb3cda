#include <array>

#include "emulator/base/xml.h"
#include "emulator/s3/object_headers.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/xml_schema.h"

namespace emulator::s3 {
namespace {

constexpr std::size_t keys_max = 1000;

constexpr std::array delete_schema{Field{"Delete", "Object", FieldKind::group, 1, keys_max},
                                   Field{"Delete", "Quiet"},
                                   Field{"Object", "Key", FieldKind::text, 1},
                                   Field{"Object", "VersionId"},
                                   Field{"Object", "ETag"},
                                   Field{"Object", "LastModifiedTime"},
                                   Field{"Object", "Size"}};

struct Deletion {
  std::string key;
  std::optional<std::string> version_id;
  Conditions conditions;
};
struct Deletions {
  std::vector<Deletion> all;
  bool quiet = false;
};

Result<Deletion> parse_deletion(const XmlElement& node) {
  Deletion deletion;
  deletion.key = std::string(node.child_text("Key"));
  if (deletion.key.empty()) return fail(ErrorCode::malformed_xml);
  if (const XmlElement* version = node.child("VersionId")) deletion.version_id = version->text;
  if (const XmlElement* etag = node.child("ETag")) deletion.conditions.if_match = etag->text;
  for (const char* name : {"LastModifiedTime", "Size"}) {  // of directory buckets
    if (node.child(name) != nullptr)
      return fail(ErrorCode::not_implemented,
                  std::string("DeleteObjects: ") + name + " is not implemented");
  }
  return deletion;
}

Result<Deletions> parse_deletions(const std::string& body) {
  const auto root = parse_checked(body, "Delete", delete_schema);
  if (!root) return tl::unexpected(root.error());
  Deletions deletions;
  deletions.quiet = root->child_text("Quiet") == "true";
  for (const XmlElement& node : root->children) {
    if (node.name != "Object") continue;
    auto deletion = parse_deletion(node);
    if (!deletion) return tl::unexpected(std::move(deletion.error()));
    deletions.all.push_back(std::move(*deletion));
  }
  return deletions;
}

Result<DeleteObjectOutput> delete_one(Call& call, const Deletion& deletion) {
  const std::string version_id = deletion.version_id.value_or("");
  if (!version_id.empty()) {
    if (auto checked = check_version_id(version_id); !checked)
      return tl::unexpected(std::move(checked.error()));
  }
  auto deleted = call.service.delete_object({.bucket = call.bucket,
                                             .key = deletion.key,
                                             .version_id = version_id,
                                             .conditions = deletion.conditions,
                                             .bypass_governance = bypasses_governance(call)},
                                            call.ids);
  // One of many is told apart from a request for it alone: an id in a bucket without versions is
  // one that is not there.
  if (!deleted && !version_id.empty() && deleted.error().code == ErrorCode::invalid_argument)
    return fail(ErrorCode::no_such_version);
  return deleted;
}

void write_error(base::XmlWriter& xml, const Deletion& deletion, const Error& error) {
  const ErrorRow& row = error_row(error.code);
  xml.open("Error").leaf("Key", deletion.key);
  if (deletion.version_id) xml.leaf("VersionId", *deletion.version_id);
  xml.leaf("Code", row.name)
      .leaf("Message", error.message.empty() ? row.message : std::string_view(error.message))
      .close();
}

void write_deleted(base::XmlWriter& xml, const Deletion& deletion,
                   const DeleteObjectOutput& output) {
  xml.open("Deleted").leaf("Key", deletion.key);
  if (deletion.version_id) xml.leaf("VersionId", *deletion.version_id);
  if (output.is_delete_marker)
    xml.leaf("DeleteMarker", "true").leaf("DeleteMarkerVersionId", output.version_id);
  xml.close();
}

// The body decides what is destroyed, so AWS wants it protected: by Content-MD5, or by a checksum
// as newer SDKs send.
Result<void> check_is_protected(const Call& call) {
  if (call.request.headers.has("content-md5") || call.request.headers.has("x-amz-trailer"))
    return {};
  for (const auto& [name, value] : call.request.headers.all()) {
    if (find_checksum_by_header(name) != nullptr) return {};
  }
  return fail(ErrorCode::invalid_request,
              "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
}

}  // namespace

Result<base::HttpResponse> rest_delete_objects(Call& call, const std::string& body) {
  if (auto checked = check_is_protected(call); !checked)
    return tl::unexpected(std::move(checked.error()));
  if (body.empty()) return fail(ErrorCode::missing_request_body);
  if (const auto bucket = call.service.head_bucket(call.bucket); !bucket)
    return tl::unexpected(bucket.error());
  const auto deletions = parse_deletions(body);
  if (!deletions) return tl::unexpected(deletions.error());
  base::XmlWriter xml("DeleteResult", s3_namespace);
  for (const Deletion& deletion : deletions->all) {
    const auto deleted = delete_one(call, deletion);
    if (!deleted) {
      write_error(xml, deletion, deleted.error());
    } else if (!deletions->quiet) {
      write_deleted(xml, deletion, *deleted);
    }
  }
  return xml_response(xml.take());
}

}  // namespace emulator::s3
