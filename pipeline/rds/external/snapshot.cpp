#include "pipeline/rds/external/snapshot.h"

#include <fmt/format.h>

#include <set>

#include "emulator/base/text.h"
#include "pipeline/mysql/binlog/event.h"

namespace pipeline::rds::external {
namespace {

namespace base = emulator::base;
using mysql::Position;

constexpr std::uint32_t knows_binary_log_status = 80200;  // before: SHOW MASTER STATUS
constexpr int rounds_of_waiting = 100;
constexpr const char* begin_snapshot = "START TRANSACTION WITH CONSISTENT SNAPSHOT";

Result<Position> position_of(const std::optional<std::string>& file,
                             const std::optional<std::string>& offset) {
  const auto number = base::parse_unsigned(offset.value_or(""));
  if (!file || file->empty() || !number) return base::fail("Binary log is not open");
  return Position{*file, *number};
}

// MariaDB tells the position of a snapshot that begins while others commit.
Result<Position> snapshot_of_mariadb(SqlClient& client) {
  if (auto done = client.execute(begin_snapshot); !done) return tl::unexpected(done.error());
  const auto status = client.rows("SHOW STATUS LIKE 'binlog\\_snapshot\\_%'");
  if (!status) return tl::unexpected(status.error());
  std::optional<std::string> file, offset;
  for (const auto& row : *status) {
    if (base::equals_ignoring_case(row[0].value_or(""), "binlog_snapshot_file")) file = row[1];
    if (base::equals_ignoring_case(row[0].value_or(""), "binlog_snapshot_position"))
      offset = row[1];
  }
  return position_of(file, offset);
}

using Ids = std::set<std::string>;
Result<Ids> writing_transactions(SqlClient& client) {
  const auto rows =
      client.rows("SELECT trx_id FROM information_schema.INNODB_TRX WHERE trx_rows_modified > 0");
  if (!rows) return tl::unexpected(rows.error());
  Ids out;
  for (const auto& row : *rows) out.insert(row[0].value_or(""));
  return out;
}

// A transaction is in the log an instant before its rows are to be seen. Those that were under way
// when the position was taken have to end, as DMS waits for them too. Without the privilege PROCESS
// nobody tells which: then many times that instant has to do.
void wait_for_writers(SqlClient& client) {
  auto left = writing_transactions(client);
  if (!left) return (void)client.execute("DO SLEEP(0.5)");
  for (int round = 0; !left->empty() && round < rounds_of_waiting; ++round) {
    if (!client.execute("DO SLEEP(0.02)")) return;
    const auto now = writing_transactions(client);
    if (!now) return;
    std::erase_if(*left, [&](const std::string& id) { return now->count(id) == 0; });
  }
}

}  // namespace

Result<Position> end_of_log(SqlClient& client) {
  const bool renamed = !client.is_mariadb() && mysql::binlog::server_version_number(
                                                   client.version()) >= knows_binary_log_status;
  const auto rows = client.rows(renamed ? "SHOW BINARY LOG STATUS" : "SHOW MASTER STATUS");
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty() || rows->front().size() < 2) return base::fail("Binary log is not open");
  return position_of(rows->front()[0], rows->front()[1]);
}

Result<Position> take_snapshot(SqlClient& client) {
  if (auto done = client.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"); !done)
    return tl::unexpected(done.error());
  if (client.is_mariadb()) return snapshot_of_mariadb(client);
  if (auto done = client.execute("SET SESSION lock_wait_timeout=2"); !done)
    return tl::unexpected(done.error());
  const bool locked = client.execute("FLUSH TABLES WITH READ LOCK").has_value();  // RDS forbids it
  auto position = end_of_log(client);
  if (position && !locked) wait_for_writers(client);
  if (auto begun = client.execute(begin_snapshot); !begun) return tl::unexpected(begun.error());
  if (locked) {
    if (auto done = client.execute("UNLOCK TABLES"); !done) return tl::unexpected(done.error());
  }
  if (auto done = client.execute("SET SESSION lock_wait_timeout=31536000"); !done)
    return tl::unexpected(done.error());
  return position;
}

}  // namespace pipeline::rds::external
