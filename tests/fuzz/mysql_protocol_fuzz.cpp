// What a server, or one who poses as it, may send to our client, and a client to our server side:
// framing in pieces of any size, then every message of the connection phase and of an answer. The
// first byte says in how large pieces the rest arrives, the second whom we play.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/mysql/protocol/handshake.h"
#include "pipeline/mysql/protocol/login.h"
#include "pipeline/mysql/protocol/packet.h"
#include "pipeline/mysql/protocol/result_reader.h"

namespace {

using namespace pipeline::mysql::protocol;

void read_messages(std::string_view payload) {
  static_cast<void>(parse_handshake(payload));
  static_cast<void>(parse_handshake_response(payload));
  static_cast<void>(is_tls_request(payload));
  static_cast<void>(parse_auth_switch(payload));
  static_cast<void>(parse_ok(payload));
  static_cast<void>(parse_eof(payload));
  static_cast<void>(parse_column(payload));
  static_cast<void>(parse_error(payload).text());
  std::vector<std::optional<std::string_view>> row;
  static_cast<void>(parse_text_row(payload, payload.size() % 7, row));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t piece = std::size_t{1} + data[0];
  const std::uint8_t role = data[1] % 3;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  PacketReader packets(1 << 20);
  Login login({.user = "a", .password = "b", .tls_wanted = (data[1] & 64) != 0});
  ResultReader results([](const ResultReader::Row&) { return true; });
  bool alive = true;
  while (alive && !bytes.empty()) {
    packets.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (auto payload = packets.next(); payload && *payload; payload = packets.next()) {
      if (role == 0) read_messages(**payload);
      if (role == 1) {
        auto step = login.take(**payload);
        if (step && step->start_tls) step = login.after_tls();
        alive = alive && step && !step->done;
      }
      if (role == 2) alive = alive && results.take(**payload).value_or(true) == false;
      if (!alive) break;
    }
  }
  return 0;
}
