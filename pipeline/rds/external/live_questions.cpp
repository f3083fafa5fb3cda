#include "pipeline/rds/external/live_questions.h"

#include <fmt/format.h>

#include <utility>

#include "emulator/base/text.h"
#include "pipeline/rds/external/catalog.h"
#include "pipeline/rds/external/prepared_at.h"
#include "pipeline/rds/external/schema_at.h"
#include "pipeline/rds/external/snapshot.h"

namespace pipeline::rds::external {
namespace {

// What XA has prepared by now and commits later is in no snapshot: the log is read from where its
// rows are. Who may not ask is told so: his load may lack rows.
std::optional<mysql::Position> prepared_before(const ConnectOptions& server,
                                               const mysql::Position& at,
                                               std::vector<std::string>& notes) {
  auto client = SqlClient::connect(server);
  if (!client) return std::nullopt;
  const auto rows = (*client)->rows("XA RECOVER");
  if (!rows) {
    notes.push_back(fmt::format(
        "the server does not tell whether XA transactions are prepared now: if they are and commit "
        "later, their rows are missed ({}; MySQL 8 wants the privilege XA_RECOVER_ADMIN)",
        rows.error().text()));
    return std::nullopt;
  }
  if (rows->empty()) return std::nullopt;
  const auto found = prepared_at(server, at, rows->size());
  if (found && found->oldest && !found->altered) return found->oldest;
  notes.push_back(
      fmt::format("{} XA transactions were prepared before the position of the load: if they "
                  "commit, their rows are missed ({})",
                  rows->size(),
                  !found           ? found.error().text()
                  : found->altered ? "tables were altered since"
                                   : "the log has them no more"));
  return std::nullopt;
}

Answers ask(const ConnectOptions& server, bool with_position) {
  Answers out;
  if (auto client = SqlClient::connect(server)) {
    out.variables = read_variables(**client);
    out.grants = read_grants(**client);
    out.tables = read_tables(**client);
  } else {
    out.variables = tl::unexpected(client.error());
    out.grants = tl::unexpected(client.error());
    out.tables = tl::unexpected(client.error());
  }
  if (with_position) out.position = take_position(server);
  return out;
}

}  // namespace

// The tables that belong to the position are what the server says after it, unless they were
// altered in between: then both are taken anew.
Result<SnapshotPosition> take_position(const ConnectOptions& server) {
  constexpr int tries_max = 10;
  for (int tries = 1;; ++tries) {
    auto client = SqlClient::connect(server);
    if (!client) return tl::unexpected(client.error());
    auto position = take_snapshot(**client);
    if (!position) return tl::unexpected(position.error());
    auto schema = schema_at(server, *position);
    if (schema && !*schema && tries < tries_max) continue;
    SnapshotPosition out{std::move(*position), {}, std::move(*client), {}, {}};
    if (!schema)
      out.notes.push_back("the log at " + out.at.text() +
                          " cannot be read: " + schema.error().text());
    else if (!*schema)
      out.notes.emplace_back(
          "tables are altered all the time: names come from the server as it is later, where the "
          "log has none");
    else
      out.schema = std::move(**schema);
    out.prepared = prepared_before(server, out.at, out.notes);
    return out;
  }
}

Result<Variables> read_variables(SqlClient& client) {
  Variables out;
  auto done = client.query("SHOW GLOBAL VARIABLES", [&](const SqlClient::Row& row) {
    out[emulator::base::to_lower(row[0].value_or(""))] = std::string(row[1].value_or(""));
    return true;
  });
  if (!done) return tl::unexpected(done.error());
  return out;
}

Result<std::vector<std::string>> read_grants(SqlClient& client) {
  std::vector<std::string> out;
  auto done = client.query("SHOW GRANTS", [&](const SqlClient::Row& row) {
    out.emplace_back(row[0].value_or(""));
    return true;
  });
  if (!done) return tl::unexpected(done.error());
  return out;
}

LiveQuestions::LiveQuestions(ConnectOptions server, bool with_position,
                             std::function<void(std::shared_ptr<Answers>)> answered)
    : thread_([server = std::move(server), with_position, answered = std::move(answered)] {
        // Shared: it travels in a std::function, which wants to be copied.
        answered(std::make_shared<Answers>(ask(server, with_position)));
      }) {}

}  // namespace pipeline::rds::external
