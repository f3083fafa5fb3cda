#include "pipeline/mysql/protocol/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pipeline::mysql::protocol {

namespace {

// Of a connection that is no more, or of a server that will be back.
constexpr std::array connection_errors{error_number::no_connection, error_number::lost_connection,
                                       error_number::too_many_connections,
                                       error_number::shutting_down, error_number::killed};

constexpr const char* client_sqlstate = "HY000";

}  // namespace

std::string Error::text() const { return fmt::format("{} ({}): {}", number, sqlstate, message); }

bool Error::is_lost_connection() const {
  return std::find(connection_errors.begin(), connection_errors.end(), number) !=
         connection_errors.end();
}

tl::unexpected<Error> fail(std::uint16_t number, std::string message) {
  return tl::unexpected<Error>(Error{number, client_sqlstate, std::move(message)});
}

tl::unexpected<Error> malformed(std::string what) {
  return fail(error_number::malformed_packet, "Malformed packet: " + std::move(what));
}

}  // namespace pipeline::mysql::protocol
