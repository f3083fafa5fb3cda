#pragma once
// Binlog files and states on disk, plain or gzipped.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "emulator/base/result.h"

namespace pipeline::mysql::binlog {

// Undoes gzip piece by piece.
class Gunzip {
 public:
  Gunzip();
  ~Gunzip();
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;
  // What the next piece holds, in pieces of its own. Members may follow one another, as gzip
  // allows.
  emulator::base::Result<void> add(
      std::string_view bytes,
      const std::function<emulator::base::Result<void>(std::string_view)>& use);
  bool finished() const { return finished_; }  // nothing is missing

 private:
  struct State;
  std::unique_ptr<State> state_;
  bool finished_ = false;
};
inline constexpr std::string_view gzip_magic = "\x1F\x8B";

// The whole content; gzip is undone, whatever the name says.
emulator::base::Result<std::string> read_possibly_gzipped(const std::string& path);
// The same of bytes at hand, for errors named `name`.
emulator::base::Result<std::string> undo_gzip(std::string bytes, const std::string& name);
// "logs/binlog.000001.gz" -> "binlog.000001": the name that the server gave the file.
std::string log_name(const std::string& path);

}  // namespace pipeline::mysql::binlog
