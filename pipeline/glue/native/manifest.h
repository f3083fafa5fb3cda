#pragma once
// The pointer of an output table, <output>/<schema>/<table>/_manifest.json: which data object is
// the table, and which files it is made of. Replacing it by one conditional write is the
// publication; whoever reads it sees the old table or the new one.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/base/result.h"
#include "emulator/s3/service.h"

namespace pipeline::glue::native {

inline constexpr std::string_view manifest_name = "_manifest.json";

struct Manifest {
  std::uint64_t version = 0;
  std::string schema;
  std::string table;
  std::string source;   // s3://bucket/folder/schema/table/
  std::string options;  // MergeArguments::fingerprint
  char delimiter = ',';
  bool header = false;
  std::string data;       // key below the table's prefix
  std::string positions;  // likewise; "" without sequences
  std::uint64_t rows = 0;
  std::string run;
  std::map<std::string, std::string> loads;  // file name -> identity
  std::map<std::string, std::string>
      changes;  // every one ever applied to these loads, present or not
};

std::string render(const Manifest& manifest);
emulator::base::Result<Manifest> parse_manifest(std::string_view json);

// As it is stored, with the ETag that a conditional write needs.
struct StoredManifest {
  Manifest manifest;
  std::string etag;
};
// nullopt: none there.
emulator::base::Result<std::optional<StoredManifest>> read_manifest(
    emulator::s3::Service& s3, const std::string& bucket, const std::string& table_prefix);

}  // namespace pipeline::glue::native
