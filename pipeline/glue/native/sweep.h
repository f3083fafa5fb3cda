#pragma once
// What DMS has put below the input prefix, by table: LOAD files and change files in the order of
// their names, which is the order in which they were written. The sweep looks at what is there, not
// at what an event named: a lost event is only a delay.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/result.h"
#include "emulator/s3/service.h"

namespace pipeline::glue::native {

struct InputFile {
  std::string key;
  std::string name;  // after the last slash
  // Tells two contents under one key apart: the ETag; of a LOAD file with the time too, since a
  // reload may write the same bytes.
  std::string identity;
};

struct TableInput {
  std::string folder;  // "[<folder>/]<schema>/<table>/"
  std::string schema;
  std::string table;
  std::vector<InputFile> loads;
  std::vector<InputFile> changes;
};

enum class FileKind { load, change, unsupported, other };
FileKind kind_of_file(std::string_view name);
std::string identity_of(const std::string& etag, emulator::base::Instant last_modified,
                        FileKind kind);

// Tables by schema and table. A file that DMS writes but the merge cannot read (Parquet, gzip) is
// an Error that names it; other objects are passed over.
emulator::base::Result<std::vector<TableInput>> sweep(emulator::s3::Service& s3,
                                                      const std::string& bucket,
                                                      const std::string& prefix);

}  // namespace pipeline::glue::native
