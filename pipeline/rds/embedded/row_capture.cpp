#define SQLITE_ENABLE_PREUPDATE_HOOK
#include "pipeline/rds/embedded/row_capture.h"

#include <sqlite3.h>

#include "emulator/base/check.h"
#include "emulator/base/text.h"

namespace pipeline::rds::embedded {
namespace {

using Side = int (*)(sqlite3*, int, sqlite3_value**);

void read_side(sqlite3* database, Side side, std::size_t columns, std::vector<Value>& out) {
  out.resize(columns);
  for (std::size_t i = 0; i < columns; ++i) {
    sqlite3_value* value = nullptr;
    CHECK(side(database, static_cast<int>(i), &value) == SQLITE_OK);
    out[i] = from_sqlite(value);
  }
}

}  // namespace

void RowCapture::install(sqlite3* database) {
  sqlite3_preupdate_hook(
      database,
      [](void* self, sqlite3* changed, int operation, const char*, const char* table, sqlite3_int64,
         sqlite3_int64) { static_cast<RowCapture*>(self)->take(changed, operation, table); },
      this);
}

// "t12" is a user's table; the engine's own are sluice_*.
const TableDefinition* RowCapture::table_of(std::string_view name) const {
  if (!name.starts_with('t')) return nullptr;
  const auto id = emulator::base::parse_unsigned(name.substr(1));
  if (!id) return nullptr;
  if (expected_ && static_cast<std::uint64_t>(expected_->id) == *id) return expected_;
  for (const auto& [key, entry] : catalog_.tables()) {
    if (static_cast<std::uint64_t>(entry.definition->id) == *id) return entry.definition.get();
  }
  CHECK(false);  // a user's table that the catalog does not know: its rows could not be logged
}

void RowCapture::take(sqlite3* database, int operation, std::string_view name) {
  if (journal_.paused()) return;
  const TableDefinition* table = table_of(name);
  if (!table) return;
  const std::size_t columns = table->columns().size();
  if (operation != SQLITE_INSERT) read_side(database, sqlite3_preupdate_old, columns, before_);
  if (operation != SQLITE_DELETE) read_side(database, sqlite3_preupdate_new, columns, after_);
  if (operation == SQLITE_INSERT) return journal_.insert(*table, after_);
  if (operation == SQLITE_UPDATE) return journal_.update(*table, before_, after_);
  journal_.remove(*table, before_);
}

}  // namespace pipeline::rds::embedded
