#pragma once
// Bytes to and from a server: TCP, and TLS over it from some moment on. Blocking, with timeouts,
// over Boost.Asio; a read that timed out goes on by itself, so that nothing is lost. One thread at
// a time, but for cancel().

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "emulator/base/time_text.h"
#include "pipeline/mysql/protocol/error.h"

namespace pipeline::mysql::protocol {

using emulator::base::Duration;

class Transport {
 public:
  struct Tls {
    std::string host;
    bool verify_certificate = false;
    bool verify_host = false;
    std::string ca_file;  // empty: the system's
  };

  static Result<std::unique_ptr<Transport>> connect(const std::string& host, std::uint16_t port,
                                                    Duration wait);
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  Result<void> start_tls(const Tls& tls, Duration wait);
  std::string tls_version() const;  // "TLSv1.3"; "" without
  Result<void> write(std::string_view bytes, Duration wait);

  // A read begins into `into`, which must stay until finish_read() gives a number. Then: how many
  // bytes came; 0: none within `wait`, the read goes on.
  bool is_reading() const;
  void begin_read(std::span<char> into);
  Result<std::size_t> finish_read(Duration wait);

  // From any thread: what waits, now or later, ends with an Error.
  void cancel();

 private:
  struct State;
  Transport();
  std::unique_ptr<State> state_;
};

}  // namespace pipeline::mysql::protocol
