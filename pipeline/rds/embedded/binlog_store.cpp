#include "pipeline/rds/embedded/binlog_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "emulator/base/text.h"

namespace pipeline::rds::embedded {

using emulator::base::fail;
using emulator::base::File;

namespace {
constexpr std::string_view base_name = "binlog.";

std::uint64_t number_of(std::string_view name) {
  if (!name.starts_with(base_name)) return 0;
  return emulator::base::parse_unsigned(name.substr(base_name.size())).value_or(0);
}
}  // namespace

emulator::base::Result<BinlogStore> BinlogStore::open(const std::string& folder,
                                                      emulator::sqlite::Sync sync) {
  BinlogStore out;
  out.folder_ = folder;
  out.sync_ = sync;
  if (folder.empty()) return out;
  if (auto made = emulator::base::make_directories(folder); !made)
    return tl::unexpected(made.error());
  std::error_code code;
  for (std::filesystem::directory_iterator entry(folder, code), end; !code && entry != end;
       entry.increment(code)) {
    const std::string name = entry->path().filename().string();
    if (number_of(name) == 0) continue;
    LogFile file;
    file.name = name;
    file.size = entry->file_size(code);
    out.files_.push_back(std::move(file));
  }
  if (code) return fail(fmt::format("cannot read the folder of the binlog: {}", code.message()));
  std::sort(out.files_.begin(), out.files_.end(), [](const LogFile& a, const LogFile& b) {
    return number_of(a.name) < number_of(b.name);
  });
  if (out.files_.empty()) return out;
  out.last_number_ = number_of(out.files_.back().name);
  if (auto opened = out.open_current(); !opened) return tl::unexpected(opened.error());
  return out;
}

std::vector<std::string> BinlogStore::names() const {
  std::vector<std::string> out;
  for (const LogFile& file : files_) out.push_back(file.name);
  return out;
}

std::uint64_t BinlogStore::size_of(const std::string& name) const {
  for (const LogFile& file : files_) {
    if (file.name == name) return file.size;
  }
  return 0;
}

emulator::base::Result<void> BinlogStore::open_current() {
  auto opened = File::open(path(current()), O_WRONLY | O_APPEND | O_CREAT);
  if (!opened) return tl::unexpected(opened.error());
  file_ = std::move(*opened);
  return {};
}

emulator::base::Result<void> BinlogStore::cut(const std::string& file, std::uint64_t position) {
  while (!files_.empty() && number_of(files_.back().name) > number_of(file)) {
    if (!folder_.empty()) ::unlink(path(files_.back().name).c_str());
    files_.pop_back();
  }
  if (files_.empty() || files_.back().name != file || files_.back().size < position)
    return fail(fmt::format("the binlog ends before {}:{}, the last commit of the database", file,
                            position),
                "the binlog folder and the database file belong together: restore both or neither");
  last_number_ = number_of(file);
  LogFile& last = files_.back();
  if (folder_.empty()) {
    last.bytes.resize(position);
  } else if (last.size > position &&
             ::truncate(path(file).c_str(), static_cast<off_t>(position)) != 0) {
    return fail("cannot cut the binlog back to its last commit");
  }
  last.size = position;
  return folder_.empty() ? emulator::base::Result<void>() : open_current();
}

std::string BinlogStore::next_name() const {
  return fmt::format("{}{:06}", base_name, last_number_ + 1);
}

emulator::base::Result<void> BinlogStore::start_file(std::string_view first_bytes) {
  LogFile file;
  file.name = next_name();
  ++last_number_;
  files_.push_back(std::move(file));
  if (!folder_.empty()) {
    if (auto opened = open_current(); !opened) return opened;
  }
  return append(first_bytes);
}

emulator::base::Result<void> BinlogStore::append(std::string_view bytes) {
  LogFile& last = files_.back();
  if (folder_.empty()) {
    last.bytes.append(bytes);
  } else {
    if (auto written = file_.write_all(bytes); !written) return written;
    if (sync_ == emulator::sqlite::Sync::full) {
      if (auto synced = file_.sync(); !synced) return synced;
    }
  }
  last.size += bytes.size();
  return {};
}

emulator::base::Result<void> BinlogStore::purge_to(const std::string& name) {
  if (size_of(name) == 0) return fail(fmt::format("there is no binlog file '{}'", name));
  while (files_.front().name != name) {
    if (!folder_.empty()) ::unlink(path(files_.front().name).c_str());
    files_.erase(files_.begin());
  }
  return {};
}

emulator::base::Result<std::string> BinlogStore::read(const std::string& name, std::uint64_t offset,
                                                      std::uint64_t size) const {
  for (const LogFile& file : files_) {
    if (file.name != name) continue;
    if (offset >= file.size) return std::string();
    size = std::min(size, file.size - offset);
    if (folder_.empty()) return file.bytes.substr(offset, size);
    auto opened = File::open(path(name), O_RDONLY);
    if (!opened) return tl::unexpected(opened.error());
    std::string out(size, '\0');
    auto got = opened->read_at(offset, out.data(), size);
    if (!got) return tl::unexpected(got.error());
    out.resize(*got);
    return out;
  }
  return fail(fmt::format("there is no binlog file '{}'", name));
}

}  // namespace pipeline::rds::embedded
