#pragma once
// A connection to a MySQL or MariaDB server: log in, with TLS or without, and ask in the text
// protocol. Blocking, with timeouts; used by one thread at a time, but for cancel(). After an error
// of the connection itself (Error::is_lost_connection, a malformed packet) it is closed and answers
// only that.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/time_text.h"
#include "pipeline/mysql/protocol/handshake.h"

namespace pipeline::mysql::protocol {

using emulator::base::Duration;

// As MySQL's --ssl-mode.
enum class TlsMode {
  disabled,
  preferred,        // if the server can
  required,         // or no connection; whoever the server is
  verify_ca,        // its certificate is signed by one of ca_file
  verify_identity,  // and is for this host
};
// "verify_ca", "VERIFY_CA"
std::optional<TlsMode> parse_tls_mode(std::string_view text);

struct ConnectOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 3306;
  std::string user = {};
  std::string password = {};
  std::string database = {};
  TlsMode tls = TlsMode::preferred;
  std::string ca_file = {};  // PEM; empty: those of the system
  Duration connect_timeout = std::chrono::seconds(10);
  Duration read_timeout =
      std::chrono::seconds(60);  // of each answer's next bytes; also for writing
};

struct QueryResult {
  std::vector<Column> columns;  // empty: no result set, `ok` tells
  std::vector<std::vector<std::optional<std::string>>> rows;
  OkPacket ok;
};

class Connection {
 public:
  using Row =
      std::vector<std::optional<std::string_view>>;  // views hold until the callback returns

  static Result<std::unique_ptr<Connection>> connect(const ConnectOptions& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // One statement, the whole answer at once. Values are the server's text in utf8mb4.
  Result<QueryResult> query(std::string_view sql);
  // The same, rows one by one as they arrive. False from the callback: the rest is read and
  // dropped.
  Result<QueryResult> query(std::string_view sql, const std::function<bool(const Row&)>& row);
  // The first value of the first row, as `SELECT @@server_id` gives; nullopt: NULL, or no row.
  Result<std::optional<std::string>> query_value(std::string_view sql);

  const Handshake& handshake() const;
  bool is_mariadb() const { return handshake().is_mariadb(); }
  bool uses_tls() const;
  std::string tls_version() const;  // "TLSv1.3"; "" without
  bool is_open() const;
  void close();  // says good-bye
  // From any thread: what waits, now or later, ends with error 2013.
  void cancel();

  // For the protocols built on this one: a command and the payloads of its answer.
  Result<void> send_command(std::string_view payload);
  // Views hold until the next call. An ERR packet is not yet an Error here.
  Result<std::string_view> receive();
  // The same; nullopt: nothing whole came within this time, the connection goes on.
  Result<std::optional<std::string_view>> receive_within(Duration wait);
  // Whether receive() has an answer without waiting.
  bool has_buffered() const;

 private:
  struct State;
  explicit Connection(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace pipeline::mysql::protocol
