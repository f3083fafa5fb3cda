#include "pipeline/mysql/binlog/statistics.h"

#include <fmt/format.h>

#include "emulator/base/json.h"
#include "emulator/base/text.h"
#include "pipeline/mysql/binlog/row_values.h"

namespace pipeline::mysql::binlog {

namespace {

std::string name_of(std::uint8_t type) {
  const std::string_view name = event_name(static_cast<EventType>(type));
  return name.empty() ? fmt::format("TYPE_{}", type) : std::string(name);
}

void add_events(emulator::base::JsonWriter& json, const std::array<std::uint64_t, 256>& events) {
  json.key("events").object();
  for (std::size_t type = 0; type < events.size(); ++type)
    if (events[type] > 0)
      json.key(name_of(static_cast<std::uint8_t>(type))).unsigned_number(events[type]);
  json.end();
}

}  // namespace

void Statistics::count(const Event& event) {
  ++events_[static_cast<std::uint8_t>(event.header.type)];
  bytes_ += event.header.size;
}

Result<void> Statistics::count(const Transaction& transaction, const RowLog& rows) {
  ++transactions_;
  statements_ += transaction.schema_change.has_value();
  table_ = nullptr;  // it may be gone, and another at its address
  return read_rows(rows, scratch_, *this, [this](const TableSchema& table) {
    if (table_ == &table) return;
    table_ = &table;
    counts_ = &rows_[table.name()];
  });
}

std::string Statistics::events_text() const {
  std::string out;
  for (std::size_t type = 0; type < events_.size(); ++type)
    if (events_[type] > 0)
      out += fmt::format("event {:<24} {:>12}\n", name_of(static_cast<std::uint8_t>(type)),
                         events_[type]);
  return out;
}

std::string Statistics::events_json() const {
  emulator::base::JsonWriter json;
  json.object().key("bytes").unsigned_number(bytes_);
  add_events(json, events_);
  json.end();
  return json.take() + "\n";
}

std::string Statistics::text() const {
  std::string out = fmt::format("transactions {}, DDL statements {}, bytes of events {}\n",
                                emulator::base::with_thousands(transactions_),
                                emulator::base::with_thousands(statements_),
                                emulator::base::with_thousands(bytes_));
  out +=
      fmt::format("row images {}, values {}, NULLs {}\n", emulator::base::with_thousands(images_),
                  emulator::base::with_thousands(values_), emulator::base::with_thousands(nulls_));
  out += events_text();
  for (const auto& [table, counts] : rows_)
    out += fmt::format("table {:<24} {:>12} inserts {:>10} updates {:>10} deletes\n", table,
                       counts[0], counts[1], counts[2]);
  return out;
}

std::string Statistics::json() const {
  emulator::base::JsonWriter json;
  json.object();
  json.key("transactions").unsigned_number(transactions_);
  json.key("statements").unsigned_number(statements_);
  json.key("bytes").unsigned_number(bytes_);
  json.key("row_images").unsigned_number(images_);
  json.key("values").unsigned_number(values_);
  json.key("nulls").unsigned_number(nulls_);
  add_events(json, events_);
  json.key("rows").object();
  for (const auto& [table, counts] : rows_) {
    json.key(table).object();
    json.key("insert")
        .unsigned_number(counts[0])
        .key("update")
        .unsigned_number(counts[1])
        .key("delete")
        .unsigned_number(counts[2]);
    json.end();
  }
  json.end().end();
  return json.take() + "\n";
}

}  // namespace pipeline::mysql::binlog
