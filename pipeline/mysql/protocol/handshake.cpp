#include "pipeline/mysql/protocol/handshake.h"

#include "emulator/base/bytes.h"
#include "pipeline/mysql/binlog/event.h"
#include "pipeline/mysql/protocol/packet.h"

namespace pipeline::mysql::protocol {

namespace {

using binlog::read_lenenc;
using emulator::base::append_le;
using emulator::base::ByteReader;

constexpr std::uint8_t protocol_version = 10;
constexpr std::size_t first_scramble_bytes = 8;
constexpr std::size_t reserved_bytes = 10;
constexpr std::size_t response_filler_bytes = 23;
constexpr std::size_t tls_request_bytes = 32;

void append_zero_terminated(std::string& out, std::string_view text) {
  out += text;
  out.push_back('\0');
}

// Up to a zero byte; the last string of a packet may go without.
std::string_view read_zero_terminated(ByteReader& in, std::string_view payload) {
  const std::string_view left = payload.substr(in.offset());
  const std::size_t end = left.find('\0');
  if (end == std::string_view::npos) return in.rest();
  const std::string_view text = in.take(end);
  in.skip(1);
  return text;
}

std::string read_lenenc_string(ByteReader& in) { return std::string(in.take(read_lenenc(in))); }

std::string response_head(const HandshakeResponse& response) {
  std::string out;
  append_le(out, response.capabilities, 4);
  append_le(out, response.packet_bytes_max, 4);
  append_le(out, response.collation, 1);
  out.append(response_filler_bytes, '\0');
  return out;
}

std::string encode_attributes(const HandshakeResponse& response) {
  std::string out;
  for (const auto& [name, value] : response.attributes) {
    append_lenenc_string(out, name);
    append_lenenc_string(out, value);
  }
  return out;
}

void read_attributes(std::string_view bytes, HandshakeResponse& into) {
  ByteReader in(bytes);
  while (in.left() != 0 && !in.failed()) {
    std::string name = read_lenenc_string(in);
    std::string value = read_lenenc_string(in);
    if (!in.failed()) into.attributes.emplace_back(std::move(name), std::move(value));
  }
}

}  // namespace

std::uint8_t first_byte(std::string_view payload) {
  return payload.empty() ? 0 : static_cast<std::uint8_t>(payload.front());
}

std::string Handshake::version() const {
  constexpr std::string_view replica_prefix = "5.5.5-";
  const bool prefixed = is_mariadb() && server_version.rfind(replica_prefix, 0) == 0;
  return prefixed ? server_version.substr(replica_prefix.size()) : server_version;
}

std::string write_handshake(const Handshake& handshake) {
  std::string out;
  append_le(out, protocol_version, 1);
  append_zero_terminated(out, handshake.server_version);
  append_le(out, handshake.connection_id, 4);
  append_zero_terminated(out, std::string_view(handshake.scramble).substr(0, first_scramble_bytes));
  append_le(out, handshake.capabilities & 0xFFFF, 2);
  append_le(out, handshake.collation, 1);
  append_le(out, handshake.status, 2);
  append_le(out, handshake.capabilities >> 16, 2);
  append_le(out, handshake.scramble.size() + 1, 1);
  out.append(reserved_bytes, '\0');
  append_zero_terminated(out, std::string_view(handshake.scramble).substr(first_scramble_bytes));
  append_zero_terminated(out, handshake.plugin);
  return out;
}

Result<Handshake> parse_handshake(std::string_view payload) {
  if (first_byte(payload) == answer::error) return tl::unexpected(parse_error(payload));
  ByteReader in(payload);
  if (const std::uint8_t version = in.u8(); version != protocol_version)
    return fail(error_number::old_protocol, "Protocol mismatch; server version = " +
                                                std::to_string(version) + ", client version = 10");
  Handshake out;
  out.server_version = read_zero_terminated(in, payload);
  out.connection_id = in.u32();
  out.scramble = in.take(first_scramble_bytes);
  in.skip(1);
  out.capabilities = in.u16();
  out.collation = in.u8();
  out.status = in.u16();
  out.capabilities |= static_cast<std::uint32_t>(in.u16()) << 16;
  in.skip(1 + reserved_bytes);  // the scramble's length: it is always 20 bytes and a zero
  out.scramble += in.take(scramble_bytes - first_scramble_bytes);
  if (in.failed()) return malformed("a handshake that is cut short");
  if (in.left() != 0) in.skip(1);
  out.plugin = read_zero_terminated(in, payload);
  return out;
}

std::string write_tls_request(const HandshakeResponse& response) { return response_head(response); }

bool is_tls_request(std::string_view payload) {
  return payload.size() == tls_request_bytes && (ByteReader(payload).u32() & capability::tls) != 0;
}

std::string write_handshake_response(const HandshakeResponse& response) {
  std::string out = response_head(response);
  append_zero_terminated(out, response.user);
  if (response.capabilities & capability::plugin_auth_lenenc_data) {
    append_lenenc_string(out, response.authentication);
  } else {
    append_le(out, response.authentication.size(), 1);
    out += response.authentication;
  }
  if (response.capabilities & capability::connect_with_database)
    append_zero_terminated(out, response.database);
  if (response.capabilities & capability::plugin_auth) append_zero_terminated(out, response.plugin);
  if (response.capabilities & capability::connect_attributes)
    append_lenenc_string(out, encode_attributes(response));
  return out;
}

Result<HandshakeResponse> parse_handshake_response(std::string_view payload) {
  ByteReader in(payload);
  HandshakeResponse out;
  out.capabilities = in.u32();
  out.packet_bytes_max = in.u32();
  out.collation = in.u8();
  in.skip(response_filler_bytes);
  if (!in.failed() && (out.capabilities & capability::protocol_41) == 0)
    return fail(error_number::old_protocol, "a client of before MySQL 4.1");
  out.user = read_zero_terminated(in, payload);
  const bool lenenc = (out.capabilities & capability::plugin_auth_lenenc_data) != 0;
  if (lenenc || (out.capabilities & capability::secure_connection) != 0)
    out.authentication = in.take(lenenc ? read_lenenc(in) : in.u8());
  else
    out.authentication = read_zero_terminated(in, payload);
  if (in.failed()) return malformed("a handshake response that is cut short");
  if (out.capabilities & capability::connect_with_database)
    out.database = read_zero_terminated(in, payload);
  if (out.capabilities & capability::plugin_auth) out.plugin = read_zero_terminated(in, payload);
  if ((out.capabilities & capability::connect_attributes) && in.left() != 0)
    read_attributes(in.take(read_lenenc(in)), out);
  if (in.failed()) return malformed("a handshake response that is cut short");
  return out;
}

std::string write_auth_switch(const AuthSwitch& request) {
  std::string out(1, static_cast<char>(answer::auth_switch));
  append_zero_terminated(out, request.plugin);
  append_zero_terminated(out, request.data);
  return out;
}

Result<AuthSwitch> parse_auth_switch(std::string_view payload) {
  ByteReader in(payload);
  in.skip(1);
  // Nothing behind the first byte is the request of before 4.1.
  if (in.left() == 0) return AuthSwitch{"mysql_old_password", {}};
  AuthSwitch out;
  out.plugin = read_zero_terminated(in, payload);
  out.data = in.rest();
  if (!out.data.empty() && out.data.back() == '\0') out.data.pop_back();
  return out;
}

std::string write_auth_more_data(std::string_view data) {
  return std::string(1, static_cast<char>(answer::auth_more_data)).append(data);
}

std::string write_ok(const OkPacket& ok, std::uint8_t head) {
  std::string out(1, static_cast<char>(head));
  append_lenenc(out, ok.affected_rows);
  append_lenenc(out, ok.last_insert_id);
  append_le(out, ok.status, 2);
  append_le(out, ok.warnings, 2);
  return out += ok.info;
}

Result<OkPacket> parse_ok(std::string_view payload) {
  ByteReader in(payload);
  in.skip(1);
  OkPacket out;
  out.affected_rows = read_lenenc(in);
  out.last_insert_id = read_lenenc(in);
  out.status = in.u16();
  out.warnings = in.u16();
  if (in.failed()) return malformed("an OK that is cut short");
  out.info = in.rest();
  return out;
}

std::string write_error(const Error& error) {
  std::string out(1, static_cast<char>(answer::error));
  append_le(out, error.number, 2);
  return out.append("#").append(error.sqlstate).append(error.message);
}

Error parse_error(std::string_view payload) {
  ByteReader in(payload);
  in.skip(1);
  Error out;
  out.number = in.u16();
  std::string_view text = in.rest();
  constexpr std::size_t sqlstate_bytes = 5;
  // Before the client has said what it can, the SQLSTATE is missing.
  if (text.size() > sqlstate_bytes && text.front() == '#') {
    out.sqlstate = text.substr(1, sqlstate_bytes);
    text.remove_prefix(1 + sqlstate_bytes);
  } else {
    out.sqlstate = out.number == error_number::too_many_connections ? "08004" : "HY000";
  }
  out.message = text;
  return out;
}

std::string write_eof(const EofPacket& eof) {
  std::string out(1, static_cast<char>(answer::eof));
  append_le(out, eof.warnings, 2);
  append_le(out, eof.status, 2);
  return out;
}

Result<EofPacket> parse_eof(std::string_view payload) {
  ByteReader in(payload);
  in.skip(1);
  EofPacket out;
  if (in.left() == 0) return out;  // as of before 4.1
  out.warnings = in.u16();
  out.status = in.u16();
  if (in.failed()) return malformed("an EOF that is cut short");
  return out;
}

bool is_eof(std::string_view payload) {
  constexpr std::size_t eof_bytes_max = 8;
  return first_byte(payload) == answer::eof && payload.size() <= eof_bytes_max;
}

std::string write_column(const Column& column) {
  constexpr std::uint8_t fixed_bytes = 12;
  std::string out;
  append_lenenc_string(out, "def");
  append_lenenc_string(out, column.schema);
  append_lenenc_string(out, column.table);
  append_lenenc_string(out, column.original_table);
  append_lenenc_string(out, column.name);
  append_lenenc_string(out, column.original_name);
  append_lenenc(out, fixed_bytes);
  append_le(out, column.collation, 2);
  append_le(out, column.length, 4);
  append_le(out, column.type, 1);
  append_le(out, column.flags, 2);
  append_le(out, column.decimals, 1);
  append_le(out, 0, 2);
  return out;
}

Result<Column> parse_column(std::string_view payload) {
  ByteReader in(payload);
  in.skip(read_lenenc(in));  // catalog: always "def"
  Column out;
  out.schema = read_lenenc_string(in);
  out.table = read_lenenc_string(in);
  out.original_table = read_lenenc_string(in);
  out.name = read_lenenc_string(in);
  out.original_name = read_lenenc_string(in);
  read_lenenc(in);
  out.collation = in.u16();
  out.length = in.u32();
  out.type = in.u8();
  out.flags = in.u16();
  out.decimals = in.u8();
  if (in.failed()) return malformed("a column definition that is cut short");
  return out;
}

namespace {
constexpr char null_value = '\xFB';
}  // namespace

std::string write_text_row(const std::vector<std::optional<std::string_view>>& row) {
  std::string out;
  for (const auto& value : row) {
    if (value)
      append_lenenc_string(out, *value);
    else
      out.push_back(null_value);
  }
  return out;
}

Result<void> parse_text_row(std::string_view payload, std::size_t columns,
                            std::vector<std::optional<std::string_view>>& row) {
  ByteReader in(payload);
  row.resize(columns);
  for (auto& value : row) {
    if (in.offset() < payload.size() && payload[in.offset()] == null_value) {
      in.skip(1);
      value.reset();
    } else {
      value = in.take(read_lenenc(in));
    }
  }
  if (in.failed() || in.left() != 0) return malformed("a row that does not fit its columns");
  return {};
}

}  // namespace pipeline::mysql::protocol
