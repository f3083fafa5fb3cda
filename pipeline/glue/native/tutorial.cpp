// The tutorial's merge, faults included: a LOAD file replaces the output, any other file is applied
// to it row by row, then the old output is deleted and the new one written. It reads when the run
// starts and writes when it ends, so overlapping runs lose changes.

#include <fmt/format.h>

#include "pipeline/glue/native/script.h"
#include "pipeline/glue/native/spark_frame.h"
#include "pipeline/glue/native/store.h"
#include "pipeline/glue/output.h"

namespace pipeline::glue::native {
namespace {

using emulator::base::fail;
using emulator::base::Result;

// Spark's readers pass over names that begin with _ or . (_SUCCESS, _temporary).
bool is_hidden(std::string_view key) {
  const std::string_view name = key.substr(key.rfind('/') + 1);
  return name.empty() || name.front() == '_' || name.front() == '.';
}

// "folder/schema/table/file" -> "schema.table", for the trace; the job itself does not look.
std::string table_of(std::string_view key) {
  const std::size_t table_end = key.rfind('/');
  if (table_end == std::string_view::npos || table_end == 0) return {};
  const std::size_t schema_end = key.rfind('/', table_end - 1);
  if (schema_end == std::string_view::npos) return std::string(key.substr(0, table_end));
  const std::size_t before =
      schema_end == 0 ? std::string_view::npos : key.rfind('/', schema_end - 1);
  const std::size_t schema = before == std::string_view::npos ? 0 : before + 1;
  return fmt::format("{}.{}", key.substr(schema, schema_end - schema),
                     key.substr(schema_end + 1, table_end - schema_end - 1));
}

class Tutorial final : public Engine::Work {
 public:
  Result<void> begin(Engine::Context& context) {
    auto bucket = required_argument(context.arguments, "--s3_target_path_bucket");
    if (!bucket) return tl::unexpected(bucket.error());
    auto key = required_argument(context.arguments, "--s3_target_path_key");
    if (!key) return tl::unexpected(key.error());
    auto output_uri = required_argument(context.arguments, "--output");
    if (!output_uri) return tl::unexpected(output_uri.error());
    auto place = parse_s3_uri(*output_uri);
    if (!place) return tl::unexpected(place.error());
    bucket_ = place->first;
    folder_ = place->second.empty() ? "" : place->second + "/";
    key_ = *key;
    context.run.output.push_back(fmt::format("{} {}", *bucket, *key));
    return key->find("LOAD") != std::string::npos ? begin_load(context, *bucket)
                                                  : begin_changes(context, *bucket);
  }

  Result<void> finish(Engine::Context& context) override {
    if (auto alive = crash_point(context, "glue.before_write", key_); !alive) return alive;
    if (auto removed = remove_output(context); !removed) return removed;
    if (auto alive = crash_point(context, "glue.between_delete_and_write", key_); !alive)
      return alive;
    const std::string part =
        fmt::format("{}part-00000-{}-c000.csv", folder_, context.random.uuid());
    std::string text;
    frame_.for_each([&](const SparkRow& row) { append_spark_csv(text, row); });
    if (auto put = put_object(context.s3, bucket_, part, text); !put)
      return tl::unexpected(put.error());
    if (auto put = put_object(context.s3, bucket_, folder_ + "_SUCCESS", ""); !put)
      return tl::unexpected(put.error());
    context.trace.record("glue", "published",
                         {{"run", context.run.id},
                          {"table", table_of(key_)},
                          {"rows", std::uint64_t{frame_.size()}},
                          {"files", 1},
                          {"location", fmt::format("s3://{}/{}", bucket_, part)}});
    return {};
  }

 private:
  static Result<std::string> read_input(Engine::Context& context, const std::string& bucket,
                                        const std::string& key) {
    auto text = get_object(context.s3, bucket, key);
    if (!text) return tl::unexpected(text.error());
    if (!*text)
      return fail(fmt::format("AnalysisException: Path does not exist: s3://{}/{}", bucket, key));
    return std::move(**text);
  }

  Result<void> begin_load(Engine::Context& context, const std::string& bucket) {
    auto text = read_input(context, bucket, key_);
    if (!text) return tl::unexpected(text.error());
    frame_ = SparkFrame::read({std::move(*text)});
    if (frame_.width() == 0)
      return fail(
          "AnalysisException: Datasource does not support writing empty or nested empty schemas.");
    return {};
  }

  Result<void> begin_changes(Engine::Context& context, const std::string& bucket) {
    auto text = read_input(context, bucket, key_);
    if (!text) return tl::unexpected(text.error());
    const SparkFrame changes = SparkFrame::read({std::move(*text)});
    if (auto read = read_output_frame(context); !read) return read;
    Result<void> applied;
    changes.for_each([&](const SparkRow& change) {
      if (applied) applied = frame_.apply(change);
    });
    if (applied && frame_.width() == 0)
      return fail(
          "AnalysisException: Datasource does not support writing empty or nested empty schemas.");
    return applied;
  }

  Result<void> read_output_frame(Engine::Context& context) {
    auto objects = list_objects(context.s3, bucket_, folder_);
    if (!objects) return tl::unexpected(objects.error());
    if (objects->empty())
      return fail(fmt::format(
          "AnalysisException: Path does not exist: s3://{}/{}", bucket_,
          std::string_view(folder_).substr(0, folder_.empty() ? 0 : folder_.size() - 1)));
    std::vector<std::string> files;
    for (const auto& object : *objects) {
      // A reader of a folder does not look into folders below it.
      if (is_hidden(object.key) || object.key.find('/', folder_.size()) != std::string::npos)
        continue;
      auto text = read_input(context, bucket_, object.key);
      if (!text) return tl::unexpected(text.error());
      files.push_back(std::move(*text));
    }
    if (files.empty())
      return fail(
          "AnalysisException: Unable to infer schema for CSV. It must be specified manually.");
    frame_ = SparkFrame::read(files);
    return {};
  }

  Result<void> remove_output(Engine::Context& context) {
    auto objects = list_objects(context.s3, bucket_, folder_);
    if (!objects) return tl::unexpected(objects.error());
    for (const auto& object : *objects)
      if (auto removed = delete_object(context.s3, bucket_, object.key); !removed) return removed;
    return {};
  }

  std::string bucket_;  // of the output
  std::string folder_;  // with its slash
  std::string key_;     // as it stands in the argument: the tutorial does not decode it
  SparkFrame frame_;
};

}  // namespace

Result<std::unique_ptr<Engine::Work>> begin_tutorial(Engine::Context& context) {
  auto work = std::make_unique<Tutorial>();
  if (auto begun = work->begin(context); !begun) return tl::unexpected(begun.error());
  return work;
}

}  // namespace pipeline::glue::native
