#include "pipeline/commands/serve_endpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "emulator/base/json.h"
#include "emulator/base/text.h"
#include "emulator/s3/notification.h"
#include "pipeline/rds/session.h"

namespace pipeline::commands {
namespace {

namespace aws = emulator::aws;
namespace base = emulator::base;
using base::HttpRequest;
using base::HttpResponse;
using base::Reply;
using mysql::ColumnType;

constexpr std::size_t sql_bytes_max = 64 * 1024 * 1024;  // MySQL's own max_allowed_packet

HttpResponse failure(int status, const rds::SqlError& error) {
  base::JsonWriter json;
  json.object().key("error").object();
  json.key("code")
      .number(error.code)
      .key("sqlstate")
      .string(error.sqlstate)
      .key("message")
      .string(error.message);
  return aws::json_response(status, json.end().end().take());
}

// Bytes that are no text: shown as MySQL's own client does under --binary-as-hex.
bool holds_bytes(const mysql::Column& type) {
  switch (type.type) {
    case ColumnType::bit:
    case ColumnType::geometry:
    case ColumnType::vector:
      return true;
    case ColumnType::varchar:
    case ColumnType::string:
    case ColumnType::blob:
      return type.is_binary();
    default:
      return false;
  }
}

void write_rows(base::JsonWriter& json, const rds::ResultSet& result) {
  json.key("columns").array();
  for (const rds::ResultColumn& column : result.columns) json.string(column.name);
  json.end().key("rows").array();
  for (const auto& row : result.rows) {
    json.array();
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (!row[i]) {
        json.null();
      } else if (holds_bytes(result.columns[i].type)) {
        json.string("0x" + base::to_upper_hex(*row[i]));
      } else {
        json.string(*row[i]);
      }
    }
    json.end();
  }
  json.end();
}

std::string results_json(const std::vector<rds::ResultSet>& results) {
  base::JsonWriter json;
  json.object().key("results").array();
  for (const rds::ResultSet& result : results) {
    json.object();
    write_rows(json, result);
    json.key("affected_rows").unsigned_number(result.affected_rows);
    json.key("last_insert_id").unsigned_number(result.last_insert_id);
    if (!result.info.empty()) json.key("info").string(result.info);
    json.end();
  }
  return json.end().end().take();
}

// One open session for each database that was asked for.
class SqlEndpoint {
 public:
  explicit SqlEndpoint(scenario::Stack& stack) : stack_(stack) {}

  Reply handle(const HttpRequest& request) {
    if (!stack_.runs_sql()) {
      return Reply::now(failure(404, {.code = 2003,
                                      .sqlstate = "HY000",
                                      .message = "this stack has no database that runs SQL"}));
    }
    const std::string schema =
        stack_.definition().database ? stack_.definition().database->schema : std::string();
    const std::string database = request.parameter("database").value_or(schema);
    return base::collect_body(
        sql_bytes_max,
        [] {
          return failure(413, {.code = 1153,
                               .sqlstate = "08S01",
                               .message = "Got a packet bigger than 'max_allowed_packet' bytes"});
        },
        [this, database](std::string sql) { return execute(database, sql); });
  }

 private:
  HttpResponse execute(const std::string& database, std::string_view sql) {
    auto& session = sessions_[database];
    if (!session) {
      auto opened = stack_.connect(database);
      if (!opened) return failure(400, opened.error());
      session = std::move(*opened);
    }
    const auto results = session->execute_script(sql);
    return results ? aws::json_response(200, results_json(*results))
                   : failure(400, results.error());
  }

  scenario::Stack& stack_;
  std::map<std::string, std::unique_ptr<rds::Session>> sessions_;
};

HttpResponse text_response(std::string type, std::string body) {
  HttpResponse response;
  response.headers.add("content-type", std::move(type));
  response.body = std::move(body);
  return response;
}

HttpResponse plain_failure(int status, std::string_view message) {
  base::JsonWriter json;
  json.object().key("error").object().key("message").string(message);
  return aws::json_response(status, json.end().end().take());
}

HttpResponse trace_response(const TraceLog& trace, const HttpRequest& request) {
  const auto after = base::parse_unsigned(request.parameter("after").value_or("0"));
  if (!after) return plain_failure(400, "after is the id of a trace line");
  return text_response("application/x-ndjson", trace.lines_after(*after));
}

// Keys that a user may have meant: those of the same folder, or the first ones.
std::optional<std::string> nearest_key(scenario::Stack& stack, const std::string& bucket,
                                       const std::string& key) {
  std::vector<std::string> names;
  for (const std::string& prefix : {key.substr(0, key.rfind('/') + 1), std::string()}) {
    const auto page = stack.s3().list_objects({.bucket = bucket, .prefix = prefix});
    if (!page) return std::nullopt;
    for (const auto& object : page->objects) names.push_back(object.key);
  }
  return base::nearest(key, names);
}

// What the server knows of an object now: whether it is there, and what each rule of its bucket
// would make of an event.
HttpResponse why_response(scenario::Stack& stack, const HttpRequest& request) {
  const std::string bucket = request.parameter("bucket").value_or(""),
                    key = request.parameter("key").value_or("");
  const std::string event = request.parameter("event").value_or("ObjectCreated:Put");
  const auto configuration = stack.s3().get_bucket_notification_configuration(bucket);
  base::JsonWriter json;
  json.object().key("bucket").boolean(configuration.has_value());
  if (!configuration) {
    std::vector<std::string> names;
    if (const auto buckets = stack.s3().list_buckets()) {
      for (const auto& each : *buckets) names.push_back(each.name);
    }
    if (const auto near = base::nearest(bucket, names)) json.key("nearest").string(*near);
    return aws::json_response(200, json.end().take());
  }
  const bool there = stack.s3().head_object(bucket, key).has_value();
  json.key("object").boolean(there);
  if (const auto near = there ? std::nullopt : nearest_key(stack, bucket, key))
    json.key("nearest").string(*near);
  json.key("event").string(event).key("rules").array();
  for (const auto& rule : configuration->notifications) {
    const std::string why = why_not(rule, event, key);
    json.object()
        .key("rule")
        .string(rule.id)
        .key("destination")
        .string(rule.arn)
        .key("fires")
        .boolean(why.empty());
    if (!why.empty()) json.key("why").string(why);
    json.end();
  }
  return aws::json_response(200, json.end().end().take());
}

HttpResponse binlog_response(scenario::Stack& stack, std::string_view name) {
  if (stack.database() == nullptr) return plain_failure(404, "this stack has no embedded database");
  if (name.empty()) {
    base::JsonWriter json;
    json.object().key("files").array();
    for (const std::string& file : stack.database()->binlog_files()) json.string(file);
    return aws::json_response(200, json.end().end().take());
  }
  auto bytes = stack.database()->binlog_file(std::string(name));
  if (!bytes) return plain_failure(404, bytes.error().text());
  return text_response("application/octet-stream", std::move(*bytes));
}

}  // namespace

void TraceLog::add(const emulator::sim::TraceLine& line) {
  constexpr std::size_t block_bytes = 64 * 1024;
  const std::size_t size = line.text.size() + 1;
  if (blocks_.empty() || blocks_.back().lines.size() + size > block_bytes) {
    blocks_.push_back({line.id});
    blocks_.back().lines.reserve(std::max(block_bytes, size));
  }
  blocks_.back().lines.append(line.text).push_back('\n');
  for (bytes_ += size; bytes_ > bytes_max_ && blocks_.size() > 1; blocks_.pop_front())
    bytes_ -= blocks_.front().lines.size();
}

std::string TraceLog::lines_after(emulator::sim::EventId after) const {
  std::string text;
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const Block& block = blocks_[i];
    if (i + 1 < blocks_.size() && blocks_[i + 1].first - 1 <= after) continue;
    std::size_t at = 0;
    for (auto id = block.first; id <= after && at < block.lines.size(); ++id)
      at = block.lines.find('\n', at) + 1;
    text.append(block.lines, at);
  }
  return text;
}

void add_endpoints(aws::Router& router, scenario::Stack& stack, const TraceLog& trace) {
  router.add_internal("GET", "/health", [](const HttpRequest&) {
    return Reply::now(aws::json_response(200, R"({"status":"ok"})"));
  });
  // Shared: the handler is copied about, and its sessions are not.
  router.add_internal("POST", "/sql",
                      [sql = std::make_shared<SqlEndpoint>(stack)](const HttpRequest& request) {
                        return sql->handle(request);
                      });
  router.add_internal("GET", "/trace", [&trace](const HttpRequest& request) {
    return Reply::now(trace_response(trace, request));
  });
  router.add_internal("GET", "/why", [&stack](const HttpRequest& request) {
    return Reply::now(why_response(stack, request));
  });
  router.add_internal("GET", "/binlog/", [&stack](const HttpRequest& request) {
    return Reply::now(binlog_response(
        stack, std::string_view(request.path).substr(std::string_view("/_sluice/binlog/").size())));
  });
}

}  // namespace pipeline::commands
