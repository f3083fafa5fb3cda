#pragma once
// What a client answers when a server asks who it is: one row a plugin in authentication.cpp. Sans
// I/O. A plugin that is not there is refused by its name. No password goes over an open line in
// clear: caching_sha2_password and sha256_password send it encrypted by the server's RSA key there,
// which they ask the server for. MariaDB's client_ed25519 and parsec are not there: OpenSSL signs
// with seeds of 32 bytes only.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "pipeline/mysql/protocol/error.h"

namespace pipeline::mysql::protocol {

class Authentication {
 public:
  struct Credentials {
    std::string password;
    bool secure = false;  // TLS: a password may go over it
  };
  explicit Authentication(Credentials credentials) : credentials_(std::move(credentials)) {}

  // The answer to the scramble of a handshake or of an AuthSwitch.
  Result<std::string> start(std::string_view plugin, std::string_view scramble);
  // The answer to AuthMoreData; nullopt: none is due, the server goes on.
  Result<std::optional<std::string>> more(std::string_view data);
  // Whether there is a row for this plugin.
  static bool knows(std::string_view plugin);

  const Credentials& credentials() const { return credentials_; }
  const std::string& scramble() const { return scramble_; }
  const std::string& plugin() const { return plugin_; }

 private:
  Credentials credentials_;
  std::string plugin_;
  std::string scramble_;
};

// SHA1(password) XOR SHA1(scramble + SHA1(SHA1(password))); empty for an empty password.
std::string native_password_answer(std::string_view password, std::string_view scramble);
// SHA256(password) XOR SHA256(SHA256(SHA256(password)) + scramble).
std::string caching_sha2_answer(std::string_view password, std::string_view scramble);

}  // namespace pipeline::mysql::protocol
