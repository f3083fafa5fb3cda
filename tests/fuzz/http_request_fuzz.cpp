// The first byte says in how large pieces the rest comes off the socket.

#include <algorithm>
#include <cstdint>
#include <string>

#include "emulator/http/request_parser.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece_size = std::size_t{1} + data[0];
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  emulator::http::RequestParser parser;
  parser.set_body_sink([](std::string_view piece) { return piece != "stop"; });
  std::string waiting;
  while (!bytes.empty()) {
    waiting += bytes.substr(0, piece_size);
    bytes.remove_prefix(std::min(piece_size, bytes.size()));
    while (const std::size_t used = parser.parse(waiting)) waiting.erase(0, used);
  }
  parser.end_of_input();
  return 0;
}
