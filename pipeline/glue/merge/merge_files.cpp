// The merge of local files, block by block on the workers: what `sluice merge` runs. A round is one
// block a slot; while the workers merge a round, one of them writes the round before it, so that
// the disk and the processors work at the same time.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "emulator/base/file.h"
#include "emulator/base/worker_pool.h"
#include "pipeline/glue/merge/block_merge.h"
#include "pipeline/glue/merge/scan.h"

namespace pipeline::glue::merge {
namespace {

using emulator::base::fail;
using emulator::base::File;

constexpr std::size_t read_block_bytes = 1 << 20;

// One block of the base and its merged rows.
struct Block {
  std::string bytes;  // what was read; then whole records, the first begun in the block before
  std::string out;
  BlockResult result;
  bool odd = false;      // holds an odd number of quotes
  std::size_t size = 0;  // bytes read
};

class FileMerger {
 public:
  FileMerger(const MergeFilesInput& input, const ChangeSet& changes)
      : input_(input),
        changes_(changes.state()),
        seen_(changes.keys()),
        pool_(input.threads > 0 ? input.threads - 1 : 0) {}

  ~FileMerger() {
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
  }

  Result<MergeCounts> run() {
    auto opened = File::open(input_.base, O_RDONLY);
    if (!opened) return tl::unexpected(opened.error());
    base_ = std::move(*opened);
    if (auto ready = open_output(); !ready) return tl::unexpected(ready.error());
    const std::size_t slots = std::max<std::size_t>(2, input_.threads * 2);
    std::vector<Block> merging(slots), writing(slots);
    while (!at_end_) {
      if (auto round = run_round(merging, writing); !round) return tl::unexpected(round.error());
      std::swap(merging, writing);
    }
    if (auto written = write_round(writing); !written) return tl::unexpected(written.error());
    return finish();
  }

 private:
  Result<void> open_output() {
    if (input_.out.empty()) {
      output_ = File(::dup(STDOUT_FILENO));
      return {};
    }
    struct stat base_status {
    }, out_status{};
    if (::fstat(base_.descriptor(), &base_status) == 0 &&
        ::stat(input_.out.c_str(), &out_status) == 0 && base_status.st_dev == out_status.st_dev &&
        base_status.st_ino == out_status.st_ino)
      return fail(
          fmt::format("{} is the base itself: the merge reads it while it writes", input_.out),
          "give --out another name");
    temporary_ = input_.out + ".tmp";
    auto opened = File::open(temporary_, O_WRONLY | O_CREAT | O_TRUNC);
    if (!opened) return tl::unexpected(opened.error());
    output_ = std::move(*opened);
    return {};
  }

  // Reads a round, cuts it at record ends, merges it, and writes the former round at the same time.
  Result<void> run_round(std::vector<Block>& blocks, std::vector<Block>& former) {
    Result<void> written;
    pool_.for_each(blocks.size(),
                   [&](std::size_t i) { read_block(blocks[i], offset_ + i * read_block_bytes); });
    for (const Block& block : blocks)
      if (block.size == failed_read) return fail(fmt::format("cannot read {}", input_.base));
    offset_ += blocks.size() * read_block_bytes;
    for (const Block& block : blocks) at_end_ = at_end_ || block.size < read_block_bytes;
    hand_on_records(blocks);
    find_header(blocks);
    pool_.for_each(blocks.size() + 1, [&](std::size_t i) {
      if (i == 0)
        written = write_round(former);
      else
        merge_one(blocks[i - 1]);
    });
    if (!written) return written;
    return check_round(blocks);
  }

  static constexpr std::size_t failed_read = static_cast<std::size_t>(-1);

  void read_block(Block& block, std::uint64_t offset) const {
    block.bytes.resize(read_block_bytes);
    std::size_t filled = 0;
    while (filled < read_block_bytes) {
      auto got =
          base_.read_at(offset + filled, block.bytes.data() + filled, read_block_bytes - filled);
      if (!got) {
        block.size = failed_read;
        return;
      }
      if (*got == 0) break;
      filled += *got;
    }
    block.bytes.resize(filled);
    block.size = filled;
    block.odd = odd_quotes(block.bytes);
  }

  // A record that spans blocks goes to the block it ends in; what no record end follows is kept for
  // the next round.
  void hand_on_records(std::vector<Block>& blocks) {
    std::string carry = std::move(carry_);
    bool in_quotes = odd_quotes(carry);
    for (Block& block : blocks) {
      const bool next_in_quotes = in_quotes != block.odd;
      const std::size_t last_end = last_record_end(block.bytes, next_in_quotes);
      std::string tail = block.bytes.substr(last_end);
      block.bytes.resize(last_end);
      if (last_end == 0) {  // no record ends in this block
        carry += tail;
      } else {
        block.bytes.insert(0, carry);
        carry = std::move(tail);
      }
      in_quotes = next_in_quotes;
    }
    carry_ = std::move(carry);
  }

  // Offset after the last line feed outside quotes, looking backwards from an end whose state is
  // known.
  static std::size_t last_record_end(std::string_view text, bool in_quotes) {
    for (std::size_t at = text.size(); at > 0; --at) {
      if (text[at - 1] == '"') in_quotes = !in_quotes;
      if (text[at - 1] == '\n' && !in_quotes) return at;
    }
    return 0;
  }

  // The header is the first line of the first block that has a line.
  void find_header(std::vector<Block>& blocks) {
    header_block_ = nullptr;
    if (header_found_ || !changes_.options.has_header) return;
    for (Block& block : blocks) {
      if (block.bytes.empty()) continue;
      header_block_ = &block;
      header_found_ = true;
      return;
    }
  }

  void merge_one(Block& block) {
    std::string_view bytes = block.bytes;
    if (&block == header_block_) bytes = take_header(block);
    block.result = merge_block(bytes, changes_, RecordShape{}, seen_, block.out);
  }

  std::string_view take_header(Block& block) {
    const std::size_t size = first_record_start(block.bytes, false);
    block.out.append(block.bytes, 0, size);
    return std::string_view(block.bytes).substr(size);
  }

  Result<void> check_round(const std::vector<Block>& blocks) {
    for (const Block& block : blocks) {
      if (block.result.bad_record != 0)
        return fail(fmt::format("{}, row {}: it has fewer columns than the key needs", input_.base,
                                counts_.base_rows + block.result.bad_record));
      add(counts_, block.result.counts);
    }
    return {};
  }

  Result<void> write_round(std::vector<Block>& blocks) {
    for (Block& block : blocks) {
      if (auto written = output_.write_all(block.out); !written) return written;
      block.out.clear();
    }
    return {};
  }

  Result<MergeCounts> finish() {
    if (!carry_.empty())
      return fail(fmt::format("{}: {}", input_.base,
                              odd_quotes(carry_)
                                  ? "a quote is never closed"
                                  : "the last line has no line feed: the file is torn"));
    std::string rows;
    for (std::size_t from = 0; from < changes_.entries.size();) {
      rows.clear();
      counts_.inserted += append_inserts(changes_, seen_, from, read_block_bytes, rows);
      if (auto written = output_.write_all(rows); !written) return tl::unexpected(written.error());
    }
    output_.close();
    if (!temporary_.empty() && ::rename(temporary_.c_str(), input_.out.c_str()) != 0)
      return fail(fmt::format("cannot rename {} to {}", temporary_, input_.out));
    temporary_.clear();
    return counts_;
  }

  const MergeFilesInput& input_;
  const ChangeSet::State& changes_;
  Seen seen_;
  emulator::base::WorkerPool pool_;
  File base_, output_;
  std::string temporary_;
  std::uint64_t offset_ = 0;
  std::string carry_;
  const Block* header_block_ = nullptr;  // of this round
  bool header_found_ = false;
  bool at_end_ = false;
  MergeCounts counts_;
};

}  // namespace

Result<MergeFilesOutput> merge_files(const MergeFilesInput& input) {
  MergeFilesOutput output;
  ChangeSet changes(input.options);
  for (const std::string& name : input.changes) {
    auto text = emulator::base::read_file(name);
    if (!text) return tl::unexpected(text.error());
    auto counts = changes.add(name, std::move(*text));
    if (!counts) return tl::unexpected(counts.error());
    output.changes.rows += counts->rows;
    output.changes.inserts += counts->inserts;
    output.changes.updates += counts->updates;
    output.changes.deletes += counts->deletes;
    output.changes.stale += counts->stale;
  }
  auto rows = FileMerger(input, changes).run();
  if (!rows) return tl::unexpected(rows.error());
  output.rows = *rows;
  return output;
}

}  // namespace pipeline::glue::merge
