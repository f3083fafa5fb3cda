#include "emulator/s3/prefixes.h"

namespace emulator::s3 {

std::string_view common_prefix(std::string_view key, std::string_view prefix,
                               std::string_view delimiter) {
  if (delimiter.empty() || !key.starts_with(prefix)) return {};
  const std::size_t at = key.find(delimiter, prefix.size());
  return at == std::string_view::npos ? std::string_view() : key.substr(0, at + delimiter.size());
}

std::string after_all_with(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xFF) prefix.pop_back();
  if (!prefix.empty())
    prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

}  // namespace emulator::s3
