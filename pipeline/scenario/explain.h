#pragma once
// Why a row of the output is not what the source has: the row's changes are looked up in the files
// of the bucket, and each file is followed through the trace: file -> event -> invocation -> run,
// up to where it was lost.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/s3/service.h"
#include "emulator/sim/trace.h"
#include "pipeline/scenario/compare.h"

namespace pipeline::scenario {

class Explainer {
 public:
  struct Subject {
    std::string bucket;  // that the task writes to
    std::string schema;
    std::string table;
    std::vector<std::size_t> key;
    char delimiter = ',';
    std::size_t columns_before = 0;  // between Op and the first column of a change row
    bool op_in_load = false;
  };
  Explainer(emulator::s3::Service& s3, const std::vector<emulator::sim::TraceLine>& lines,
            Subject subject);

  // One line per file that mentions the row's key, then what follows from them.
  std::vector<std::string> explain(const Difference& difference) const;

 private:
  struct FileRow {
    std::size_t line;
    std::string op;  // "" in a LOAD file
    TextRow row;
  };
  struct File {
    std::string name;  // the key's last part
    bool load = false;
    bool gone = false;  // no longer in the bucket
    std::vector<FileRow> rows;
    std::string fate;  // "event, invocation 1, run jr_12: merged"
    bool merged = false;
  };
  void read_file(const emulator::sim::TraceLine& line, emulator::s3::Service& s3);
  void follow(const std::string& key, const std::vector<emulator::sim::TraceLine>& lines,
              File& file) const;

  Subject subject_;
  std::vector<File> files_;  // in the order they were written
};

}  // namespace pipeline::scenario
