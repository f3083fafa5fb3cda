#pragma once
// Takes the frames off an aws-chunked body (AWS: "SigV4 signature calculation: transferring payload in multiple chunks"):
//   <hex size>[;chunk-signature=...] CR LF data CR LF ... 0[;...] CR LF [name:value CR LF]* CR LF
// Bytes in, as they arrive and cut anywhere; data out to a sink, trailers kept. Signatures are passed over.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "emulator/s3/error.h"

namespace emulator::s3 {

class AwsChunkedDecoder {
 public:
  using Sink = std::function<Result<void>(std::string_view)>;

  // signed_chunks: AWS then refuses chunks below 8 KiB, the last one excepted.
  explicit AwsChunkedDecoder(bool signed_chunks) : signed_chunks_(signed_chunks) {}

  Result<void> decode(std::string_view bytes, const Sink& sink);
  bool complete() const { return stage_ == Stage::done; }
  const std::map<std::string, std::string>& trailers() const { return trailers_; }  // names in lower case

 private:
  enum class Stage { size, data, data_end, trailer, done };

  Result<void> take_line(std::string_view& bytes);
  Result<void> on_line(std::string_view line);
  Result<void> on_size(std::string_view line);
  Result<void> on_trailer(std::string_view line);

  bool signed_chunks_;
  bool small_chunk_seen_ = false;
  Stage stage_ = Stage::size;
  std::string line_;
  std::uint64_t left_ = 0;  // of the chunk
  std::size_t trailer_bytes_ = 0;
  std::map<std::string, std::string> trailers_;
};

}  // namespace emulator::s3
