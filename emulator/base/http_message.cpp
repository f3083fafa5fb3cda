#include "emulator/base/http_message.h"

#include <algorithm>

#include "emulator/base/text.h"

namespace emulator::base {
namespace {

class CollectingReceiver final : public BodyReceiver {
 public:
  CollectingReceiver(std::size_t bytes_max, std::function<HttpResponse()> too_large,
                     std::function<HttpResponse(std::string)> done)
      : bytes_max_(bytes_max), too_large_(std::move(too_large)), done_(std::move(done)) {}

  std::optional<HttpResponse> data(std::string_view piece) override {
    if (piece.size() > bytes_max_ - body_.size()) return too_large_();
    body_ += piece;
    return std::nullopt;
  }
  HttpResponse finish() override { return done_(std::move(body_)); }

 private:
  std::size_t bytes_max_;
  std::function<HttpResponse()> too_large_;
  std::function<HttpResponse(std::string)> done_;
  std::string body_;
};

}  // namespace

void Headers::set(std::string_view name, std::string value) {
  std::erase_if(all_, [&](const auto& header) { return header.first == name; });
  all_.emplace_back(std::string(name), std::move(value));
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const auto& [key, value] : all_)
    if (key == name) return value;
  return std::nullopt;
}

std::string_view Headers::get(std::string_view name) const {
  return find(name).value_or(std::string_view());
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(
      all_.begin(), all_.end(), [&](const auto& header) { return header.first == name; }));
}

std::vector<std::pair<std::string, std::string>> HttpRequest::parameters() const {
  std::vector<std::pair<std::string, std::string>> out;
  if (query.empty()) return out;
  for (std::string_view part : split(query, '&')) {
    if (part.empty()) continue;
    std::size_t equals = part.find('=');
    std::string_view name = part.substr(0, equals);
    std::string_view value =
        equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
    out.emplace_back(percent_decode(name, true).value_or(std::string(name)),
                     percent_decode(value, true).value_or(std::string(value)));
  }
  return out;
}

// Only the one that is asked for is decoded: this is called for every request.
std::optional<std::string> HttpRequest::parameter(std::string_view name) const {
  std::string_view rest = query;
  while (!rest.empty()) {
    const std::size_t end = rest.find('&');
    const std::string_view part = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    const std::string_view key = part.substr(0, equals);
    const bool plain =
        key.find('%') == std::string_view::npos && key.find('+') == std::string_view::npos;
    if (plain ? key != name : percent_decode(key, true).value_or(std::string(key)) != name)
      continue;
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
    return percent_decode(value, true).value_or(std::string(value));
  }
  return std::nullopt;
}

Reply collect_body(std::size_t bytes_max, std::function<HttpResponse()> too_large,
                   std::function<HttpResponse(std::string)> done) {
  return Reply::after_body(
      std::make_unique<CollectingReceiver>(bytes_max, std::move(too_large), std::move(done)));
}

}  // namespace emulator::base
