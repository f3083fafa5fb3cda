#include "pipeline/scenario/places.h"

namespace pipeline::scenario {
namespace {

constexpr Place links[] = {
    {"dms.put_object", "the task writes a LOAD or change file to S3"},
    {"s3.notification", "S3 tells the function about an object"},
    {"glue.start_job_run", "the function calls Glue's StartJobRun"},
};

constexpr Place crashes[] = {
    {"dms.before_put", "the task dies before a change file is written"},
    {"dms.after_put", "the task dies after a change file is written, before its checkpoint is"},
    {"dms.after_load_file", "the task dies after a LOAD file"},
    {"glue.before_write", "the run dies before it writes anything"},
    {"glue.between_delete_and_write",
     "the tutorial's run dies after deleting the old output, before writing the new"},
    {"glue.before_publish",
     "the sound run dies after writing its data file, before the pointer to it"},
};

}  // namespace

std::span<const Place> link_places() { return links; }
std::span<const Place> latency_places() { return std::span(links).subspan(1, 1); }
std::span<const Place> crash_places() { return crashes; }

std::vector<std::string> names_of(std::span<const Place> places) {
  std::vector<std::string> out;
  for (const Place& place : places) out.emplace_back(place.name);
  return out;
}

}  // namespace pipeline::scenario
