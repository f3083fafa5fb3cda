#pragma once
// What a reader of a log has to know beside its position, because the log said it before and does
// not say it again: the tables as they were there (names, where binlog_row_metadata is not FULL),
// and from where the rows of prepared XA transactions come. Kept from the last position that
// somebody may go back to, so that a task can save it with its checkpoint.

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "emulator/base/result.h"
#include "pipeline/mysql/change_source.h"
#include "pipeline/mysql/schema_tracker.h"

namespace pipeline::rds::external {

using emulator::base::Result;
using mysql::Position;

// At one position; shared by all that follow where nothing new is said.
struct Known {
  std::shared_ptr<const mysql::SchemaTracker> schema;
  std::optional<Position> oldest_prepared =
      std::nullopt;  // where the first XA transaction begins that is prepared and has not ended
};
using KnownPtr = std::shared_ptr<const Known>;

// Whether a is before b in one server's log: by the number of the file, whatever its width.
bool is_before(const Position& a, const Position& b);

class ReaderHistory {
 public:
  // Nothing before `at` counts any more, but for what was prepared from there on and has not ended.
  void begin(const Position& at, mysql::SchemaTracker schema,
             const std::optional<Position>& prepared = std::nullopt);
  void note(const Position& after, const KnownPtr& known);

  struct Start {
    Position
        from;  // at, or before it: then what ends up to `at` is only to be read, not to be given
    KnownPtr known;
  };
  // To read what comes after `at`. Forgets what was noted behind it.
  Start start(const Position& at);

  // For restore(). The same pointer while nothing has changed. What is before `at` is forgotten.
  std::shared_ptr<const std::string> text(const Position& at);
  Result<void> restore(const Position& at, const std::string& text);

 private:
  struct Entry {
    Position at;
    KnownPtr known;
  };
  // The last entry that is not behind it; the first one if all are.
  std::size_t find(const Position& at) const;

  std::deque<Entry> entries_;  // in order of the log
  std::shared_ptr<const std::string> text_;
  KnownPtr text_of_;
  Position text_from_{"", 0};
};

}  // namespace pipeline::rds::external
