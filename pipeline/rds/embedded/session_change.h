#pragma once
// The frames that row statements and DDL run in.

#include "pipeline/rds/embedded/embedded_session.h"

namespace pipeline::rds::embedded {

template <class Work>
Result<ResultSet> EmbeddedSession::change(std::string_view sql, Work work) {
  if (auto begun = begin_change(sql); !begun) return tl::unexpected(begun.error());
  return end_change(work());
}

template <class Work>
Result<ResultSet> EmbeddedSession::define(std::string_view sql, Work work) {
  if (sessions_.writer && sessions_.writer != this)
    return sql_error(1205, "Lock wait timeout exceeded; try restarting transaction");
  if (auto done = implicit_commit(); !done) return tl::unexpected(done.error());
  if (auto begun = storage_.begin(); !begun) return tl::unexpected(begun.error());
  sessions_.writer = this;
  std::string logged(sql);
  Result<bool> done = work(logged);
  sessions_.writer = nullptr;
  if (!done) {
    if (auto back = storage_.rollback(); !back) return tl::unexpected(back.error());
    if (auto loaded = storage_.catalog.reload(); !loaded)
      return sql_error(1105, loaded.error().text());
    return tl::unexpected(done.error());
  }
  if (!*done) {
    if (auto back = storage_.rollback(); !back) return tl::unexpected(back.error());
    return ResultSet{};
  }
  while (!logged.empty() && (logged.back() == ';' || logged.back() == ' ' || logged.back() == '\n'))
    logged.pop_back();
  if (auto committed = storage_.commit_ddl(database_, logged, number_); !committed)
    return tl::unexpected(committed.error());
  return ResultSet{};
}

}  // namespace pipeline::rds::embedded
