#pragma once
// A plain blocking client for the tests: says exactly the bytes it is given, and reads what comes
// back.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "emulator/base/text.h"

namespace emulator::http {

class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{.tv_sec = 20, .tv_usec = 0};  // a test that hangs is to fail
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Client() { ::close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool is_connected() const { return connected_; }

  // False if the other side has closed.
  bool say(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void say_no_more() { ::shutdown(socket_, SHUT_WR); }

  // Waits for a while for bytes or the end.
  bool hears_something_within(int milliseconds) {
    pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
    return ::poll(&waiting, 1, milliseconds) > 0;
  }
  // Everything until the other side closes.
  std::string hear_all() {
    while (hear_more()) continue;
    return std::exchange(heard_, {});
  }
  // Up to and with the empty line that ends a head.
  std::string hear_head() {
    std::size_t end;
    while ((end = heard_.find("\r\n\r\n")) == std::string::npos) {
      if (!hear_more()) return std::exchange(heard_, {});
    }
    return take(end + 4);
  }
  std::string hear(std::size_t bytes) {
    while (heard_.size() < bytes && hear_more()) continue;
    return take(std::min(bytes, heard_.size()));
  }
  // A head and the body that its Content-Length promises.
  std::string hear_response() {
    std::string head = hear_head();
    return head + hear(base::parse_unsigned(header(head, "content-length")).value_or(0));
  }

  static std::string header(std::string_view head, std::string_view name) {
    const std::string start = "\r\n" + std::string(name) + ": ";  // in lower case
    const std::size_t at = base::to_lower(head).find(start);
    if (at == std::string::npos) return {};
    const std::size_t from = at + start.size();
    return std::string(head.substr(from, head.find("\r\n", from) - from));
  }

 private:
  bool hear_more() {
    std::array<char, 65536> bytes;
    const ssize_t size = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (size <= 0) return false;
    heard_.append(bytes.data(), static_cast<std::size_t>(size));
    return true;
  }
  std::string take(std::size_t size) {
    std::string taken = heard_.substr(0, size);
    heard_.erase(0, size);
    return taken;
  }

  int socket_;
  bool connected_ = false;
  std::string heard_;
};

}  // namespace emulator::http
