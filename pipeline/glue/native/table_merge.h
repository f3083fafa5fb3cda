#pragma once
// One table of a run of the script "merge": its plan, the data object that is built by it, and the
// publication.

#include <optional>
#include <string>

#include "emulator/base/result.h"
#include "pipeline/glue/native/manifest.h"
#include "pipeline/glue/native/merge_arguments.h"
#include "pipeline/glue/native/plan.h"
#include "pipeline/glue/native/sweep.h"
#include "pipeline/glue/service.h"

namespace pipeline::glue::native {

class TableMerge {
 public:
  TableMerge(const MergeArguments& arguments, TableInput input);

  // Reads the manifest and decides.
  emulator::base::Result<void> plan(emulator::s3::Service& s3);
  // Looks at the table's folder again, then plan().
  emulator::base::Result<void> plan_anew(emulator::s3::Service& s3);
  bool has_nothing_to_do() const { return plan_.kind == Plan::Kind::nothing; }

  // A data object under a key of its own, streamed: the base is never held in memory. A file that
  // cannot be read is an Error that names file and line, and nothing is published. false: what was
  // planned on is no longer there.
  emulator::base::Result<bool> build(Engine::Context& context);
  // The manifest, if it is still the one that the plan was made from (false if not; what was built
  // is then removed), and after it the removal of what earlier versions and dead runs left.
  emulator::base::Result<bool> publish(Engine::Context& context);

  std::string name() const { return input_.schema + "." + input_.table; }

 private:
  emulator::base::Result<bool> add_changes(Engine::Context& context, merge::ChangeSet& changes);
  emulator::base::Result<bool> open_bases(Engine::Context& context,
                                          std::vector<merge::Base>& bases) const;
  emulator::base::Result<void> write_data(Engine::Context& context,
                                          const std::vector<merge::Base>& bases,
                                          const merge::ChangeSet& changes);
  void set_next(const JobRun& run);
  void report(Engine::Context& context) const;
  void remove_superseded(Engine::Context& context) const;
  void remove_built(Engine::Context& context) const;

  const MergeArguments& arguments_;
  TableInput input_;
  std::string prefix_;  // of the output: "<output>/<schema>/<table>/"
  merge::MergeOptions options_;
  std::string fingerprint_;
  std::optional<StoredManifest> before_;
  Plan plan_;
  Manifest next_;
  merge::ChangeCounts counts_;
};

}  // namespace pipeline::glue::native
