// The sound merge: each run looks at the whole input prefix and brings every table up to what is
// there, whatever the event said. A run plans when it starts and publishes when it ends; if another
// run was quicker, it plans again.

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "pipeline/glue/native/merge_arguments.h"
#include "pipeline/glue/native/script.h"
#include "pipeline/glue/native/store.h"
#include "pipeline/glue/native/sweep.h"
#include "pipeline/glue/native/table_merge.h"

namespace pipeline::glue::native {
namespace {

using emulator::base::fail;
using emulator::base::Result;

constexpr int tries_max = 5;

class Merge final : public Engine::Work {
 public:
  Result<void> begin(Engine::Context& context) {
    auto arguments = parse_merge_arguments(context.arguments);
    if (!arguments) return tl::unexpected(arguments.error());
    arguments_ = std::move(*arguments);
    auto inputs = sweep(context.s3, arguments_.input_bucket, arguments_.input_prefix);
    if (!inputs) return tl::unexpected(inputs.error());
    if (auto emptied = add_emptied_tables(context.s3, *inputs); !emptied) return emptied;
    for (TableInput& input : *inputs) {
      TableMerge table(arguments_, std::move(input));
      if (auto planned = table.plan(context.s3); !planned)
        errors_.push_back(planned.error().text());
      else if (!table.has_nothing_to_do())
        tables_.push_back(std::move(table));
    }
    return {};
  }

  // A table that cannot be merged does not hold up the others.
  Result<void> finish(Engine::Context& context) override {
    if (auto alive = crash_point(context, "glue.before_write", ""); !alive) return alive;
    for (TableMerge& table : tables_) {
      bool died = false;
      auto merged = bring_up_to_date(context, table, died);
      if (!merged && died) return merged;
      if (!merged) errors_.push_back(merged.error().text());
    }
    if (errors_.empty()) return {};
    return fail(fmt::format("{}", fmt::join(errors_, "; ")));
  }

 private:
  // Tables that were published from below this prefix and have no file left.
  Result<void> add_emptied_tables(emulator::s3::Service& s3,
                                  std::vector<TableInput>& inputs) const {
    auto objects = list_objects(s3, arguments_.output_bucket, arguments_.output_prefix);
    if (!objects) return tl::unexpected(objects.error());
    const std::string source =
        fmt::format("s3://{}/{}", arguments_.input_bucket, arguments_.input_prefix);
    for (const auto& object : *objects) {
      if (!object.key.ends_with(fmt::format("/{}", manifest_name))) continue;
      const std::string table = object.key.substr(0, object.key.size() - manifest_name.size());
      const bool has_input =
          std::any_of(inputs.begin(), inputs.end(), [&](const TableInput& input) {
            return fmt::format("{}{}/{}/", arguments_.output_prefix, input.schema, input.table) ==
                   table;
          });
      if (has_input) continue;
      auto stored = read_manifest(s3, arguments_.output_bucket, table);
      if (!stored) return tl::unexpected(stored.error());
      if (!*stored || !(*stored)->manifest.source.starts_with(source)) continue;
      const Manifest& manifest = (*stored)->manifest;
      const std::size_t bucket_part = fmt::format("s3://{}/", arguments_.input_bucket).size();
      inputs.push_back(
          {manifest.source.substr(bucket_part), manifest.schema, manifest.table, {}, {}});
    }
    return {};
  }

  static Result<void> bring_up_to_date(Engine::Context& context, TableMerge& table, bool& died) {
    for (int attempt = 0; attempt < tries_max; ++attempt) {
      if (attempt > 0) {
        if (auto planned = table.plan_anew(context.s3); !planned) return planned;
      }
      if (table.has_nothing_to_do()) return {};
      auto built = table.build(context);
      if (!built) return tl::unexpected(built.error());
      if (!*built) continue;
      if (auto alive = crash_point(context, "glue.before_publish", table.name()); !alive) {
        died = true;
        return alive;
      }
      auto published = table.publish(context);
      if (!published) return tl::unexpected(published.error());
      if (*published) return {};
    }
    return fail(fmt::format("{}: gave up after {} tries, others were quicker each time",
                            table.name(), tries_max));
  }

  MergeArguments arguments_;
  std::vector<TableMerge> tables_;
  std::vector<std::string> errors_;
};

}  // namespace

Result<std::unique_ptr<Engine::Work>> begin_merge(Engine::Context& context) {
  auto work = std::make_unique<Merge>();
  if (auto begun = work->begin(context); !begun) return tl::unexpected(begun.error());
  return work;
}

}  // namespace pipeline::glue::native
