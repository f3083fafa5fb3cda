#pragma once
// The body of a request on its way to an operation: aws-chunked frames are taken off, the length
// and every digest that the client gave are checked. What is wrong with the headers is said before
// a byte of the body is asked for.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/background_hash.h"
#include "emulator/base/http_message.h"
#include "emulator/s3/aws_chunked.h"
#include "emulator/s3/checksums.h"
#include "emulator/s3/error.h"

namespace emulator::s3 {

// A checksum that held, as it is stored and answered; header "" = there was none.
struct VerifiedChecksum {
  std::string header;
  std::string value;  // base64
};

class IncomingBody {
 public:
  // length_required: 411 without a length. with_default_checksum: computes AWS's own where the
  // client gives none. checksum_of_body: false where an x-amz-checksum-* header speaks of something
  // else.
  struct Options {
    bool length_required = false;
    bool with_default_checksum = false;
    bool checksum_of_body = true;
    bool small_unsigned_chunks = false;  // of aws-chunked
    std::uint64_t bytes_max = std::uint64_t{5} << 30;
    base::WorkerPool* workers = nullptr;  // for the SHA-256 of a large body
  };
  static Result<IncomingBody> begin(const base::HttpRequest& request, const Options& options);

  // The chunks of a body in signed frames must bear these signatures.
  void verify_chunks(aws::ChunkSignatures signatures) {
    if (decoder_) decoder_->verify(std::move(signatures));
  }

  // Hands the decoded bytes of a piece to the sink.
  Result<void> take(std::string_view piece, const AwsChunkedDecoder::Sink& sink);
  Result<VerifiedChecksum> finish();

  std::uint64_t size() const { return length_.value_or(0); }  // as announced; 0: it was not
  const std::string& expected_md5() const {
    return expected_md5_;
  }  // of Content-MD5, in hex; "" = not given
  const std::string& checksum_header() const {
    return checksum_header_;
  }  // of the one that finish() will give
  bool checksum_is_given() const {
    return checksum_is_given_;
  }  // by the client, in a header or a trailer
  bool has_digest() const { return !expected_md5_.empty() || !checksum_header_.empty(); }

 private:
  Result<void> read_length(const base::HttpRequest& request, const Options& options);
  Result<void> read_content_sha256(const base::HttpRequest& request, const Options& options);
  Result<void> read_content_md5(const base::HttpRequest& request);
  Result<void> read_checksum(const base::HttpRequest& request);
  Result<void> read_trailer_names(const base::HttpRequest& request);
  Result<void> start_checksum(std::string_view header);
  Result<void> take_decoded(std::string_view bytes, const AwsChunkedDecoder::Sink& sink);
  Result<void> take_trailers();
  Result<VerifiedChecksum> check_checksum();

  std::optional<AwsChunkedDecoder> decoder_;
  std::optional<std::uint64_t> length_;
  std::uint64_t bytes_max_ = 0;
  std::uint64_t received_ = 0;
  std::string expected_sha256_;  // hex, lower case
  std::optional<base::BackgroundSha256> sha256_;
  std::string expected_md5_;
  std::string checksum_header_;
  bool checksum_is_given_ = false;
  std::string expected_checksum_;  // base64; "" = only computed
  std::unique_ptr<RunningChecksum> checksum_;
  std::vector<std::string> trailer_names_;
};

}  // namespace emulator::s3
