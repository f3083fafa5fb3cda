#include "pipeline/rds/external/sql_client.h"

#include <cppconn/connection.h>
#include <cppconn/driver.h>
#include <cppconn/exception.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>
#include <cppconn/statement.h>
#include <fmt/format.h>

#include <array>
#include <chrono>

#include "emulator/base/text.h"

namespace pipeline::rds::external {
namespace {

namespace base = emulator::base;
using mysql::protocol::TlsMode;

// Errors of the client library, and those of a server that lets go of us (manual: Client Error
// Message Reference).
constexpr std::array lost_connection{2002, 2003, 2006, 2013, 2055, 1053, 1077, 1927, 4031};
constexpr int tls_failed = 2026;

base::Error error_of(const ::sql::SQLException& exception) {
  return {fmt::format("{} ({}): {}", exception.getErrorCode(), exception.getSQLState(),
                      exception.what())};
}

int seconds(base::Duration duration) {
  return static_cast<int>(std::chrono::ceil<std::chrono::seconds>(duration).count());
}

// OPT_SSL_MODE is ignored. sslVerify checks who signed the certificate and the name in it: there is
// no switch for the first alone.
std::unique_ptr<::sql::Connection> open(const ConnectOptions& options, bool tls) {
  ::sql::ConnectOptionsMap map;
  map["hostName"] = ::sql::SQLString(options.host);
  map["port"] = static_cast<int>(options.port);
  map["userName"] = ::sql::SQLString(options.user);
  map["password"] = ::sql::SQLString(options.password);
  map["OPT_CONNECT_TIMEOUT"] = seconds(options.connect_timeout);
  map["OPT_CHARSET_NAME"] = ::sql::SQLString("utf8mb4");
  if (tls) map["sslEnforce"] = true;
  if (options.tls >= TlsMode::verify_ca) map["sslVerify"] = true;
  if (tls && !options.ca_file.empty()) map["sslCA"] = ::sql::SQLString(options.ca_file);
  return std::unique_ptr<::sql::Connection>(get_driver_instance()->connect(map));
}

std::unique_ptr<::sql::Connection> open_as_asked(const ConnectOptions& options) {
  if (options.tls != TlsMode::preferred) return open(options, options.tls != TlsMode::disabled);
  try {
    return open(options, true);
  } catch (const ::sql::SQLException& exception) {
    if (exception.getErrorCode() != tls_failed) throw;
  }
  return open(options, false);
}

}  // namespace

struct SqlClient::State {
  std::unique_ptr<::sql::Connection> connection;
  std::string version;
  bool lost = false;

  tl::unexpected<base::Error> failed(const ::sql::SQLException& exception) {
    const int code = exception.getErrorCode();
    for (const int number : lost_connection) lost = lost || code == number;
    return tl::unexpected(error_of(exception));
  }

  void read(const std::string& text, const OnRow& row) {
    const std::unique_ptr<::sql::Statement> statement(connection->createStatement());
    statement->setResultSetType(::sql::ResultSet::TYPE_FORWARD_ONLY);
    const std::unique_ptr<::sql::ResultSet> result(statement->executeQuery(text));
    const std::uint32_t columns = result->getMetaData()->getColumnCount();
    std::vector<::sql::SQLString> texts(columns);
    Row values(columns);
    while (result->next()) {
      for (std::uint32_t i = 0; i < columns; ++i) {
        texts[i] = result->getString(i + 1);
        if (texts[i].length() == 0 && result->wasNull())
          values[i].reset();
        else
          values[i] = std::string_view(texts[i].c_str(), texts[i].length());
      }
      if (!row(values)) return;
    }
  }

  // The connector does not tell a result that was cut from one that ended: the server does.
  Result<void> check_end() {
    std::string count;
    read("SELECT @@error_count", [&](const Row& row) {
      count = row[0].value_or("");
      return true;
    });
    if (count == "0") return {};
    std::string message = "the server ended the result early";
    read("SHOW ERRORS", [&](const Row& row) {
      message = fmt::format("{}: {}", row[1].value_or(""), row[2].value_or(""));
      return true;
    });
    return base::fail(message);
  }
};

SqlClient::SqlClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
SqlClient::~SqlClient() = default;

Result<std::unique_ptr<SqlClient>> SqlClient::connect(const ConnectOptions& options) {
  auto state = std::make_unique<State>();
  try {
    state->connection = open_as_asked(options);
  } catch (const ::sql::SQLException& exception) {
    return tl::unexpected(error_of(exception));
  }
  std::unique_ptr<SqlClient> client(new SqlClient(std::move(state)));
  const auto version = client->value("SELECT VERSION()");
  if (!version) return tl::unexpected(version.error());
  client->state_->version = version->value_or("");
  const char* no_time_limit = client->is_mariadb() ? "SET SESSION max_statement_time=0"
                                                   : "SET SESSION max_execution_time=0";
  for (const char* setting :
       {"SET SESSION time_zone='+00:00', sql_mode='', net_write_timeout=600", no_time_limit}) {
    if (auto done = client->execute(setting); !done) return tl::unexpected(done.error());
  }
  return client;
}

bool SqlClient::is_mariadb() const { return state_->version.find("MariaDB") != std::string::npos; }
const std::string& SqlClient::version() const { return state_->version; }
bool SqlClient::is_lost() const { return state_->lost; }

Result<void> SqlClient::execute(const std::string& sql) {
  try {
    const std::unique_ptr<::sql::Statement> statement(state_->connection->createStatement());
    statement->execute(sql);
  } catch (const ::sql::SQLException& exception) {
    return state_->failed(exception);
  }
  return {};
}

Result<void> SqlClient::query(const std::string& sql, const OnRow& row) {
  bool stopped = false;
  try {
    state_->read(sql, [&](const Row& values) {
      stopped = !row(values);
      return !stopped;
    });
    if (!stopped) return state_->check_end();
  } catch (const ::sql::SQLException& exception) {
    return state_->failed(exception);
  }
  return {};
}

Result<std::vector<std::vector<std::optional<std::string>>>> SqlClient::rows(
    const std::string& sql) {
  std::vector<std::vector<std::optional<std::string>>> out;
  auto done = query(sql, [&](const Row& row) {
    out.emplace_back(row.begin(), row.end());
    return true;
  });
  if (!done) return tl::unexpected(done.error());
  return out;
}

Result<std::optional<std::string>> SqlClient::value(const std::string& sql) {
  auto all = rows(sql);
  if (!all) return tl::unexpected(all.error());
  if (all->empty() || all->front().empty()) return std::optional<std::string>();
  return std::move(all->front().front());
}

std::string quoted_name(std::string_view name) {
  std::string out = "`";
  for (const char c : name) out.append(c == '`' ? 2 : 1, c);
  return out + "`";
}

std::string quoted_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\\') out.push_back('\\');
    out.append(c == '\'' ? 2 : 1, c);
  }
  return out + "'";
}

}  // namespace pipeline::rds::external
