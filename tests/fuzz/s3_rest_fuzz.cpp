// Any request line, headers and body against S3 on a memory store. The input is text: "METHOD
// TARGET\n", lines "name: value\n", an empty line, the body; its first byte says in how large
// pieces the body arrives.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "emulator/base/check.h"
#include "emulator/base/text.h"
#include "emulator/s3/rest.h"

namespace {

using namespace emulator;

struct Target {
  sim::Scheduler scheduler{base::Instant{}};
  sim::Trace trace{scheduler};
  sim::Faults faults{sim::Random(1, "faults"), trace};
  std::unique_ptr<s3::ObjectStore> store = s3::memory_store();
  s3::Service service{*store, scheduler, trace, faults, sim::Random(1, "s3")};
};

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

base::HttpRequest parse_request(std::string_view& text) {
  base::HttpRequest request;
  const std::string_view line = take_line(text);
  const std::size_t blank = line.find(' ');
  request.method = std::string(line.substr(0, blank));
  const std::string_view target =
      blank == std::string_view::npos ? std::string_view("/") : line.substr(blank + 1);
  request.path = std::string(target.substr(0, target.find('?')));
  if (request.path.size() < target.size())
    request.query = std::string(target.substr(request.path.size() + 1));
  while (!text.empty()) {
    const std::string_view header = take_line(text);
    if (header.empty()) break;
    const std::size_t colon = header.find(':');
    if (colon == std::string_view::npos) continue;
    request.headers.add(base::to_lower(header.substr(0, colon)),
                        std::string(base::trim(header.substr(colon + 1))));
  }
  return request;
}

void drain(base::HttpResponse response) {
  CHECK(response.status >= 200 && response.status < 600);
  if (response.headers.get("content-type") == "application/xml")
    CHECK(base::is_utf8(response.body));
  char buffer[512];
  while (response.stream && response.stream->read(buffer) > 0) {
  }
}

void send(s3::Service& service, const base::HttpRequest& request, std::string_view body,
          std::size_t piece_bytes) {
  base::Reply reply = handle_rest(service, request);
  if (reply.response) return drain(std::move(*reply.response));
  for (; !body.empty(); body.remove_prefix(std::min(piece_bytes, body.size()))) {
    if (auto early = reply.receiver->data(body.substr(0, piece_bytes)))
      return drain(std::move(*early));
  }
  drain(reply.receiver->finish());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece_bytes = data[0] + std::size_t{1};
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  Target target;
  static_cast<void>(target.service.create_bucket("one"));
  static_cast<void>(target.service.put_object({.bucket = "one", .key = "a"}, "0123456789"));
  base::HttpRequest request = parse_request(text);
  if (!request.headers.has("transfer-encoding")) request.content_length = text.size();
  send(target.service, request, text, piece_bytes);
  return 0;
}
