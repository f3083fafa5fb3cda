#include "emulator/s3/joined_reader.h"

#include <algorithm>
#include <utility>

namespace emulator::s3 {
namespace {

class JoinedReader final : public BodyReader {
 public:
  explicit JoinedReader(std::vector<BodyPiece> pieces) : pieces_(std::move(pieces)) {
    for (const BodyPiece& piece : pieces_) {
      starts_.push_back(size_);
      size_ += piece.size;
    }
  }

  std::uint64_t size() const override { return size_; }

  // Up to the end of the piece that holds the offset.
  base::Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override {
    if (offset >= size_) return std::size_t{0};
    if (auto opened = open_piece_at(offset); !opened) return tl::unexpected(opened.error());
    return current_->read(offset - starts_[current_index_], into);
  }

  std::optional<base::Result<std::size_t>> send_to(int socket, std::uint64_t offset,
                                                   std::uint64_t bytes_max) override {
    if (offset >= size_) return std::nullopt;
    if (auto opened = open_piece_at(offset); !opened) return tl::unexpected(opened.error());
    const std::uint64_t within = offset - starts_[current_index_];
    return current_->send_to(socket, within,
                             std::min(bytes_max, pieces_[current_index_].size - within));
  }

 private:
  base::Result<void> open_piece_at(std::uint64_t offset) {
    const auto next = std::upper_bound(starts_.begin(), starts_.end(), offset);
    const std::size_t index = static_cast<std::size_t>(next - starts_.begin()) - 1;
    if (current_ && index == current_index_) return {};
    auto opened = pieces_[index].open();
    if (!opened) return tl::unexpected(opened.error());
    current_ = std::move(*opened);
    current_index_ = index;
    return {};
  }

  std::vector<BodyPiece> pieces_;
  std::vector<std::uint64_t> starts_;
  std::uint64_t size_ = 0;
  std::unique_ptr<BodyReader> current_;
  std::size_t current_index_ = 0;
};

}  // namespace

std::unique_ptr<BodyReader> read_joined(std::vector<BodyPiece> pieces) {
  return std::make_unique<JoinedReader>(std::move(pieces));
}

}  // namespace emulator::s3
