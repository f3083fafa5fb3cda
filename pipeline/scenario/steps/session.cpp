#include "pipeline/scenario/steps/session.h"

#include "pipeline/rds/sql/parser.h"

namespace pipeline::scenario::steps {

Result<void> check_sql(const Value& sql, const ParseContext& context) {
  if (!context.stack.database)
    return fail_at(sql.where, "an sql step needs a database", "add [database] to the stack");
  if (context.stack.database->engine != "embedded")
    return fail_at(sql.where, "a recorded database runs no SQL");
  const auto parts = rds::sql::split_script(sql.text.text);
  if (!parts) return tl::unexpected<Error>(located(parts.error(), sql.text));
  for (const rds::sql::ScriptPart& part : *parts) {
    auto statement = rds::sql::parse(part.text);
    if (statement) continue;
    statement.error().offset += part.offset;
    return tl::unexpected<Error>(located(statement.error(), sql.text));
  }
  return {};
}

rds::Session& session(World& world) {
  if (!world.session)
    world.session = world.stack.database()->connect(world.stack.definition().database->schema);
  return *world.session;
}

Error located(const rds::SqlError& error, const SourceText& script) {
  return {error.text(), {}, script.at(error.offset)};
}

}  // namespace pipeline::scenario::steps
