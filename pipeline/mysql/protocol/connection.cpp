#include "pipeline/mysql/protocol/connection.h"

#include <algorithm>
#include <array>

#include "emulator/base/text.h"
#include "pipeline/mysql/protocol/login.h"
#include "pipeline/mysql/protocol/packet.h"
#include "pipeline/mysql/protocol/result_reader.h"
#include "pipeline/mysql/protocol/transport.h"

namespace pipeline::mysql::protocol {

namespace {

constexpr char command_quit = 0x01;
constexpr char command_query = 0x03;
constexpr Duration quit_wait = std::chrono::milliseconds(200);

struct TlsModeName {
  TlsMode mode;
  std::string_view name;
};
constexpr std::array tls_modes{
    TlsModeName{TlsMode::disabled, "disabled"},
    TlsModeName{TlsMode::preferred, "preferred"},
    TlsModeName{TlsMode::required, "required"},
    TlsModeName{TlsMode::verify_ca, "verify_ca"},
    TlsModeName{TlsMode::verify_identity, "verify_identity"},
};

std::vector<std::optional<std::string>> owned(const Connection::Row& row) {
  return {row.begin(), row.end()};
}

}  // namespace

std::optional<TlsMode> parse_tls_mode(std::string_view text) {
  for (const TlsModeName& row : tls_modes)
    if (emulator::base::equals_ignoring_case(row.name, text)) return row.mode;
  return std::nullopt;
}

struct Connection::State {
  ConnectOptions options;
  std::unique_ptr<Transport> transport;
  PacketReader reader;
  Handshake handshake;
  bool open = true;

  // An error of the connection itself: what follows would not be understood.
  tl::unexpected<Error> broken(const Error& error) {
    open = false;
    return tl::unexpected(error);
  }

  Result<void> send(std::string_view payload, std::uint8_t& sequence, Duration wait) {
    if (!open) return fail(error_number::lost_connection, "the connection is closed");
    std::string bytes;
    append_packet(bytes, payload, sequence);
    if (auto done = transport->write(bytes, wait); !done) return broken(done.error());
    return {};
  }

  Result<void> answer(std::string_view payload, Duration wait) {
    std::uint8_t sequence = reader.sequence();
    auto done = send(payload, sequence, wait);
    reader.expect_sequence(sequence);
    return done;
  }

  Result<std::optional<std::string_view>> receive_within(Duration wait) {
    if (!open) return fail(error_number::lost_connection, "the connection is closed");
    while (true) {
      auto payload = reader.next();
      if (!payload) return broken(payload.error());
      if (*payload) return payload;
      if (!transport->is_reading()) transport->begin_read(reader.space());
      auto bytes = transport->finish_read(wait);
      if (!bytes) return broken(bytes.error());
      if (*bytes == 0) return std::nullopt;
      reader.filled(*bytes);
    }
  }

  Result<std::string_view> receive(Duration wait) {
    auto payload = receive_within(wait);
    if (!payload) return tl::unexpected(payload.error());
    if (*payload) return **payload;
    return broken({error_number::lost_connection, "HY000",
                   "Lost connection to MySQL server: no answer in time"});
  }

  Result<void> start_tls() {
    // What arrived in the clear must not count as if it had come through TLS.
    if (reader.buffered() != 0)
      return broken({error_number::tls_failed, "HY000", "SSL connection error: bytes before TLS"});
    const Transport::Tls tls{options.host, options.tls >= TlsMode::verify_ca,
                             options.tls == TlsMode::verify_identity, options.ca_file};
    auto done = transport->start_tls(tls, options.connect_timeout);
    if (!done) open = false;
    return done;
  }

  Result<void> log_in() {
    Login login({options.user, options.password, options.database,
                 options.tls == TlsMode::preferred, options.tls > TlsMode::preferred});
    while (true) {
      auto payload = receive(options.connect_timeout);
      if (!payload) return tl::unexpected(payload.error());
      auto step = login.take(*payload);
      while (step && step->start_tls) {
        if (auto done = answer(*step->send, options.connect_timeout); !done) return done;
        if (auto done = start_tls(); !done) return done;
        step = login.after_tls();
      }
      if (!step) return broken(step.error());
      if (step->done) break;
      if (!step->send) continue;
      if (auto done = answer(*step->send, options.connect_timeout); !done) return done;
    }
    handshake = login.handshake();
    return {};
  }
};

Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}

Connection::~Connection() { close(); }

Result<std::unique_ptr<Connection>> Connection::connect(const ConnectOptions& options) {
  auto transport = Transport::connect(options.host, options.port, options.connect_timeout);
  if (!transport) return tl::unexpected(transport.error());
  auto state = std::make_unique<State>();
  state->options = options;
  state->transport = std::move(*transport);
  std::unique_ptr<Connection> connection(new Connection(std::move(state)));
  if (auto done = connection->state_->log_in(); !done) return tl::unexpected(done.error());
  return connection;
}

const Handshake& Connection::handshake() const { return state_->handshake; }
bool Connection::uses_tls() const { return !state_->transport->tls_version().empty(); }
std::string Connection::tls_version() const { return state_->transport->tls_version(); }
bool Connection::is_open() const { return state_->open; }
void Connection::cancel() { state_->transport->cancel(); }
bool Connection::has_buffered() const { return state_->reader.has_whole(); }

void Connection::close() {
  if (!state_->open) return;
  std::uint8_t sequence = 0;
  // Good manners only: a server that is gone does not hear it.
  if (state_->send(std::string_view(&command_quit, 1), sequence, quit_wait)) state_->open = false;
}

Result<void> Connection::send_command(std::string_view payload) {
  std::uint8_t sequence = 0;
  auto done = state_->send(payload, sequence, state_->options.read_timeout);
  state_->reader.expect_sequence(sequence);
  return done;
}

Result<std::string_view> Connection::receive() {
  return state_->receive(state_->options.read_timeout);
}

Result<std::optional<std::string_view>> Connection::receive_within(Duration wait) {
  return state_->receive_within(wait);
}

Result<QueryResult> Connection::query(std::string_view sql) {
  std::vector<std::vector<std::optional<std::string>>> rows;
  auto result = query(sql, [&](const Row& row) {
    rows.push_back(owned(row));
    return true;
  });
  if (result) result->rows = std::move(rows);
  return result;
}

Result<QueryResult> Connection::query(std::string_view sql,
                                      const std::function<bool(const Row&)>& row) {
  if (auto done = send_command(command_query + std::string(sql)); !done)
    return tl::unexpected(done.error());
  ResultReader result(row);
  while (true) {
    auto payload = receive();
    if (!payload) return tl::unexpected(payload.error());
    const bool is_error = first_byte(*payload) == answer::error;
    auto done = result.take(*payload);
    if (!done && is_error) return tl::unexpected(done.error());
    if (!done) return state_->broken(done.error());
    if (*done) return QueryResult{result.take_columns(), {}, result.ok()};
  }
}

Result<std::optional<std::string>> Connection::query_value(std::string_view sql) {
  auto result = query(sql);
  if (!result) return tl::unexpected(result.error());
  if (result->rows.empty() || result->rows.front().empty()) return std::nullopt;
  return std::move(result->rows.front().front());
}

}  // namespace pipeline::mysql::protocol
