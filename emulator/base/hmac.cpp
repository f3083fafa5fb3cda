#include "emulator/base/hmac.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>

#include "emulator/base/check.h"

namespace emulator::base {
namespace {

const char* digest_name(HashKind kind) {
  switch (kind) {
    case HashKind::md5:
      return "MD5";
    case HashKind::sha1:
      return "SHA1";
    case HashKind::sha256:
      return "SHA256";
  }
  CHECK(false);
}

}  // namespace

struct Hmac::State {
  EVP_MAC_CTX* context;
  explicit State(EVP_MAC* mac) : context(EVP_MAC_CTX_new(mac)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_MAC_CTX_free(context); }
};

Hmac::Hmac(HashKind kind, std::string_view key) {
  static EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  state_ = std::make_unique<State>(mac);
  std::string name = digest_name(kind);
  const std::array parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0),
      OSSL_PARAM_construct_end()};
  CHECK(EVP_MAC_init(state_->context,
                     reinterpret_cast<const unsigned char*>(key.empty() ? "" : key.data()),
                     key.size(), parameters.data()) == 1);
}
Hmac::~Hmac() = default;
Hmac::Hmac(Hmac&&) noexcept = default;
Hmac& Hmac::operator=(Hmac&&) noexcept = default;

std::string Hmac::of(std::string_view bytes) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  std::size_t size = 0;
  CHECK(EVP_MAC_init(state_->context, nullptr, 0, nullptr) == 1);  // the same key again
  CHECK(EVP_MAC_update(state_->context, reinterpret_cast<const unsigned char*>(bytes.data()),
                       bytes.size()) == 1);
  CHECK(EVP_MAC_final(state_->context, reinterpret_cast<unsigned char*>(out.data()), &size,
                      out.size()) == 1);
  out.resize(size);
  return out;
}

}  // namespace emulator::base
