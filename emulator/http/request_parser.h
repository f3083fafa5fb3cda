#pragma once
// HTTP/1.0 and 1.1 requests out of bytes, by Beast's parser, with no socket in sight. It stops
// behind the header, so that a handler can be asked before the body is read, and hands the body on
// piece by piece, free of HTTP chunks. The request target stays as sent. Malformed input ends in a
// failure with the status to answer; then the connection closes.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "emulator/base/http_message.h"

namespace emulator::http {

struct ParserLimits {
  std::uint32_t header_bytes_max = 64 * 1024;
  std::size_t line_bytes_max = 8 * 1024;  // request line, or one header
};

class RequestParser {
 public:
  enum class Stage { header, body, complete, failed };
  struct Failure {
    int status = 400;
    std::string reason;
  };
  // Takes a piece of the body; false = stop parsing, the rest of the body is not wanted.
  using BodySink = std::function<bool(std::string_view)>;

  explicit RequestParser(const ParserLimits& limits = {});
  ~RequestParser();

  // Parses what it can, but never past the end of the header or of the request in one call, and
  // returns how many bytes it has used up. Bytes that were not used are to be given again, with
  // more behind them.
  std::size_t parse(std::string_view bytes);
  // The input ends here: a failure, unless the request is complete or no byte of it has come.
  void end_of_input();

  Stage stage() const;
  bool has_begun() const;   // some byte of the request has come
  bool has_header() const;  // all of it
  const Failure& failure() const;
  const base::HttpRequest& request() const;
  base::HttpRequest& request();
  void set_body_sink(BodySink sink);
  bool is_stopped() const;  // by the sink

  bool keeps_alive() const;  // as the client wishes
  bool is_http_1_0() const;
  bool expects_continue() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace emulator::http
