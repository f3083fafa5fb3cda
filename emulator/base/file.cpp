#include "emulator/base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include "emulator/base/text.h"

namespace emulator::base {
namespace {

tl::unexpected<Error> system_error(std::string_view doing, const std::string& path) {
  return fail(fmt::format("cannot {} {}: {}", doing, path, std::strerror(errno)));
}

std::string folder_of(const std::string& path) {
  std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

File::~File() { close(); }
File::File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
File& File::operator=(File&& other) noexcept {
  if (this != &other) {
    close();
    descriptor_ = std::exchange(other.descriptor_, -1);
  }
  return *this;
}

void File::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

namespace {

// The name of a file or folder is its folder's content.
Result<void> sync_folder(const std::string& path) {
  auto folder = File::open(path, O_RDONLY | O_DIRECTORY);
  if (!folder) return tl::unexpected(folder.error());
  return folder->sync();
}

}  // namespace

Result<File> File::open(const std::string& path, int flags, int mode) {
  int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  if (descriptor < 0) return system_error("open", path);
  return File(descriptor);
}

Result<File> File::in_memory() {
  const int descriptor = ::memfd_create("sluice", MFD_CLOEXEC);
  if (descriptor < 0) return system_error("make", "a file in memory");
  return File(descriptor);
}

Result<void> File::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("write to", "file");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> File::write_at(std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written =
        ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("write to", "file");
    offset += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::size_t> File::read_at(std::uint64_t offset, char* into, std::size_t size) const {
  while (true) {
    ssize_t got = ::pread(descriptor_, into, size, static_cast<off_t>(offset));
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return system_error("read from", "file");
  }
}

Result<std::size_t> File::send_to(int socket, std::uint64_t offset, std::uint64_t size) const {
  constexpr std::uint64_t once_max = 1024 * 1024 * 1024;  // the call takes no more
  auto from = static_cast<off_t>(offset);
  while (true) {
    const ssize_t sent =
        ::sendfile(socket, descriptor_, &from, static_cast<std::size_t>(std::min(size, once_max)));
    if (sent > 0) return static_cast<std::size_t>(sent);
    if (sent == 0) return fail("the file ends before it should");
    if (errno == EAGAIN) return std::size_t{0};
    if (errno != EINTR) return system_error("send", "file");
  }
}

Result<std::uint64_t> File::size() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) return system_error("look at", "file");
  return static_cast<std::uint64_t>(status.st_size);
}

Result<void> File::give_back(std::uint64_t offset, std::uint64_t size) {
  if (::fallocate(descriptor_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                  static_cast<off_t>(offset), static_cast<off_t>(size)) != 0)
    return system_error("give back a part of", "file");
  return {};
}

Result<void> File::sync() {
  if (::fsync(descriptor_) != 0) return system_error("sync", "file");
  return {};
}

Result<void> File::write_back(std::uint64_t offset, std::uint64_t size, bool wait) {
  constexpr unsigned waiting =
      SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
  const unsigned how = wait ? waiting : SYNC_FILE_RANGE_WRITE;
  if (::sync_file_range(descriptor_, static_cast<off64_t>(offset), static_cast<off64_t>(size),
                        how) != 0)
    return system_error("write back", "file");
  return {};
}

Error with_nearest_file(Error error, const std::string& path, std::string_view extension) {
  namespace fs = std::filesystem;
  std::error_code unused;
  if (fs::exists(path, unused)) return error;
  const fs::path folder = fs::path(path).parent_path();
  std::vector<std::string> names;
  std::error_code failed;  // no such folder: there is nothing to compare with
  for (fs::directory_iterator it(folder.empty() ? "." : folder, failed), end; !failed && it != end;
       it.increment(failed)) {
    std::string name = it->path().filename().string();
    if (name.ends_with(extension) && !it->is_directory(unused)) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  if (const auto near = nearest(fs::path(path).filename().string(), names))
    error.hint = fmt::format("did you mean {}?", (folder / *near).string());
  return error;
}

Result<std::string> read_file(const std::string& path) {
  auto file = File::open(path, O_RDONLY);
  if (!file) return tl::unexpected(file.error());
  struct stat status {};
  if (::fstat(file->descriptor(), &status) == 0 && S_ISDIR(status.st_mode))
    return fail(fmt::format("cannot read {}: it is a folder", path));
  std::string content(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t filled = 0;
  while (true) {  // a pipe has no size, so read on until the end
    if (filled == content.size()) content.resize(content.size() + 65536);
    ssize_t got = ::read(file->descriptor(), content.data() + filled, content.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("read", path);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  content.resize(filled);
  return content;
}

Result<void> write_file_atomically(const std::string& path, std::string_view content) {
  std::string temporary = path + ".tmp";
  auto file = File::open(temporary, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file) return tl::unexpected(file.error());
  if (auto written = file->write_all(content); !written) return written;
  if (auto synced = file->sync(); !synced) return synced;
  if (::rename(temporary.c_str(), path.c_str()) != 0) return system_error("rename", temporary);
  return sync_folder(folder_of(path));
}

Result<void> make_directories(const std::string& path) {
  if (path.empty()) return {};
  if (::mkdir(path.c_str(), 0755) == 0) return sync_folder(folder_of(path));
  if (errno == EEXIST) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return {};
    return fail(fmt::format("{} is there, but is no folder", path));
  }
  if (errno != ENOENT) return system_error("make the folder", path);
  if (auto made = make_directories(folder_of(path)); !made) return made;
  if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST)
    return system_error("make the folder", path);
  return sync_folder(folder_of(path));
}

Result<File> lock_folder(const std::string& folder) {
  auto file = File::open(folder + "/lock", O_RDWR | O_CREAT);
  if (!file) return file;
  if (::flock(file->descriptor(), LOCK_EX | LOCK_NB) == 0) return file;
  if (errno != EWOULDBLOCK) return system_error("lock", folder);
  return fail(fmt::format("{} is in use by another process", folder),
              "stop the other sluice, or give this one a folder of its own with --data");
}

}  // namespace emulator::base
