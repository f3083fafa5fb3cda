#include "emulator/base/sha512.h"

#include <openssl/evp.h>

#include <array>

#include "emulator/base/check.h"

namespace emulator::base {

struct Sha512::State {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                  &EVP_MD_CTX_free};
};

Sha512::Sha512() : state_(std::make_unique<State>()) {
  CHECK(EVP_DigestInit_ex(state_->context.get(), EVP_sha512(), nullptr) == 1);
}

Sha512::~Sha512() = default;

void Sha512::update(std::string_view bytes) {
  CHECK(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1);
}

std::string Sha512::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned size = 0;
  CHECK(EVP_DigestFinal_ex(state_->context.get(), out.data(), &size) == 1);
  return std::string(reinterpret_cast<const char*>(out.data()), size);
}

}  // namespace emulator::base
