// Steps on objects: put_object, delete_object, empty_bucket; expect_object, expect_no_object,
// expect_objects.
#include <fmt/format.h>

#include <algorithm>

#include "pipeline/scenario/fields.h"
#include "pipeline/scenario/steps/steps.h"

namespace pipeline::scenario::steps {
namespace {

using Need = Fields::Need;
namespace s3 = emulator::s3;

void check_bucket(Fields& fields, const Location& where, const std::string& bucket,
                  const ParseContext& context) {
  std::vector<std::string> names;
  for (const BucketDefinition& known : context.stack.buckets) names.push_back(known.name);
  if (bucket.empty() || std::find(names.begin(), names.end(), bucket) != names.end()) return;
  fields.refuse(where, fmt::format("there is no bucket {}", bucket), hint_for(bucket, names));
}

struct ObjectName {
  std::string bucket, key;
};

ObjectName read_name(Fields& fields, const Value& value, const ParseContext& context) {
  ObjectName name;
  fields.read("bucket", name.bucket, Need::required);
  fields.read("key", name.key, Need::required);
  check_bucket(fields, value.where, name.bucket, context);
  return name;
}

// What comes before the first wildcard narrows the listing.
s3::Result<std::vector<s3::ListedObject>> matching(s3::Service& service, const ObjectName& name) {
  std::vector<s3::ListedObject> out;
  s3::ListObjectsInput input{.bucket = name.bucket,
                             .prefix = name.key.substr(0, name.key.find_first_of("*?"))};
  while (true) {
    auto page = service.list_objects(input);
    if (!page) return tl::unexpected<s3::Error>(page.error());
    for (s3::ListedObject& object : page->objects) {
      if (emulator::sim::glob_matches(name.key, object.key)) out.push_back(std::move(object));
    }
    if (!page->truncated) return out;
    input.start_after = page->next_start_after;
  }
}

tl::unexpected<Error> s3_failed(const Location& where, const s3::Error& error) {
  return fail_at(where, error.text());
}

std::vector<std::string> keys_of(const std::vector<s3::ListedObject>& objects) {
  std::vector<std::string> out;
  for (const s3::ListedObject& object : objects)
    out.push_back(fmt::format("{} ({} bytes)", object.key, object.size));
  return out;
}

Result<Outcome> empty_bucket(World& world, const std::string& bucket, const Location& where) {
  auto objects = matching(world.stack.s3(), {bucket, "*"});
  if (!objects) return s3_failed(where, objects.error());
  for (const s3::ListedObject& object : *objects) {
    if (auto deleted = world.stack.s3().delete_object({.bucket = bucket, .key = object.key});
        !deleted)
      return s3_failed(where, deleted.error());
  }
  return Outcome{true, counted(objects->size(), "object") + " deleted"};
}

}  // namespace

Result<Action> parse_put_object(const Value& value, const ParseContext& context) {
  Fields fields(value, "put_object");
  const ObjectName name = read_name(fields, value, context);
  std::string body;
  fields.read("body", body, Need::required);
  if (auto done = fields.finish(); !done) return tl::unexpected<Error>(done.error());
  return Action([name, body, where = value.where](World& world) -> Result<Outcome> {
    auto put = world.stack.s3().put_object({.bucket = name.bucket, .key = name.key}, body);
    if (!put) return s3_failed(where, put.error());
    return Outcome{};
  });
}

Result<Action> parse_delete_object(const Value& value, const ParseContext& context) {
  Fields fields(value, "delete_object");
  const ObjectName name = read_name(fields, value, context);
  if (auto done = fields.finish(); !done) return tl::unexpected<Error>(done.error());
  return Action([name, where = value.where](World& world) -> Result<Outcome> {
    auto deleted = world.stack.s3().delete_object({.bucket = name.bucket, .key = name.key});
    if (!deleted) return s3_failed(where, deleted.error());
    return Outcome{};
  });
}

Result<Action> parse_empty_bucket(const Value& value, const ParseContext& context) {
  if (value.kind != Value::Kind::string)
    return tl::unexpected<Error>(wrong_type(value, "empty_bucket", "a string"));
  Value none;
  Fields fields(none, "empty_bucket");
  check_bucket(fields, value.where, value.text.text, context);
  if (auto done = fields.finish(); !done) return tl::unexpected<Error>(done.error());
  return Action([bucket = value.text.text, where = value.where](World& world) {
    return empty_bucket(world, bucket, where);
  });
}

Result<Action> parse_expect_object(const Value& value, const ParseContext& context) {
  Fields fields(value, "expect_object");
  const ObjectName name = read_name(fields, value, context);
  std::optional<std::string> body;
  fields.read("body", body);
  if (auto done = fields.finish(); !done) return tl::unexpected<Error>(done.error());
  return Action([name, body, where = value.where](World& world) -> Result<Outcome> {
    auto objects = matching(world.stack.s3(), name);
    if (!objects) return s3_failed(where, objects.error());
    if (objects->empty())
      return Outcome{false, fmt::format("there is no object {} in {}", name.key, name.bucket)};
    if (!body) return Outcome{true, objects->front().key};
    auto object = world.stack.s3().get_object(name.bucket, objects->front().key);
    if (!object) return s3_failed(where, object.error());
    const std::string found = object->read_all();
    if (found == *body) return Outcome{true, objects->front().key};
    return Outcome{false,
                   fmt::format("{} has another body", objects->front().key),
                   {"expected: " + *body, "found:    " + found}};
  });
}

Result<Action> parse_expect_no_object(const Value& value, const ParseContext& context) {
  Fields fields(value, "expect_no_object");
  const ObjectName name = read_name(fields, value, context);
  if (auto done = fields.finish(); !done) return tl::unexpected<Error>(done.error());
  return Action([name, where = value.where](World& world) -> Result<Outcome> {
    auto objects = matching(world.stack.s3(), name);
    if (!objects) return s3_failed(where, objects.error());
    if (objects->empty()) return Outcome{true, fmt::format("no object {}", name.key)};
    return Outcome{false, fmt::format("{} has {} such objects", name.bucket, objects->size()),
                   keys_of(*objects)};
  });
}

Result<Action> parse_expect_objects(const Value& value, const ParseContext& context) {
  Fields fields(value, "expect_objects");
  const ObjectName name = read_name(fields, value, context);
  std::int64_t count = 0;
  fields.read("count", count, Need::required);
  if (auto done = fields.finish(); !done) return tl::unexpected<Error>(done.error());
  return Action([name, count, where = value.where](World& world) -> Result<Outcome> {
    auto objects = matching(world.stack.s3(), name);
    if (!objects) return s3_failed(where, objects.error());
    const auto found = static_cast<std::int64_t>(objects->size());
    if (found == count) return Outcome{true, counted(objects->size(), "object")};
    return Outcome{false, fmt::format("{} objects match {}, not {}", found, name.key, count),
                   keys_of(*objects)};
  });
}

}  // namespace pipeline::scenario::steps
