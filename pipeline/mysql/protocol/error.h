#pragma once
// What goes wrong between a MySQL client and a server: the server's own errors as it sent them, and
// the client's, under the numbers that MySQL's client library has for them (manual: Client Error
// Message Reference), so that a caller reads one kind of number.

#include <cstdint>
#include <string>

#include "emulator/base/result.h"

namespace pipeline::mysql::protocol {

struct Error {
  std::uint16_t number = 0;
  std::string sqlstate = {};
  std::string message = {};

  // "1045 (28000): Access denied for user 'a'@'localhost' (using password: YES)"
  std::string text() const;
  // The connection is gone, not the request wrong: trying again on a new one may help.
  bool is_lost_connection() const;
  emulator::base::Error to_base() const { return {text()}; }
};

template <class T>
using Result = tl::expected<T, Error>;

namespace error_number {
// The client's.
inline constexpr std::uint16_t unknown_host = 2005;
inline constexpr std::uint16_t no_connection = 2003;
inline constexpr std::uint16_t old_protocol = 2007;
inline constexpr std::uint16_t lost_connection = 2013;
inline constexpr std::uint16_t packet_too_large = 2020;
inline constexpr std::uint16_t tls_failed = 2026;
inline constexpr std::uint16_t malformed_packet = 2027;
inline constexpr std::uint16_t not_supported = 2054;  // NOT_IMPLEMENTED
inline constexpr std::uint16_t authentication_plugin = 2059;
inline constexpr std::uint16_t authentication_failed = 2061;
// The server's, as far as we act on them.
inline constexpr std::uint16_t too_many_connections = 1040;
inline constexpr std::uint16_t access_denied = 1045;
inline constexpr std::uint16_t shutting_down = 1053;
inline constexpr std::uint16_t syntax_error = 1064;
inline constexpr std::uint16_t fatal_reading_binlog = 1236;
inline constexpr std::uint16_t killed = 1927;  // MariaDB: ER_CONNECTION_KILLED
}  // namespace error_number

tl::unexpected<Error> fail(std::uint16_t number, std::string message);
// A packet that breaks the protocol.
tl::unexpected<Error> malformed(std::string what);

}  // namespace pipeline::mysql::protocol
