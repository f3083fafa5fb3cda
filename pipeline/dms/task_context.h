#pragma once
// What the parts of a running task share: the world they act on, the record they change, and the
// task itself, which they tell how it ends.

#include <memory>
#include <string>
#include <string_view>

#include "emulator/s3/service.h"
#include "emulator/sim/fault.h"
#include "emulator/sim/link.h"
#include "emulator/sim/random.h"
#include "pipeline/dms/checkpoint.h"
#include "pipeline/dms/replication_task.h"
#include "pipeline/dms/task_settings.h"

namespace pipeline::dms {

// The task, as its parts see it. After crash() or fail() the part that called must do nothing more.
class TaskHost {
 public:
  virtual ~TaskHost() = default;
  virtual void crash(std::string_view point) = 0;     // all that is in memory is lost
  virtual void fail(const std::string& message) = 0;  // FATAL_ERROR
  virtual void warn(const std::string& message) = 0;
  virtual bool save() = 0;  // false: it could not, and the task has failed
  virtual void load_finished() = 0;
  virtual void cached_changes_applied() = 0;
  virtual void flushed() = 0;
};

struct TaskContext {
  const ReplicationTaskOptions& options;
  const TaskSettings& settings;
  mysql::ChangeSource& source;
  emulator::s3::Service& s3;
  emulator::sim::Scheduler& scheduler;
  emulator::sim::Trace& trace;
  emulator::sim::Faults& faults;
  std::shared_ptr<emulator::sim::Link>
      put_link;  // shared with what is on its way: a crossing may outlive the task
  emulator::sim::Random& random;
  TaskRecord& record;
  TaskHost& host;
  // The run that this context belongs to. Scheduled steps hold it weakly: once a run has crashed or
  // ended, its steps do nothing; while one of them is on the stack the run stays in memory.
  std::weak_ptr<void> life = {};

  emulator::sim::Task guarded(emulator::sim::Task task) const {
    return [alive = life, task = std::move(task)] {
      if (const std::shared_ptr<void> run = alive.lock()) task();
    };
  }
  // The next step, at this same instant or later.
  emulator::sim::Scheduler::Timer after(emulator::base::Duration delay, std::string_view label,
                                        emulator::sim::Task task) const {
    return scheduler.after(delay, label, guarded(std::move(task)));
  }
};

}  // namespace pipeline::dms
