#include "pipeline/rds/embedded/log_cursor.h"

#include <fmt/format.h>

#include <algorithm>

namespace pipeline::rds::embedded {

using emulator::base::fail;
using mysql::Position;
using mysql::Transaction;

namespace {
constexpr std::size_t places_max = 8;
}

mysql::Result<void> LogCursor::feed(Place& place) {
  const std::uint64_t size = store_.size_of(place.at.file);
  if (place.fed >= size) return {};
  auto bytes = store_.read(place.at.file, place.fed, size - place.fed);
  if (!bytes) return tl::unexpected(bytes.error());
  place.fed += bytes->size();
  place.reader.feed(*bytes);
  return {};
}

mysql::Result<LogCursor::Place*> LogCursor::place(const Position& from) {
  const auto known = std::find_if(places_.begin(), places_.end(),
                                  [&](const Place& place) { return place.at == from; });
  if (known != places_.end()) {
    places_.splice(places_.begin(), places_, known);
    return &places_.front();
  }
  const std::uint64_t size = store_.size_of(from.file);
  if (size == 0)
    return fail(fmt::format(
        "error 1236: could not find the binlog file '{}': it was purged, or never was", from.file));
  if (from.offset > size)
    return fail(fmt::format("error 1236: the binlog file '{}' ends before position {}", from.file,
                            from.offset));
  Place made{from, 0, mysql::binlog::Reader(from.file), mysql::binlog::TransactionAssembler()};
  made.assembler.begin_file(from.file);
  if (auto fed = feed(made); !fed) return tl::unexpected(fed.error());
  if (from.offset > 4) {
    auto first = made.reader.next();  // FORMAT_DESCRIPTION
    if (!first) return tl::unexpected(first.error());
    if (made.reader.offset() < from.offset) {
      if (auto skipped = made.reader.skip_to(from.offset); !skipped)
        return tl::unexpected(skipped.error());
    }
  }
  places_.push_front(std::move(made));
  if (places_.size() > places_max) places_.pop_back();
  return &places_.front();
}

bool LogCursor::next_file(Place& place) {
  const std::vector<std::string> names = store_.names();
  const auto here = std::find(names.begin(), names.end(), place.at.file);
  if (here == names.end() || here + 1 == names.end()) return false;
  place.at = {*(here + 1), 4};
  place.fed = 0;
  place.reader = mysql::binlog::Reader(place.at.file);
  place.assembler.begin_file(place.at.file);
  return true;
}

mysql::Result<std::optional<Transaction>> LogCursor::next(const Position& from) {
  auto found = place(from);
  if (!found) return tl::unexpected(found.error());
  Place& here = **found;
  while (true) {
    if (auto fed = feed(here); !fed) return tl::unexpected(fed.error());
    auto event = here.reader.next();
    if (!event) return tl::unexpected(event.error());
    if (!*event) {
      if (next_file(here)) continue;
      return std::optional<Transaction>();
    }
    auto transaction = here.assembler.add(**event, here.reader.format());
    if (!transaction) return tl::unexpected(transaction.error());
    if (!*transaction) continue;
    here.at = (*transaction)->end;
    return transaction;
  }
}

}  // namespace pipeline::rds::embedded
