#pragma once
// Binlog files and states on disk, plain or gzipped.

#include <string>

#include "emulator/base/result.h"

namespace pipeline::mysql::binlog {

// The whole content; gzip is undone, whatever the name says.
emulator::base::Result<std::string> read_possibly_gzipped(const std::string& path);
// The same of bytes at hand, for errors named `name`.
emulator::base::Result<std::string> undo_gzip(std::string bytes, const std::string& name);
// "logs/binlog.000001.gz" -> "binlog.000001": the name that the server gave the file.
std::string log_name(const std::string& path);

}  // namespace pipeline::mysql::binlog
