#include "pipeline/mysql/binlog/file.h"

#include <zlib.h>

#include <memory>

#include "emulator/base/file.h"

namespace pipeline::mysql::binlog {

using emulator::base::fail;
using emulator::base::Result;

Result<std::string> undo_gzip(std::string bytes, const std::string& name) {
  if (bytes.substr(0, 2) != "\x1F\x8B") return bytes;
  z_stream stream{};
  constexpr int gzip_window = 16 + MAX_WBITS;
  if (inflateInit2(&stream, gzip_window) != Z_OK) return fail(name + ": zlib could not start");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> closer(&stream, inflateEnd);
  constexpr std::size_t piece_bytes = 1 << 16;
  const std::unique_ptr<char[]> piece(new char[piece_bytes]);
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  int state = Z_OK;
  while (state == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.get());
    stream.avail_out = piece_bytes;
    state = inflate(&stream, Z_NO_FLUSH);
    out.append(piece.get(), piece_bytes - stream.avail_out);
  }
  if (state != Z_STREAM_END) return fail(name + ": the gzip file is damaged or cut short");
  return out;
}

Result<std::string> read_possibly_gzipped(const std::string& path) {
  auto bytes = emulator::base::read_file(path);
  if (!bytes) return bytes;
  return undo_gzip(std::move(*bytes), path);
}

std::string log_name(const std::string& path) {
  std::string name = path.substr(path.find_last_of('/') + 1);
  if (name.size() > 3 && name.substr(name.size() - 3) == ".gz") name.resize(name.size() - 3);
  return name;
}

}  // namespace pipeline::mysql::binlog
