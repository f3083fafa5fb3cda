#pragma once
// Asks a running server through MySQL Connector/C++: for its schema and for the rows of a full
// load. Text protocol, forward-only, so that memory does not grow with a result (the connector's
// prepared statements corrupt values: binlog.md section 12). Used by one thread at a time.
// Connector/C++ stays in the .cpp file; its exceptions become an Error.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/result.h"
#include "pipeline/mysql/protocol/connection.h"

namespace pipeline::rds::external {

using emulator::base::Result;
using mysql::protocol::ConnectOptions;

class SqlClient {
 public:
  // Views hold until the callback returns; nullopt is NULL.
  using Row = std::vector<std::optional<std::string_view>>;
  using OnRow = std::function<bool(const Row&)>;

  // TLS as ConnectOptions say; sets the session to UTC and to texts in utf8mb4.
  static Result<std::unique_ptr<SqlClient>> connect(const ConnectOptions& options);
  ~SqlClient();
  SqlClient(const SqlClient&) = delete;
  SqlClient& operator=(const SqlClient&) = delete;

  Result<void> execute(const std::string& sql);
  // Rows one by one as they arrive; false stops. A result that ends early, because the connection
  // or the query was killed, is an Error.
  Result<void> query(const std::string& sql, const OnRow& row);
  Result<std::vector<std::vector<std::optional<std::string>>>> rows(const std::string& sql);
  Result<std::optional<std::string>> value(const std::string& sql);  // of the first row and column

  bool is_mariadb() const;
  const std::string& version() const;  // "10.11.14-MariaDB-0+deb12u2"
  // After an Error: whether the connection is gone. Then a new one may help.
  bool is_lost() const;

 private:
  struct State;
  explicit SqlClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// `name`, with its backticks doubled.
std::string quoted_name(std::string_view name);
// 'text', for names and numbers that come from the server or from a user.
std::string quoted_text(std::string_view text);

}  // namespace pipeline::rds::external
