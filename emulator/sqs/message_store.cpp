#include "emulator/sqs/message_store.h"

#include <array>
#include <utility>

#include "emulator/aws/value.h"
#include "emulator/sqlite/rows.h"
#include "emulator/sqs/message_attributes.h"

namespace emulator::sqs {
namespace {

using aws::Value;
using sqlite::each_row;
using sqlite::Statement;
using sqlite::Transaction;

constexpr const char* tables = R"sql(
CREATE TABLE IF NOT EXISTS sqs_queues (
  arn TEXT PRIMARY KEY, region TEXT NOT NULL, name TEXT NOT NULL, created INTEGER NOT NULL, modified INTEGER NOT NULL,
  attributes TEXT NOT NULL, tags TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sqs_messages (
  number INTEGER PRIMARY KEY, queue TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, attributes BLOB NOT NULL,
  sender TEXT NOT NULL, sent INTEGER NOT NULL, visible_at INTEGER NOT NULL, receive_count INTEGER NOT NULL, first_received INTEGER,
  receipt_handle TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS sqs_visible ON sqs_messages (queue, visible_at, number);
CREATE INDEX IF NOT EXISTS sqs_receipts ON sqs_messages (receipt_handle) WHERE receipt_handle <> '';
)sql";

std::int64_t ticks(Instant at) { return at.time_since_epoch().count(); }
Instant instant(std::int64_t count) { return Instant(Duration(count)); }

std::string json_of(const std::map<std::string, std::string>& texts) {
  Value object = Value::object();
  for (const auto& [name, text] : texts) object.set(name, text);
  return object.json();
}

std::map<std::string, std::string> texts_of(std::string_view json) {
  std::map<std::string, std::string> texts;
  if (const auto object = Value::parse_json(json)) {
    for (const auto& [name, value] : object->members()) texts[name] = value.text();
  }
  return texts;
}

// In the order of the columns of `visible` and `find`.
Message read_message(const Statement& row) {
  Message message{.number = row.integer(0),
                  .id = std::string(row.text(1)),
                  .body = std::string(row.text(2)),
                  .attributes = unpack_message_attributes(row.text(3)),
                  .sender = std::string(row.text(4)),
                  .sent = instant(row.integer(5)),
                  .visible_at = instant(row.integer(6)),
                  .receive_count = static_cast<std::uint32_t>(row.integer(7)),
                  .receipt_handle = std::string(row.text(9))};
  if (!row.is_null(8)) message.first_received = instant(row.integer(8));
  return message;
}

}  // namespace

base::Result<bool> MessageStore::has_tables() {
  auto query = database_.prepare("SELECT 1 FROM sqlite_master WHERE name = 'sqs_queues'");
  if (!query) return tl::unexpected(query.error());
  return query->step();
}

base::Result<void> MessageStore::open() {
  if (std::exchange(open_, true)) return {};
  if (auto made = database_.execute(tables); !made) return made;
#define MESSAGE_COLUMNS                                                                     \
  "number, id, body, attributes, sender, sent, visible_at, receive_count, first_received, " \
  "receipt_handle"
  const std::array<std::pair<Statement Statements::*, std::string_view>, 14> texts{{
      {&Statements::put_queue, "INSERT OR REPLACE INTO sqs_queues VALUES (?, ?, ?, ?, ?, ?, ?)"},
      {&Statements::remove_queue, "DELETE FROM sqs_queues WHERE arn = ?"},
      {&Statements::queues,
       "SELECT arn, region, name, created, modified, attributes, tags FROM sqs_queues ORDER BY "
       "arn"},
      {&Statements::add,
       "INSERT INTO sqs_messages (queue, id, body, attributes, sender, sent, visible_at, "
       "receive_count, receipt_handle) "
       "VALUES (?, ?, ?, ?, ?, ?, ?, 0, '')"},
      {&Statements::visible,
       "SELECT " MESSAGE_COLUMNS " FROM sqs_messages WHERE queue = ? AND visible_at <= ? ORDER BY "
       "visible_at, number LIMIT ?"},
      {&Statements::received,
       "UPDATE sqs_messages SET visible_at = ?, receive_count = ?, first_received = ?, "
       "receipt_handle = ? WHERE number = ?"},
      {&Statements::move,
       "UPDATE sqs_messages SET queue = ?, visible_at = ?, receive_count = 0, receipt_handle = '' "
       "WHERE number = ?"},
      {&Statements::find,
       "SELECT " MESSAGE_COLUMNS " FROM sqs_messages WHERE receipt_handle = ? AND queue = ?"},
      {&Statements::remove, "DELETE FROM sqs_messages WHERE number = ?"},
      {&Statements::set_visible_at, "UPDATE sqs_messages SET visible_at = ? WHERE number = ?"},
      {&Statements::purge, "DELETE FROM sqs_messages WHERE queue = ?"},
      {&Statements::expire, "DELETE FROM sqs_messages WHERE queue = ? AND sent <= ?"},
      {&Statements::count,
       "SELECT COUNT(*) FILTER (WHERE visible_at <= ?2), COUNT(*) FILTER (WHERE visible_at > ?2 "
       "AND receipt_handle <> ''), "
       "COUNT(*) FILTER (WHERE visible_at > ?2 AND receipt_handle = '') FROM sqs_messages WHERE "
       "queue = ?1"},
      {&Statements::next_visible,
       "SELECT MIN(visible_at) FROM sqs_messages WHERE queue = ? AND visible_at > ?"},
  }};
#undef MESSAGE_COLUMNS
  for (const auto& [statement, sql] : texts) {
    auto prepared = database_.prepare(sql);
    if (!prepared) return tl::unexpected(prepared.error());
    statements_.*statement = std::move(*prepared);
  }
  return {};
}

template <class Work>
base::Result<void> MessageStore::in_transaction(Work work) {
  auto transaction = Transaction::begin(database_);
  if (!transaction) return tl::unexpected(transaction.error());
  return work().and_then([&] { return transaction->commit(); });
}

base::Result<std::vector<Queue>> MessageStore::queues() {
  std::vector<Queue> found;
  const auto tables_there = has_tables();
  if (!tables_there) return tl::unexpected(tables_there.error());
  if (!*tables_there) return found;
  if (auto opened = open(); !opened) return tl::unexpected(opened.error());
  return each_row(statements_.queues,
                  [&](const Statement& row) {
                    found.push_back(Queue{.region = std::string(row.text(1)),
                                          .name = std::string(row.text(2)),
                                          .arn = std::string(row.text(0)),
                                          .created = instant(row.integer(3)),
                                          .modified = instant(row.integer(4)),
                                          .attributes = texts_of(row.text(5)),
                                          .tags = texts_of(row.text(6))});
                    return true;
                  })
      .map([&] { return std::move(found); });
}

base::Result<void> MessageStore::put_queue(const Queue& queue) {
  if (auto opened = open(); !opened) return opened;
  return statements_.put_queue.bind(1, queue.arn)
      .bind(2, queue.region)
      .bind(3, queue.name)
      .bind(4, ticks(queue.created))
      .bind(5, ticks(queue.modified))
      .bind(6, json_of(queue.attributes))
      .bind(7, json_of(queue.tags))
      .run();
}

base::Result<void> MessageStore::remove_queue(const std::string& arn) {
  return in_transaction([&] {
    return purge(arn).and_then([&] { return statements_.remove_queue.bind(1, arn).run(); });
  });
}

base::Result<void> MessageStore::add(const std::string& queue_arn, const Message& message) {
  return statements_.add.bind(1, queue_arn)
      .bind(2, message.id)
      .bind(3, message.body)
      .bind_blob(4, pack(message.attributes))
      .bind(5, message.sender)
      .bind(6, ticks(message.sent))
      .bind(7, ticks(message.visible_at))
      .run();
}

base::Result<std::vector<Message>> MessageStore::read_messages(Statement& statement) {
  std::vector<Message> messages;
  return each_row(statement,
                  [&](const Statement& row) { return messages.push_back(read_message(row)), true; })
      .map([&] { return std::move(messages); });
}

base::Result<std::vector<Message>> MessageStore::visible(const std::string& queue_arn, Instant now,
                                                         std::size_t limit) {
  return read_messages(statements_.visible.bind(1, queue_arn)
                           .bind(2, ticks(now))
                           .bind(3, static_cast<std::int64_t>(limit)));
}

base::Result<void> MessageStore::received(const std::vector<Message>& messages) {
  return in_transaction([&]() -> base::Result<void> {
    for (const Message& message : messages) {
      auto done = statements_.received.bind(1, ticks(message.visible_at))
                      .bind(2, std::int64_t{message.receive_count})
                      .bind(3, ticks(message.first_received.value_or(Instant{})))
                      .bind(4, message.receipt_handle)
                      .bind(5, message.number)
                      .run();
      if (!done) return done;
    }
    return {};
  });
}

base::Result<void> MessageStore::move(const Message& message, const std::string& to_arn) {
  return statements_.move.bind(1, to_arn)
      .bind(2, ticks(message.visible_at))
      .bind(3, message.number)
      .run();
}

base::Result<std::optional<Message>> MessageStore::find(const std::string& queue_arn,
                                                        std::string_view receipt_handle) {
  auto found = read_messages(statements_.find.bind(1, receipt_handle).bind(2, queue_arn));
  if (!found) return tl::unexpected(found.error());
  if (found->empty()) return std::nullopt;
  return std::move(found->front());
}

base::Result<void> MessageStore::remove(std::int64_t number) {
  return statements_.remove.bind(1, number).run();
}

base::Result<void> MessageStore::set_visible_at(std::int64_t number, Instant at) {
  return statements_.set_visible_at.bind(1, ticks(at)).bind(2, number).run();
}

base::Result<void> MessageStore::purge(const std::string& queue_arn) {
  return statements_.purge.bind(1, queue_arn).run();
}

base::Result<void> MessageStore::expire(const std::string& queue_arn, Instant at) {
  return statements_.expire.bind(1, queue_arn).bind(2, ticks(at)).run();
}

base::Result<MessageCounts> MessageStore::count(const std::string& queue_arn, Instant now) {
  MessageCounts counts;
  const auto number = [](const Statement& row, int column) {
    return static_cast<std::uint64_t>(row.integer(column));
  };
  return each_row(statements_.count.bind(1, queue_arn).bind(2, ticks(now)),
                  [&](const Statement& row) {
                    counts = {number(row, 0), number(row, 1), number(row, 2)};
                    return true;
                  })
      .map([&] { return counts; });
}

base::Result<std::optional<Instant>> MessageStore::next_visible(const std::string& queue_arn,
                                                                Instant now) {
  std::optional<Instant> next;
  return each_row(statements_.next_visible.bind(1, queue_arn).bind(2, ticks(now)),
                  [&](const Statement& row) {
                    if (!row.is_null(0)) next = instant(row.integer(0));
                    return true;
                  })
      .map([&] { return next; });
}

}  // namespace emulator::sqs
