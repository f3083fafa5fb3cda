#pragma once
// What the steps that run SQL share: the session, and MySQL's errors with their place in the
// scenario file.

#include "pipeline/scenario/fields.h"
#include "pipeline/scenario/step.h"

namespace pipeline::scenario::steps {

// The stack must have an embedded database, and the text must parse: both are known before the run.
Result<void> check_sql(const Value& sql, const ParseContext& context);
rds::Session& session(World& world);
Error located(const rds::SqlError& error, const SourceText& script);

}  // namespace pipeline::scenario::steps
