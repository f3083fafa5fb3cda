#include "pipeline/rds/mysqld/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "emulator/base/file.h"
#include "emulator/base/text.h"
#include "pipeline/rds/external/sql_client.h"
#include "pipeline/rds/mysqld/process.h"

namespace pipeline::rds::mysqld {
namespace {

namespace base = emulator::base;
namespace fs = std::filesystem;
using mysql::protocol::Connection;

constexpr int ready_tries = 600;
constexpr int ready_pause_milliseconds = 100;
constexpr std::size_t log_shown = 2000;

// What we set unless the parameter group does; a server that is too old for one passes over it.
constexpr std::pair<const char*, const char*> defaults[] = {
    {"server_id", "1"},
    {"log_bin", "mysql-bin-changelog"},  // the name that RDS gives
    {"binlog_row_metadata",
     "FULL"},  // names and keys in the log, as the embedded engine writes them
    {"character_set_server", "utf8mb4"},
    {"innodb_buffer_pool_size", "64M"},
    {"innodb_use_native_aio",
     "0"},  // the machine has few contexts for it, and many servers may run
};

std::string name_of(std::string_view parameter) {
  std::string out = base::to_lower(parameter);
  std::replace(out.begin(), out.end(), '-', '_');
  return out;
}

// --name=value, but for what has another name on the command line.
std::string option_of(const std::string& name, const std::string& value) {
  const bool off = value == "0" || base::equals_ignoring_case(value, "OFF");
  if (name == "log_bin" && off) return "--skip-log-bin";
  if (name == "log_bin" && (value == "1" || base::equals_ignoring_case(value, "ON")))
    return "--log-bin=mysql-bin-changelog";
  if (name == "time_zone") return "--default-time-zone=" + value;
  return "--" + name + "=" + value;
}

// What a server gives as the reason of its end; where it gives none, the last that it said.
std::string reasons_of(std::string log) {
  std::string errors;
  for (const std::string_view line : base::split(log, '\n'))
    if (line.find("[ERROR]") != std::string_view::npos) errors += std::string(line) + "\n";
  if (!errors.empty()) log = std::move(errors);
  if (log.size() > log_shown) log.erase(0, log.find('\n', log.size() - log_shown) + 1);
  return std::string(base::trim(log));
}

bool is_program(const std::string& path) {
  return ::access(path.c_str(), X_OK) == 0 && !fs::is_directory(path);
}

// A port that was free a moment ago: mysqld takes no 0 for "any".
std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  const bool bound = ::bind(socket, plain, size) == 0 && ::getsockname(socket, plain, &size) == 0;
  ::close(socket);
  return bound ? ntohs(address.sin_port) : 0;
}

void run_as_ourselves(std::vector<std::string>& words) {
  if (::getuid() == 0)
    words.emplace_back("--user=root");  // both servers refuse root unless he is named
}

}  // namespace

base::Error Server::failed(const std::string& what) const {
  std::string log = base::read_file(options_.folder + "/server.log").value_or("");
  log.erase(0, log_begin_);
  return {fmt::format("{} {}: {}", program_, what, reasons_of(std::move(log)))};
}

Result<void> Server::find_program() {
  const std::vector<std::string> names = options_.program.empty()
                                             ? std::vector<std::string>{"mysqld", "mariadbd"}
                                             : std::vector<std::string>{options_.program};
  std::vector<std::string> tried;
  for (const std::string& name : names) {
    if (name.find('/') != std::string::npos) {
      tried.push_back(name);
    } else {
      for (const std::string_view folder :
           base::split(options_.search_path + ":/usr/sbin:/usr/local/sbin", ':'))
        if (!folder.empty()) tried.push_back(std::string(folder) + "/" + name);
    }
  }
  const auto found = std::find_if(tried.begin(), tried.end(), is_program);
  if (found == tried.end()) {
    return base::fail(fmt::format("there is no program {} on the PATH", fmt::join(names, " or ")),
                      "install a MySQL or MariaDB server (Debian: mariadb-server-core), or say "
                      "program = \"/path/to/mysqld\"");
  }
  program_ = *found;
  return {};
}

Result<std::unique_ptr<Server>> Server::start(ServerOptions options) {
  std::unique_ptr<Server> server(new Server(std::move(options)));
  if (auto done = server->find_program(); !done) return tl::unexpected(done.error());
  if (auto done = server->prepare(); !done) return tl::unexpected(done.error());
  if (auto done = server->launch(); !done) return tl::unexpected(done.error());
  if (auto done = server->wait_until_ready(); !done) return tl::unexpected(done.error());
  return server;
}

Server::~Server() {
  if (process_ > 0) stop_process(process_);
  std::error_code ignored;
  if (is_temporary_) fs::remove_all(options_.folder, ignored);
}

// The folder, and the data in it. A folder that was being prepared when we died starts anew.
Result<void> Server::prepare() {
  if (options_.folder.empty()) {
    options_.folder = (fs::temp_directory_path() / "sluice-mysqld-XXXXXX").string();
    if (::mkdtemp(options_.folder.data()) == nullptr)
      return base::fail("no temporary folder for the server: " + options_.folder);
    is_temporary_ = true;
  } else if (auto made = base::make_directories(options_.folder); !made) {
    return made;
  }
  options_.folder = fs::absolute(options_.folder).string();
  const std::string log = options_.folder + "/server.log", data = options_.folder + "/data";
  const std::string version = options_.folder + "/version";
  std::error_code ignored, no_log;
  log_begin_ = fs::file_size(log, no_log);
  if (no_log) log_begin_ = 0;
  fs::remove(version, ignored);
  if (run_process({program_, "--version"}, version) != 0)
    return base::fail(program_ + " --version fails");
  is_mariadb_ = base::read_file(version).value_or("").find("MariaDB") != std::string::npos;
  if (auto made = base::make_directories(options_.folder + "/tmp"); !made) return made;
  if (fs::exists(options_.folder + "/prepared", ignored)) return {};
  fs::remove_all(data, ignored);
  std::vector<std::string> words{program_, "--no-defaults", "--initialize-insecure",
                                 "--datadir=" + data};
  if (is_mariadb_) {
    const std::string folder = fs::path(program_).parent_path().string();
    std::string install = "/usr/bin/mariadb-install-db";
    for (const char* name :
         {"/mariadb-install-db", "/../bin/mariadb-install-db", "/../scripts/mariadb-install-db"})
      if (is_program(folder + name)) install = folder + name;
    words = {install,
             "--no-defaults",
             "--datadir=" + data,
             "--auth-root-authentication-method=normal",
             "--skip-test-db",
             "--skip-name-resolve",
             "--rpm"};  // --rpm: it leaves alone what is not below datadir
  }
  words.emplace_back("--innodb-use-native-aio=0");
  words.push_back("--tmpdir=" + options_.folder + "/tmp");
  run_as_ourselves(words);
  if (run_process(words, log) != 0) return tl::unexpected(failed("cannot make its data"));
  return base::write_file_atomically(options_.folder + "/prepared", "");
}

Result<void> Server::launch() {
  using external::quoted_text;
  const std::string user = quoted_text(options_.user) + "@'%'";
  const std::string identified = " IDENTIFIED BY " + quoted_text(options_.password);
  const std::string init = fmt::format(
      "SET SESSION sql_log_bin=0;\nCREATE USER IF NOT EXISTS {0}{1};\nALTER USER {0}{1};\n"
      "GRANT ALL ON *.* TO {0} WITH GRANT OPTION;\n",
      user, identified);
  if (auto done = base::write_file_atomically(options_.folder + "/init.sql", init); !done)
    return done;
  address_.port = options_.port != 0 ? options_.port : free_port();
  address_.user = options_.user;
  address_.password = options_.password;
  std::vector<std::string> words{
      program_, "--no-defaults", "--datadir=" + options_.folder + "/data",
      // MariaDB deletes what other servers have in a tmpdir of theirs that it shares when it
      // starts.
      "--tmpdir=" + options_.folder + "/tmp", "--bind-address=127.0.0.1",
      fmt::format("--port={}", address_.port),
      "--socket=mysqld.sock",  // below datadir: an absolute path may be too long for a socket
      "--pid-file=" + options_.folder + "/pid", "--init-file=" + options_.folder + "/init.sql",
      "--skip-name-resolve"};
  if (!is_mariadb_) words.emplace_back("--loose-mysqlx=OFF");
  std::map<std::string, std::string> parameters;
  for (const auto& [name, value] : options_.parameters) parameters[name_of(name)] = value;
  for (const auto& [name, value] : defaults)
    if (!parameters.contains(name)) words.push_back(fmt::format("--loose-{}={}", name, value));
  for (const auto& [name, value] : parameters) words.push_back(option_of(name, value));
  run_as_ourselves(words);
  process_ = start_process(words, options_.folder + "/server.log");
  return process_ > 0 ? Result<void>() : base::fail("cannot start " + program_);
}

Result<void> Server::wait_until_ready() {
  for (int i = 0; i < ready_tries; ++i) {
    if (has_ended(process_, ready_pause_milliseconds)) {
      process_ = 0;
      return tl::unexpected(failed("does not start"));
    }
    if (Connection::connect(address_)) return {};
  }
  return tl::unexpected(failed("does not let its user in"));
}

}  // namespace pipeline::rds::mysqld
