#pragma once
// The seed's handler as native code: takes bucket and key of Records[0] (the key as it is in the
// event: the seed does not decode it) and calls Glue's StartJobRun with --s3_target_path_key and
// --s3_target_path_bucket across the link "glue.start_job_run". An error of Glue leaves the handler
// as the function's error, so Lambda retries.

#include <memory>
#include <string>

#include "emulator/sim/link.h"
#include "pipeline/glue/service.h"
#include "pipeline/lambda/service.h"

namespace pipeline::lambda {

struct StartJobHandlerOptions {
  std::string job_name = "glueCDC-pyspark";
  bool decode_key = false;  // unquote_plus, as a careful handler does
};
std::unique_ptr<Handler> start_job_handler(StartJobHandlerOptions options, glue::Service& glue,
                                           emulator::sim::Scheduler& scheduler,
                                           emulator::sim::Faults& faults,
                                           emulator::sim::Trace& trace);

}  // namespace pipeline::lambda
