#pragma once
// What the steps that run SQL share: the session, and MySQL's errors with their place in the
// scenario file.

#include "pipeline/scenario/fields.h"
#include "pipeline/scenario/step.h"

namespace pipeline::scenario::steps {

// The stack must have a database that runs SQL; what the embedded one cannot parse is known before
// the run.
Result<void> check_sql(const Value& sql, const ParseContext& context);
rds::Result<std::vector<rds::ResultSet>> run_script(World& world, const SourceText& script);
Error located(const rds::SqlError& error, const SourceText& script);

}  // namespace pipeline::scenario::steps
