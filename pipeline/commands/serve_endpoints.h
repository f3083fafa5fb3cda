#pragma once
// What a running `sluice serve` answers under /_sluice/: health, SQL for the stack's database, the
// trace, the binlog.

#include <cstdint>
#include <deque>
#include <string>
#include <utility>

#include "emulator/aws/router.h"
#include "pipeline/scenario/stack.h"

namespace pipeline::commands {

// The latest lines of the trace as JSON, for whoever asks. Bounded: the oldest go first.
class TraceLog {
 public:
  explicit TraceLog(std::size_t bytes_max = 8 * 1024 * 1024) : bytes_max_(bytes_max) {}
  void add(const emulator::sim::TraceLine& line);
  // The lines with an id above `after`, each with its line end.
  std::string lines_after(emulator::sim::EventId after) const;

 private:
  // Lines lie together, and go together: a piece of memory for each would cost a small request a
  // twentieth.
  struct Block {
    emulator::sim::EventId first = 0;  // ids follow one another
    std::string lines = {};
  };
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::deque<Block> blocks_;
};

// GET  /_sluice/health          {"status":"ok"}
// POST /_sluice/sql?database=D  body: statements; {"results":[...]} or 400
// {"error":{"code","sqlstate","message"}}. The session of a database
//                               stays open between requests, so a transaction may span them.
// GET  /_sluice/trace?after=N   JSON lines
// GET  /_sluice/why?bucket=B&key=K&event=E
// {"bucket":true,"object":true,"nearest":"...","rules":[{"rule","destination","fires","why"}]} GET
// /_sluice/binlog/         the names of the binlog files; /_sluice/binlog/NAME the bytes of one
// stack and trace must outlive the router.
void add_endpoints(emulator::aws::Router& router, scenario::Stack& stack, const TraceLog& trace);

}  // namespace pipeline::commands
