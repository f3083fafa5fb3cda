#pragma once
// Takes the frames off an aws-chunked body (AWS: "SigV4 signature calculation: transferring payload
// in multiple chunks"):
//   <hex size>[;chunk-signature=...] CR LF data CR LF ... 0[;...] CR LF [name:value CR LF]* CR LF
// AWS's own page ends a trailer by LF CR LF, and minio-go sends that; others send CR LF.
// Bytes in, as they arrive and cut anywhere; data out to a sink, trailers kept. Signatures are
// passed over unless verify() is called.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "emulator/aws/sigv4.h"
#include "emulator/s3/error.h"

namespace emulator::s3 {

class AwsChunkedDecoder {
 public:
  using Sink = std::function<Result<void>(std::string_view)>;

  // Signed chunks below 8 KiB are refused, the last one excepted. AWS refuses unsigned ones, too,
  // which streams that a client does not gather meet there (aws-sdk-js-v3 issue 6949).
  AwsChunkedDecoder(bool signed_chunks, bool small_chunks)
      : signed_chunks_(signed_chunks), small_chunks_(small_chunks && !signed_chunks) {}

  // Each chunk must bear its signature, and so must trailers: SignatureDoesNotMatch. Only for
  // signed chunks.
  void verify(aws::ChunkSignatures signatures) {
    if (signed_chunks_) signatures_.emplace(std::move(signatures));
  }

  Result<void> decode(std::string_view bytes, const Sink& sink);
  // Some clients leave out the empty line at the end; the last chunk's signature is the end as
  // well.
  bool complete() const {
    const bool at_end =
        signed_chunks_ && stage_ == Stage::trailer && line_.empty() && trailers_.empty();
    return stage_ == Stage::done || at_end || (trailer_ended_ && !signatures_);
  }
  const std::map<std::string, std::string>& trailers() const {
    return trailers_;
  }  // names in lower case

 private:
  enum class Stage { size, data, data_end, trailer, done };

  Result<void> take_line(std::string_view& bytes);
  Result<void> on_line(std::string_view line);
  Result<void> on_size(std::string_view line);
  Result<void> on_trailer(std::string_view line);
  Result<void> on_end();
  Result<void> end_chunk();

  bool signed_chunks_;
  bool small_chunks_;
  std::uint64_t chunk_number_ = 0;
  std::optional<std::uint64_t> last_size_;
  bool after_bare_feed_ = false;  // the last line was a trailer that ended with LF alone
  bool trailer_ended_ = false;    // the CR LF behind such a line came
  Stage stage_ = Stage::size;
  std::string line_;
  std::uint64_t left_ = 0;  // of the chunk
  std::size_t trailer_bytes_ = 0;
  std::map<std::string, std::string> trailers_;
  std::optional<aws::ChunkSignatures> signatures_;
  std::string chunk_signature_;  // of the chunk that is coming in
  std::string signed_trailers_;  // "name:value\n" of each, in their order
};

}  // namespace emulator::s3
