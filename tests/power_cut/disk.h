#pragma once
// A disk that is cut off. While it records, every change that this process makes below one folder
// is written down: SQLite's and ours alike, because the C library's own functions are stood in
// front of (disk.cpp). Afterwards the folder is laid out anew as a power cut, or a kill, at any of
// those moments could have left it. Names count as much as bytes: a file whose folder was not
// synced has no name.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/sim/random.h"

namespace tests {

// One change. `file` is a number of ours: names come and go.
struct DiskChange {
  enum class Kind {
    create,
    make_folder,
    write,
    truncate,
    sync,
    sync_folder,
    rename,
    remove,
    remove_folder,
    mark
  };
  Kind kind;
  int file = 0;
  std::uint64_t offset = 0;  // truncate: the size; mark: its number
  std::string bytes = {};
  std::string name = {};  // from the folder on
  std::string to = {};
};

class Recorder {
 public:
  explicit Recorder(std::string folder);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  void mark(std::uint64_t number);  // a moment of the test's own
  std::vector<DiskChange> take();   // and records no more

  struct State;

 private:
  std::unique_ptr<State> state_;
};

// What of the changes that were not synced is on the disk after the cut.
enum class Survivors { none, all, some };

// The disk, change by change.
class Disk {
 public:
  void apply(const DiskChange& change);
  // Lays the folder out as it may be found. `some`: sectors and names by chance, names in their
  // order.
  void lay_out(const std::string& folder, Survivors survivors, emulator::sim::Random& random) const;
  // Grows with every change of what is certain: two moments of one version look the same after a
  // cut that nothing survives.
  std::uint64_t version() const { return version_; }

 private:
  struct File {
    std::string certain;
    std::vector<DiskChange> pending;
  };
  using Names = std::map<std::string, std::optional<int>>;  // nullopt: a folder
  static void apply_name(Names& names, const DiskChange& change);

  std::map<int, File> files_;
  Names names_;
  std::vector<DiskChange> pending_names_;
  std::uint64_t version_ = 0;
};

}  // namespace tests
