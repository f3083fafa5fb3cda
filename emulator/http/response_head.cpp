#include "emulator/http/response_head.h"

#include <algorithm>
#include <array>
#include <utility>

#include "emulator/base/text.h"

namespace emulator::http {
namespace {

constexpr std::array<std::pair<int, std::string_view>, 33> reasons{{
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
}};

// A line end in a value (stored metadata may hold any byte) must not begin a header of its own.
bool breaks_line(char c) { return c == '\r' || c == '\n' || c == '\0'; }

// Names have no case, but programs exist that look for "ETag"; so they go out as AWS's servers
// spell them: its own in lower case, the others with capitals.
void append_name(std::string& out, std::string_view name) {
  if (name == "etag") {
    out.append("ETag");
    return;
  }
  const std::size_t start = out.size();
  out.append(name);
  if (name.starts_with("x-")) return;
  for (std::size_t i = start; i < out.size(); ++i) {
    const bool begins_word = i == start || out[i - 1] == '-';
    if (begins_word && out[i] >= 'a' && out[i] <= 'z')
      out[i] = static_cast<char>(out[i] - 'a' + 'A');
  }
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  append_name(out, name);
  out.append(": ");
  const std::size_t start = out.size();
  out.append(value);
  std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(start), out.end(), breaks_line, ' ');
  out.append("\r\n");
}

// What a HEAD tells is what the GET would send, so its handler may name the length itself.
void append_length(std::string& out, const base::HttpResponse& response, bool to_head) {
  if (!has_body(response.status, false)) return;
  const auto stated = response.headers.find("content-length");
  if (to_head && stated) return append_header(out, "content-length", *stated);
  out.append("Content-Length: ");
  base::append_unsigned(out, body_length(response));
  out.append("\r\n");
}

}  // namespace

std::string_view reason_phrase(int status) {
  const auto* found = std::find_if(reasons.begin(), reasons.end(),
                                   [&](const auto& row) { return row.first == status; });
  return found == reasons.end() ? std::string_view("Unknown") : found->second;
}

bool has_body(int status, bool to_head) {
  return !to_head && status >= 200 && status != 204 && status != 304;
}

std::uint64_t body_length(const base::HttpResponse& response) {
  return response.stream ? response.stream_length : response.body.size();
}

std::string render_head(const base::HttpResponse& response, const HeadOptions& options) {
  std::string head;
  head.reserve(512);  // most are shorter
  head.append("HTTP/1.1 ");
  base::append_integer(head, response.status);
  head.append(" ").append(reason_phrase(response.status)).append("\r\n");
  for (const auto& [name, value] : response.headers.all()) {
    if (name != "content-length") append_header(head, name, value);
  }
  append_length(head, response, options.to_head);
  if (!response.headers.has("date")) append_header(head, "date", base::rfc1123(options.now));
  if (!response.headers.has("server")) append_header(head, "server", "sluice");
  if (!options.keep_alive) append_header(head, "connection", "close");
  if (options.keep_alive && options.to_http_1_0) append_header(head, "connection", "keep-alive");
  head.append("\r\n");
  return head;
}

}  // namespace emulator::http
