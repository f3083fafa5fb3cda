#include "emulator/s3/aws_chunked.h"

#include <algorithm>
#include <charconv>

#include "emulator/base/text.h"

namespace emulator::s3 {
namespace {

constexpr std::size_t line_bytes_max = 4 * 1024;
constexpr std::size_t trailer_bytes_max = 16 * 1024;
constexpr std::uint64_t chunk_bytes_min = 8 * 1024;
constexpr std::uint64_t chunk_bytes_max = std::uint64_t{5} << 30;
constexpr std::string_view chunk_signature_name = ";chunk-signature=";
constexpr std::string_view trailer_signature_name = "x-amz-trailer-signature";

// AWS does not tell it from a body that ends too early.
tl::unexpected<Error> malformed(std::string what) {
  return tl::unexpected(
      Error{ErrorCode::incomplete_body, {}, {{"Reason", "The aws-chunked body: " + what}}});
}

}  // namespace

Result<void> AwsChunkedDecoder::decode(std::string_view bytes, const Sink& sink) {
  while (!bytes.empty()) {
    if (stage_ == Stage::done) return malformed("bytes behind the last chunk");
    if (stage_ != Stage::data) {
      if (auto taken = take_line(bytes); !taken) return taken;
      continue;
    }
    const std::string_view data =
        bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
    if (signatures_) signatures_->update(data);
    if (auto given = sink(data); !given) return given;
    left_ -= data.size();
    bytes.remove_prefix(data.size());
    if (left_ > 0) continue;
    stage_ = Stage::data_end;
    if (auto ended = end_chunk(); !ended) return ended;
  }
  return {};
}

Result<void> AwsChunkedDecoder::end_chunk() {
  if (!signatures_ || signatures_->end_chunk(chunk_signature_)) return {};
  return fail(ErrorCode::signature_does_not_match);
}

// Moves bytes up to a line feed into line_; a whole line is acted on.
Result<void> AwsChunkedDecoder::take_line(std::string_view& bytes) {
  const std::size_t feed = bytes.find('\n');
  const std::string_view part = bytes.substr(0, feed);
  if (line_.size() + part.size() > line_bytes_max) return malformed("a line is too long");
  line_ += part;
  bytes.remove_prefix(feed == std::string_view::npos ? bytes.size() : feed + 1);
  if (feed == std::string_view::npos) return {};
  std::string line;
  line.swap(line_);
  const bool carriage_return = line.ends_with('\r');
  if (carriage_return) line.pop_back();
  const bool ends_trailer = line.empty() && carriage_return && after_bare_feed_;
  after_bare_feed_ = stage_ == Stage::trailer && !line.empty() && !carriage_return;
  if (!ends_trailer) return on_line(line);
  trailer_ended_ = true;
  return {};
}

Result<void> AwsChunkedDecoder::on_line(std::string_view line) {
  if (stage_ == Stage::size) return on_size(line);
  if (stage_ == Stage::trailer) return on_trailer(line);
  if (!line.empty()) return malformed("a chunk is longer than its size says");
  stage_ = Stage::size;
  return {};
}

Result<void> AwsChunkedDecoder::on_size(std::string_view line) {
  const std::string_view digits = base::trim(line.substr(0, line.find(';')));
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), left_, 16);
  if (digits.empty() || parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) {
    return malformed("no chunk size");
  }
  if (left_ > chunk_bytes_max) return fail(ErrorCode::entity_too_large);
  const std::size_t signature_at = line.find(chunk_signature_name);
  chunk_signature_ = signature_at == std::string_view::npos
                         ? ""
                         : base::trim(line.substr(signature_at + chunk_signature_name.size()));
  if (left_ == 0) {
    stage_ = Stage::trailer;
    return end_chunk();
  }
  ++chunk_number_;
  if (!small_chunks_ && last_size_ && *last_size_ < chunk_bytes_min) {
    return tl::unexpected(Error{
        ErrorCode::invalid_chunk_size,
        {},
        {{"Chunk", std::to_string(chunk_number_)}, {"BadChunkSize", std::to_string(*last_size_)}}});
  }
  last_size_ = left_;
  stage_ = Stage::data;
  return {};
}

Result<void> AwsChunkedDecoder::on_trailer(std::string_view line) {
  if (line.empty()) return on_end();
  trailer_bytes_ += line.size();
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || trailer_bytes_ > trailer_bytes_max)
    return fail(ErrorCode::malformed_trailer);
  const std::string name = base::to_lower(base::trim(line.substr(0, colon)));
  const std::string value(base::trim(line.substr(colon + 1)));
  if (name != trailer_signature_name) signed_trailers_ += name + ":" + value + "\n";
  trailers_[name] = value;
  return {};
}

Result<void> AwsChunkedDecoder::on_end() {
  stage_ = Stage::done;
  if (!signatures_ || trailers_.empty()) return {};
  if (signatures_->check_trailers(trailers_[std::string(trailer_signature_name)], signed_trailers_))
    return {};
  return fail(ErrorCode::signature_does_not_match);
}

}  // namespace emulator::s3
