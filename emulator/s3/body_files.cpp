#include "emulator/s3/body_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "emulator/base/bytes.h"
#include "emulator/base/text.h"

namespace emulator::s3 {
namespace {

using base::File;

constexpr std::string_view part_suffix = ".part";
constexpr std::size_t doomed_files_max = 100;  // that wait for a commit to be certain
constexpr std::uint64_t doomed_bytes_max = 64 * 1024 * 1024;
constexpr std::uint64_t write_back_bytes = 4 * 1024 * 1024;   // at a time, while a body comes
constexpr std::uint64_t behind_bytes_max = 16 * 1024 * 1024;  // that the disk may be behind

class BytesReader final : public BodyReader {
 public:
  explicit BytesReader(std::string bytes) : bytes_(std::move(bytes)) {}
  std::uint64_t size() const override { return bytes_.size(); }
  base::Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override {
    if (offset >= bytes_.size()) return std::size_t{0};
    return bytes_.copy(into.data(), into.size(), offset);
  }
  std::string_view bytes(std::uint64_t offset) override {
    return std::string_view(bytes_).substr(
        static_cast<std::size_t>(std::min<std::uint64_t>(offset, bytes_.size())));
  }

 private:
  std::string bytes_;
};

// Keeps the descriptor, so the bytes stay readable after the name is gone.
class FileReader final : public BodyReader {
 public:
  FileReader(File file, std::uint64_t size) : file_(std::move(file)), size_(size) {}
  std::uint64_t size() const override { return size_; }
  base::Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override {
    return file_.read_at(offset, into.data(), into.size());
  }
  std::optional<base::Result<std::size_t>> send_to(int socket, std::uint64_t offset,
                                                   std::uint64_t bytes_max) override {
    return file_.send_to(socket, offset, bytes_max);
  }

 private:
  File file_;
  std::uint64_t size_;
};

// Collects a small body in memory, and moves to a file with the byte that makes it a large one.
class SpillingWriter final : public BodyWriter {
 public:
  SpillingWriter(BodyFiles& files, std::uint64_t inline_bytes_max)
      : files_(files), inline_bytes_max_(inline_bytes_max) {}
  ~SpillingWriter() override {
    if (file_.is_open()) ::unlink(part_path_.c_str());
  }

  base::Result<void> append(std::string_view piece) override {
    size_ += piece.size();
    if (file_.is_open()) return file_.write_all(piece).and_then([&] { return write_back(); });
    if (size_ <= inline_bytes_max_) {
      bytes_ += piece;
      return {};
    }
    return spill().and_then([&] { return file_.write_all(piece); });
  }

  base::Result<BodyRef> finish() override {
    if (!file_.is_open())
      return BodyRef{.id = {},
                     .inline_bytes = std::make_shared<const std::string>(std::move(bytes_)),
                     .size = size_};
    if (files_.is_durable()) {
      if (auto synced = file_.sync(); !synced) return tl::unexpected(synced.error());
    }
    if (auto done = files_.publish(part_path_, id_); !done) return tl::unexpected(done.error());
    file_.close();
    return BodyRef{.id = body_name(id_), .inline_bytes = {}, .size = size_};
  }

 private:
  base::Result<void> spill() {
    id_ = files_.take_id();
    part_path_ = files_.path(id_).append(part_suffix);
    auto opened = File::open(part_path_, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC);
    if (!opened) return tl::unexpected(opened.error());
    file_ = std::move(*opened);
    auto written = file_.write_all(bytes_);
    bytes_ = {};
    return written;
  }

  // A large body goes to the disk while it comes: else its sync at the end would hold everybody up,
  // for seconds.
  base::Result<void> write_back() {
    if (!files_.is_durable()) return {};
    for (; size_ - begun_ >= write_back_bytes; begun_ += write_back_bytes) {
      if (auto begun = file_.write_back(begun_, write_back_bytes, false); !begun) return begun;
      if (begun_ < behind_bytes_max) continue;
      if (auto done = file_.write_back(begun_ - behind_bytes_max, write_back_bytes, true); !done)
        return done;
    }
    return {};
  }

  BodyFiles& files_;
  const std::uint64_t inline_bytes_max_;
  std::uint64_t size_ = 0;
  std::string bytes_;
  std::uint64_t id_ = 0;
  std::string part_path_;
  File file_;
  std::uint64_t begun_ = 0;  // up to here the disk was told to begin
};

base::Result<std::vector<std::string>> names_in(const std::string& folder) {
  DIR* directory = ::opendir(folder.c_str());
  if (directory == nullptr)
    return base::fail("cannot list " + folder + ": " + std::strerror(errno));
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(directory)) names.emplace_back(entry->d_name);
  ::closedir(directory);
  std::sort(names.begin(), names.end());
  return names;
}

base::Result<std::unique_ptr<BodyReader>> open_body(const std::string& path) {
  auto file = File::open(path, O_RDONLY | O_CLOEXEC);
  if (!file) return tl::unexpected(file.error());
  const auto size = file->size();
  if (!size) return tl::unexpected(size.error());
  return std::make_unique<FileReader>(std::move(*file), *size);
}

}  // namespace

std::string body_name(std::uint64_t id) {
  std::string bytes;
  base::append_be(bytes, id, 8);
  return base::to_hex(bytes);
}

std::uint64_t body_id(std::string_view name) {
  const auto bytes = name.size() == 16 ? base::from_hex(name) : std::nullopt;
  return bytes ? base::ByteReader(*bytes).be(8) : 0;
}

std::unique_ptr<BodyReader> read_bytes(std::string bytes) {
  return std::make_unique<BytesReader>(std::move(bytes));
}

base::Result<BodyFiles> BodyFiles::open(const std::string& folder, bool durable) {
  if (auto made = base::make_directories(folder); !made) return tl::unexpected(made.error());
  auto directory = File::open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (!directory) return tl::unexpected(directory.error());
  return BodyFiles(folder, std::move(*directory), durable);
}

std::string BodyFiles::path(std::uint64_t id) const { return folder_ + "/" + body_name(id); }

std::unique_ptr<BodyWriter> BodyFiles::new_body(std::uint64_t inline_bytes_max) {
  return std::make_unique<SpillingWriter>(*this, inline_bytes_max);
}

base::Result<void> BodyFiles::publish(const std::string& from, std::uint64_t id) {
  if (std::rename(from.c_str(), path(id).c_str()) != 0) {
    return base::fail("cannot rename " + from + ": " + std::strerror(errno));
  }
  return durable_ ? directory_.sync() : base::Result<void>{};
}

// Which bodies are pinned, and how often; of these, which are to go when the last pin does.
struct BodyFiles::Pins {
  std::map<std::uint64_t, std::size_t> counts;
  std::set<std::uint64_t> removed;
};

BodyFiles::BodyFiles(std::string folder, base::File directory, bool durable)
    : folder_(std::move(folder)),
      directory_(std::move(directory)),
      durable_(durable),
      pins_(std::make_shared<Pins>()) {}

std::function<base::Result<std::unique_ptr<BodyReader>>()> BodyFiles::pinned(
    std::uint64_t id) const {
  const auto unpin = [id, file = path(id)](Pins* pins) {
    if (--pins->counts[id] > 0) return;
    pins->counts.erase(id);
    if (pins->removed.erase(id) > 0) ::unlink(file.c_str());
  };
  ++pins_->counts[id];
  // The deleter of `pin` is the unpinning; it holds the pins themselves.
  const std::shared_ptr<Pins> pin(pins_.get(), [unpin, pins = pins_](Pins*) { unpin(pins.get()); });
  return [pin, file = path(id)] { return open_body(file); };
}

base::Result<std::unique_ptr<BodyReader>> BodyFiles::read(std::uint64_t id) const {
  return open_body(path(id));
}

void BodyFiles::remove(std::uint64_t id) {
  if (!settle_) return discard(id);
  const auto file = File::open(path(id), O_RDONLY);
  doomed_bytes_ += file ? file->size().value_or(0) : 0;
  doomed_.push_back(id);
  if (doomed_.size() < doomed_files_max && doomed_bytes_ < doomed_bytes_max) return;
  if (!settle_()) return;  // the disk fails: the next one tries again, or the next start sweeps
  for (const std::uint64_t each : std::exchange(doomed_, {})) discard(each);
  doomed_bytes_ = 0;
}

void BodyFiles::discard(std::uint64_t id) const {
  if (pins_->counts.count(id) > 0) {
    pins_->removed.insert(id);
  } else {
    ::unlink(path(id).c_str());
  }
}

base::Result<void> BodyFiles::sweep(
    const std::function<base::Result<bool>(std::uint64_t id)>& is_known) const {
  const auto names = names_in(folder_);
  if (!names) return tl::unexpected(names.error());
  for (const std::string& name : *names) {
    const bool part = name.ends_with(part_suffix);
    const std::uint64_t id =
        body_id(part ? std::string_view(name).substr(0, name.size() - part_suffix.size()) : name);
    if (id == 0) continue;  // not ours
    const auto known = part ? base::Result<bool>(false) : is_known(id);
    if (!known) return tl::unexpected(known.error());
    if (!*known) ::unlink((folder_ + "/" + name).c_str());
  }
  return {};
}

}  // namespace emulator::s3
