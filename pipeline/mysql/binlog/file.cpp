#include "pipeline/mysql/binlog/file.h"

#include <zlib.h>

#include <algorithm>
#include <memory>

#include "emulator/base/file.h"

namespace pipeline::mysql::binlog {

using emulator::base::fail;
using emulator::base::Result;

struct Gunzip::State {
  z_stream stream{};
  bool ready = false;
  std::unique_ptr<char[]> piece;
};

constexpr std::size_t piece_bytes = 1 << 16;

Gunzip::Gunzip() : state_(std::make_unique<State>()) {
  constexpr int gzip_window = 16 + MAX_WBITS;
  state_->ready = inflateInit2(&state_->stream, gzip_window) == Z_OK;
  state_->piece.reset(new char[piece_bytes]);
}

Gunzip::~Gunzip() {
  if (state_->ready) inflateEnd(&state_->stream);
}

Result<void> Gunzip::add(std::string_view bytes,
                         const std::function<Result<void>(std::string_view)>& use) {
  z_stream& stream = state_->stream;
  if (!state_->ready) return fail("zlib could not start");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  while (stream.avail_in > 0) {
    if (finished_ && inflateReset(&stream) != Z_OK) return fail("zlib could not start anew");
    finished_ = false;
    stream.next_out = reinterpret_cast<Bytef*>(state_->piece.get());
    stream.avail_out = piece_bytes;
    const int state = inflate(&stream, Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END) return fail("the gzip file is damaged");
    finished_ = state == Z_STREAM_END;
    if (auto done = use({state_->piece.get(), piece_bytes - stream.avail_out}); !done) return done;
  }
  while (!finished_ && stream.avail_out == 0) {  // more was ready than one piece holds
    stream.next_out = reinterpret_cast<Bytef*>(state_->piece.get());
    stream.avail_out = piece_bytes;
    const int state = inflate(&stream, Z_NO_FLUSH);
    if (state == Z_BUF_ERROR) break;
    if (state != Z_OK && state != Z_STREAM_END) return fail("the gzip file is damaged");
    finished_ = state == Z_STREAM_END;
    if (auto done = use({state_->piece.get(), piece_bytes - stream.avail_out}); !done) return done;
  }
  return {};
}

Result<std::string> undo_gzip(std::string bytes, const std::string& name) {
  if (bytes.substr(0, gzip_magic.size()) != gzip_magic) return bytes;
  Gunzip gunzip;
  std::string out;
  constexpr std::size_t step = 1u << 30;  // zlib counts in 32 bits
  for (std::string_view left = bytes; !left.empty();
       left.remove_prefix(std::min(step, left.size()))) {
    auto done = gunzip.add(left.substr(0, step), [&](std::string_view piece) -> Result<void> {
      out += piece;
      return {};
    });
    if (!done) return fail(name + ": " + done.error().message);
  }
  if (!gunzip.finished()) return fail(name + ": the gzip file is damaged or cut short");
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
