#include "pipeline/mysql/protocol/authentication.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <memory>

#include "emulator/base/digest.h"
#include "pipeline/mysql/protocol/handshake.h"

namespace pipeline::mysql::protocol {

namespace {

using emulator::base::hash;
using emulator::base::HashKind;

std::string exclusive_or(std::string_view text, std::string_view key) {
  std::string out(text);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<char>(out[i] ^ key[i % key.size()]);
  return out;
}

using Answer = Result<std::optional<std::string>>;

Answer unexpected_data(const Authentication&, std::string_view) {
  return malformed("the server goes on with a login that was complete");
}

// RSA with OAEP padding, as the server's key of sha2 passwords wants it.
std::optional<std::string> encrypt(std::string_view text, std::string_view pem) {
  const std::unique_ptr<BIO, int (*)(BIO*)> bytes(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  if (!bytes) return std::nullopt;
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(
      PEM_read_bio_PUBKEY(bytes.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  if (!key) return std::nullopt;
  const std::unique_ptr<EVP_PKEY_CTX, void (*)(EVP_PKEY_CTX*)> context(
      EVP_PKEY_CTX_new(key.get(), nullptr), EVP_PKEY_CTX_free);
  const auto* in = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t size = 0;
  if (!context || EVP_PKEY_encrypt_init(context.get()) <= 0 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) <= 0 ||
      EVP_PKEY_encrypt(context.get(), nullptr, &size, in, text.size()) <= 0)
    return std::nullopt;
  std::string out(size, '\0');
  auto* into = reinterpret_cast<unsigned char*>(out.data());
  if (EVP_PKEY_encrypt(context.get(), into, &size, in, text.size()) <= 0) return std::nullopt;
  out.resize(size);
  return out;
}

Answer encrypted_password(const Authentication& authentication, std::string_view public_key) {
  const std::string password = authentication.credentials().password + '\0';
  auto encrypted = encrypt(exclusive_or(password, authentication.scramble()), public_key);
  if (!encrypted)
    return fail(error_number::authentication_failed,
                "Authentication plugin '" + authentication.plugin() +
                    "' reported error: the server's public key cannot be used");
  return encrypted;
}

// "Caching_sha2_password information" of MySQL's source documentation: the server knows the hash
// already (fast), or wants the password itself (full).
Answer go_on_with_sha2(const Authentication& authentication, std::string_view data) {
  constexpr std::string_view fast_success = "\x03";
  constexpr std::string_view full_wanted = "\x04";
  constexpr std::string_view public_key_please = "\x02";
  const std::string password = authentication.credentials().password + '\0';
  if (data == fast_success) return std::nullopt;
  if (data == full_wanted) {
    if (authentication.credentials().secure) return password;
    return std::string(public_key_please);
  }
  return encrypted_password(authentication, data);
}

std::string start_native(const Authentication& authentication) {
  return native_password_answer(authentication.credentials().password, authentication.scramble());
}

std::string start_caching_sha2(const Authentication& authentication) {
  return caching_sha2_answer(authentication.credentials().password, authentication.scramble());
}

// sha256_password ("SHA-256 Pluggable Authentication" of MySQL's manual): the password itself,
// always.
std::string start_sha256(const Authentication& authentication) {
  const auto& [password, secure] = authentication.credentials();
  constexpr std::string_view public_key_please = "\x01";
  if (secure || password.empty()) return password + '\0';
  return std::string(public_key_please);
}

struct Plugin {
  std::string_view name;
  std::string (*start)(const Authentication& authentication);
  Answer (*more)(const Authentication& authentication, std::string_view data);
};
constexpr std::array plugins{
    Plugin{"mysql_native_password", start_native, unexpected_data},
    Plugin{"caching_sha2_password", start_caching_sha2, go_on_with_sha2},
    Plugin{"sha256_password", start_sha256, encrypted_password},
};

const Plugin* find(std::string_view name) {
  const auto* row = std::find_if(plugins.begin(), plugins.end(),
                                 [&](const Plugin& plugin) { return plugin.name == name; });
  return row == plugins.end() ? nullptr : row;
}

}  // namespace

std::string native_password_answer(std::string_view password, std::string_view scramble) {
  if (password.empty()) return {};
  const std::string once = hash(HashKind::sha1, password);
  const std::string twice = hash(HashKind::sha1, once);
  return exclusive_or(once, hash(HashKind::sha1, std::string(scramble) + twice));
}

std::string caching_sha2_answer(std::string_view password, std::string_view scramble) {
  if (password.empty()) return {};
  const std::string once = hash(HashKind::sha256, password);
  const std::string twice = hash(HashKind::sha256, once);
  return exclusive_or(once, hash(HashKind::sha256, twice + std::string(scramble)));
}

bool Authentication::knows(std::string_view plugin) { return find(plugin) != nullptr; }

Result<std::string> Authentication::start(std::string_view plugin, std::string_view scramble) {
  const Plugin* row = find(plugin);
  if (!row)
    return fail(
        error_number::authentication_plugin,
        "Authentication plugin '" + std::string(plugin) +
            "' is not supported: mysql_native_password, caching_sha2_password and sha256_password "
            "are");
  if (scramble.size() != scramble_bytes)
    return malformed("a scramble of " + std::to_string(scramble.size()) + " bytes");
  plugin_ = plugin;
  scramble_ = scramble;
  return row->start(*this);
}

Result<std::optional<std::string>> Authentication::more(std::string_view data) {
  const Plugin* row = find(plugin_);
  if (!row) return malformed("the server goes on with a login that has not begun");
  return row->more(*this, data);
}

}  // namespace pipeline::mysql::protocol
