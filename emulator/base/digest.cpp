#include "emulator/base/digest.h"

#include <openssl/evp.h>
#include <zlib.h>
#ifdef SLUICE_LIBDEFLATE
#include <libdeflate.h>
#endif

#include <array>
#include <utility>

#include "emulator/base/check.h"
#include "emulator/base/crc_folding.h"
#include "emulator/base/hmac.h"

namespace emulator::base {
namespace {

// Fetched once: EVP_sha256() and its like are looked up in OpenSSL's tables anew at each use.
const EVP_MD* algorithm(HashKind kind) {
  static const EVP_MD* const md5 = EVP_MD_fetch(nullptr, "MD5", nullptr);
  static const EVP_MD* const sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  switch (kind) {
    case HashKind::md5:
      return md5;
    case HashKind::sha1:
      return sha1;
    case HashKind::sha256:
      return sha256;
  }
  CHECK(false);
}

// Slicing-by-8 tables of a reflected CRC: eight bytes a step, on any processor.
template <class Word>
using CrcTables = std::array<std::array<Word, 256>, 8>;

template <class Word>
constexpr CrcTables<Word> make_tables(Word polynomial) {
  CrcTables<Word> tables{};
  for (std::size_t i = 0; i < 256; ++i) {
    Word value = static_cast<Word>(i);
    for (int bit = 0; bit < 8; ++bit) value = value & 1 ? value >> 1 ^ polynomial : value >> 1;
    tables[0][i] = value;
  }
  for (std::size_t i = 0; i < 256; ++i)
    for (std::size_t t = 1; t < 8; ++t)
      tables[t][i] = tables[t - 1][i] >> 8 ^ tables[0][tables[t - 1][i] & 0xFF];
  return tables;
}

// The register of a CRC behind these bytes.
template <class Word>
Word run_register(const CrcTables<Word>& tables, std::string_view bytes, Word crc) {
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word = 0;
    for (int i = 7; i >= 0; --i) word = word << 8 | static_cast<unsigned char>(at[i]);
    word ^= crc;
    crc = 0;
    for (std::size_t i = 0; i < 8; ++i) crc ^= tables[7 - i][word >> (8 * i) & 0xFF];
  }
  for (; left > 0; --left, ++at)
    crc = crc >> 8 ^ tables[0][(crc ^ static_cast<unsigned char>(*at)) & 0xFF];
  return crc;
}

template <class Word>
Word run_crc(const CrcTables<Word>& tables, const FoldFactors& factors, std::string_view bytes,
             Word before) {
  Word crc = ~before;
  std::array<char, 16> folded{};
  if (fold_crc(bytes, crc, factors, folded))
    crc = run_register<Word>(tables, {folded.data(), folded.size()}, 0);
  return ~run_register<Word>(tables, bytes, crc);
}

// Polynomials, reflected: the highest bit is the coefficient of x^0.
constexpr std::uint32_t crc32_polynomial = 0xEDB88320u;
constexpr std::uint32_t crc32c_polynomial = 0x82F63B78u;
constexpr std::uint64_t crc64nvme_polynomial = 0x9A6C9329AC4BC9B5ull;

constexpr auto crc32c_tables = make_tables<std::uint32_t>(crc32c_polynomial);
constexpr auto crc64nvme_tables = make_tables<std::uint64_t>(crc64nvme_polynomial);
constexpr FoldFactors crc32c_factors = fold_factors(crc32c_polynomial);
constexpr FoldFactors crc64nvme_factors = fold_factors(crc64nvme_polynomial);

template <class Value>
constexpr Value one = Value{1} << (8 * sizeof(Value) - 1);

// a * b modulo the polynomial.
template <class Value>
constexpr Value product(Value a, Value b, Value polynomial) {
  Value sum = 0;
  for (Value bit = one<Value>; bit != 0; bit >>= 1) {
    if ((a & bit) != 0) sum ^= b;
    b = b >> 1 ^ ((b & 1) != 0 ? polynomial : 0);
  }
  return sum;
}

// Bytes that follow multiply a CRC by x^8 each; what they hold themselves is added. With the CRC's
// first and last inversion both sides have one too many, and they cancel out.
template <class Value>
Value combine(Value first, Value second, std::uint64_t second_size, Value polynomial) {
  Value power = one<Value> >> 8;  // x^8
  for (; second_size != 0; second_size >>= 1) {
    if ((second_size & 1) != 0) first = product(power, first, polynomial);
    power = product(power, power, polynomial);
  }
  return first ^ second;
}

}  // namespace

struct Hash::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_MD_CTX_free(context); }
};

Hash::Hash(HashKind kind) : state_(std::make_unique<State>()) {
  CHECK(EVP_DigestInit_ex(state_->context, algorithm(kind), nullptr) == 1);
}
Hash::~Hash() = default;
Hash::Hash(Hash&&) noexcept = default;
Hash& Hash::operator=(Hash&&) noexcept = default;

void Hash::update(std::string_view bytes) {
  CHECK(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1);
}

std::string Hash::finish() {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  CHECK(EVP_DigestFinal_ex(state_->context, reinterpret_cast<unsigned char*>(out.data()), &size) ==
        1);
  out.resize(size);
  return out;
}

std::string hash(HashKind kind, std::string_view bytes) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  CHECK(EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()), &size,
                   algorithm(kind), nullptr) == 1);
  out.resize(size);
  return out;
}

std::string hmac(HashKind kind, std::string_view key, std::string_view bytes) {
  return Hmac(kind, key).of(bytes);
}

// libdeflate's is several times as fast as Debian's zlib; the values are the same.
std::uint32_t crc32(std::string_view bytes, std::uint32_t before) {
#ifdef SLUICE_LIBDEFLATE
  return ::libdeflate_crc32(before, bytes.data(), bytes.size());
#else
  return static_cast<std::uint32_t>(
      ::crc32_z(before, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
#endif
}
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
  return run_crc(crc32c_tables, crc32c_factors, bytes, before);
}
std::uint64_t crc64nvme(std::string_view bytes, std::uint64_t before) {
  return run_crc(crc64nvme_tables, crc64nvme_factors, bytes, before);
}

std::uint32_t combine_crc32(std::uint32_t first, std::uint32_t second, std::uint64_t second_size) {
  return combine(first, second, second_size, crc32_polynomial);
}
std::uint32_t combine_crc32c(std::uint32_t first, std::uint32_t second, std::uint64_t second_size) {
  return combine(first, second, second_size, crc32c_polynomial);
}
std::uint64_t combine_crc64nvme(std::uint64_t first, std::uint64_t second,
                                std::uint64_t second_size) {
  return combine(first, second, second_size, crc64nvme_polynomial);
}

}  // namespace emulator::base
