#include "tests/power_cut/disk.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

namespace tests {
namespace {

using Kind = DiskChange::Kind;

std::string folder_of(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string::npos ? std::string() : name.substr(0, slash);
}

}  // namespace

struct Recorder::State {
  std::string folder;
  std::map<std::string, int> names;        // of files, as the process sees them
  std::map<int, int> descriptors;          // to files
  std::map<int, std::string> folders;      // descriptors of folders
  std::map<int, std::uint64_t> positions;  // of descriptors that were written to in order
  std::vector<DiskChange> changes;
  int next_file = 1;

  std::optional<std::string> inside(const char* path) const {
    const std::string text = path;
    if (text == folder) return "";
    if (!text.starts_with(folder + "/")) return std::nullopt;
    std::string name = text.substr(folder.size() + 1);
    while (name.ends_with('/')) name.pop_back();
    return name;
  }
  void add(DiskChange change) { changes.push_back(std::move(change)); }

  void opened(int descriptor, const std::string& name, int flags) {
    struct stat status {};
    ::fstat(descriptor, &status);
    if (S_ISDIR(status.st_mode)) {
      folders[descriptor] = name;
      return;
    }
    const auto [known, is_new] = names.try_emplace(name, next_file);
    if (is_new) add({.kind = Kind::create, .file = next_file++, .name = name});
    descriptors[descriptor] = known->second;
    positions[descriptor] = 0;
    if ((flags & O_TRUNC) != 0) add({.kind = Kind::truncate, .file = known->second, .offset = 0});
  }
  void wrote(int descriptor, std::uint64_t offset, const void* bytes, ssize_t size) {
    const auto file = descriptors.find(descriptor);
    if (file == descriptors.end() || size <= 0) return;
    add({.kind = Kind::write,
         .file = file->second,
         .offset = offset,
         .bytes = std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size))});
  }
  void synced(int descriptor) {
    if (const auto file = descriptors.find(descriptor); file != descriptors.end())
      add({.kind = Kind::sync, .file = file->second});
    if (const auto name = folders.find(descriptor); name != folders.end())
      add({.kind = Kind::sync_folder, .name = name->second});
  }
  void closed(int descriptor) {
    descriptors.erase(descriptor);
    folders.erase(descriptor);
  }
  bool follows(int descriptor) const { return descriptors.count(descriptor) != 0; }
};

namespace {

Recorder::State* recording = nullptr;

// What is not modelled must not go unseen.
[[noreturn]] void not_modelled(const char* what) {
  std::fprintf(stderr, "power_cut: %s below the recorded folder is not modelled\n", what);
  std::abort();
}

template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

int open_recorded(const char* function, const char* path, int flags, mode_t mode) {
  const int descriptor = real<int(const char*, int, ...)>(function)(path, flags, mode);
  if (recording == nullptr || descriptor < 0) return descriptor;
  if (const auto name = recording->inside(path)) recording->opened(descriptor, *name, flags);
  return descriptor;
}

mode_t mode_of(int flags, va_list arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? static_cast<mode_t>(va_arg(arguments, int))
                                              : mode_t{0};
}

int truncate_recorded(const char* function, int descriptor, off_t size) {
  const int result = real<int(int, off_t)>(function)(descriptor, size);
  if (recording != nullptr && result == 0 && recording->follows(descriptor)) {
    recording->add({.kind = Kind::truncate,
                    .file = recording->descriptors[descriptor],
                    .offset = static_cast<std::uint64_t>(size)});
  }
  return result;
}

ssize_t write_at_recorded(const char* function, int descriptor, const void* bytes, std::size_t size,
                          off_t offset) {
  const ssize_t written = real<ssize_t(int, const void*, std::size_t, off_t)>(function)(
      descriptor, bytes, size, offset);
  if (recording != nullptr)
    recording->wrote(descriptor, static_cast<std::uint64_t>(offset), bytes, written);
  return written;
}

int sync_recorded(const char* function, int descriptor) {
  const int result = real<int(int)>(function)(descriptor);
  if (recording != nullptr && result == 0) recording->synced(descriptor);
  return result;
}

}  // namespace

Recorder::Recorder(std::string folder)
    : state_(std::make_unique<State>(State{.folder = std::move(folder)})) {
  recording = state_.get();
}
Recorder::~Recorder() { recording = nullptr; }
void Recorder::mark(std::uint64_t number) { state_->add({.kind = Kind::mark, .offset = number}); }
std::vector<DiskChange> Recorder::take() {
  recording = nullptr;
  return std::move(state_->changes);
}

void Disk::apply_name(Names& names, const DiskChange& change) {
  switch (change.kind) {
    case Kind::create:
      names[change.name] = change.file;
      break;
    case Kind::make_folder:
      names[change.name] = std::nullopt;
      break;
    case Kind::rename: {
      const auto from = names.find(change.name);
      if (from == names.end()) break;  // it was never certain: nor is its new name
      names[change.to] = from->second;
      names.erase(from);
      break;
    }
    default:
      names.erase(change.name);
      break;
  }
}

namespace {

// Overwrites `bytes`, growing them with zeros.
void write_into(std::string& bytes, std::uint64_t offset, std::string_view piece) {
  if (bytes.size() < offset + piece.size())
    bytes.resize(static_cast<std::size_t>(offset) + piece.size(), '\0');
  bytes.replace(static_cast<std::size_t>(offset), piece.size(), piece);
}

void apply_bytes(std::string& bytes, const DiskChange& change) {
  if (change.kind == Kind::truncate)
    bytes.resize(static_cast<std::size_t>(change.offset), '\0');
  else
    write_into(bytes, change.offset, change.bytes);
}

// Each sector of a write is there or not. What is not there may still have made the file longer.
void apply_some(std::string& bytes, const DiskChange& change, emulator::sim::Random& random) {
  constexpr std::size_t sector = 512;
  if (change.kind == Kind::truncate) {
    if (random.chance(0.5)) apply_bytes(bytes, change);
    return;
  }
  for (std::size_t at = 0; at < change.bytes.size(); at += sector) {
    if (random.chance(0.5))
      write_into(bytes, change.offset + at, std::string_view(change.bytes).substr(at, sector));
  }
}

}  // namespace

void Disk::apply(const DiskChange& change) {
  switch (change.kind) {
    case Kind::mark:
      break;
    case Kind::write:
    case Kind::truncate:
      files_[change.file].pending.push_back(change);
      break;
    case Kind::sync: {
      File& file = files_[change.file];
      for (const DiskChange& each : file.pending) apply_bytes(file.certain, each);
      if (!file.pending.empty()) ++version_;
      file.pending.clear();
      break;
    }
    case Kind::sync_folder: {
      std::vector<DiskChange> left;
      for (const DiskChange& each : pending_names_) {
        const bool here = folder_of(each.name) == change.name ||
                          (each.kind == Kind::rename && folder_of(each.to) == change.name);
        if (here)
          apply_name(names_, each), ++version_;
        else
          left.push_back(each);
      }
      pending_names_ = std::move(left);
      break;
    }
    default:
      pending_names_.push_back(change);
      break;
  }
}

void Disk::lay_out(const std::string& folder, Survivors survivors,
                   emulator::sim::Random& random) const {
  Names names = names_;
  std::size_t named = 0;
  if (survivors == Survivors::all) named = pending_names_.size();
  if (survivors == Survivors::some)
    named = static_cast<std::size_t>(random.below(pending_names_.size() + 1));
  for (std::size_t i = 0; i < named; ++i) apply_name(names, pending_names_[i]);
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  std::set<std::string> folders{""};
  for (const auto& [name, file] : names) {  // in order: a folder comes before what is in it
    if (folders.count(folder_of(name)) == 0) continue;
    if (!file) {
      folders.insert(name);
      std::filesystem::create_directory(folder + "/" + name);
      continue;
    }
    std::string bytes;
    if (const auto found = files_.find(*file); found != files_.end()) {
      bytes = found->second.certain;
      for (const DiskChange& each : found->second.pending) {
        if (survivors == Survivors::all) apply_bytes(bytes, each);
        if (survivors == Survivors::some) apply_some(bytes, each, random);
      }
    }
    std::ofstream(folder + "/" + name, std::ios::binary) << bytes;
  }
}

}  // namespace tests

// In front of the C library, for this program and for the libraries that it uses.
using tests::open_recorded;
using tests::recording;

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = tests::mode_of(flags, arguments);
  va_end(arguments);
  return open_recorded("open", path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = tests::mode_of(flags, arguments);
  va_end(arguments);
  return open_recorded("open64", path, flags, mode);
}
ssize_t write(int descriptor, const void* bytes, std::size_t size) {
  const ssize_t written =
      tests::real<ssize_t(int, const void*, std::size_t)>("write")(descriptor, bytes, size);
  if (recording == nullptr || written <= 0 || !recording->follows(descriptor)) return written;
  const auto end = static_cast<std::uint64_t>(::lseek(descriptor, 0, SEEK_CUR));
  recording->wrote(descriptor, end - static_cast<std::uint64_t>(written), bytes, written);
  return written;
}
ssize_t pwrite(int descriptor, const void* bytes, std::size_t size, off_t offset) {
  return tests::write_at_recorded("pwrite", descriptor, bytes, size, offset);
}
ssize_t pwrite64(int descriptor, const void* bytes, std::size_t size, off64_t offset) {
  return tests::write_at_recorded("pwrite64", descriptor, bytes, size, offset);
}
int ftruncate(int descriptor, off_t size) noexcept {
  return tests::truncate_recorded("ftruncate", descriptor, size);
}
int ftruncate64(int descriptor, off64_t size) noexcept {
  return tests::truncate_recorded("ftruncate64", descriptor, size);
}
int fsync(int descriptor) { return tests::sync_recorded("fsync", descriptor); }
int fdatasync(int descriptor) { return tests::sync_recorded("fdatasync", descriptor); }
int close(int descriptor) {
  if (recording != nullptr) recording->closed(descriptor);
  return tests::real<int(int)>("close")(descriptor);
}
int mkdir(const char* path, mode_t mode) noexcept {
  const int result = tests::real<int(const char*, mode_t)>("mkdir")(path, mode);
  if (recording == nullptr || result != 0) return result;
  if (const auto name = recording->inside(path))
    recording->add({.kind = tests::DiskChange::Kind::make_folder, .name = *name});
  return result;
}
int rmdir(const char* path) noexcept {
  const int result = tests::real<int(const char*)>("rmdir")(path);
  if (recording == nullptr || result != 0) return result;
  if (const auto name = recording->inside(path))
    recording->add({.kind = tests::DiskChange::Kind::remove_folder, .name = *name});
  return result;
}
int unlink(const char* path) noexcept {
  const int result = tests::real<int(const char*)>("unlink")(path);
  if (recording == nullptr || result != 0) return result;
  if (const auto name = recording->inside(path)) {
    recording->names.erase(*name);
    recording->add({.kind = tests::DiskChange::Kind::remove, .name = *name});
  }
  return result;
}
int rename(const char* from, const char* to) noexcept {
  const int result = tests::real<int(const char*, const char*)>("rename")(from, to);
  if (recording == nullptr || result != 0) return result;
  const auto old_name = recording->inside(from), new_name = recording->inside(to);
  if (!old_name && !new_name) return result;
  if (!old_name || !new_name) tests::not_modelled("a rename across its border");
  if (const auto file = recording->names.find(*old_name); file != recording->names.end()) {
    recording->names[*new_name] = file->second;
    recording->names.erase(file);
  }
  recording->add({.kind = tests::DiskChange::Kind::rename, .name = *old_name, .to = *new_name});
  return result;
}
ssize_t writev(int descriptor, const struct iovec* pieces, int count) {
  if (recording != nullptr && recording->follows(descriptor)) tests::not_modelled("writev");
  return tests::real<ssize_t(int, const struct iovec*, int)>("writev")(descriptor, pieces, count);
}
int fallocate(int descriptor, int mode, off_t offset, off_t size) {
  if (recording != nullptr && recording->follows(descriptor)) tests::not_modelled("fallocate");
  return tests::real<int(int, int, off_t, off_t)>("fallocate")(descriptor, mode, offset, size);
}
int posix_fallocate(int descriptor, off_t offset, off_t size) {
  if (recording != nullptr && recording->follows(descriptor))
    tests::not_modelled("posix_fallocate");
  return tests::real<int(int, off_t, off_t)>("posix_fallocate")(descriptor, offset, size);
}
ssize_t copy_file_range(int from, off64_t* from_offset, int to, off64_t* to_offset,
                        std::size_t size, unsigned flags) {
  if (recording != nullptr && recording->follows(to)) tests::not_modelled("copy_file_range");
  return tests::real<ssize_t(int, off64_t*, int, off64_t*, std::size_t, unsigned)>(
      "copy_file_range")(from, from_offset, to, to_offset, size, flags);
}
}
