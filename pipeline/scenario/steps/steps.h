#pragma once
// The parsers of steps: one per kind, each in the file of its name; step_kinds() in table.cpp lists
// them.

#include "pipeline/scenario/step.h"

namespace pipeline::scenario::steps {

Result<Action> parse_sql(const Value& value, const ParseContext& context);
Result<Action> parse_fault(const Value& value, const ParseContext& context);
Result<Action> parse_run_until(const Value& value, const ParseContext& context);
Result<Action> parse_run_for(const Value& value, const ParseContext& context);
Result<Action> parse_task(const Value& value, const ParseContext& context);
Result<Action> parse_start_job_run(const Value& value, const ParseContext& context);
Result<Action> parse_put_object(const Value& value, const ParseContext& context);
Result<Action> parse_delete_object(const Value& value, const ParseContext& context);
Result<Action> parse_empty_bucket(const Value& value, const ParseContext& context);
Result<Action> parse_expect_equal(const Value& value, const ParseContext& context);
Result<Action> parse_expect_different(const Value& value, const ParseContext& context);
Result<Action> parse_expect_object(const Value& value, const ParseContext& context);
Result<Action> parse_expect_no_object(const Value& value, const ParseContext& context);
Result<Action> parse_expect_objects(const Value& value, const ParseContext& context);
Result<Action> parse_expect_rows(const Value& value, const ParseContext& context);
Result<Action> parse_expect_sql(const Value& value, const ParseContext& context);
Result<Action> parse_expect_sql_error(const Value& value, const ParseContext& context);
Result<Action> parse_expect_task(const Value& value, const ParseContext& context);
Result<Action> parse_expect_runs(const Value& value, const ParseContext& context);
Result<Action> parse_expect_dead_letters(const Value& value, const ParseContext& context);

}  // namespace pipeline::scenario::steps
