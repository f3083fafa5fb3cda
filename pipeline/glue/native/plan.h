#pragma once
// What a run has to do for one table, decided from what is there and what the manifest says was
// merged. Pure.

#include <optional>
#include <string>
#include <vector>

#include "emulator/base/result.h"
#include "pipeline/glue/native/manifest.h"
#include "pipeline/glue/native/sweep.h"

namespace pipeline::glue::native {

struct Plan {
  enum class Kind {
    nothing,      // all that is there is merged
    incremental,  // the current data object and the new change files
    rebuild,      // the LOAD files and every change file
    empty,        // the table's folder was emptied (DMS does so on TRUNCATE and before a reload)
  };
  Kind kind = Kind::nothing;
  std::vector<InputFile> loads;    // base of a rebuild
  std::vector<InputFile> changes;  // to apply, in the order of their names
};

// Incremental is right only if nothing that was merged has changed and the new change files come
// after all merged ones (or rows carry positions of their own); else the table is built anew. A
// rebuild that would need a change file which is gone, with the LOAD files unchanged, is an Error:
// files may be archived once they are merged, but then no file may come late.
emulator::base::Result<Plan> make_plan(const std::optional<Manifest>& manifest,
                                       const TableInput& input, const std::string& options,
                                       bool rows_have_positions);

}  // namespace pipeline::glue::native
