#include "pipeline/glue/native/manifest.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/json_document.h"
#include "pipeline/glue/native/store.h"

namespace pipeline::glue::native {
namespace {

using emulator::base::fail;
using emulator::base::JsonWriter;
using emulator::base::read_json;
using emulator::base::Result;
using Json = nlohmann::json;

void write_files(JsonWriter& json, std::string_view name,
                 const std::map<std::string, std::string>& files) {
  json.key(name).object();
  for (const auto& [file, identity] : files) json.key(file).string(identity);
  json.end();
}

// Reads members that must be there and of the right type; remembers the first that is not.
class Members {
 public:
  explicit Members(const Json& json) : json_(json) {}

  std::string text(const char* name) {
    const Json* member = find(name, Json::value_t::string);
    return member ? member->get<std::string>() : std::string();
  }
  std::uint64_t number(const char* name) {
    const Json* member = find(name, Json::value_t::number_unsigned);
    return member ? member->get<std::uint64_t>() : 0;
  }
  bool flag(const char* name) {
    const Json* member = find(name, Json::value_t::boolean);
    return member && member->get<bool>();
  }
  std::map<std::string, std::string> files(const char* name) {
    std::map<std::string, std::string> out;
    const Json* member = find(name, Json::value_t::object);
    if (!member) return out;
    for (const auto& [file, identity] : member->items()) {
      if (!identity.is_string())
        bad_ = name;
      else
        out[file] = identity.get<std::string>();
    }
    return out;
  }
  const char* bad() const { return bad_; }

 private:
  const Json* find(const char* name, Json::value_t type) {
    auto member = json_.find(name);
    if (member != json_.end() && member->type() == type) return &*member;
    if (!bad_) bad_ = name;
    return nullptr;
  }
  const Json& json_;
  const char* bad_ = nullptr;
};

}  // namespace

std::string render(const Manifest& manifest) {
  JsonWriter json;
  json.object();
  json.key("version").unsigned_number(manifest.version);
  json.key("schema").string(manifest.schema).key("table").string(manifest.table);
  json.key("source").string(manifest.source).key("options").string(manifest.options);
  json.key("delimiter")
      .string(std::string_view(&manifest.delimiter, 1))
      .key("header")
      .boolean(manifest.header);
  json.key("data").string(manifest.data).key("positions").string(manifest.positions);
  json.key("rows").unsigned_number(manifest.rows).key("run").string(manifest.run);
  write_files(json, "load_files", manifest.loads);
  write_files(json, "change_files", manifest.changes);
  json.end();
  return json.take() + "\n";
}

Result<Manifest> parse_manifest(std::string_view text) {
  const Json json = read_json(text);
  if (!json.is_object()) return fail("the manifest is no JSON object");
  Members members(json);
  Manifest manifest;
  manifest.version = members.number("version");
  manifest.schema = members.text("schema");
  manifest.table = members.text("table");
  manifest.source = members.text("source");
  manifest.options = members.text("options");
  const std::string delimiter = members.text("delimiter");
  manifest.header = members.flag("header");
  manifest.data = members.text("data");
  manifest.positions = members.text("positions");
  manifest.rows = members.number("rows");
  manifest.run = members.text("run");
  manifest.loads = members.files("load_files");
  manifest.changes = members.files("change_files");
  if (members.bad())
    return fail(
        fmt::format("the manifest's member \"{}\" is absent or of a wrong type", members.bad()));
  if (delimiter.size() != 1) return fail("the manifest's delimiter is not one character");
  manifest.delimiter = delimiter.front();
  return manifest;
}

Result<std::optional<StoredManifest>> read_manifest(emulator::s3::Service& s3,
                                                    const std::string& bucket,
                                                    const std::string& table_prefix) {
  const std::string key = table_prefix + std::string(manifest_name);
  auto got = s3.get_object(bucket, key);
  if (!got) {
    const auto code = got.error().code;
    if (code == emulator::s3::ErrorCode::no_such_key ||
        code == emulator::s3::ErrorCode::no_such_bucket)
      return std::optional<StoredManifest>();
    return tl::unexpected(error_of(got.error(), bucket, key));
  }
  auto body = got->read();
  if (!body) return tl::unexpected(error_of(body.error(), bucket, key));
  auto manifest = parse_manifest(*body);
  if (!manifest) return fail(fmt::format("s3://{}/{}: {}", bucket, key, manifest.error().message));
  return StoredManifest{std::move(*manifest), got->object.etag};
}

}  // namespace pipeline::glue::native
