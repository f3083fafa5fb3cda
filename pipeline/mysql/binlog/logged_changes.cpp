#include "pipeline/mysql/binlog/logged_changes.h"

#include <fmt/format.h>

#include "pipeline/mysql/binlog/rows.h"

namespace pipeline::mysql::binlog {

Result<void> LoggedChanges::for_each(const Use& use) const {
  std::string inflated;
  std::vector<std::string> documents;  // that partial updates make
  return rows_.for_each([&](const RowLog::Entry& entry) -> Result<void> {
    const auto in_event =
        [&](emulator::base::Error why) {  // the place of an error is the event's own
          why.message = fmt::format("the rows at {}: {}", entry.offset, why.message);
          return tl::unexpected(std::move(why));
        };
    auto parsed = parse_rows(entry.type, entry.body, entry.table_id_bytes, inflated);
    if (!parsed) return in_event(parsed.error());
    bool refused = false;
    auto done = for_each_change(*parsed, *entry.table, documents, [&](RowChange& change) {
      Result<void> used = use(change);
      refused = !used;
      documents.clear();
      return used;
    });
    if (done || refused) return done;
    return in_event(done.error());
  });
}

}  // namespace pipeline::mysql::binlog
