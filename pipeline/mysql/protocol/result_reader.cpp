#include "pipeline/mysql/protocol/result_reader.h"

#include "emulator/base/bytes.h"
#include "pipeline/mysql/binlog/event.h"

namespace pipeline::mysql::protocol {

Result<bool> ResultReader::take(std::string_view payload) {
  if (payload.empty()) return malformed("an empty answer to a query");
  if (first_byte(payload) == answer::error) return tl::unexpected(parse_error(payload));
  switch (expects_) {
    case Expects::head:
      return head(payload);
    case Expects::column:
      return column(payload);
    case Expects::end_of_columns:
      if (!is_eof(payload)) return malformed("a result set without an end of its columns");
      expects_ = Expects::row;
      return false;
    case Expects::row:
      return row(payload);
  }
  return false;
}

Result<bool> ResultReader::head(std::string_view payload) {
  if (first_byte(payload) == answer::ok) {
    auto ok = parse_ok(payload);
    if (!ok) return tl::unexpected(ok.error());
    ok_ = std::move(*ok);
    return true;
  }
  if (first_byte(payload) == answer::local_infile)
    return fail(error_number::not_supported, "LOAD DATA LOCAL INFILE is not supported");
  emulator::base::ByteReader in(payload);
  columns_left_ = binlog::read_lenenc(in);
  constexpr std::uint64_t columns_max = 0xFFFF;
  if (in.failed() || in.left() != 0 || columns_left_ == 0 || columns_left_ > columns_max)
    return malformed("a result set whose number of columns cannot be read");
  expects_ = Expects::column;
  return false;
}

Result<bool> ResultReader::column(std::string_view payload) {
  auto parsed = parse_column(payload);
  if (!parsed) return tl::unexpected(parsed.error());
  columns_.push_back(std::move(*parsed));
  if (--columns_left_ == 0) expects_ = Expects::end_of_columns;
  return false;
}

Result<bool> ResultReader::row(std::string_view payload) {
  if (is_eof(payload)) {
    auto eof = parse_eof(payload);
    if (!eof) return tl::unexpected(eof.error());
    ok_.status = eof->status;
    ok_.warnings = eof->warnings;
    return true;
  }
  if (!wanted_) return false;
  if (auto done = parse_text_row(payload, columns_.size(), row_); !done)
    return tl::unexpected(done.error());
  wanted_ = on_row_(row_);
  return false;
}

}  // namespace pipeline::mysql::protocol
