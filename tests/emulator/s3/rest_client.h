#pragma once
// Speaks S3's REST protocol to a World without a socket: send("PUT", "/one/a", {{"content-type",
// "text/csv"}}, "body").

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/digest.h"
#include "emulator/base/text.h"
#include "emulator/s3/rest.h"
#include "tests/emulator/s3/world.h"

namespace emulator::s3 {

struct Answer {
  int status = 0;
  std::string body;
  base::Headers headers;
  bool closes = false;

  std::string header(std::string_view name) const { return std::string(headers.get(name)); }
  // The text of the first element of that name; "(none)" if there is none.
  std::string element(const std::string& name) const {
    const std::size_t start = body.find("<" + name + ">");
    if (start == std::string::npos) return "(none)";
    const std::size_t from = start + name.size() + 2;
    return body.substr(from, body.find("</" + name + ">", from) - from);
  }
  std::string code() const { return status < 300 ? "ok" : element("Code"); }
};

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// As Content-MD5 wants it.
inline std::string md5_base64(std::string_view text) {
  return base::to_base64(base::hash(base::HashKind::md5, text));
}

inline Answer read_all(base::HttpResponse response) {
  Answer answer{response.status, std::move(response.body), std::move(response.headers),
                response.close};
  if (!response.stream) return answer;
  char buffer[1000];
  while (const std::size_t got = response.stream->read(buffer)) answer.body.append(buffer, got);
  EXPECT_EQ(answer.body.size(), response.stream_length);
  return answer;
}

struct RestWorld : World {
  std::size_t piece_bytes = 7;  // in which a body arrives

  Answer send(const std::string& method, const std::string& target, const HeaderList& headers = {},
              std::string_view body = {}) {
    base::HttpRequest request;
    request.method = method;
    request.path = target.substr(0, target.find('?'));
    if (request.path.size() < target.size()) request.query = target.substr(request.path.size() + 1);
    request.remote_address = "127.0.0.1";
    request.headers.add("host", "127.0.0.1:4566");
    for (const auto& [name, value] : headers) {
      if (name == "host")
        request.headers.set("host", value);
      else
        request.headers.add(name, value);
      if (name == "transfer-encoding") request.chunked = true;
    }
    if (!request.chunked && (!body.empty() || method == "PUT" || method == "POST"))
      request.content_length = body.size();
    return send(request, body);
  }

  // An answer that comes later comes while the scheduler runs.
  Answer wait_for(base::HttpResponse response) {
    while (response.pending) response = next_answer(std::move(response.pending));
    return read_all(std::move(response));
  }
  base::HttpResponse next_answer(std::unique_ptr<base::PendingResponse> pending) {
    std::optional<base::HttpResponse> later;
    pending->start([&](base::HttpResponse answer) { later = std::move(answer); });
    while (!later && scheduler.step()) continue;
    EXPECT_TRUE(later.has_value());
    return later ? std::move(*later) : base::HttpResponse{};
  }

  Answer send(const base::HttpRequest& request, std::string_view body) {
    base::Reply reply = handle_rest(service, request);
    if (reply.response) return wait_for(std::move(*reply.response));
    for (std::size_t at = 0; at < body.size(); at += piece_bytes) {
      if (auto early = reply.receiver->data(body.substr(at, piece_bytes)))
        return read_all(std::move(*early));
    }
    return read_all(reply.receiver->finish());
  }
};

}  // namespace emulator::s3
