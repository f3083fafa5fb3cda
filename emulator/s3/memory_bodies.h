#pragma once
// Bodies of the store in memory. Small ones are strings. Large ones lie in one file without a name:
// a socket gets them from there without a copy, as it does those on disk, and no heap is torn to
// pieces by them. The places of a body in the file are free when nobody holds it any more. Those
// that a socket may still hold no other body gets: the system has their pages back.

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "emulator/base/file.h"
#include "emulator/s3/object_store.h"

namespace emulator::s3 {

class MemoryFile;

// The bytes of one large body. Shared by the store and its readers, which outlive the object.
class MemoryPages {
 public:
  // room: how many bytes are expected; more or fewer may come.
  MemoryPages(std::shared_ptr<MemoryFile> file, std::uint64_t room);
  ~MemoryPages();
  MemoryPages(const MemoryPages&) = delete;
  MemoryPages& operator=(const MemoryPages&) = delete;

  base::Result<void> append(std::string_view bytes);
  std::uint64_t size() const { return size_; }
  // These take up to the end of a place.
  base::Result<std::size_t> read(std::uint64_t offset, std::span<char> into) const;
  base::Result<std::size_t> send_to(int socket, std::uint64_t offset,
                                    std::uint64_t bytes_max) const;

 private:
  struct Place {
    std::uint64_t first = 0;      // of the body's bytes
    std::uint64_t in_file = 0;    // where they begin
    std::uint64_t bytes_max = 0;  // how many may lie here
  };
  struct Stretch {
    std::uint64_t in_file = 0;
    std::uint64_t size = 0;
  };
  Stretch stretch_at(std::uint64_t offset) const;

  std::shared_ptr<MemoryFile> file_;
  std::uint64_t room_;
  std::uint64_t size_ = 0;
  std::vector<Place> places_;
  mutable bool lent_ = false;  // a socket may hold its pages
};

class MemoryBodies {
 public:
  explicit MemoryBodies(std::uint64_t small_bytes_max) : small_bytes_max_(small_bytes_max) {}

  std::unique_ptr<BodyWriter> new_body(std::uint64_t size);
  static std::unique_ptr<BodyReader> read(std::shared_ptr<const std::string> bytes,
                                          std::shared_ptr<const MemoryPages> pages);

 private:
  std::uint64_t small_bytes_max_;
  std::shared_ptr<MemoryFile> file_;  // made for the first large body
};

}  // namespace emulator::s3
