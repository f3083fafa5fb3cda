#pragma once
// The answer to COM_QUERY, sans I/O: payloads in; columns, rows and the final OK out.

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "pipeline/mysql/protocol/handshake.h"

namespace pipeline::mysql::protocol {

class ResultReader {
 public:
  using Row = std::vector<std::optional<std::string_view>>;
  // False from the callback: the rows that follow are dropped.
  explicit ResultReader(std::function<bool(const Row&)> row) : on_row_(std::move(row)) {}

  // True: that was the last payload of the answer. An ERR packet is the Error.
  Result<bool> take(std::string_view payload);
  std::vector<Column> take_columns() { return std::move(columns_); }
  const OkPacket& ok() const { return ok_; }

 private:
  enum class Expects { head, column, end_of_columns, row };
  Result<bool> head(std::string_view payload);
  Result<bool> column(std::string_view payload);
  Result<bool> row(std::string_view payload);

  std::function<bool(const Row&)> on_row_;
  Expects expects_ = Expects::head;
  std::uint64_t columns_left_ = 0;
  std::vector<Column> columns_;
  Row row_;
  bool wanted_ = true;
  OkPacket ok_;
};

}  // namespace pipeline::mysql::protocol
