#include "pipeline/mysql/protocol/login.h"

namespace pipeline::mysql::protocol {

namespace {

// utf8mb4_general_ci: the one utf8mb4 collation that every server since MySQL 5.5 and MariaDB 5.5
// has.
constexpr std::uint8_t utf8mb4_general_ci = 45;

constexpr std::uint32_t client_capabilities =
    capability::long_password | capability::long_flag | capability::protocol_41 |
    capability::transactions | capability::secure_connection | capability::plugin_auth |
    capability::plugin_auth_lenenc_data | capability::connect_attributes;

constexpr std::uint32_t needed = capability::protocol_41 | capability::secure_connection;

}  // namespace

Login::Login(Options options) : options_(std::move(options)) {}

Result<Login::Step> Login::take(std::string_view payload) {
  if (!greeted_) return greet(payload);
  if (payload.empty()) return malformed("an empty answer to a login");
  switch (first_byte(payload)) {
    case answer::ok: {
      auto ok = parse_ok(payload);
      if (!ok) return tl::unexpected(ok.error());
      return Step{.done = true};
    }
    case answer::error:
      return tl::unexpected(parse_error(payload));
    case answer::auth_switch:
      return switch_plugin(payload);
    case answer::auth_more_data: {
      auto send = authentication_.more(payload.substr(1));
      if (!send) return tl::unexpected(send.error());
      return Step{.send = std::move(*send)};
    }
    default:
      return malformed("an unknown answer to a login");
  }
}

Result<Login::Step> Login::greet(std::string_view payload) {
  auto handshake = parse_handshake(payload);
  if (!handshake) return tl::unexpected(handshake.error());
  handshake_ = std::move(*handshake);
  greeted_ = true;
  if ((handshake_.capabilities & needed) != needed)
    return fail(error_number::old_protocol, "the server is older than MySQL 4.1");
  const bool can = (handshake_.capabilities & capability::tls) != 0;
  if (!can && options_.tls_required)
    return fail(error_number::tls_failed,
                "SSL connection error: SSL is required but the server doesn't support it");
  if (!can || !(options_.tls_wanted || options_.tls_required)) return respond();
  secure_ = true;
  return Step{.send = write_tls_request(response()), .start_tls = true};
}

Result<Login::Step> Login::after_tls() { return respond(); }

HandshakeResponse Login::response() const {
  HandshakeResponse out;
  out.capabilities = client_capabilities & (handshake_.capabilities | capability::long_password);
  if (!options_.database.empty()) out.capabilities |= capability::connect_with_database;
  if (secure_) out.capabilities |= capability::tls;
  out.packet_bytes_max = 1u << 30;
  out.collation = utf8mb4_general_ci;
  out.user = options_.user;
  out.database = options_.database;
  out.attributes = {{"_client_name", "sluice"}, {"_client_version", SLUICE_VERSION}};
  return out;
}

Result<Login::Step> Login::respond() {
  authentication_ = Authentication({options_.password, secure_});
  HandshakeResponse out = response();
  // An unknown default plugin of the server says nothing of this user's: it gets to switch.
  const bool known = Authentication::knows(handshake_.plugin);
  out.plugin = known ? handshake_.plugin : "mysql_native_password";
  auto authentication = authentication_.start(out.plugin, handshake_.scramble);
  if (!authentication) return tl::unexpected(authentication.error());
  out.authentication = std::move(*authentication);
  return Step{.send = write_handshake_response(out)};
}

Result<Login::Step> Login::switch_plugin(std::string_view payload) {
  auto wanted = parse_auth_switch(payload);
  if (!wanted) return tl::unexpected(wanted.error());
  auto send = authentication_.start(wanted->plugin, wanted->data);
  if (!send) return tl::unexpected(send.error());
  return Step{.send = std::move(*send)};
}

}  // namespace pipeline::mysql::protocol
