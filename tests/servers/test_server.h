#pragma once
// MySQL servers for tests (README.md).

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tests::servers {

struct Address {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::string user = "root";
  std::string password = "rootpw";
  // With the user's own password.
  std::string url(const std::string& scheme = "mysql") const;
};

class TestServer {
 public:
  // A MariaDB with binlog_format=ROW, FULL metadata, TLS with a certificate of its own for
  // 127.0.0.1; `options` are mariadbd's, and come last. nullptr: why_not says what is missing.
  static std::unique_ptr<TestServer> start_mariadb(const std::vector<std::string>& options,
                                                   std::string& why_not);
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  const Address& address() const { return address_; }
  std::string ca_file() const { return folder_ + "/cert.pem"; }
  const std::string& folder() const { return folder_; }
  // A clean shutdown and a new start on the same data and port.
  bool restart(std::string& why_not);

 private:
  explicit TestServer(std::string folder) : folder_(std::move(folder)) {}
  bool prepare(std::string& why_not);
  bool launch(std::string& why_not);
  void shut_down();

  std::string folder_;
  Address address_;
  std::vector<std::string> options_;
  int process_ = 0;
};

// The server that SLUICE_MYSQL names; a port of 0 if it names none.
Address mysql_of_environment();

// Runs a program to its end, output to a file; its exit status, -1 if it could not be run.
int run_program(const std::vector<std::string>& words, const std::string& output);

}  // namespace tests::servers
