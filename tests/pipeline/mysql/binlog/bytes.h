#pragma once
// Bytes of events that tests make by hand.

#include <initializer_list>
#include <string>
#include <string_view>

namespace pipeline::mysql::binlog {

inline std::string bytes_of(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) out.push_back(static_cast<char>(value));
  return out;
}

// A text behind one byte with its length, as names and labels are written.
inline std::string counted(std::string_view text) {
  return bytes_of({static_cast<int>(text.size())}) + std::string(text);
}

}  // namespace pipeline::mysql::binlog
