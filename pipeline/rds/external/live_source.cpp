#include "pipeline/rds/external/live_source.h"

#include <fmt/format.h>

#include <chrono>

#include "emulator/base/text.h"
#include "pipeline/mysql/binlog/event.h"
#include "pipeline/rds/external/catalog.h"
#include "pipeline/rds/external/snapshot.h"
#include "pipeline/rds/external/table_reader.h"

namespace pipeline::rds::external {
namespace {

namespace base = emulator::base;
using namespace std::chrono_literals;

constexpr Duration give_up_after = 20s;  // where nobody paces us: a run has to end

bool has_names(const mysql::TableSchema& table) { return table.columns.empty() || !table.columns.front().name.empty(); }

}  // namespace

LiveSource::LiveSource(LiveSourceOptions options, std::unique_ptr<SqlClient> client)
    : options_(std::move(options)), client_(std::move(client)), self_(std::make_shared<LiveSource*>(this)) {}

LiveSource::~LiveSource() = default;

Result<std::unique_ptr<LiveSource>> LiveSource::connect(LiveSourceOptions options) {
  auto client = SqlClient::connect(options.server);
  if (!client) return tl::unexpected(client.error());
  return std::unique_ptr<LiveSource>(new LiveSource(std::move(options), std::move(*client)));
}

template <class T>
Result<T> LiveSource::ask(const std::function<Result<T>(SqlClient&)>& question) {
  if (client_) {
    auto answer = question(*client_);
    if (answer || !client_->is_lost()) return answer;
    client_.reset();
  }
  auto again = SqlClient::connect(options_.server);
  if (!again) return tl::unexpected(again.error());
  client_ = std::move(*again);
  return question(*client_);
}

std::optional<std::string> LiveSource::variable(std::string_view name) {
  std::optional<std::string> out;
  const std::string sql = fmt::format("SHOW GLOBAL VARIABLES WHERE Variable_name={}", quoted_text(name));
  const auto asked = ask<void>([&](SqlClient& client) {
    return client.query(sql, [&](const SqlClient::Row& row) {
      out = std::string(row[1].value_or(""));
      return true;
    });
  });
  return asked ? out : std::nullopt;
}

std::optional<std::vector<std::string>> LiveSource::grants() {
  std::vector<std::string> out;
  const auto asked = ask<void>([&](SqlClient& client) {
    return client.query("SHOW GRANTS", [&](const SqlClient::Row& row) {
      out.emplace_back(row[0].value_or(""));
      return true;
    });
  });
  if (!asked) return std::nullopt;
  return out;
}

Result<std::vector<mysql::TablePtr>> LiveSource::tables() {
  auto tables = ask<std::vector<mysql::TablePtr>>([](SqlClient& client) { return read_tables(client); });
  if (!tables) return tables;
  known_.clear();
  for (const mysql::TablePtr& table : *tables) known_[{table->schema, table->table}] = table;
  known_is_stale_ = false;
  return tables;
}

Result<Position> LiveSource::position() {
  snapshot_.reset();
  auto client = SqlClient::connect(options_.server);
  if (!client) return tl::unexpected(client.error());
  auto position = external::take_snapshot(**client);
  if (position) snapshot_ = std::move(*client);
  return position;
}

// From the snapshot while there is one; a connection lost in between, or a table altered since, is read anew as it is now: what has changed
// after the position comes through the log once more.
Result<void> LiveSource::read_table(std::string_view schema, std::string_view table,
                                    const std::function<bool(const mysql::Row&)>& row) {
  const auto known = known_.find({std::string(schema), std::string(table)});
  if (known == known_.end()) return base::fail(fmt::format("the server has no table {}.{}", schema, table));
  TableReader reader(known->second);
  std::unique_ptr<SqlClient> own;
  bool started = false;
  const auto counted = [&](const mysql::Row& cells) {
    started = true;
    return row(cells);
  };
  for (int tries = 0; !reader.at_end();) {
    if (!snapshot_ && !own) {
      auto client = SqlClient::connect(options_.server);
      if (!client) return tl::unexpected(client.error());
      own = std::move(*client);
    }
    SqlClient& client = snapshot_ ? *snapshot_ : *own;
    const auto done = reader.read(client, counted);
    if (done) continue;
    const bool changed = done.error().message.starts_with("1412 ");  // ER_TABLE_DEF_CHANGED
    const bool can_go_on = client.is_lost() ? reader.is_chunked() || !started : changed && !started;
    if (!can_go_on || ++tries > 3) return done;
    if (client.is_lost()) snapshot_.reset();
    if (changed) {  // the other tables keep the snapshot
      auto fresh = SqlClient::connect(options_.server);
      if (!fresh) return tl::unexpected(fresh.error());
      std::swap(snapshot_, *fresh);
      const auto again = reader.read(*snapshot_, counted);
      std::swap(snapshot_, *fresh);
      if (!again) return again;
      continue;
    }
    own.reset();
  }
  return {};
}

void LiveSource::start_reader(const Position& from) {
  reader_.reset();
  completed_.clear();
  LogReaderOptions options{.server = options_.server};
  if (options_.post) {
    const std::weak_ptr<LiveSource*> self = self_;
    options.arrived = [post = options_.post, self] {
      post([self] {
        if (const auto source = self.lock()) (*source)->wake();
      });
    };
    options.note = [post = options_.post, self](const std::string& message) {
      post([self, message] {
        if (const auto source = self.lock(); source && (*source)->options_.note) (*source)->options_.note(message);
      });
    };
  } else {
    options.give_up_after = give_up_after;
  }
  reader_ = std::make_unique<LogReader>(std::move(options), from);
  expected_ = from;
}

Result<std::optional<Transaction>> LiveSource::next_transaction(const Position& from) {
  if (!reader_ || from != expected_) start_reader(from);
  auto next = reader_->take();
  if (next && !*next && !options_.post) {
    const auto end = ask<Position>([](SqlClient& client) { return end_of_log(client); });
    if (!end) return tl::unexpected(end.error());
    reader_->wait_until_read(*end);
    next = reader_->take();
  }
  if (!next || !*next) return next;
  expected_ = (*next)->end;
  if (auto done = complete_names(**next); !done) return tl::unexpected(done.error());
  return next;
}

void LiveSource::on_commit(std::function<void()> wake) {
  wake_ = std::move(wake);
  if (!wake_) reader_.reset();
}

void LiveSource::wake() {
  if (const std::function<void()> wake = wake_) wake();
}

// A log without FULL metadata has no names, and on MariaDB no signs: those of the server's tables hold as long as they have the same shape.
Result<void> LiveSource::complete_names(Transaction& transaction) {
  if (transaction.schema_change) {
    known_is_stale_ = true;
    completed_.clear();
  }
  for (mysql::RowChange& change : transaction.changes) {
    if (has_names(*change.table)) continue;
    auto table = completed(change.table);
    if (!table) return tl::unexpected(table.error());
    change.table = std::move(*table);
  }
  return {};
}

Result<mysql::TablePtr> LiveSource::completed(const mysql::TablePtr& logged) {
  if (const auto known = completed_.find(logged); known != completed_.end()) return known->second;
  if (known_is_stale_) {
    if (auto read = tables(); !read) return tl::unexpected(read.error());
  }
  const auto found = known_.find({logged->schema, logged->table});
  const mysql::TableSchema* server = found == known_.end() ? nullptr : found->second.get();
  if (server == nullptr || server->columns.size() != logged->columns.size()) {
    return base::fail(fmt::format(
        "table {} had {} columns when its rows were logged, and the log does not name them: set binlog_row_metadata=FULL", logged->name(),
        logged->columns.size()));
  }
  mysql::TableSchema table = *logged;
  table.primary_key = server->primary_key;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    mysql::Column& column = table.columns[i];
    const mysql::Column& like = server->columns[i];
    column.name = like.name;
    column.is_unsigned = like.is_unsigned;
    column.labels = like.labels;
    column.generated = like.generated;
    column.visible = like.visible;
    if (like.declared != "json") column.declared = like.declared;
    if (like.type == column.type) column.collation = like.collation;
  }
  mysql::TablePtr out = std::make_shared<const mysql::TableSchema>(std::move(table));
  completed_.emplace(logged, out);
  return out;
}

}  // namespace pipeline::rds::external
