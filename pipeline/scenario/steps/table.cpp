#include "pipeline/scenario/steps/steps.h"

namespace pipeline::scenario {
namespace {

constexpr StepKind kinds[] = {
    {"sql", R"x("INSERT INTO t VALUES (1)")x", "runs statements on the stack's database",
     steps::parse_sql},
    {"fault", R"({ link = "s3.notification", kind = "drop" })",
     "sets a fault on a link or a crash point", steps::parse_fault},
    {"run_until", R"("idle")", "lets time pass until nothing is under way, or until an instant",
     steps::parse_run_until},
    {"run_for", R"("2m")", "lets that much time pass", steps::parse_run_for},
    {"task", R"("stop")",
     "start, stop, resume or reload: what the console's buttons do to the task", steps::parse_task},
    {"start_job_run", R"({ "--key" = "value" })",
     "starts the job as a user would, with these arguments", steps::parse_start_job_run},
    {"put_object", R"({ bucket = "b", key = "k", body = "..." })",
     "writes an object as a user would", steps::parse_put_object},
    {"delete_object", R"({ bucket = "b", key = "k" })", "deletes an object",
     steps::parse_delete_object},
    {"empty_bucket", R"("b")", "deletes every object of a bucket", steps::parse_empty_bucket},
    {"expect_equal", R"({ table = "db.t", output = "s3://b/p" })",
     "the output holds exactly the rows of the table", steps::parse_expect_equal},
    {"expect_different", R"({ table = "db.t", output = "s3://b/p", missing = [7] })",
     "it does not, in these rows and for this reason", steps::parse_expect_different},
    {"expect_object", R"({ bucket = "b", key = "k", body = "..." })",
     "the object is there, with this body", steps::parse_expect_object},
    {"expect_no_object", R"({ bucket = "b", key = "k*" })", "no object has such a key",
     steps::parse_expect_no_object},
    {"expect_objects", R"({ bucket = "b", key = "k*", count = 2 })",
     "so many objects have such a key", steps::parse_expect_objects},
    {"expect_rows", R"({ output = "s3://b/p", count = 101 })", "the output has so many rows",
     steps::parse_expect_rows},
    {"expect_sql", R"({ sql = "SELECT ...", rows = [["1"]] })", "a query gives these rows",
     steps::parse_expect_sql},
    {"expect_sql_error", R"({ sql = "INSERT ...", code = 1062 })",
     "a statement fails with this error of MySQL", steps::parse_expect_sql_error},
    {"expect_task", R"({ status = "running" })", "the task is in this state",
     steps::parse_expect_task},
    {"expect_runs", R"({ succeeded = 2, refused = 1 })", "job runs so far, by how they ended",
     steps::parse_expect_runs},
    {"expect_dead_letters", "1", "events that the function has given up",
     steps::parse_expect_dead_letters},
};

}  // namespace

std::span<const StepKind> step_kinds() { return kinds; }

}  // namespace pipeline::scenario
