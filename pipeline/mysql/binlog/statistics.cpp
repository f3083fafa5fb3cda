#include "pipeline/mysql/binlog/statistics.h"

#include <fmt/format.h>

#include "emulator/base/json.h"
#include "emulator/base/text.h"

namespace pipeline::mysql::binlog {

namespace {

std::string name_of(std::uint8_t type) {
  const std::string_view name = event_name(static_cast<EventType>(type));
  return name.empty() ? fmt::format("TYPE_{}", type) : std::string(name);
}

}  // namespace

void Statistics::count(const Event& event) {
  ++events_[static_cast<std::uint8_t>(event.header.type)];
  bytes_ += event.header.size;
}

void Statistics::count(const Transaction& transaction) {
  ++transactions_;
  statements_ += transaction.schema_change.has_value();
  for (const RowChange& change : transaction.changes) ++rows_[change.table->name()][static_cast<std::size_t>(change.operation)];
}

std::string Statistics::text() const {
  std::string out = fmt::format("transactions {}, DDL statements {}, bytes of events {}\n", emulator::base::with_thousands(transactions_),
                                emulator::base::with_thousands(statements_), emulator::base::with_thousands(bytes_));
  for (const auto& [type, count] : events_) out += fmt::format("event {:<24} {:>12}\n", name_of(type), count);
  for (const auto& [table, counts] : rows_)
    out += fmt::format("table {:<24} {:>12} inserts {:>10} updates {:>10} deletes\n", table, counts[0], counts[1], counts[2]);
  return out;
}

std::string Statistics::json() const {
  emulator::base::JsonWriter json;
  json.object();
  json.key("transactions").unsigned_number(transactions_);
  json.key("statements").unsigned_number(statements_);
  json.key("bytes").unsigned_number(bytes_);
  json.key("events").object();
  for (const auto& [type, count] : events_) json.key(name_of(type)).unsigned_number(count);
  json.end().key("rows").object();
  for (const auto& [table, counts] : rows_) {
    json.key(table).object();
    json.key("insert").unsigned_number(counts[0]).key("update").unsigned_number(counts[1]).key("delete").unsigned_number(counts[2]);
    json.end();
  }
  json.end().end();
  return json.take() + "\n";
}

}  // namespace pipeline::mysql::binlog
