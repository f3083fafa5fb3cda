#include "emulator/s3/memory_bodies.h"

#include <algorithm>
#include <deque>
#include <string>
#include <utility>

namespace emulator::s3 {

namespace {

constexpr std::uint64_t room_bytes_max = 64 * 1024 * 1024;  // on a client's word
constexpr std::uint64_t page_bytes = 64 * 1024;             // a multiple of any system's
// Places that are free and keep their pages: to get those costs a third of a large PUT.
constexpr std::uint64_t kept_bytes_max = 32 * 1024 * 1024;

std::uint64_t whole_pages(std::uint64_t bytes) {
  return (bytes + page_bytes - 1) / page_bytes * page_bytes;
}

}  // namespace

// Gives places out upwards: a file has 2^63 of them.
class MemoryFile {
 public:
  explicit MemoryFile(base::File file) : file_(std::move(file)) {}

  base::File& file() { return file_; }

  std::uint64_t take(std::uint64_t bytes) {
    const auto fits = std::find_if(kept_.begin(), kept_.end(),
                                   [&](const Place& place) { return place.bytes >= bytes; });
    if (fits == kept_.end()) return std::exchange(next_, next_ + bytes);
    kept_bytes_ -= bytes;
    fits->bytes -= bytes;
    const std::uint64_t taken = std::exchange(fits->first, fits->first + bytes);
    if (fits->bytes == 0) kept_.erase(fits);
    return taken;
  }

  // lent: a socket may still hold the pages, so nothing else may be written to them.
  void give_back(std::uint64_t first, std::uint64_t bytes, bool lent) {
    if (lent) return drop({first, bytes});
    kept_.push_back({first, bytes});
    for (kept_bytes_ += bytes; kept_bytes_ > kept_bytes_max; kept_.pop_front()) {
      kept_bytes_ -= kept_.front().bytes;
      drop(kept_.front());
    }
  }

 private:
  struct Place {
    std::uint64_t first;
    std::uint64_t bytes;
  };

  // What the system does not take, for whatever reason, is lost until the store goes.
  void drop(const Place& place) { static_cast<void>(file_.give_back(place.first, place.bytes)); }

  base::File file_;
  std::uint64_t next_ = 0;
  std::deque<Place> kept_;  // the oldest first
  std::uint64_t kept_bytes_ = 0;
};

namespace {

class MemoryWriter final : public BodyWriter {
 public:
  MemoryWriter(std::shared_ptr<MemoryFile>& file, std::uint64_t small_bytes_max, std::uint64_t size)
      : file_(file), small_bytes_max_(small_bytes_max), room_(size) {}

  base::Result<void> append(std::string_view piece) override {
    if (!pages_ && bytes_.size() + piece.size() <= small_bytes_max_) {
      if (bytes_.empty()) bytes_.reserve(std::min(room_, small_bytes_max_));
      bytes_ += piece;
      return {};
    }
    if (pages_) return pages_->append(piece);
    return spill().and_then([&] { return pages_->append(piece); });
  }

  base::Result<BodyRef> finish() override {
    if (pages_)
      return BodyRef{
          .id = {}, .inline_bytes = {}, .size = pages_->size(), .pages = std::move(pages_)};
    const std::uint64_t size = bytes_.size();
    return BodyRef{.id = {},
                   .inline_bytes = std::make_shared<const std::string>(std::move(bytes_)),
                   .size = size};
  }

 private:
  base::Result<void> spill() {
    if (!file_) {
      auto made = base::File::in_memory();
      if (!made) return tl::unexpected(made.error());
      file_ = std::make_shared<MemoryFile>(std::move(*made));
    }
    pages_ = std::make_shared<MemoryPages>(file_, room_);
    const std::string begun = std::exchange(bytes_, {});
    return pages_->append(begun);
  }

  std::shared_ptr<MemoryFile>& file_;
  const std::uint64_t small_bytes_max_;
  const std::uint64_t room_;
  std::string bytes_;
  std::shared_ptr<MemoryPages> pages_;  // once it is a large one
};

class StringReader final : public BodyReader {
 public:
  explicit StringReader(std::shared_ptr<const std::string> bytes) : bytes_(std::move(bytes)) {}

  std::uint64_t size() const override { return bytes_->size(); }
  base::Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override {
    if (offset >= bytes_->size()) return std::size_t{0};
    return bytes_->copy(into.data(), into.size(), offset);
  }
  std::string_view bytes(std::uint64_t offset) override {
    return std::string_view(*bytes_).substr(
        static_cast<std::size_t>(std::min<std::uint64_t>(offset, bytes_->size())));
  }

 private:
  std::shared_ptr<const std::string> bytes_;
};

class PagesReader final : public BodyReader {
 public:
  explicit PagesReader(std::shared_ptr<const MemoryPages> pages) : pages_(std::move(pages)) {}

  std::uint64_t size() const override { return pages_->size(); }
  base::Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override {
    return pages_->read(offset, into);
  }
  std::optional<base::Result<std::size_t>> send_to(int socket, std::uint64_t offset,
                                                   std::uint64_t bytes_max) override {
    return pages_->send_to(socket, offset, bytes_max);
  }

 private:
  std::shared_ptr<const MemoryPages> pages_;
};

}  // namespace

MemoryPages::MemoryPages(std::shared_ptr<MemoryFile> file, std::uint64_t room)
    : file_(std::move(file)), room_(std::min(room, room_bytes_max)) {}

MemoryPages::~MemoryPages() {
  for (const Place& place : places_) file_->give_back(place.in_file, place.bytes_max, lent_);
}

// What comes beyond what was expected gets places that double the body, so that they stay few.
base::Result<void> MemoryPages::append(std::string_view bytes) {
  while (!bytes.empty()) {
    if (places_.empty() || size_ == places_.back().first + places_.back().bytes_max) {
      const std::uint64_t room =
          whole_pages(std::max({room_ - std::min(room_, size_), size_, std::uint64_t{1}}));
      places_.push_back({size_, file_->take(room), room});
    }
    const Place& place = places_.back();
    const std::uint64_t used = size_ - place.first;
    const std::string_view next = bytes.substr(0, place.bytes_max - used);
    if (auto written = file_->file().write_at(place.in_file + used, next); !written) return written;
    size_ += next.size();
    bytes.remove_prefix(next.size());
  }
  return {};
}

MemoryPages::Stretch MemoryPages::stretch_at(std::uint64_t offset) const {
  if (offset >= size_) return {};
  const auto behind =
      std::upper_bound(places_.begin(), places_.end(), offset,
                       [](std::uint64_t at, const Place& place) { return at < place.first; });
  const Place& place = *std::prev(behind);
  const std::uint64_t end = std::min(place.first + place.bytes_max, size_);
  return {place.in_file + (offset - place.first), end - offset};
}

base::Result<std::size_t> MemoryPages::read(std::uint64_t offset, std::span<char> into) const {
  const Stretch stretch = stretch_at(offset);
  if (stretch.size == 0) return std::size_t{0};
  return file_->file().read_at(stretch.in_file, into.data(),
                               std::min<std::uint64_t>(into.size(), stretch.size));
}

base::Result<std::size_t> MemoryPages::send_to(int socket, std::uint64_t offset,
                                               std::uint64_t bytes_max) const {
  const Stretch stretch = stretch_at(offset);
  lent_ = true;
  return file_->file().send_to(socket, stretch.in_file, std::min(bytes_max, stretch.size));
}

std::unique_ptr<BodyWriter> MemoryBodies::new_body(std::uint64_t size) {
  return std::make_unique<MemoryWriter>(file_, small_bytes_max_, size);
}

std::unique_ptr<BodyReader> MemoryBodies::read(std::shared_ptr<const std::string> bytes,
                                               std::shared_ptr<const MemoryPages> pages) {
  if (pages) return std::make_unique<PagesReader>(std::move(pages));
  return std::make_unique<StringReader>(std::move(bytes));
}

}  // namespace emulator::s3
