#pragma once
// A MySQL or MariaDB server of this machine that we start: its data in one folder, on a port of the
// loopback address, with a parameter group as its options. It ends with this object, and with this
// process, however that ends.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "emulator/base/result.h"
#include "pipeline/mysql/protocol/connection.h"

namespace pipeline::rds::mysqld {

using emulator::base::Result;

struct ServerOptions {
  std::string program = {};      // a path, or a name; "" = mysqld, else mariadbd
  std::string search_path = {};  // folders with ':' between, where a name is looked for
  std::string folder;            // "" = a temporary one, gone with the server
  std::uint16_t port = 0;        // 0 = a free one
  std::string user = "admin";    // with every privilege
  std::string password = "admin";
  std::map<std::string, std::string> parameters = {};  // as --name=value
};

class Server {
 public:
  // Makes the data if the folder has none; returns once the user can log in. An Error has what
  // the server's log calls errors, or the end of the log.
  static Result<std::unique_ptr<Server>> start(ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  const mysql::protocol::ConnectOptions& address() const { return address_; }

 private:
  explicit Server(ServerOptions options) : options_(std::move(options)) {}
  Result<void> find_program();
  Result<void> prepare();
  Result<void> launch();
  Result<void> wait_until_ready();
  emulator::base::Error failed(const std::string& what) const;

  ServerOptions options_;
  std::string program_;
  std::size_t log_begin_ = 0;  // what earlier servers of the folder wrote is before it
  bool is_mariadb_ = false;
  bool is_temporary_ = false;
  mysql::protocol::ConnectOptions address_;
  int process_ = 0;
};

}  // namespace pipeline::rds::mysqld
