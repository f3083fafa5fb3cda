#pragma once
// Queues and their messages in SQLite: in a file, or ":memory:". Every call is one transaction, or
// one statement: after it returns it survives what the database's sync mode says. A message goes by
// its row; rows of a queue come in the order of their instants.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/result.h"
#include "emulator/sqlite/database.h"
#include "emulator/sqs/model.h"

namespace emulator::sqs {

class MessageStore {
 public:
  explicit MessageStore(sqlite::Database& database) : database_(database) {}

  // Those that are there already. The tables are made for the first queue: most worlds have none.
  base::Result<std::vector<Queue>> queues();
  base::Result<void> put_queue(const Queue& queue);         // new, or described anew
  base::Result<void> remove_queue(const std::string& arn);  // with its messages

  base::Result<void> add(const std::string& queue_arn, const Message& message);
  // What is visible at `now`, oldest first.
  base::Result<std::vector<Message>> visible(const std::string& queue_arn, Instant now,
                                             std::size_t limit);
  base::Result<void> received(const std::vector<Message>& messages);  // as they are now
  base::Result<void> move(const Message& message,
                          const std::string& to_arn);  // visible there at message.visible_at
  base::Result<std::optional<Message>> find(const std::string& queue_arn,
                                            std::string_view receipt_handle);
  base::Result<void> remove(std::int64_t number);
  base::Result<void> set_visible_at(std::int64_t number, Instant at);
  base::Result<void> purge(const std::string& queue_arn);
  // Removes what was sent at or before `at`.
  base::Result<void> expire(const std::string& queue_arn, Instant at);
  base::Result<MessageCounts> count(const std::string& queue_arn, Instant now);
  // When the next message becomes visible that is not yet.
  base::Result<std::optional<Instant>> next_visible(const std::string& queue_arn, Instant now);

 private:
  struct Statements {
    sqlite::Statement put_queue, remove_queue, queues;
    sqlite::Statement add, visible, received, move, find, remove, set_visible_at, purge, expire,
        count, next_visible;
  };
  base::Result<bool> has_tables();
  base::Result<void> open();
  base::Result<std::vector<Message>> read_messages(sqlite::Statement& statement);
  template <class Work>
  base::Result<void> in_transaction(Work work);

  sqlite::Database& database_;
  Statements statements_;
  bool open_ = false;
};

}  // namespace emulator::sqs
