#include "pipeline/scenario/definition.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "emulator/base/file.h"
#include "emulator/base/json.h"
#include "emulator/base/text.h"
#include "pipeline/glue/output.h"
#include "pipeline/mysql/protocol/connection.h"
#include "pipeline/scenario/fields.h"
#include "pipeline/scenario/places.h"

namespace pipeline::scenario {
namespace {

namespace base = emulator::base;
namespace fs = std::filesystem;

using Need = Fields::Need;

constexpr DatabaseKey keys_of_databases[] = {
    {"identifier", "database-1", "", "the DB instance's name"},
    {"engine", "embedded", "",
     "embedded, recorded, mysqld (an installed server that we start) or external (one that runs)"},
    {"schema", "", "embedded mysqld external recorded", "default database of sql steps"},
    {"sql", "", "embedded mysqld external",
     "statements that are run once, when the instance is created"},
    {"sql_file", "", "embedded mysqld external", "the same, from a file"},
    {"parameters", "", "embedded mysqld recorded",
     "the parameter group: a table of server variables"},
    {"binlogs", "", "recorded", "log files, in order"},
    {"state", "", "recorded", "the tables before the first of them"},
    {"truth", "", "recorded", "the tables after the last of them"},
    {"program", "mysqld, mariadbd", "mysqld",
     "the server's program: a path, or a name on the PATH"},
    {"host", "127.0.0.1", "external", "where the server is"},
    {"port", "3306; a free one", "external mysqld", "its port"},
    {"user", "admin", "external mysqld", "who logs in"},
    {"password", "admin", "external mysqld", "with which password"},
    {"password_env", "", "external mysqld", "the environment variable that has the password"},
    {"tls", "preferred", "external", "disabled, preferred, required, verify_ca or verify_identity"},
    {"ca_file", "", "external", "PEM file of the authority that signed the server's certificate"},
};

constexpr Instant default_start = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

// A file is read twice: the stack it uses, then its own keys over it.
struct Reading {
  std::string folder;  // that relative names start from
  StackDefinition& into;
};

Result<std::string> read_named_file(const Value& name, const std::string& folder) {
  const std::string path = (fs::path(folder) / name.text.text).lexically_normal().string();
  auto text = base::read_file(path);
  if (!text)
    return fail_at(name.where, fmt::format("cannot read {}: {}", path, text.error().message),
                   "the name is relative to the file it stands in");
  return text;
}

void read_paths(Fields& fields, std::string_view key, const std::string& folder,
                std::vector<std::string>& into) {
  const Value* value = fields.find(key, Value::Kind::array);
  if (value == nullptr) return;
  into.clear();
  for (const Value& item : value->items) {
    if (item.kind != Value::Kind::string)
      return fields.refuse(wrong_type(item, fmt::format("each of {}", key), "a string"));
    const fs::path path = (fs::path(folder) / item.text.text).lexically_normal();
    std::error_code error;
    if (!fs::is_regular_file(path, error))
      return fields.refuse(item.where, fmt::format("there is no file {}", path.string()));
    into.push_back(path.string());
  }
}

void read_path(Fields& fields, std::string_view key, const std::string& folder, std::string& into) {
  const Value* value = fields.find(key, Value::Kind::string);
  if (value == nullptr) return;
  const fs::path path = (fs::path(folder) / value->text.text).lexically_normal();
  std::error_code error;
  if (!fs::is_regular_file(path, error))
    return fields.refuse(value->where, fmt::format("there is no file {}", path.string()));
  into = path.string();
}

// The keys of the engines mysqld and external.
void read_server(Fields& fields, const Value& table, const Reading& reading,
                 DatabaseDefinition& out) {
  fields.read("program", out.program);
  fields.read("host", out.host);
  std::int64_t port = out.port;
  fields.read("port", port);
  if (port > 65535) fields.refuse(table.where, fmt::format("{} is no port", port));
  out.port = static_cast<std::uint16_t>(port);
  fields.read("user", out.user);
  fields.read("password", out.password);
  fields.read("password_env", out.password_env);
  read_path(fields, "ca_file", reading.folder, out.ca_file);
  const Value* tls = fields.find("tls", Value::Kind::string);
  if (tls == nullptr) return;
  out.tls = tls->text.text;
  if (!mysql::protocol::parse_tls_mode(out.tls)) {
    fields.refuse(
        tls->where, fmt::format("unknown tls {}", out.tls),
        hint_for(out.tls, {"disabled", "preferred", "required", "verify_ca", "verify_identity"}));
  }
}

// A key of this file that the engine would pass over.
void check_keys_of_engine(Fields& fields, const Value& table, const std::string& engine) {
  for (const auto& [name, value, where] : table.entries) {
    for (const DatabaseKey& key : keys_of_databases) {
      if (key.name != name || key.engines.empty()) continue;
      const auto engines = base::split(key.engines, ' ');
      if (std::find(engines.begin(), engines.end(), engine) == engines.end())
        fields.refuse(where, fmt::format("{} is not for engine = \"{}\"", name, engine),
                      fmt::format("it is for {}", key.engines));
    }
  }
}

Result<void> read_database(const Value& table, const Reading& reading) {
  if (!reading.into.database) reading.into.database.emplace();
  DatabaseDefinition& out = *reading.into.database;
  out.where = table.where;
  Fields fields(table, "[database]");
  fields.read("identifier", out.identifier);
  fields.read("engine", out.engine);
  fields.read("schema", out.schema);
  if (const Value* sql = fields.find("sql", Value::Kind::string)) out.sql = sql->text;
  if (const Value* file = fields.find("sql_file", Value::Kind::string)) {
    auto text = read_named_file(*file, reading.folder);
    if (!text) return tl::unexpected<Error>(text.error());
    out.sql = source_text_of_file(
        std::move(*text), (fs::path(reading.folder) / file->text.text).lexically_normal().string());
  }
  if (const Value* parameters = fields.find("parameters", Value::Kind::table)) {
    for (const auto& [name, value, where] : parameters->entries) {
      if (!is_scalar(value)) fields.refuse(wrong_type(value, name, "a single value"));
      out.parameters[name] = scalar_text(value);
    }
  }
  read_paths(fields, "binlogs", reading.folder, out.binlogs);
  read_path(fields, "state", reading.folder, out.state);
  read_path(fields, "truth", reading.folder, out.truth);
  read_server(fields, table, reading, out);
  const std::vector<std::string> engines = {"embedded", "recorded", "mysqld", "external"};
  if (std::find(engines.begin(), engines.end(), out.engine) == engines.end()) {
    fields.refuse(table.where, fmt::format("unknown engine {}", out.engine),
                  hint_for(out.engine, engines));
  } else {
    check_keys_of_engine(fields, table, out.engine);
  }
  if (out.engine == "external" && out.user.empty())
    fields.refuse(table.where, "engine = \"external\" needs a user", "user = \"admin\"");
  if (out.engine == "recorded" && out.binlogs.empty())
    fields.refuse(table.where, "engine = \"recorded\" needs binlogs");
  if (out.engine == "recorded" && !out.sql.text.empty())
    fields.refuse(table.where, "a recorded database runs no SQL", "leave out sql and sql_file");
  return fields.finish();
}

std::string selection_rules_json(const std::vector<std::pair<std::string, std::string>>& rules) {
  std::string out = R"({"rules":[)";
  int id = 0;
  for (const auto& [pattern, action] : rules) {
    const std::size_t dot = pattern.find('.');
    if (id++ > 0) out += ',';
    out += fmt::format(
        R"({{"rule-type":"selection","rule-id":"{}","rule-name":"{}","object-locator":{{"schema-name":)",
        id, id);
    base::append_json_string(out, pattern.substr(0, dot));
    out += R"(,"table-name":)";
    base::append_json_string(out, pattern.substr(dot + 1));
    out += fmt::format(R"(}},"rule-action":"{}"}})", action);
  }
  return out + "]}";
}

// table_mappings = JSON or a file of it; or include = ["schema.table"] and exclude = [...], a
// selection rule each.
void read_mappings(Fields& fields, const std::string& folder, dms::TableMappings& into) {
  std::vector<std::pair<std::string, std::string>> rules;
  Location where;
  for (const std::string_view action : {"include", "exclude"}) {
    const Value* patterns = fields.find(action, Value::Kind::array);
    if (patterns == nullptr) continue;
    where = patterns->where;
    for (const Value& pattern : patterns->items) {
      if (pattern.kind != Value::Kind::string)
        return fields.refuse(wrong_type(pattern, fmt::format("each of {}", action), "a string"));
      if (pattern.text.text.find('.') == std::string::npos) {
        return fields.refuse(pattern.where,
                             fmt::format("\"{}\" is not schema.table", pattern.text.text),
                             "write schema.table; % stands for any run of characters");
      }
      rules.emplace_back(pattern.text.text, action);
    }
  }
  const Value* document = fields.find("table_mappings", Value::Kind::string);
  if (document != nullptr && !rules.empty())
    return fields.refuse(document->where, "table_mappings and include/exclude say the same",
                         "keep one of them");
  if (document == nullptr && rules.empty()) return;
  std::string json = rules.empty() ? document->text.text : selection_rules_json(rules);
  if (document != nullptr) {
    where = document->where;
    if (base::trim(json).substr(0, 1) != "{") {
      auto text = read_named_file(*document, folder);
      if (!text) return fields.refuse(text.error());
      json = std::move(*text);
    }
  }
  auto mappings = dms::parse_table_mappings(json);
  if (!mappings) return fields.refuse(where, mappings.error().message, mappings.error().hint);
  into = std::move(*mappings);
}

void read_target(Fields& fields, dms::S3Settings& into) {
  const Value* target = fields.find("target", Value::Kind::table);
  if (target == nullptr) return;
  for (const auto& [name, value, where] : target->entries) {
    if (!is_scalar(value)) return fields.refuse(wrong_type(value, name, "a single value"));
    if (auto set = dms::set(into, name, scalar_text(value)); !set)
      return fields.refuse(value.where, set.error().message, set.error().hint);
  }
}

Result<void> read_task(const Value& table, const Reading& reading) {
  if (!reading.into.task) reading.into.task.emplace();
  TaskDefinition& out = *reading.into.task;
  out.where = table.where;
  Fields fields(table, "[task]");
  fields.read("identifier", out.options.identifier);
  fields.read("start", out.start);
  if (const Value* type = fields.find("migration_type", Value::Kind::string)) {
    const std::vector<std::string> names = {"full-load", "cdc", "full-load-and-cdc"};
    const auto found = std::find(names.begin(), names.end(), type->text.text);
    if (found == names.end())
      fields.refuse(type->where, fmt::format("unknown migration_type {}", type->text.text),
                    hint_for(type->text.text, names));
    else
      out.options.migration_type = static_cast<dms::MigrationType>(found - names.begin());
  }
  read_mappings(fields, reading.folder, out.options.mappings);
  read_target(fields, out.options.target);
  if (const Value* settings = fields.find("settings", Value::Kind::table)) {
    out.options.settings_json.clear();
    append_json(out.options.settings_json, *settings);
  }
  return fields.finish();
}

Result<void> read_function(const Value& table, const Reading& reading) {
  if (!reading.into.function) {
    reading.into.function.emplace();
    reading.into.function->function.name = "start-glue-job";
  }
  FunctionDefinition& out = *reading.into.function;
  out.where = table.where;
  Fields fields(table, "[function]");
  fields.read("name", out.function.name);
  fields.read("bucket", out.bucket);
  fields.read("prefix", out.prefix);
  fields.read("suffix", out.suffix);
  fields.read("events", out.events);
  fields.read("job", out.job);
  fields.read("decode_key", out.decode_key);
  std::int64_t retries = out.function.maximum_retry_attempts;
  fields.read("maximum_retry_attempts", retries);
  if (retries > 2) fields.refuse(table.where, "maximum_retry_attempts is 0, 1 or 2");
  out.function.maximum_retry_attempts = static_cast<int>(retries);
  fields.read("maximum_event_age", out.function.maximum_event_age);
  return fields.finish();
}

Result<void> read_job(const Value& table, const Reading& reading) {
  if (!reading.into.job) reading.into.job.emplace();
  glue::Job& out = *reading.into.job;
  Fields fields(table, "[job]");
  fields.read("name", out.name);
  if (const Value* script = fields.find("script", Value::Kind::string)) {
    const std::vector<std::string> scripts = {"tutorial", "merge"};
    out.script = script->text.text;
    if (std::find(scripts.begin(), scripts.end(), out.script) == scripts.end()) {
      fields.refuse(script->where, fmt::format("unknown script {}", out.script),
                    hint_for(out.script, scripts));
    }
  }
  if (const Value* arguments = fields.find("arguments", Value::Kind::table)) {
    for (const auto& [name, value, where] : arguments->entries) {
      if (!is_scalar(value)) fields.refuse(wrong_type(value, name, "a single value"));
      out.default_arguments[name] = scalar_text(value);
    }
  }
  if (const Value* output = fields.find("output", Value::Kind::string)) {
    if (auto uri = glue::parse_s3_uri(output->text.text); !uri)
      fields.refuse(output->where, uri.error().message, uri.error().hint);
    out.default_arguments["--output"] = output->text.text;
  }
  if (const Value* key = fields.find("primary_key"))
    out.default_arguments["--primary_key"] = scalar_text(*key);
  fields.read("duration", out.duration);
  Duration schedule{};
  fields.read("schedule", schedule);
  if (schedule > Duration{}) out.schedule = schedule;
  if (out.script == "tutorial") {  // its runs need the key of a file, which no schedule has
    if (schedule > Duration{})
      fields.refuse(table.where, "the script tutorial cannot be started by a schedule");
    out.schedule.reset();
  }
  std::int64_t runs = out.max_concurrent_runs, retries = out.max_retries;
  fields.read("max_concurrent_runs", runs);
  fields.read("max_retries", retries);
  if (runs < 1 || runs > 1000) fields.refuse(table.where, "max_concurrent_runs is 1 to 1000");
  if (retries > 10) fields.refuse(table.where, "max_retries is 0 to 10");
  out.max_concurrent_runs = static_cast<int>(runs);
  out.max_retries = static_cast<int>(retries);
  return fields.finish();
}

Result<void> read_links(const Value& table, const Reading& reading) {
  Fields fields(table, "[links]");
  for (const Place& place : latency_places()) {
    if (table.find(place.name) == nullptr) {
      fields.find(place.name);
      continue;
    }
    fields.read(place.name, reading.into.latencies[std::string(place.name)]);
  }
  return fields.finish();
}

struct Section {
  std::string_view name;
  Result<void> (*read)(const Value& table, const Reading& reading);
};
constexpr Section sections[] = {
    {"database", read_database}, {"task", read_task},   {"function", read_function},
    {"job", read_job},           {"links", read_links},
};

void read_buckets(const Value& buckets, Fields& fields, StackDefinition& into) {
  into.buckets.clear();
  for (const Value& bucket : buckets.items) {
    if (bucket.kind != Value::Kind::string)
      return fields.refuse(wrong_type(bucket, "each of buckets", "a string"));
    into.buckets.push_back({bucket.text.text, bucket.where});
  }
}

// All keys of a file but `use` and the steps.
Result<void> read_stack(const Value& root, const std::string& folder, StackDefinition& into) {
  Fields fields(root, "the file");
  fields.find("use");
  fields.find("step");
  fields.read("title", into.title);
  if (const Value* seed = fields.find("seed", Value::Kind::integer))
    into.seed = static_cast<std::uint64_t>(seed->integer);
  if (const Value* start = fields.find("start", Value::Kind::instant)) into.start = start->instant;
  if (const Value* buckets = fields.find("buckets", Value::Kind::array))
    read_buckets(*buckets, fields, into);
  for (const Section& section : sections) {
    const Value* table = fields.find(section.name, Value::Kind::table);
    if (table == nullptr) continue;
    if (auto read = section.read(*table, {folder, into}); !read) fields.refuse(read.error());
  }
  return fields.finish();
}

bool has_bucket(const StackDefinition& stack, const std::string& name) {
  return std::any_of(stack.buckets.begin(), stack.buckets.end(),
                     [&](const BucketDefinition& bucket) { return bucket.name == name; });
}

std::vector<std::string> bucket_names(const StackDefinition& stack) {
  std::vector<std::string> out;
  for (const BucketDefinition& bucket : stack.buckets) out.push_back(bucket.name);
  return out;
}

// The parts must fit one another.
Result<void> check_stack(const StackDefinition& stack) {
  if (stack.task) {
    const TaskDefinition& task = *stack.task;
    if (!stack.database) return fail_at(task.where, "[task] needs a [database] to read from");
    if (task.options.target.bucket_name.empty())
      return fail_at(task.where, "[task] needs target = { BucketName = ... }");
    if (!has_bucket(stack, task.options.target.bucket_name)) {
      return fail_at(task.where,
                     fmt::format("[task] writes to bucket {}, which is not among buckets",
                                 task.options.target.bucket_name),
                     hint_for(task.options.target.bucket_name, bucket_names(stack)));
    }
    if (task.options.mappings.selection.empty())
      return fail_at(task.where, "[task] needs table_mappings or include");
  }
  if (stack.function) {
    const FunctionDefinition& function = *stack.function;
    if (!stack.job) return fail_at(function.where, "[function] needs a [job] to start");
    if (!function.job.empty() && function.job != stack.job->name) {
      return fail_at(function.where, fmt::format("[function] starts job {}, the stack has {}",
                                                 function.job, stack.job->name));
    }
    if (!has_bucket(stack, function.bucket)) {
      return fail_at(function.where,
                     fmt::format("[function] listens to bucket {}, which is not among buckets",
                                 function.bucket),
                     hint_for(function.bucket, bucket_names(stack)));
    }
  }
  return {};
}

// The job is told how the task writes, unless the file says otherwise: where, which columns come
// first, which delimiter.
void tell_job_of_task(StackDefinition& stack) {
  if (!stack.job) return;
  glue::Arguments& arguments = stack.job->default_arguments;
  if (stack.function) arguments.try_emplace("--s3_target_path_bucket", stack.function->bucket);
  if (!stack.task || stack.job->script != "merge") return;
  const dms::S3Settings& target = stack.task->options.target;
  if (!target.bucket_folder.empty()) arguments.try_emplace("--input_prefix", target.bucket_folder);
  if (target.csv_delimiter != ',')
    arguments.try_emplace("--delimiter", std::string(1, target.csv_delimiter));
  const std::pair<const char*, bool> switches[] = {
      {"--header", target.add_column_name},
      {"--sequence", target.sluice_change_seq},
      {"--sequence_in_load", target.sluice_change_seq},
      {"--timestamp_column", !target.timestamp_column_name.empty()},
      {"--op_in_load", target.include_op_for_full_load}};
  for (const auto& [name, on] : switches) {
    if (on) arguments.try_emplace(name, "true");
  }
}

Result<void> read_used_stack(const Value& use, const std::string& folder, StackDefinition& into) {
  auto text = read_named_file(use, folder);
  if (!text) return tl::unexpected<Error>(text.error());
  const std::string path = (fs::path(folder) / use.text.text).lexically_normal().string();
  auto root = parse_document(*text, path);
  if (!root) return tl::unexpected<Error>(root.error());
  if (const Value* deeper = root->find("use"))
    return fail_at(deeper->where, "a stack that is used may not use another");
  if (const Value* step = root->find("step"))
    return fail_at(step->where, "a file with steps cannot be used as a stack");
  return read_stack(*root, fs::path(path).parent_path().string(), into);
}

Result<std::vector<Step>> read_steps(const Value& steps, const ParseContext& context) {
  if (steps.kind != Value::Kind::array)
    return fail_at(steps.where, "step must be an array of tables", "write [[step]]");
  std::vector<Step> out;
  for (const Value& item : steps.items) {
    auto step = parse_step(item, context);
    if (!step) return tl::unexpected<Error>(step.error());
    out.push_back(std::move(*step));
  }
  return out;
}

Result<std::vector<std::string>> toml_files(const std::string& folder) {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".toml") out.push_back(it->path().string());
  }
  if (error) return fail_at({folder, 0, 0}, error.message());
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

std::span<const DatabaseKey> database_keys() { return keys_of_databases; }

Result<Scenario> parse_scenario(const std::string& text, const std::string& path) {
  auto root = parse_document(text, path);
  if (!root) return tl::unexpected<Error>(root.error());
  const std::string folder = fs::path(path).parent_path().string();
  Scenario out;
  out.path = path;
  out.stack.start = default_start;
  if (const Value* use = root->find("use")) {
    if (use->kind != Value::Kind::string)
      return tl::unexpected<Error>(wrong_type(*use, "use", "a string"));
    if (auto used = read_used_stack(*use, folder, out.stack); !used)
      return tl::unexpected<Error>(used.error());
  }
  if (auto read = read_stack(*root, folder, out.stack); !read)
    return tl::unexpected<Error>(read.error());
  if (auto checked = check_stack(out.stack); !checked)
    return tl::unexpected<Error>(checked.error());
  tell_job_of_task(out.stack);
  out.title = out.stack.title;
  if (const Value* steps = root->find("step")) {
    auto read = read_steps(*steps, {out.stack, folder});
    if (!read) return tl::unexpected<Error>(read.error());
    out.steps = std::move(*read);
  }
  if (out.title.empty())
    return fail_at({path, 1, 1}, "the file has no title", "title = \"what it teaches\"");
  return out;
}

Result<Scenario> read_scenario(const std::string& path) {
  auto text = base::read_file(path);
  if (!text) return tl::unexpected(base::with_nearest_file(text.error(), path, ".toml"));
  return parse_scenario(*text, path);
}

Result<std::vector<Scenario>> read_scenarios(const std::vector<std::string>& arguments) {
  std::vector<Scenario> out;
  for (const std::string& argument : arguments) {
    std::error_code error;
    const bool folder = fs::is_directory(argument, error);
    std::vector<std::string> paths = {argument};
    if (folder) {
      auto files = toml_files(argument);
      if (!files) return tl::unexpected<Error>(files.error());
      paths = std::move(*files);
    }
    const std::size_t before = out.size();
    for (const std::string& path : paths) {
      auto scenario = read_scenario(path);
      if (!scenario) return tl::unexpected<Error>(scenario.error());
      if (!scenario->steps.empty())
        out.push_back(std::move(*scenario));
      else if (!folder)
        return fail_at({path, 0, 0}, "the file has no steps: it is a stack",
                       "use it from a scenario, or with sluice serve --stack");
    }
    if (folder && out.size() == before)
      return fail_at({argument, 0, 0}, "the folder has no scenario",
                     "a scenario is a *.toml with at least one [[step]]");
  }
  return out;
}

}  // namespace pipeline::scenario
