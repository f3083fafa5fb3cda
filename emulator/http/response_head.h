#pragma once
// The head of a response as bytes: status line and headers, with what every response carries (Date,
// Server, Content-Length, Connection). Pure.

#include <cstdint>
#include <string>
#include <string_view>

#include "emulator/base/http_message.h"
#include "emulator/base/time_text.h"

namespace emulator::http {

struct HeadOptions {
  base::Instant now{};
  bool keep_alive = true;
  bool to_http_1_0 = false;
  bool to_head = false;  // the request was a HEAD
};

std::string_view reason_phrase(int status);
// 1xx, 204 and 304 never have one, and HEAD is answered without.
bool has_body(int status, bool to_head);
std::uint64_t body_length(const base::HttpResponse& response);
std::string render_head(const base::HttpResponse& response, const HeadOptions& options);

}  // namespace emulator::http
