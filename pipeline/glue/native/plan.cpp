#include "pipeline/glue/native/plan.h"

#include <fmt/format.h>

#include <algorithm>

namespace pipeline::glue::native {
namespace {

using emulator::base::fail;
using emulator::base::Result;

std::map<std::string, std::string> identities(const std::vector<InputFile>& files) {
  std::map<std::string, std::string> out;
  for (const InputFile& file : files) out[file.name] = file.identity;
  return out;
}

bool was_changed(const InputFile& file, const std::map<std::string, std::string>& merged) {
  auto found = merged.find(file.name);
  return found != merged.end() && found->second != file.identity;
}

// Without LOAD files nothing else shows that DMS has emptied the folder since (TRUNCATE) and gone
// on.
bool was_emptied(const Manifest& manifest, const TableInput& input) {
  if (!manifest.loads.empty() || manifest.changes.empty()) return false;
  return std::none_of(input.changes.begin(), input.changes.end(), [&](const InputFile& file) {
    return manifest.changes.count(file.name) != 0;
  });
}

Plan rebuild(const TableInput& input) { return {Plan::Kind::rebuild, input.loads, input.changes}; }

}  // namespace

Result<Plan> make_plan(const std::optional<Manifest>& manifest, const TableInput& input,
                       const std::string& options, bool rows_have_positions) {
  if (!manifest) return rebuild(input);
  if (input.loads.empty() && input.changes.empty()) {
    if (manifest->loads.empty() && manifest->changes.empty()) return Plan{};
    return Plan{Plan::Kind::empty, {}, {}};
  }
  if (identities(input.loads) != manifest->loads || was_emptied(*manifest, input))
    return rebuild(input);

  Plan plan;
  bool anew = manifest->options != options;
  for (const InputFile& file : input.changes) {
    if (was_changed(file, manifest->changes)) anew = true;
    if (manifest->changes.count(file.name) != 0) continue;
    plan.changes.push_back(file);
    if (!rows_have_positions && !manifest->changes.empty() &&
        file.name < manifest->changes.rbegin()->first)
      anew = true;
  }
  if (!anew) {
    if (!plan.changes.empty()) plan.kind = Plan::Kind::incremental;
    return plan;
  }
  const auto present = identities(input.changes);
  for (const auto& [name, identity] : manifest->changes)
    if (present.count(name) == 0)
      return fail(fmt::format("the table {}.{} must be built anew, but its change file {} is gone",
                              input.schema, input.table, name),
                  "put the file back, or reload the table");
  return rebuild(input);
}

}  // namespace pipeline::glue::native
