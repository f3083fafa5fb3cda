#pragma once
// Files by whole content. Writers of durable state use write_file_atomically; scenario files and
// fixtures are read with read_file.

#include <cstdint>
#include <string>
#include <string_view>

#include "emulator/base/result.h"

namespace emulator::base {

Result<std::string> read_file(const std::string& path);
// For a name that was mistyped: the error hints at the file of its folder whose name is most like
// it, among those that end with `extension`.
Error with_nearest_file(Error error, const std::string& path, std::string_view extension = {});
// To a temporary name beside it, fsync, rename, fsync of the folder: after a crash the old or the
// new content.
Result<void> write_file_atomically(const std::string& path, std::string_view content);
// Makes the folder and its parents, and makes their names durable; fine if it is there.
Result<void> make_directories(const std::string& path);

// A file descriptor that closes itself.
class File {
 public:
  File() = default;
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File();
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;

  static Result<File> open(const std::string& path, int flags, int mode = 0644);
  // One without a name, in memory: its bytes go with the descriptor.
  static Result<File> in_memory();
  bool is_open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }
  Result<void> write_all(std::string_view bytes);
  Result<void> write_at(std::uint64_t offset, std::string_view bytes);
  Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) const;
  // Sends some of the next bytes to a socket that does not block, without copying them through
  // here. 0: it takes no more for now.
  Result<std::size_t> send_to(int socket, std::uint64_t offset, std::uint64_t size) const;
  Result<std::uint64_t> size() const;
  // These whole pages take no room any more, and read as zeros.
  Result<void> give_back(std::uint64_t offset, std::uint64_t size);
  Result<void> sync();
  // Has the disk begin with these bytes, so that sync() finds less to do; wait: and waits until it
  // has them. Promises nothing by itself.
  Result<void> write_back(std::uint64_t offset, std::uint64_t size, bool wait);
  void close();

 private:
  int descriptor_ = -1;
};

// Holds the folder for this process, by a lock on its file `lock`, until the File closes: also when
// the process is killed. An Error if another one holds it.
Result<File> lock_folder(const std::string& folder);

}  // namespace emulator::base
