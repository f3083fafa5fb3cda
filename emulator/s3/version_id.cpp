#include "emulator/s3/version_id.h"

#include <algorithm>
#include <cstdint>

#include "emulator/base/bytes.h"
#include "emulator/base/text.h"

namespace emulator::s3 {
namespace {

constexpr std::size_t id_length = 32;

// Base64 with the two characters of AWS's ids, which need no encoding in a URL.
std::string spelled(const std::string& bytes) {
  std::string id = base::to_base64(bytes);
  std::replace(id.begin(), id.end(), '+', '.');
  std::replace(id.begin(), id.end(), '/', '_');
  return id;
}

std::optional<std::string> bytes_of(std::string_view id) {
  std::string text(id);
  if (text.size() != id_length || text.find_first_of("+/=") != std::string::npos)
    return std::nullopt;
  std::replace(text.begin(), text.end(), '.', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  return base::from_base64(text);
}

}  // namespace

// 16 random bytes, and the sequencer hidden by the first of them: nobody can sort by it.
std::string new_version_id(sim::Random& random, std::string_view sequencer) {
  const std::uint64_t mask = random.next(), filler = random.next();
  const std::uint64_t sequence =
      base::ByteReader(base::from_hex(sequencer).value_or(std::string(8, '\0'))).be(8);
  std::string bytes;
  for (const std::uint64_t word : {mask, filler, sequence ^ mask}) base::append_be(bytes, word, 8);
  return spelled(bytes);
}

std::optional<std::string> sequencer_of(std::string_view version_id) {
  const auto bytes = bytes_of(version_id);
  if (!bytes) return std::nullopt;
  base::ByteReader reader(*bytes);
  const std::uint64_t mask = reader.be(8);
  reader.be(8);
  std::string sequencer;
  base::append_be(sequencer, reader.be(8) ^ mask, 8);
  return base::to_upper_hex(sequencer);
}

}  // namespace emulator::s3
