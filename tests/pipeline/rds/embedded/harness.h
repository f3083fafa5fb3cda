#pragma once
// An engine in memory (or in a folder) with one session, and results as short lines.

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "pipeline/mysql/types/codec.h"
#include "pipeline/rds/embedded/engine.h"

namespace pipeline::rds::embedded {

class Harness {
 public:
  explicit Harness(EngineOptions options = {})
      : scheduler(emulator::base::Instant(std::chrono::seconds(1767225600))), trace(scheduler) {
    auto opened = Engine::open(options, scheduler, trace, emulator::sim::Random(7, "rds"));
    if (!opened) ADD_FAILURE() << opened.error().text();
    engine = std::move(*opened);
    session = engine->connect();
    if (options.folder.empty()) run("CREATE DATABASE shop; USE shop");
  }

  // The last result of a script: rows "1,a|2,NULL", else "ok N", or "ERROR 1062 (23000): ...".
  std::string run(std::string_view sql) { return run(*session, sql); }
  static std::string run(Session& on, std::string_view sql) {
    auto results = on.execute_script(sql);
    if (!results) return results.error().text();
    if (results->empty()) return "";
    const ResultSet& last = results->back();
    if (last.columns.empty()) return "ok " + std::to_string(last.affected_rows);
    std::string out;
    for (const auto& row : last.rows) {
      if (!out.empty()) out += '|';
      for (std::size_t i = 0; i < row.size(); ++i)
        out += (i > 0 ? "," : "") + row[i].value_or("NULL");
    }
    return out;
  }

  static std::string describe(const mysql::TableSchema& table, const mysql::Row& row) {
    std::string out;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) out += ',';
      if (row[i].is_null()) {
        out += "NULL";
      } else if (auto text = mysql::types::append_text(table.columns[i], row[i].bytes, out);
                 !text) {
        out += "?";
      }
    }
    return out;
  }
  // "I Persons(1,a); U Persons(1,a)->(1,b)" or the SQL of a DDL statement.
  static std::string describe(const mysql::Transaction& transaction) {
    if (transaction.schema_change) return transaction.schema_change->sql;
    std::string out;
    for (const mysql::RowChange& change : transaction.changes) {
      if (!out.empty()) out += "; ";
      out += change.operation == mysql::Operation::insert   ? "I "
             : change.operation == mysql::Operation::update ? "U "
                                                            : "D ";
      out += change.table->table;
      if (!change.before.empty()) out += "(" + describe(*change.table, change.before) + ")";
      if (change.operation == mysql::Operation::update) out += "->";
      if (!change.after.empty()) out += "(" + describe(*change.table, change.after) + ")";
    }
    return out;
  }
  // Everything that was logged since the last call.
  std::vector<std::string> log() {
    std::vector<std::string> out;
    while (true) {
      auto transaction = engine->next_transaction(at);
      if (!transaction) {
        out.push_back(transaction.error().text());
        return out;
      }
      if (!*transaction) return out;
      out.push_back(describe(**transaction));
      at = (*transaction)->end;
    }
  }
  std::string read(std::string_view table) {
    std::string out;
    mysql::TablePtr schema;
    auto tables = engine->tables();
    for (const mysql::TablePtr& candidate : *tables) {
      if (candidate->schema == "shop" && candidate->table == table) schema = candidate;
    }
    auto done = engine->read_table("shop", table, [&](const mysql::Row& row) {
      out += (out.empty() ? "" : "|") + describe(*schema, row);
      return true;
    });
    return done ? out : done.error().text();
  }

  emulator::sim::Scheduler scheduler;
  emulator::sim::Trace trace;
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Session> session;
  mysql::Position at{"binlog.000001", 4};
};

}  // namespace pipeline::rds::embedded
