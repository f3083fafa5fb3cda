#include "emulator/http/request_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <limits>
#include <utility>

#include "emulator/base/text.h"

namespace emulator::http {
namespace {

namespace beast_http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

std::string_view view(string_view text) { return {text.data(), text.size()}; }

}  // namespace

// Beast's parser calls these as it finds things; they fill the request directly.
class RequestParser::Impl final : public beast_http::basic_parser<true> {
 public:
  explicit Impl(const ParserLimits& limits) : limits_(limits) {
    header_limit(limits.header_bytes_max);
    body_limit(std::numeric_limits<std::uint64_t>::max());  // boost::none refuses every
                                                            // Content-Length in 1.74
  }

  std::size_t parse(std::string_view bytes) {
    // Beast takes no more than the header in one call, unless it is told to be eager.
    eager(stage == Stage::body);
    error_code error;
    const std::size_t used = put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
    begun = begun || !bytes.empty();
    if (error && error != beast_http::error::need_more && !stopped) fail(error);
    if (stage == Stage::header && is_header_done()) check_header();
    if (stage == Stage::body && is_done()) stage = Stage::complete;
    return used;
  }

  void refuse(int status, std::string reason) {
    if (stage == Stage::failed) return;
    stage = Stage::failed;
    failure = {status, std::move(reason)};
  }

  Stage stage = Stage::header;
  bool begun = false;
  bool stopped = false;
  bool http_1_0 = false;
  bool expects_continue = false;  // known apart from the request, which the handler takes away
  bool has_header = false;
  Failure failure;
  base::HttpRequest request;
  BodySink sink;

 private:
  void fail(const error_code& error) {
    if (error == beast_http::error::header_limit) return refuse(431, "the header is too large");
    refuse(400, error.message());
  }

  void check_header() {
    stage = Stage::body;
    request.chunked = chunked();
    if (const auto length = content_length()) request.content_length = *length;
    const std::size_t hosts = request.headers.count("host");
    if (hosts > 1 || (hosts == 0 && !http_1_0)) return refuse(400, "a request has one Host header");
    if (request.headers.has("transfer-encoding") && !chunked())
      return refuse(501, "the only transfer encoding here is chunked");
    has_header = true;
    // Any other expectation is ignored, as S3 does and RFC 9110 10.1.1 allows.
    expects_continue =
        !http_1_0 && base::equals_ignoring_case(request.headers.get("expect"), "100-continue");
  }

  // Path and query, as sent. A proxy's form of the target, http://host/path, counts as /path.
  bool take_target(std::string_view target) {
    if (const std::size_t scheme = target.find("://");
        scheme != std::string_view::npos && target[0] != '/') {
      const std::size_t slash = target.find('/', scheme + 3);
      target = slash == std::string_view::npos ? "/" : target.substr(slash);
    }
    if (!target.starts_with('/') && target != "*") return false;
    const std::size_t mark = target.find('?');
    request.path = target.substr(0, mark);
    if (mark != std::string_view::npos) request.query = target.substr(mark + 1);
    return true;
  }

  void on_request_impl(beast_http::verb, string_view method, string_view target, int version,
                       error_code& error) override {
    http_1_0 = version == 10;
    request.method = view(method);
    request.headers.reserve(16);  // most have fewer
    if (target.size() > limits_.line_bytes_max) {
      refuse(414, "the request target is too long");
    } else if (!take_target(view(target))) {
      refuse(400, "the request target is not a path");
    }
    if (stage == Stage::failed) error = beast_http::error::bad_target;
  }

  void on_field_impl(beast_http::field, string_view name, string_view value,
                     error_code& error) override {
    if (stage != Stage::header) return;  // a trailer of a chunked body
    if (name.size() + value.size() > limits_.line_bytes_max) {
      refuse(431, "a header is too long");
      error = beast_http::error::header_limit;
      return;
    }
    request.headers.add(base::to_lower(view(name)), std::string(view(value)));
  }

  std::size_t take_body(string_view body, error_code& error) {
    if (sink && !sink(view(body))) {
      stopped = true;
      error = beast_http::error::end_of_stream;
    }
    return body.size();
  }

  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code& error) override {
    return take_body(body, error);
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code& error) override {
    return take_body(body, error);
  }
  void on_finish_impl(error_code&) override {}

  ParserLimits limits_;
};

RequestParser::RequestParser(const ParserLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestParser::~RequestParser() = default;

std::size_t RequestParser::parse(std::string_view bytes) {
  const bool parses = stage() == Stage::header || (stage() == Stage::body && !impl_->stopped);
  return parses ? impl_->parse(bytes) : 0;
}

void RequestParser::end_of_input() {
  if (stage() != Stage::complete && impl_->begun) impl_->refuse(400, "the request ends early");
}

RequestParser::Stage RequestParser::stage() const { return impl_->stage; }
bool RequestParser::has_begun() const { return impl_->begun; }
bool RequestParser::has_header() const { return impl_->has_header; }
const RequestParser::Failure& RequestParser::failure() const { return impl_->failure; }
const base::HttpRequest& RequestParser::request() const { return impl_->request; }
base::HttpRequest& RequestParser::request() { return impl_->request; }
void RequestParser::set_body_sink(BodySink sink) { impl_->sink = std::move(sink); }
bool RequestParser::is_stopped() const { return impl_->stopped; }
bool RequestParser::keeps_alive() const { return impl_->keep_alive(); }
bool RequestParser::is_http_1_0() const { return impl_->http_1_0; }
bool RequestParser::expects_continue() const { return impl_->expects_continue; }

}  // namespace emulator::http
