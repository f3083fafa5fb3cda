#include "tests/servers/test_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace tests::servers {

namespace {

constexpr const char* mariadbd = "/usr/sbin/mariadbd";
constexpr const char* install_program = "/usr/bin/mariadb-install-db";
constexpr int tries = 600;  // of 50 ms
constexpr int try_milliseconds = 50;

int start_program(const std::vector<std::string>& words, const std::string& output) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // nothing outlives the test, even one that crashed
  const int file = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(file, STDOUT_FILENO);
  ::dup2(file, STDERR_FILENO);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return out;
}

// One that was free a moment ago: mariadbd takes no 0.
std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  const bool bound = ::bind(socket, plain, size) == 0 && ::getsockname(socket, plain, &size) == 0;
  ::close(socket);
  return bound ? ntohs(address.sin_port) : 0;
}

bool accepts(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = loopback(port);
  const bool connected =
      ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return connected;
}

std::string file_text(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

// The root of a container may run a server; others run it as themselves.
std::vector<std::string> user_option() {
  return ::getuid() == 0 ? std::vector<std::string>{"--user=root"} : std::vector<std::string>{};
}

void append(std::vector<std::string>& out, const std::vector<std::string>& more) {
  out.insert(out.end(), more.begin(), more.end());
}

}  // namespace

std::string Address::url(const std::string& scheme) const {
  return fmt::format("{}://{}:{}@{}:{}", scheme, user, password, host, port);
}

int run_program(const std::vector<std::string>& words, const std::string& output) {
  const int child = start_program(words, output);
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

std::unique_ptr<TestServer> TestServer::start_mariadb(const std::vector<std::string>& options,
                                                      std::string& why_not) {
  if (::access(mariadbd, X_OK) != 0 || ::access(install_program, X_OK) != 0) {
    why_not = "Debian's mariadb-server-core is not installed";
    return nullptr;
  }
  std::string folder = std::filesystem::temp_directory_path() / "sluice-mariadb-XXXXXX";
  if (!::mkdtemp(folder.data())) {
    why_not = "no temporary folder";
    return nullptr;
  }
  std::unique_ptr<TestServer> server(new TestServer(folder));
  server->options_ = options;
  if (!server->prepare(why_not) || !server->launch(why_not)) return nullptr;
  return server;
}

bool TestServer::prepare(std::string& why_not) {
  const std::string log = folder_ + "/install.log";
  std::vector<std::string> words{
      install_program,
      "--no-defaults",
      "--datadir=" + folder_ + "/data",
      "--auth-root-authentication-method=normal",
      "--skip-test-db",
      "--skip-name-resolve",
      "--innodb-use-native-aio=0",
      "--tmpdir=" + folder_ + "/tmp",
      "--rpm"};  // as packagers do: it leaves what is not below datadir alone
  append(words, user_option());
  std::filesystem::create_directory(folder_ + "/tmp");
  const std::vector<std::string> certificate{"/usr/bin/openssl",
                                             "req",
                                             "-x509",
                                             "-newkey",
                                             "rsa:2048",
                                             "-nodes",
                                             "-days",
                                             "2",
                                             "-subj",
                                             "/CN=127.0.0.1",
                                             "-addext",
                                             "subjectAltName=IP:127.0.0.1",
                                             "-keyout",
                                             folder_ + "/key.pem",
                                             "-out",
                                             folder_ + "/cert.pem"};
  std::ofstream(folder_ + "/init.sql")
      << "SET SESSION sql_log_bin=0;\n"
         "CREATE USER IF NOT EXISTS root@'127.0.0.1';\n"
         "SET PASSWORD FOR root@'127.0.0.1'=PASSWORD('rootpw');\n"
         "GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;\n";
  if (run_program(words, log) == 0 && run_program(certificate, log) == 0) return true;
  why_not = "mariadb-install-db or openssl failed: " + file_text(log);
  return false;
}

bool TestServer::launch(std::string& why_not) {
  if (address_.port == 0) address_.port = free_port();
  std::vector<std::string> words{
      mariadbd,
      "--no-defaults",
      "--datadir=" + folder_ + "/data",
      "--tmpdir=" + folder_ + "/tmp",  // MariaDB clears it at the start, whoever's files lie there
      "--bind-address=127.0.0.1",
      fmt::format("--port={}", address_.port),
      "--socket=" + folder_ + "/socket",
      "--pid-file=" + folder_ + "/pid",
      "--init-file=" + folder_ + "/init.sql",
      "--ssl-ca=" + folder_ + "/cert.pem",
      "--ssl-cert=" + folder_ + "/cert.pem",
      "--ssl-key=" + folder_ + "/key.pem",
      "--server-id=1",
      "--log-bin=binlog",
      "--binlog-format=ROW",
      "--loose-binlog-row-metadata=FULL",
      "--character-set-server=utf8mb4",
      "--innodb-buffer-pool-size=32M",
      "--innodb-log-file-size=16M",
      "--innodb-use-native-aio=0",  // many servers may run at once
      "--max-allowed-packet=256M",
      "--skip-name-resolve"};
  append(words, user_option());
  append(words, options_);
  const std::string log = folder_ + "/server.log";
  process_ = start_program(words, log);
  for (int i = 0; i < tries; ++i) {
    int status = 0;
    if (::waitpid(process_, &status, WNOHANG) != 0) break;
    if (accepts(address_.port)) return true;
    ::poll(nullptr, 0, try_milliseconds);
  }
  why_not = "mariadbd did not start: " + file_text(log);
  return false;
}

void TestServer::shut_down() {
  if (process_ <= 0) return;
  ::kill(process_, SIGTERM);
  for (int i = 0; i < tries; ++i) {
    int status = 0;
    if (::waitpid(process_, &status, WNOHANG) != 0) {
      process_ = 0;
      return;
    }
    ::poll(nullptr, 0, try_milliseconds);
  }
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = 0;
}

bool TestServer::restart(std::string& why_not) {
  shut_down();
  return launch(why_not);
}

TestServer::~TestServer() {
  shut_down();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Address mysql_of_environment() {
  Address out;
  const char* url = std::getenv("SLUICE_MYSQL");
  std::string text = url ? url : "";
  const std::string scheme = "mysql://";
  if (text.rfind(scheme, 0) != 0) return out;
  text.erase(0, scheme.size());
  const auto at = text.rfind('@');
  if (at != std::string::npos) {
    const std::string login = text.substr(0, at);
    const auto colon = login.find(':');
    out.user = login.substr(0, colon);
    out.password = colon == std::string::npos ? "" : login.substr(colon + 1);
    text.erase(0, at + 1);
  }
  text = text.substr(0, text.find('/'));
  const auto colon = text.rfind(':');
  out.host = text.substr(0, colon);
  out.port = colon == std::string::npos
                 ? 3306
                 : static_cast<std::uint16_t>(std::atoi(text.c_str() + colon + 1));
  return out;
}

}  // namespace tests::servers
