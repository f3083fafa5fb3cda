// Binlog files and standard input for `sluice binlog`, read in pieces, so that a log of any size
// will do; with --follow a growing file and those that come after it.

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "emulator/base/file.h"
#include "emulator/base/text.h"
#include "emulator/sim/clock.h"
#include "pipeline/commands/binlog_printer.h"
#include "pipeline/commands/command.h"
#include "pipeline/mysql/binlog/file.h"

namespace pipeline::commands {

namespace {

using emulator::base::fail;
using emulator::base::File;
using mysql::Result;
using mysql::binlog::Reader;

constexpr int look_again_milliseconds = 100;

// "42 % of binlog.000007", once a second, for people.
class Progress {
 public:
  Progress(const std::string& name, std::uint64_t bytes)
      : name_(name), bytes_(bytes), shown_(bytes > 0 && ::isatty(STDERR_FILENO) == 1) {}
  ~Progress() {
    if (said_) std::fprintf(stderr, "\r%*s\r", static_cast<int>(name_.size()) + 12, "");
  }
  void at(std::uint64_t read) {
    if (!shown_) return;
    const auto now = clock_.now();
    if (now - last_ < std::chrono::seconds(1)) return;
    last_ = now;
    said_ = true;
    std::fprintf(stderr, "\r%3d %% of %s", static_cast<int>(100 * std::min(read, bytes_) / bytes_),
                 name_.c_str());
  }

 private:
  const std::string& name_;
  std::uint64_t bytes_;
  bool shown_;
  bool said_ = false;
  emulator::sim::SystemClock clock_;
  emulator::base::Instant last_ = clock_.now();
};

class FilePrinter {
 public:
  FilePrinter(const BinlogOptions& options, BinlogPrinter& printer)
      : options_(options), printer_(printer) {}

  Result<void> print(const std::string& path) {
    const bool input = path == "-";
    const std::string name = input ? "-" : mysql::binlog::log_name(path);
    if (printer_.may_skip(name)) return {};
    Reader reader(name);
    next_file_.clear();
    printer_.begin_file(name);
    File file;
    if (!input) {
      auto opened = File::open(path, O_RDONLY);
      if (!opened) return tl::unexpected(emulator::base::with_nearest_file(opened.error(), path));
      file = std::move(*opened);
    }
    auto size = input ? Result<std::uint64_t>(0) : file.size();
    Progress progress(name, size.value_or(0));
    auto done = read_pieces(input ? STDIN_FILENO : file.descriptor(), path, reader, progress);
    return done ? finish(path, reader) : done;
  }

  // The file that the last one says follows it; with --follow only. "": there is none, the end was
  // asked for.
  const std::string& next_file() const { return next_file_; }

 private:
  // The end of a file that its server was writing may be torn: that is no damage.
  Result<void> finish(const std::string& path, const Reader& reader) {
    auto done = reader.finish();
    if (!done && !reader.in_use()) return done;
    if (!done && !options_.follow)
      say_binlog_warning(path + ": the server had the file open, and its last event is not whole");
    if (!options_.follow && printer_.inside_transaction() && path == options_.sources.back())
      say_binlog_warning(path + " ends inside a transaction that did not commit");
    return {};
  }

  Result<void> read_pieces(int descriptor, const std::string& path, Reader& reader,
                           Progress& progress) {
    std::optional<mysql::binlog::Gunzip> gunzip;
    std::uint64_t read = 0;
    while (true) {
      const std::span<char> room = reader.room();
      const ssize_t got = ::read(descriptor, room.data(), room.size());
      if (got < 0 && errno == EINTR && !asked_to_end()) continue;
      if (got < 0 && errno != EINTR)
        return fail(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
      if (asked_to_end()) return {};
      if (got == 0) {
        if (gunzip && !gunzip->finished()) return fail(path + ": the gzip file is cut short");
        if (!options_.follow || wait_for_more(path)) return {};
        continue;
      }
      const std::string_view piece(room.data(), static_cast<std::size_t>(got));
      if (read == 0 &&
          piece.substr(0, mysql::binlog::gzip_magic.size()) == mysql::binlog::gzip_magic)
        gunzip.emplace();
      read += piece.size();
      auto done =
          gunzip ? unzip(*gunzip, std::string(piece), path, reader) : take(reader, piece.size());
      if (!done) return done;
      if (options_.follow) printer_.flush();
      progress.at(read);
    }
  }

  Result<void> unzip(mysql::binlog::Gunzip& gunzip, const std::string& piece,
                     const std::string& path, Reader& reader) {
    Result<void> used;
    auto done = gunzip.add(piece, [&](std::string_view plain) {
      reader.feed(plain);
      return used = take(reader, 0);
    });
    if (!done && used) done.error().message = path + ": " + done.error().message;
    return done;
  }

  Result<void> take(Reader& reader, std::size_t filled) {
    reader.filled(filled);
    while (true) {
      const std::uint64_t at = reader.offset();
      auto event = reader.next();
      if (!event) return tl::unexpected(event.error());
      if (!*event) return {};
      if (options_.follow && (*event)->header.type == mysql::binlog::EventType::rotate)
        if (auto rotate = mysql::binlog::parse_rotate((*event)->body)) next_file_ = rotate->file;
      auto done = printer_.take(**event, reader.format());
      if (!done) return tl::unexpected(reader.error_at(at, done.error()));
    }
  }

  // At the end of a file that is followed: true when no more will come to it. A server that went
  // away leaves no name of the next file, but numbers it on.
  bool wait_for_more(const std::string& path) {
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    std::error_code none;
    if (next_file_.empty()) {
      const std::string numbered = name_after(mysql::binlog::log_name(path));
      if (!numbered.empty() && std::filesystem::exists(folder / numbered, none)) {
        if (ended_)
          next_file_ =
              (folder / numbered).string();  // it has nothing new since the next one is there
        ended_ = true;
        return !next_file_.empty();
      }
    } else if (std::filesystem::exists(folder / next_file_, none)) {
      next_file_ = (folder / next_file_).string();
      return true;
    }
    ended_ = false;
    ::poll(nullptr, 0, look_again_milliseconds);
    return false;
  }

  // "binlog.000007" -> "binlog.000008"
  static std::string name_after(const std::string& name) {
    const std::size_t dot = name.rfind('.');
    const auto number =
        dot == std::string::npos
            ? std::nullopt
            : emulator::base::parse_unsigned(std::string_view(name).substr(dot + 1));
    return number ? fmt::format("{}.{:06}", name.substr(0, dot), *number + 1) : std::string();
  }

  const BinlogOptions& options_;
  BinlogPrinter& printer_;
  std::string next_file_;
  bool ended_ = false;
};

}  // namespace

int print_binlog_files(const BinlogOptions& options, BinlogPrinter& printer) {
  FilePrinter files(options, printer);
  std::vector<std::string> paths = options.sources;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (auto done = files.print(paths[i]); !done) {
      printer.flush();
      say_binlog_error(done.error());
      return exit_usage;
    }
    if (options.follow && !asked_to_end() && !files.next_file().empty())
      paths.push_back(files.next_file());
  }
  auto done = printer.finish();
  if (!done) say_binlog_error(done.error());
  return done ? exit_ok : exit_usage;
}

}  // namespace pipeline::commands
