#include "pipeline/scenario/steps/session.h"
#include "pipeline/scenario/steps/steps.h"

namespace pipeline::scenario::steps {

Result<Action> parse_sql(const Value& value, const ParseContext& context) {
  if (value.kind != Value::Kind::string)
    return tl::unexpected<Error>(wrong_type(value, "sql", "a string"));
  if (auto checked = check_sql(value, context); !checked)
    return tl::unexpected<Error>(checked.error());
  return Action([script = value.text](World& world) -> Result<Outcome> {
    auto results = run_script(world, script);
    if (!results) return tl::unexpected<Error>(located(results.error(), script));
    std::uint64_t rows = 0;
    for (const rds::ResultSet& result : *results) rows += result.affected_rows;
    return Outcome{true, counted(rows, "row") + " affected"};
  });
}

}  // namespace pipeline::scenario::steps
