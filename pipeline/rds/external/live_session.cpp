#include "pipeline/rds/external/live_session.h"

#include <utility>

#include "emulator/base/text.h"
#include "pipeline/mysql/ddl.h"
#include "pipeline/rds/sql/parser.h"

namespace pipeline::rds::external {
namespace {

namespace protocol = mysql::protocol;
using mysql::ColumnType;

SqlError sql_error_of(const protocol::Error& error) {
  return {error.number, error.sqlstate, error.message};
}

// The types of a result set (enum_field_types), as far as they say whether a value is text.
mysql::Column type_of(const protocol::Column& column) {
  mysql::Column out;
  out.name = column.name;
  out.collation = column.collation;
  switch (column.type) {
    case 249:
    case 250:
    case 251:
    case 252:
      out.type = ColumnType::blob;
      break;
    case 253:
      out.type = ColumnType::varchar;
      break;
    default:
      out.type = static_cast<ColumnType>(column.type);
  }
  return out;
}

class LiveSession final : public Session {
 public:
  LiveSession(protocol::ConnectOptions server, std::unique_ptr<protocol::Connection> connection)
      : server_(std::move(server)), connection_(std::move(connection)) {}

  rds::Result<ResultSet> execute(std::string_view sql) override {
    if (auto open = reopen(); !open) return tl::unexpected(open.error());
    auto answer = connection_->query(sql);
    if (!answer) return tl::unexpected(sql_error_of(answer.error()));
    if (mysql::SqlTokens(sql).peek().is("USE")) note_database();
    ResultSet out;
    for (const protocol::Column& column : answer->columns)
      out.columns.push_back({column.name, type_of(column)});
    out.rows = std::move(answer->rows);
    out.affected_rows = answer->ok.affected_rows;
    out.last_insert_id = answer->ok.last_insert_id;
    out.info = answer->ok.info;
    return out;
  }

  rds::Result<std::vector<ResultSet>> execute_script(std::string_view script) override {
    const auto parts = sql::split_script(script);
    if (!parts) return tl::unexpected(parts.error());
    std::vector<ResultSet> out;
    for (const sql::ScriptPart& part : *parts) {
      auto result = execute(part.text);
      if (!result) {
        result.error().offset = part.offset;
        return tl::unexpected(result.error());
      }
      out.push_back(std::move(*result));
    }
    return out;
  }

  const std::string& database() const override { return server_.database; }

 private:
  rds::Result<void> reopen() {
    if (connection_->is_open()) return {};
    auto again = protocol::Connection::connect(server_);
    if (!again) return tl::unexpected(sql_error_of(again.error()));
    connection_ = std::move(*again);
    return {};
  }

  void note_database() {
    if (auto name = connection_->query_value("SELECT DATABASE()"))
      server_.database = name->value_or("");
  }

  protocol::ConnectOptions server_;
  std::unique_ptr<protocol::Connection> connection_;
};

}  // namespace

rds::Result<std::unique_ptr<Session>> connect_session(const protocol::ConnectOptions& server,
                                                      const std::string& database) {
  protocol::ConnectOptions options = server;
  options.database = database;
  auto connection = protocol::Connection::connect(options);
  constexpr int unknown_database = 1049;  // a set-up script makes it, and says USE
  if (!connection && connection.error().number == unknown_database) {
    options.database.clear();
    connection = protocol::Connection::connect(options);
  }
  if (!connection) return tl::unexpected(sql_error_of(connection.error()));
  return std::unique_ptr<Session>(
      std::make_unique<LiveSession>(std::move(options), std::move(*connection)));
}

}  // namespace pipeline::rds::external
