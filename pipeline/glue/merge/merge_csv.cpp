// The streaming merge on one thread: what job runs use, whose base is an object in S3.

#include <fmt/format.h>

#include "pipeline/glue/merge/block_merge.h"
#include "pipeline/glue/merge/scan.h"

namespace pipeline::glue::merge {
namespace {

using emulator::base::fail;

constexpr std::size_t block_bytes = 1 << 20;

// One base after another through one buffer.
class StreamMerger {
 public:
  StreamMerger(const ChangeSet& changes, const Sink& out)
      : changes_(changes.state()), sink_(out), seen_(changes.keys()) {}

  Result<void> take(const Base& base) {
    RecordShape shape{base.leading_columns, base.trailing_column};
    std::string buffer;  // a record begun, and what was read after it
    std::uint64_t records_before = 0;
    bool header_due = changes_.options.has_header;
    for (bool at_end = false; !at_end;) {
      auto filled = fill(base.read, buffer);
      if (!filled) return tl::unexpected(filled.error());
      at_end = !*filled;
      std::size_t done = 0;
      if (header_due && !buffer.empty()) {
        done = first_record_start(buffer, false);
        if (buffer[done - 1] != '\n') break;  // no line at all: torn
        write_header(std::string_view(buffer).substr(0, done), shape);
        header_due = false;
      }
      BlockResult result =
          merge_block(std::string_view(buffer).substr(done), changes_, shape, seen_, out_);
      if (result.bad_record != 0)
        return fail(fmt::format("{}, row {}: it has fewer columns than the key needs", base.name,
                                records_before + result.bad_record));
      if (at_end && result.ends_in_quotes)
        return fail(fmt::format("{}: a quote is never closed", base.name));
      add(counts_, result.counts);
      records_before += result.records;
      buffer.erase(0, done + result.consumed);
      if (auto flushed = flush(block_bytes); !flushed) return flushed;
    }
    if (!buffer.empty())
      return fail(fmt::format("{}: the last line has no line feed: the file is torn", base.name));
    return {};
  }

  Result<MergeCounts> finish() {
    if (changes_.options.has_header && !header_written_ && !changes_.header.empty()) {
      out_ += changes_.header;
      out_.push_back('\n');
    }
    for (std::size_t from = 0; from < changes_.entries.size();) {
      counts_.inserted += append_inserts(changes_, seen_, from, block_bytes, out_);
      if (auto flushed = flush(block_bytes); !flushed) return tl::unexpected(flushed.error());
    }
    if (auto flushed = flush(1); !flushed) return tl::unexpected(flushed.error());
    return counts_;
  }

 private:
  // Reads on until there is a block more; false = the source is at its end.
  static Result<bool> fill(const Source& read, std::string& buffer) {
    std::size_t filled = buffer.size();
    buffer.resize(filled + block_bytes);
    while (filled < buffer.size()) {
      auto got = read(std::span<char>(buffer.data() + filled, buffer.size() - filled));
      if (!got) return tl::unexpected(got.error());
      if (*got == 0) break;
      filled += *got;
    }
    const bool full = filled == buffer.size();
    buffer.resize(filled);
    return full;
  }

  void write_header(std::string_view line, const RecordShape& shape) {
    if (header_written_) return;
    header_written_ = true;
    Seen nothing(0);
    ChangeSet none(MergeOptions{.key_columns = {0}, .delimiter = changes_.options.delimiter});
    merge_block(line, none.state(), shape, nothing, out_);
  }

  Result<void> flush(std::size_t at_least) {
    if (out_.size() < at_least) return {};
    auto written = sink_(out_);
    out_.clear();
    return written;
  }

  const ChangeSet::State& changes_;
  const Sink& sink_;
  Seen seen_;
  MergeCounts counts_;
  std::string out_;
  bool header_written_ = false;
};

}  // namespace

Result<MergeCounts> merge_csv(std::span<const Base> base, const ChangeSet& changes,
                              const Sink& out) {
  StreamMerger merger(changes, out);
  for (const Base& piece : base)
    if (auto taken = merger.take(piece); !taken) return tl::unexpected(taken.error());
  return merger.finish();
}

}  // namespace pipeline::glue::merge
