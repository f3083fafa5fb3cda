#include "pipeline/scenario/steps/session.h"

#include "pipeline/rds/sql/parser.h"

namespace pipeline::scenario::steps {

Result<void> check_sql(const Value& sql, const ParseContext& context) {
  if (!context.stack.database)
    return fail_at(sql.where, "an sql step needs a database", "add [database] to the stack");
  const std::string& engine = context.stack.database->engine;
  if (engine == "recorded") return fail_at(sql.where, "a recorded database runs no SQL");
  const auto parts = rds::sql::split_script(sql.text.text);
  if (!parts) return tl::unexpected<Error>(located(parts.error(), sql.text));
  if (engine != "embedded") return {};  // the server knows what it understands
  for (const rds::sql::ScriptPart& part : *parts) {
    auto statement = rds::sql::parse(part.text);
    if (statement) continue;
    statement.error().offset += part.offset;
    return tl::unexpected<Error>(located(statement.error(), sql.text));
  }
  return {};
}

rds::Result<std::vector<rds::ResultSet>> run_script(World& world, const SourceText& script) {
  if (!world.session) {
    auto session = world.stack.connect(world.stack.definition().database->schema);
    if (!session) return tl::unexpected(session.error());
    world.session = std::move(*session);
  }
  return world.session->execute_script(script.text);
}

Error located(const rds::SqlError& error, const SourceText& script) {
  return {error.text(), {}, script.at(error.offset)};
}

}  // namespace pipeline::scenario::steps
