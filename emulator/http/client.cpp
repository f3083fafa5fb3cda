#include "emulator/http/client.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <limits>
#include <utility>

namespace emulator::http {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;

base::Result<Answer> exchange(const Call& call) {
  boost::system::error_code error;
  const auto failed = [&] {
    return base::fail(
        fmt::format("no answer from {}:{}: {}", call.address, call.port, error.message()));
  };

  const auto address = asio::ip::make_address(call.address, error);
  if (error) return failed();
  asio::io_context io;
  asio::ip::tcp::socket socket(io);
  socket.connect({address, call.port}, error);
  if (error) return failed();

  beast_http::request<beast_http::string_body> request(beast_http::verb::unknown, call.target, 11);
  request.method_string(call.method);
  request.set(beast_http::field::host, fmt::format("{}:{}", call.address, call.port));
  request.set(beast_http::field::connection, "close");
  request.body() = call.body;
  request.content_length(call.body.size());
  beast_http::write(socket, request, error);
  if (error) return failed();

  boost::beast::flat_buffer buffer;
  beast_http::response_parser<beast_http::string_body> parser;
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  beast_http::read(socket, buffer, parser, error);
  if (error) return failed();
  return Answer{static_cast<int>(parser.get().result_int()), std::move(parser.get().body())};
}

}  // namespace emulator::http
