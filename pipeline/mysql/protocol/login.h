#pragma once
// The connection phase as a client goes through it, sans I/O: payloads of the server in, what to
// send out. The caller moves the bytes, and starts TLS where a step says so.

#include <optional>
#include <string>
#include <string_view>

#include "pipeline/mysql/protocol/authentication.h"
#include "pipeline/mysql/protocol/handshake.h"

namespace pipeline::mysql::protocol {

class Login {
 public:
  struct Options {
    std::string user;
    std::string password;
    std::string database;
    bool tls_wanted = false;    // if the server can
    bool tls_required = false;  // or not at all
  };
  struct Step {
    std::optional<std::string> send = {};  // a payload, maybe an empty one
    bool start_tls = false;                // after sending; then call after_tls()
    bool done = false;
  };
  explicit Login(Options options);

  Result<Step> take(std::string_view payload);
  Result<Step> after_tls();
  // Once the first payload was taken.
  const Handshake& handshake() const { return handshake_; }

 private:
  Result<Step> greet(std::string_view payload);
  Result<Step> respond();
  Result<Step> switch_plugin(std::string_view payload);
  HandshakeResponse response() const;

  Options options_;
  Handshake handshake_;
  Authentication authentication_{{}};
  bool greeted_ = false;
  bool secure_ = false;
};

}  // namespace pipeline::mysql::protocol
