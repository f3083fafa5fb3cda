#include "pipeline/mysql/protocol/server_url.h"

#include "emulator/base/text.h"

namespace pipeline::mysql::protocol {

namespace {

using emulator::base::fail;

constexpr std::string_view schemes[] = {"mysql://", "mariadb://"};

emulator::base::Result<std::string> decoded(std::string_view part, std::string_view what) {
  auto text = emulator::base::percent_decode(part, false);
  if (!text)
    return fail("the " + std::string(what) + " of the server's URL is not percent-encoded");
  return *text;
}

// What comes before the separator, which goes too; all of it if there is none.
std::string_view cut(std::string_view& text, char separator) {
  const std::size_t at = std::min(text.find(separator), text.size());
  const std::string_view before = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return before;
}

emulator::base::Result<void> set_option(ConnectOptions& options, std::string_view name,
                                        const std::string& value) {
  if (name == "ssl-ca") {
    options.ca_file = value;
    return {};
  }
  if (name != "ssl-mode")
    return fail("the server's URL has an option that is not known: " + std::string(name),
                "there are ssl-mode and ssl-ca");
  const auto mode = parse_tls_mode(value);
  if (!mode)
    return fail("ssl-mode=" + value + " is none",
                "DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY");
  options.tls = *mode;
  return {};
}

}  // namespace

bool is_server_url(std::string_view text) {
  for (const std::string_view scheme : schemes)
    if (text.substr(0, scheme.size()) == scheme) return true;
  return false;
}

emulator::base::Result<ConnectOptions> parse_server_url(std::string_view text) {
  if (!is_server_url(text))
    return fail("not the URL of a server", "mysql://user:password@host:port");
  std::string_view query = text.substr(text.find("://") + 3);
  std::string_view rest = cut(query, '?');
  std::string_view address = cut(rest, '/');
  ConnectOptions options;
  options.user = "root";
  if (const std::size_t at = address.rfind('@'); at != std::string_view::npos) {
    std::string_view password = address.substr(0, at);
    const auto user = decoded(cut(password, ':'), "user");
    const auto secret = decoded(password, "password");
    if (!user) return tl::unexpected(user.error());
    if (!secret) return tl::unexpected(secret.error());
    options.user = *user;
    options.password = *secret;
    address.remove_prefix(at + 1);
  }
  if (!address.empty() && address.front() == '[') {  // an IPv6 address
    const std::size_t end = std::min(address.find(']'), address.size() - 1);
    options.host = address.substr(1, end - 1);
    address.remove_prefix(end + 1);
    cut(address, ':');
  } else if (const std::string_view host = cut(address, ':'); !host.empty()) {
    options.host = host;
  }
  if (!address.empty()) {
    const auto port = emulator::base::parse_unsigned(address);
    if (!port || *port == 0 || *port > 65535)
      return fail("the server's URL has a port that is none: " + std::string(address));
    options.port = static_cast<std::uint16_t>(*port);
  }
  while (!query.empty()) {
    std::string_view option = cut(query, '&');
    const std::string_view name = cut(option, '=');
    const auto value = decoded(option, name);
    if (!value) return tl::unexpected(value.error());
    if (auto done = set_option(options, name, *value); !done) return tl::unexpected(done.error());
  }
  return options;
}

}  // namespace pipeline::mysql::protocol
