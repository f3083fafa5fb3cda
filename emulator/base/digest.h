#pragma once
// Hashes and checksums: OpenSSL's, zlib's, and two CRCs of S3 that neither has. Values are raw
// bytes; to_hex and to_base64 (text.h) make them readable.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace emulator::base {

enum class HashKind { md5, sha1, sha256 };

// A running hash: update as bytes arrive, finish once.
class Hash {
 public:
  explicit Hash(HashKind kind);
  ~Hash();
  Hash(Hash&&) noexcept;
  Hash& operator=(Hash&&) noexcept;
  void update(std::string_view bytes);
  std::string finish();  // raw bytes

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string hash(HashKind kind, std::string_view bytes);
std::string hmac(HashKind kind, std::string_view key, std::string_view bytes);

// Running CRCs: pass the former value on, 0 at first. crc32 is zlib's; crc32c Castagnoli's;
// crc64nvme NVMe's.
std::uint32_t crc32(std::string_view bytes, std::uint32_t before = 0);
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);
std::uint64_t crc64nvme(std::string_view bytes, std::uint64_t before = 0);

// The CRC of a text from those of its two halves; second_size: bytes of the second.
std::uint32_t combine_crc32(std::uint32_t first, std::uint32_t second, std::uint64_t second_size);
std::uint32_t combine_crc32c(std::uint32_t first, std::uint32_t second, std::uint64_t second_size);
std::uint64_t combine_crc64nvme(std::uint64_t first, std::uint64_t second,
                                std::uint64_t second_size);

// FNV-1a, 64 bit: for the trace and for tables in memory, not for content.
inline constexpr std::uint64_t fnv1a_start = 0xcbf29ce484222325ull;
constexpr std::uint64_t fnv1a(std::string_view bytes, std::uint64_t before = fnv1a_start) {
  for (char c : bytes) before = (before ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return before;
}

}  // namespace emulator::base
