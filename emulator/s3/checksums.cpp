#include "emulator/s3/checksums.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#ifdef SLUICE_XXHASH
#include <xxhash.h>
#endif

#include "emulator/base/bytes.h"
#include "emulator/base/digest.h"
#include "emulator/base/sha512.h"
#include "emulator/base/text.h"

namespace emulator::s3 {
namespace {

template <class Value, Value (*function)(std::string_view, Value)>
class RunningCrc final : public RunningChecksum {
 public:
  void update(std::string_view bytes) override { value_ = function(bytes, value_); }
  std::string finish() override {
    std::string out;
    base::append_be(out, value_, sizeof(Value));
    return out;
  }

 private:
  Value value_ = 0;
};

template <base::HashKind kind>
class RunningHash final : public RunningChecksum {
 public:
  void update(std::string_view bytes) override { hash_.update(bytes); }
  std::string finish() override { return hash_.finish(); }

 private:
  base::Hash hash_{kind};
};

class RunningSha512 final : public RunningChecksum {
 public:
  void update(std::string_view bytes) override { hash_.update(bytes); }
  std::string finish() override { return hash_.finish(); }

 private:
  base::Sha512 hash_;
};

#ifdef SLUICE_XXHASH
// The bytes of a value in xxHash's canonical form, which is big-endian.
template <class Canonical, auto to_canonical, class Value>
std::string canonical_bytes(Value value) {
  Canonical out;
  to_canonical(&out, value);
  return std::string(reinterpret_cast<const char*>(out.digest), sizeof(out.digest));
}

class RunningXxh64 final : public RunningChecksum {
 public:
  RunningXxh64() { XXH64_reset(state_.get(), 0); }
  void update(std::string_view bytes) override {
    XXH64_update(state_.get(), bytes.data(), bytes.size());
  }
  std::string finish() override {
    return canonical_bytes<XXH64_canonical_t, XXH64_canonicalFromHash>(XXH64_digest(state_.get()));
  }

 private:
  std::unique_ptr<XXH64_state_t, decltype(&XXH64_freeState)> state_{XXH64_createState(),
                                                                    &XXH64_freeState};
};

using Xxh3State = std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)>;

class RunningXxh3 final : public RunningChecksum {
 public:
  RunningXxh3() { XXH3_64bits_reset(state_.get()); }
  void update(std::string_view bytes) override {
    XXH3_64bits_update(state_.get(), bytes.data(), bytes.size());
  }
  std::string finish() override {
    return canonical_bytes<XXH64_canonical_t, XXH64_canonicalFromHash>(
        XXH3_64bits_digest(state_.get()));
  }

 private:
  Xxh3State state_{XXH3_createState(), &XXH3_freeState};
};

class RunningXxh128 final : public RunningChecksum {
 public:
  RunningXxh128() { XXH3_128bits_reset(state_.get()); }
  void update(std::string_view bytes) override {
    XXH3_128bits_update(state_.get(), bytes.data(), bytes.size());
  }
  std::string finish() override {
    return canonical_bytes<XXH128_canonical_t, XXH128_canonicalFromHash>(
        XXH3_128bits_digest(state_.get()));
  }

 private:
  Xxh3State state_{XXH3_createState(), &XXH3_freeState};
};
#endif

template <class Checksum>
std::unique_ptr<RunningChecksum> start() {
  return std::make_unique<Checksum>();
}

template <class Value, Value (*function)(Value, Value, std::uint64_t)>
std::string combine(std::string_view first, std::string_view second, std::uint64_t second_size) {
  const auto number = [](std::string_view bytes) {
    return static_cast<Value>(base::ByteReader(bytes).be(sizeof(Value)));
  };
  std::string out;
  base::append_be(out, function(number(first), number(second), second_size), sizeof(Value));
  return out;
}

constexpr std::array checksum_kinds{
    ChecksumKind{"CRC64NVME", "x-amz-checksum-crc64nvme", 8,
                 start<RunningCrc<std::uint64_t, base::crc64nvme>>,
                 combine<std::uint64_t, base::combine_crc64nvme>},
    ChecksumKind{"CRC32", "x-amz-checksum-crc32", 4, start<RunningCrc<std::uint32_t, base::crc32>>,
                 combine<std::uint32_t, base::combine_crc32>},
    ChecksumKind{"CRC32C", "x-amz-checksum-crc32c", 4,
                 start<RunningCrc<std::uint32_t, base::crc32c>>,
                 combine<std::uint32_t, base::combine_crc32c>},
    ChecksumKind{"SHA1", "x-amz-checksum-sha1", 20, start<RunningHash<base::HashKind::sha1>>,
                 nullptr},
    ChecksumKind{"SHA256", "x-amz-checksum-sha256", 32, start<RunningHash<base::HashKind::sha256>>,
                 nullptr},
    ChecksumKind{"SHA512", "x-amz-checksum-sha512", 64, start<RunningSha512>, nullptr},
    ChecksumKind{"MD5", "x-amz-checksum-md5", 16, start<RunningHash<base::HashKind::md5>>, nullptr},
#ifdef SLUICE_XXHASH
    ChecksumKind{"XXHASH64", "x-amz-checksum-xxhash64", 8, start<RunningXxh64>, nullptr},
    ChecksumKind{"XXHASH3", "x-amz-checksum-xxhash3", 8, start<RunningXxh3>, nullptr},
    ChecksumKind{"XXHASH128", "x-amz-checksum-xxhash128", 16, start<RunningXxh128>, nullptr},
#endif
};

}  // namespace

const ChecksumKind* find_checksum_by_header(std::string_view header) {
  for (const ChecksumKind& kind : checksum_kinds) {
    if (kind.header == header) return &kind;
  }
  return nullptr;
}

const ChecksumKind* find_checksum_by_name(std::string_view name) {
  for (const ChecksumKind& kind : checksum_kinds) {
    if (base::equals_ignoring_case(kind.name, name)) return &kind;
  }
  return nullptr;
}

std::string checksum_names() {
  std::vector<std::string_view> names;
  for (const ChecksumKind& kind : checksum_kinds) names.push_back(kind.name);
  std::sort(names.begin(), names.end());
  std::string out;
  for (std::string_view name : names) {
    if (!out.empty()) out += ", ";
    out += name;
  }
  return out;
}

const ChecksumKind& default_checksum() { return checksum_kinds.front(); }

bool is_unknown_checksum_header(std::string_view header) {
  constexpr std::array<std::string_view, 3> of_other_meaning{
      "x-amz-checksum-algorithm", "x-amz-checksum-mode", "x-amz-checksum-type"};
  if (!header.starts_with("x-amz-checksum-") || find_checksum_by_header(header) != nullptr)
    return false;
  return std::find(of_other_meaning.begin(), of_other_meaning.end(), header) ==
         of_other_meaning.end();
}

}  // namespace emulator::s3
