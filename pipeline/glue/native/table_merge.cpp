#include "pipeline/glue/native/table_merge.h"

#include <fmt/format.h>

#include <array>
#include <memory>

#include "pipeline/glue/native/store.h"

namespace pipeline::glue::native {
namespace {

using emulator::base::fail;
using emulator::base::Result;
using emulator::s3::ErrorCode;
using emulator::s3::ObjectBody;

bool is_gone(const emulator::s3::Error& error) {
  return error.code == ErrorCode::no_such_key || error.code == ErrorCode::no_such_bucket;
}

// A condition that does not hold: another run was quicker.
bool is_outrun(const emulator::s3::Error& error) {
  return error.code == ErrorCode::precondition_failed ||
         error.code == ErrorCode::conditional_request_conflict || is_gone(error);
}

merge::Source reader_of(ObjectBody object, std::string name) {
  struct State {
    ObjectBody object;
    std::string name;
    std::uint64_t offset = 0;
  };
  auto state = std::make_shared<State>(State{std::move(object), std::move(name), 0});
  return [state](std::span<char> into) -> Result<std::size_t> {
    auto got = state->object.body->read(state->offset, into);
    if (!got) return fail(fmt::format("{}: {}", state->name, got.error().text()));
    state->offset += *got;
    return *got;
  };
}

// The object as the sweep saw it; nullopt: it is gone or was written anew since.
Result<std::optional<ObjectBody>> open_input(emulator::s3::Service& s3, const std::string& bucket,
                                             const InputFile& file, FileKind kind) {
  auto got = s3.get_object(bucket, file.key);
  if (!got) {
    if (is_gone(got.error())) return std::optional<ObjectBody>();
    return tl::unexpected(error_of(got.error(), bucket, file.key));
  }
  const emulator::s3::Object& object = got->object;
  if (identity_of(object.etag, object.last_modified, kind) != file.identity)
    return std::optional<ObjectBody>();
  return std::optional<ObjectBody>(std::move(*got));
}

void add(merge::ChangeCounts& total, const merge::ChangeCounts& more) {
  total.rows += more.rows;
  total.inserts += more.inserts;
  total.updates += more.updates;
  total.deletes += more.deletes;
  total.stale += more.stale;
}

constexpr std::array<std::string_view, 4> kind_names{"nothing", "incremental", "rebuild", "empty"};

}  // namespace

TableMerge::TableMerge(const MergeArguments& arguments, TableInput input)
    : arguments_(arguments),
      input_(std::move(input)),
      prefix_(fmt::format("{}{}/{}/", arguments.output_prefix, input_.schema, input_.table)) {}

Result<void> TableMerge::plan(emulator::s3::Service& s3) {
  auto options = arguments_.options_for(name());
  if (!options) return tl::unexpected(options.error());
  options_ = std::move(*options);
  fingerprint_ = arguments_.fingerprint(options_);
  auto stored = read_manifest(s3, arguments_.output_bucket, prefix_);
  if (!stored) return tl::unexpected(stored.error());
  before_ = std::move(*stored);
  auto made = make_plan(before_ ? std::optional<Manifest>(before_->manifest) : std::nullopt, input_,
                        fingerprint_, options_.has_sequence);
  if (!made) return tl::unexpected(made.error());
  plan_ = std::move(*made);
  return {};
}

Result<void> TableMerge::plan_anew(emulator::s3::Service& s3) {
  auto tables = sweep(s3, arguments_.input_bucket, input_.folder);
  if (!tables) return tl::unexpected(tables.error());
  input_.loads.clear();
  input_.changes.clear();
  for (TableInput& table : *tables)
    if (table.folder == input_.folder) input_ = std::move(table);
  return plan(s3);
}

Result<bool> TableMerge::build(Engine::Context& context) {
  set_next(context.run);
  merge::ChangeSet changes(options_);
  std::vector<merge::Base> bases;
  auto there = add_changes(context, changes);
  if (there && *there) there = open_bases(context, bases);
  if (!there || !*there) return there;
  if (auto written = write_data(context, bases, changes); !written)
    return tl::unexpected(written.error());
  if (next_.positions.empty()) return true;
  if (auto put = put_object(context.s3, arguments_.output_bucket, prefix_ + next_.positions,
                            changes.positions());
      !put)
    return tl::unexpected(put.error());
  return true;
}

// The manifest that this run wants to publish. The version is part of the data object's name, so no
// run ever writes over an object that a manifest points to.
void TableMerge::set_next(const JobRun& run) {
  const Manifest* before = before_ ? &before_->manifest : nullptr;
  next_ = {};
  next_.version = before ? before->version + 1 : 1;
  next_.schema = input_.schema;
  next_.table = input_.table;
  next_.source = fmt::format("s3://{}/{}", arguments_.input_bucket, input_.folder);
  next_.options = fingerprint_;
  next_.delimiter = options_.delimiter;
  next_.header = options_.has_header;
  const std::string own = fmt::format("{}-v{}.csv", run.id.substr(3, 16), next_.version);
  next_.data = "data/part-" + own;
  if (options_.has_sequence) next_.positions = "data/positions-" + own;
  next_.run = run.id;
  for (const InputFile& file : input_.loads) next_.loads[file.name] = file.identity;
  if (plan_.kind == Plan::Kind::incremental) next_.changes = before->changes;
  for (const InputFile& file : plan_.changes) next_.changes[file.name] = file.identity;
  counts_ = {};
}

Result<bool> TableMerge::add_changes(Engine::Context& context, merge::ChangeSet& changes) {
  if (plan_.kind == Plan::Kind::incremental && options_.has_sequence) {
    auto positions =
        get_object(context.s3, arguments_.output_bucket, prefix_ + before_->manifest.positions);
    if (!positions) return tl::unexpected(positions.error());
    if (!*positions) return false;
    if (auto loaded = changes.load_positions(**positions); !loaded)
      return tl::unexpected(loaded.error());
  }
  for (const InputFile& file : plan_.changes) {
    auto object = open_input(context.s3, arguments_.input_bucket, file, FileKind::change);
    if (!object) return tl::unexpected(object.error());
    if (!*object) return false;
    auto text = (*object)->read();
    if (!text) return tl::unexpected(error_of(text.error(), arguments_.input_bucket, file.key));
    auto added =
        changes.add(fmt::format("s3://{}/{}", arguments_.input_bucket, file.key), std::move(*text));
    if (!added) return tl::unexpected(added.error());
    add(counts_, *added);
  }
  return true;
}

Result<bool> TableMerge::open_bases(Engine::Context& context,
                                    std::vector<merge::Base>& bases) const {
  if (plan_.kind == Plan::Kind::incremental) {
    const std::string key = prefix_ + before_->manifest.data;
    auto got = context.s3.get_object(arguments_.output_bucket, key);
    if (!got && is_gone(got.error())) return false;
    if (!got) return tl::unexpected(error_of(got.error(), arguments_.output_bucket, key));
    const std::string uri = fmt::format("s3://{}/{}", arguments_.output_bucket, key);
    bases.push_back({reader_of(std::move(*got), uri), uri, 0, false});
    return true;
  }
  const std::size_t leading =
      (arguments_.op_in_load ? 1u : 0u) + (arguments_.timestamp_column ? 1u : 0u);
  for (const InputFile& file : plan_.loads) {
    auto object = open_input(context.s3, arguments_.input_bucket, file, FileKind::load);
    if (!object) return tl::unexpected(object.error());
    if (!*object) return false;
    const std::string uri = fmt::format("s3://{}/{}", arguments_.input_bucket, file.key);
    bases.push_back(
        {reader_of(std::move(**object), uri), uri, leading, arguments_.sequence_in_load});
  }
  return true;
}

Result<void> TableMerge::write_data(Engine::Context& context, const std::vector<merge::Base>& bases,
                                    const merge::ChangeSet& changes) {
  const std::string key = prefix_ + next_.data;
  auto upload = context.s3.begin_put_object({.bucket = arguments_.output_bucket, .key = key},
                                            context.s3.new_request_ids());
  if (!upload) return tl::unexpected(error_of(upload.error(), arguments_.output_bucket, key));
  auto merged = merge::merge_csv(bases, changes, [&](std::string_view piece) -> Result<void> {
    if (auto appended = (*upload)->append(piece); !appended)
      return tl::unexpected(error_of(appended.error(), arguments_.output_bucket, key));
    return {};
  });
  if (!merged) return tl::unexpected(merged.error());
  if (auto stored = (*upload)->finish(); !stored)
    return tl::unexpected(error_of(stored.error(), arguments_.output_bucket, key));
  next_.rows = merged->output_rows();
  return {};
}

Result<bool> TableMerge::publish(Engine::Context& context) {
  emulator::s3::PutObjectInput input{.bucket = arguments_.output_bucket,
                                     .key = prefix_ + std::string(manifest_name)};
  input.headers["content-type"] = "application/json";
  if (before_)
    input.conditions.if_match = before_->etag;
  else
    input.conditions.if_none_match = "*";
  auto put = context.s3.put_object(input, render(next_));
  if (!put) {
    if (is_outrun(put.error())) {
      remove_built(context);
      return false;
    }
    return tl::unexpected(error_of(put.error(), arguments_.output_bucket, input.key));
  }
  report(context);
  remove_superseded(context);
  return true;
}

void TableMerge::report(Engine::Context& context) const {
  const std::size_t files = plan_.changes.size() + plan_.loads.size();
  const std::string_view how = kind_names[static_cast<std::size_t>(plan_.kind)];
  context.trace.record(
      "glue", "published",
      {{"run", context.run.id},
       {"table", name()},
       {"rows", next_.rows},
       {"files", std::uint64_t{files}},
       {"location", fmt::format("s3://{}/{}{}", arguments_.output_bucket, prefix_, next_.data)},
       {"how", how},
       {"version", next_.version}});
  context.run.output.push_back(
      fmt::format("{}: {} of {} files: {} inserts, {} updates, {} deletes, {} seen before; version "
                  "{} has {} rows",
                  name(), how, files, counts_.inserts, counts_.updates, counts_.deletes,
                  counts_.stale, next_.version, next_.rows));
}

// Whatever else is there was written before this publication, so it belongs to an earlier version
// or to a run that can no longer publish: the ETag it counts on is gone. A failure here costs room,
// not truth.
void TableMerge::remove_superseded(Engine::Context& context) const {
  auto objects = list_objects(context.s3, arguments_.output_bucket, prefix_ + "data/");
  if (!objects) {
    context.run.output.push_back("superseded objects were not removed: " + objects.error().text());
    return;
  }
  for (const auto& object : *objects) {
    if (object.key == prefix_ + next_.data || object.key == prefix_ + next_.positions) continue;
    if (auto removed = delete_object(context.s3, arguments_.output_bucket, object.key); !removed)
      context.run.output.push_back("a superseded object was not removed: " +
                                   removed.error().text());
  }
}

void TableMerge::remove_built(Engine::Context& context) const {
  for (const std::string& key : {next_.data, next_.positions})
    if (!key.empty()) (void)delete_object(context.s3, arguments_.output_bucket, prefix_ + key);
}

}  // namespace pipeline::glue::native
