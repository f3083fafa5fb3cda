#pragma once
// The files of one task on their way to S3: in order, one in flight, each over the link
// "dms.put_object", tried again with a growing delay until it is stored. Knows keys and folders,
// not rows.

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "pipeline/dms/task_context.h"

namespace pipeline::dms {

class S3Target {
 public:
  explicit S3Target(TaskContext& context) : context_(context) {}

  struct Put {
    std::string key;
    std::string_view crash_point;  // passed once the object is stored, before anyone knows
    emulator::sim::EventId cause = 0;
    std::function<emulator::s3::Result<void>()> store;  // may run twice for one object
    std::function<void()> stored;
  };
  void put(Put put);
  // Runs after all that was queued before it.
  void then(std::function<void()> step);

  // "[BucketFolder/]schema/table/"
  std::string folder(std::string_view schema, std::string_view table) const;
  // Deletes all objects of the table's folder; how many there were.
  emulator::s3::Result<std::uint64_t> delete_folder(std::string_view schema,
                                                    std::string_view table);

 private:
  struct Step {
    std::optional<Put> put;
    std::function<void()> run;  // of a step that is no put
  };
  void next();
  void run_first();
  void issue();
  void answered(emulator::sim::Link::Outcome outcome);
  void retry(const std::string& why);

  TaskContext& context_;
  std::deque<Step> queue_;  // the first is in flight if busy_
  bool busy_ = false;
  std::optional<emulator::s3::Result<void>> outcome_;
  std::int64_t failures_ = 0;  // of the first, in a row
};

}  // namespace pipeline::dms
