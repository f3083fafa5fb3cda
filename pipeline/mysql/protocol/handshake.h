#pragma once
// The messages of the connection phase and the answers to commands, both directions, sans I/O: the
// client in this folder parses what a server writes, and a server may use the other halves.
// Names follow MySQL's source documentation, "Client/Server Protocol".

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/mysql/protocol/error.h"

namespace pipeline::mysql::protocol {

namespace capability {
inline constexpr std::uint32_t long_password =
    1u << 0;  // MariaDB: unset = it speaks MariaDB's extensions
inline constexpr std::uint32_t long_flag = 1u << 2;
inline constexpr std::uint32_t connect_with_database = 1u << 3;
inline constexpr std::uint32_t protocol_41 = 1u << 9;
inline constexpr std::uint32_t tls = 1u << 11;
inline constexpr std::uint32_t transactions = 1u << 13;
inline constexpr std::uint32_t secure_connection = 1u << 15;
inline constexpr std::uint32_t multi_results = 1u << 17;
inline constexpr std::uint32_t plugin_auth = 1u << 19;
inline constexpr std::uint32_t connect_attributes = 1u << 20;
inline constexpr std::uint32_t plugin_auth_lenenc_data = 1u << 21;
inline constexpr std::uint32_t deprecate_eof = 1u << 24;
}  // namespace capability

namespace server_status {
inline constexpr std::uint16_t in_transaction = 1u << 0;
inline constexpr std::uint16_t autocommit = 1u << 1;
inline constexpr std::uint16_t more_results = 1u << 3;
}  // namespace server_status

inline constexpr std::size_t scramble_bytes = 20;

// HandshakeV10: the server's first word.
struct Handshake {
  std::string server_version;
  std::uint32_t connection_id = 0;
  std::string scramble;  // 20 bytes
  std::uint32_t capabilities = 0;
  std::uint8_t collation = 0;
  std::uint16_t status = 0;
  std::string plugin;

  bool is_mariadb() const { return server_version.find("MariaDB") != std::string::npos; }
  // Without the "5.5.5-" that MariaDB puts before its own for the sake of old replicas.
  std::string version() const;
};
std::string write_handshake(const Handshake& handshake);
// A server that refuses the connection at once sends an ERR packet instead: that is the Error.
Result<Handshake> parse_handshake(std::string_view payload);

// HandshakeResponse41, and SSLRequest, which is its beginning.
struct HandshakeResponse {
  std::uint32_t capabilities = 0;
  std::uint32_t packet_bytes_max = 0;
  std::uint8_t collation = 0;
  std::string user;
  std::string authentication;  // the plugin's answer to the scramble
  std::string database;
  std::string plugin;
  std::vector<std::pair<std::string, std::string>> attributes;
};
std::string write_tls_request(const HandshakeResponse& response);
std::string write_handshake_response(const HandshakeResponse& response);
bool is_tls_request(std::string_view payload);
Result<HandshakeResponse> parse_handshake_response(std::string_view payload);

// "Use this plugin instead, with this scramble."
struct AuthSwitch {
  std::string plugin;
  std::string data;
};
std::string write_auth_switch(const AuthSwitch& request);
Result<AuthSwitch> parse_auth_switch(std::string_view payload);
std::string write_auth_more_data(std::string_view data);

// The first byte of an answer.
namespace answer {
inline constexpr std::uint8_t ok = 0x00;
inline constexpr std::uint8_t auth_more_data = 0x01;
inline constexpr std::uint8_t local_infile = 0xFB;
inline constexpr std::uint8_t eof = 0xFE;
inline constexpr std::uint8_t auth_switch = 0xFE;
inline constexpr std::uint8_t error = 0xFF;
}  // namespace answer
std::uint8_t first_byte(std::string_view payload);  // 0 of an empty one, which no answer is

struct OkPacket {
  std::uint64_t affected_rows = 0;
  std::uint64_t last_insert_id = 0;
  std::uint16_t status = 0;
  std::uint16_t warnings = 0;
  std::string info;
};
std::string write_ok(const OkPacket& ok, std::uint8_t head = answer::ok);
Result<OkPacket> parse_ok(std::string_view payload);

std::string write_error(const Error& error);
Error parse_error(std::string_view payload);

struct EofPacket {
  std::uint16_t warnings = 0;
  std::uint16_t status = 0;
};
std::string write_eof(const EofPacket& eof);
Result<EofPacket> parse_eof(std::string_view payload);
// 0xFE also begins a row whose first value is longer than 16 MiB: only a short packet is an EOF.
bool is_eof(std::string_view payload);

// ColumnDefinition41.
struct Column {
  std::string schema = {};
  std::string table = {};
  std::string original_table = {};
  std::string name = {};
  std::string original_name = {};
  std::uint16_t collation = 0;
  std::uint32_t length = 0;
  std::uint8_t type = 0;  // enum_field_types: 3 LONG, 253 VAR_STRING...
  std::uint16_t flags = 0;
  std::uint8_t decimals = 0;

  bool operator==(const Column&) const = default;
};
std::string write_column(const Column& column);
Result<Column> parse_column(std::string_view payload);

// A row of the text protocol. The views are into the payload; nullopt is NULL.
std::string write_text_row(const std::vector<std::optional<std::string_view>>& row);
Result<void> parse_text_row(std::string_view payload, std::size_t columns,
                            std::vector<std::optional<std::string_view>>& row);

}  // namespace pipeline::mysql::protocol
