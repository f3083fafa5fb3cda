#include "pipeline/rds/external/live_source.h"

#include <fmt/format.h>

#include <chrono>

#include "pipeline/rds/external/catalog.h"
#include "pipeline/rds/external/snapshot.h"

namespace pipeline::rds::external {
namespace {

namespace base = emulator::base;
using namespace std::chrono_literals;

constexpr Duration give_up_after = 20s;  // where nobody paces us: a run has to end

}  // namespace

LiveSource::LiveSource(LiveSourceOptions options, std::unique_ptr<SqlClient> client)
    : options_(std::move(options)),
      client_(std::move(client)),
      self_(std::make_shared<LiveSource*>(this)) {}

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

void LiveSource::prepare(bool with_position, std::function<void()> ready) {
  if (!options_.post) return ready();
  const std::weak_ptr<LiveSource*> self = self_;
  questions_ = std::make_unique<LiveQuestions>(
      options_.server, with_position,
      [post = options_.post, self, ready = std::move(ready)](std::shared_ptr<Answers> answers) {
        post([self, ready, answers = std::move(answers)] {
          const auto hold = [&self](std::shared_ptr<Answers> held) {
            const auto source = self.lock();
            if (source) (*source)->answers_ = std::move(held);
            return source != nullptr;
          };
          if (!hold(answers)) return;
          ready();
          hold(nullptr);
        });
      });
}

std::optional<std::string> LiveSource::variable(std::string_view name) {
  if (answers_) {
    if (!answers_->variables) return std::nullopt;
    const auto found = answers_->variables->find(name);
    return found == answers_->variables->end() ? std::nullopt : std::optional(found->second);
  }
  std::optional<std::string> out;
  const std::string sql =
      fmt::format("SHOW GLOBAL VARIABLES WHERE Variable_name={}", quoted_text(name));
  const auto asked = ask<void>([&](SqlClient& client) {
    return client.query(sql, [&](const SqlClient::Row& row) {
      out = std::string(row[1].value_or(""));
      return true;
    });
  });
  return asked ? out : std::nullopt;
}

std::optional<std::vector<std::string>> LiveSource::grants() {
  auto out = answers_ ? answers_->grants : ask<std::vector<std::string>>(read_grants);
  if (!out) return std::nullopt;
  return std::move(*out);
}

Result<std::vector<mysql::TablePtr>> LiveSource::tables() {
  auto tables = answers_ ? answers_->tables : ask<std::vector<mysql::TablePtr>>(read_tables);
  if (!tables) return tables;
  known_.clear();
  for (const mysql::TablePtr& table : *tables) known_[{table->schema, table->table}] = table;
  return tables;
}

void LiveSource::note(const std::string& message) const {
  if (options_.note) options_.note(message);
}

Result<Position> LiveSource::position() {
  snapshot_.reset();
  const bool is_answered = answers_ && answers_->position;
  auto taken = is_answered ? std::move(*std::exchange(answers_->position, std::nullopt))
                           : take_position(options_.server);
  if (!taken) return tl::unexpected(taken.error());
  for (const std::string& message : taken->notes) note(message);
  history_.begin(taken->at, std::move(taken->schema), taken->prepared);
  snapshot_ = std::make_shared<std::unique_ptr<SqlClient>>(std::move(taken->client));
  return std::move(taken->at);
}

Result<mysql::TablePtr> LiveSource::find_table(std::string_view schema,
                                               std::string_view table) const {
  const auto known = known_.find({std::string(schema), std::string(table)});
  if (known == known_.end())
    return base::fail(fmt::format("the server has no table {}.{}", schema, table));
  return known->second;
}

Result<void> LiveSource::read_table(std::string_view schema, std::string_view table,
                                    const std::function<bool(const mysql::Row&)>& row) {
  const auto known = find_table(schema, table);
  if (!known) return tl::unexpected(known.error());
  std::unique_ptr<SqlClient> none;
  PackedRows rows;
  return read_rows(options_.server, snapshot_ ? *snapshot_ : none, *known, rows, [&] {
    const bool goes_on = rows.for_each((*known)->columns.size(), row);
    rows.clear();
    return goes_on;
  });
}

Result<std::unique_ptr<mysql::TableRows>> LiveSource::open_table(std::string_view schema,
                                                                 std::string_view table,
                                                                 std::function<void()> ready) {
  const auto known = find_table(schema, table);
  if (!known) return tl::unexpected(known.error());
  LiveRowsOptions options{options_.server, snapshot_, *known};
  if (options_.post)
    options.arrived = [post = options_.post, ready = std::move(ready)] { post(ready); };
  return std::unique_ptr<mysql::TableRows>(std::make_unique<LiveRows>(std::move(options)));
}

void LiveSource::start_reader(const Position& from) {
  reader_.reset();
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
        if (const auto source = self.lock(); source && (*source)->options_.note)
          (*source)->options_.note(message);
      });
    };
  } else {
    options.give_up_after = give_up_after;
  }
  reader_ = std::make_unique<LogReader>(std::move(options), history_.start(from));
  end_of_log_ = {};
  expected_ = from;
}

Result<void> LiveSource::restore_reader(const Position& at, const std::string& state) {
  reader_.reset();
  return history_.restore(at, state);
}

Result<std::optional<LogReader::Read>> LiveSource::take() {
  auto next = reader_->take();
  if (!next || *next || options_.post) return next;
  // What was its end is read before it is asked for its end once more.
  reader_->wait_until_read(end_of_log_);
  next = reader_->take();
  if (!next || *next) return next;
  const auto end = ask<Position>([](SqlClient& client) { return end_of_log(client); });
  if (!end) return tl::unexpected(end.error());
  end_of_log_ = *end;
  reader_->wait_until_read(*end);
  return reader_->take();
}

Result<std::optional<Transaction>> LiveSource::next_transaction(const Position& from) {
  if (!reader_ || from != expected_) start_reader(from);
  while (true) {
    auto next = take();
    if (!next) return tl::unexpected(next.error());
    if (!*next) return std::nullopt;
    Transaction& transaction = (*next)->transaction;
    history_.note(transaction.end, (*next)->known);
    if (!is_before(expected_, transaction.end))
      continue;  // had before: read again for the sake of an XA transaction that it prepares
    expected_ = transaction.end;
    return std::move(transaction);
  }
}

void LiveSource::on_commit(std::function<void()> wake) {
  wake_ = std::move(wake);
  if (!wake_) reader_.reset();
}

void LiveSource::wake() {
  if (const std::function<void()> wake = wake_) wake();
}

}  // namespace pipeline::rds::external
