#include "emulator/s3/sqlite_objects.h"

#include <algorithm>
#include <utility>

#include "emulator/s3/listed_object.h"
#include "emulator/s3/sqlite_rows.h"
#include "emulator/s3/version_id.h"

namespace emulator::s3 {
namespace {

using sqlite::Statement;

// The columns of every statement that reads objects.
Object read_object(std::string_view bucket, const Statement& row) {
  return Object{.bucket = std::string(bucket),
                .key = std::string(row.text(0)),
                .size = unsigned_value(row.integer(1)),
                .etag = std::string(row.text(2)),
                .last_modified = Instant(Duration(row.integer(3))),
                .sequencer = std::string(row.text(4)),
                .headers = unpack_headers(row.text(5)),
                .upload_id = std::string(row.text(6)),
                .version_id = std::string(row.text(7))};
}

// The columns of those that list what is current.
ListedObject read_listed(const Statement& row) {
  ListedObject object{.key = std::string(row.text(0)),
                      .size = unsigned_value(row.integer(1)),
                      .etag = std::string(row.text(2)),
                      .last_modified = Instant(Duration(row.integer(3)))};
  each_header(row.text(4), [&](std::string_view name, std::string_view value) {
    take_listed_header(name, value, object);
  });
  return object;
}

// Those that read versions have these behind them.
Object read_version(std::string_view bucket, const Statement& row) {
  Object object = read_object(bucket, row);
  object.is_delete_marker = row.integer(8) != 0;
  return object;
}

void bind_object(Statement& statement, const Object& object, std::int64_t body) {
  statement.bind(1, object.bucket)
      .bind(2, object.key)
      .bind(3, signed_value(object.size))
      .bind(4, object.etag)
      .bind(5, object.last_modified.time_since_epoch().count())
      .bind(6, object.sequencer)
      .bind_blob(7, pack_headers(object.headers))
      .bind(8, body)
      .bind(9, object.upload_id)
      .bind(10, object.version_id);
}

template <class Read>
base::Result<std::optional<Object>> read_one(Statement& statement, std::string_view bucket,
                                             Read read) {
  std::optional<Object> found;
  const auto done = each_row(statement, [&](const Statement& row) {
    found = read(bucket, row);
    return false;
  });
  if (!done) return tl::unexpected(done.error());
  return found;
}

}  // namespace

base::Result<void> ObjectTables::prepare(sqlite::Database& database) {
  using Row = StatementRow<ObjectTables>;
#define COLUMNS "key, size, etag, last_modified, sequencer, headers, upload, version"
#define LISTED "key, size, etag, last_modified, headers"
#define ROW "bucket, key, size, etag, last_modified, sequencer, headers, body, upload, version"
#define STORED_COLUMNS "SELECT sequencer, version, upload, body, typeof(bytes) = 'null'"
#define STORED STORED_COLUMNS " FROM "
#define BY_KEY " WHERE bucket = ? AND key = ?"
// Only a delete marker can be the latest and not in objects. Both halves are read in the order of
// their primary keys.
#define IS_LATEST                                                                                \
  "marker AND NOT EXISTS (SELECT 1 FROM objects o WHERE o.bucket = v.bucket AND o.key = v.key) " \
  "AND NOT EXISTS "                                                                              \
  "(SELECT 1 FROM versions n WHERE n.bucket = v.bucket AND n.key = v.key AND n.sequencer > "     \
  "v.sequencer)"
#define ALL_VERSIONS(which)                                                                \
  "SELECT " COLUMNS ", 0, 1 FROM objects WHERE bucket = ?1 AND " which                     \
  " UNION ALL "                                                                            \
  "SELECT " COLUMNS ", marker, " IS_LATEST " FROM versions v WHERE bucket = ?1 AND " which \
  " ORDER BY 1, 5 DESC LIMIT ?3"
  constexpr std::array rows{
      Row{&ObjectTables::find_, "SELECT " COLUMNS " FROM objects" BY_KEY},
      Row{&ObjectTables::find_version_,
          "SELECT " COLUMNS ", marker FROM versions" BY_KEY " AND sequencer = ?"},
      Row{&ObjectTables::find_null_version_,
          "SELECT " COLUMNS ", marker FROM versions" BY_KEY " AND version = ''"},
      Row{&ObjectTables::list_from_,
          "SELECT " LISTED " FROM objects WHERE bucket = ? AND key >= ? ORDER BY key LIMIT ?"},
      Row{&ObjectTables::list_after_,
          "SELECT " LISTED " FROM objects WHERE bucket = ? AND key > ? ORDER BY key LIMIT ?"},
      Row{&ObjectTables::list_versions_, ALL_VERSIONS("key >= ?2")},
      Row{&ObjectTables::list_older_, ALL_VERSIONS("key = ?2 AND sequencer < ?4")},
      Row{&ObjectTables::current_, STORED "objects LEFT JOIN bodies ON id = body" BY_KEY},
      Row{&ObjectTables::current_with_bytes_,
          STORED_COLUMNS ", bytes FROM objects LEFT JOIN bodies ON id = body" BY_KEY},
      Row{&ObjectTables::version_,
          STORED "versions LEFT JOIN bodies ON id = body" BY_KEY " AND sequencer = ?"},
      Row{&ObjectTables::null_version_,
          STORED "versions LEFT JOIN bodies ON id = body" BY_KEY " AND version = ''"},
      Row{&ObjectTables::put_current_,
          "INSERT OR REPLACE INTO objects (" ROW ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
      Row{&ObjectTables::put_version_, "INSERT OR REPLACE INTO versions (" ROW
                                       ", marker) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
      Row{&ObjectTables::remove_current_, "DELETE FROM objects" BY_KEY},
      Row{&ObjectTables::remove_version_, "DELETE FROM versions" BY_KEY " AND sequencer = ?"},
      Row{&ObjectTables::keep_current_,
          "INSERT INTO versions (" ROW ", marker) SELECT " ROW ", 0 FROM objects" BY_KEY},
      Row{&ObjectTables::promote_,
          "INSERT INTO objects (" ROW ") SELECT " ROW " FROM (SELECT * FROM versions" BY_KEY
          " ORDER BY sequencer DESC LIMIT 1) WHERE NOT marker"},
      Row{&ObjectTables::remove_promoted_,
          "DELETE FROM versions WHERE (bucket, key, sequencer) = (SELECT bucket, key, sequencer "
          "FROM objects" BY_KEY ")"},
  };
#undef COLUMNS
#undef LISTED
#undef ROW
#undef STORED
#undef STORED_COLUMNS
#undef BY_KEY
#undef IS_LATEST
#undef ALL_VERSIONS
  return prepare_all(database, *this, rows);
}

base::Result<std::optional<Object>> ObjectTables::find(std::string_view bucket,
                                                       std::string_view key) {
  find_.bind(1, bucket).bind(2, key);
  return read_one(find_, bucket, read_object);
}

base::Result<std::optional<Object>> ObjectTables::find_version(std::string_view bucket,
                                                               std::string_view key,
                                                               std::string_view version_id) {
  auto found = find(bucket, key);
  if (!found || (*found && (*found)->version_id == version_id)) return found;
  if (version_id.empty()) {
    find_null_version_.bind(1, bucket).bind(2, key);
    return read_one(find_null_version_, bucket, read_version);
  }
  const auto sequencer = sequencer_of(version_id);
  if (!sequencer) return std::nullopt;
  find_version_.bind(1, bucket).bind(2, key).bind(3, *sequencer);
  found = read_one(find_version_, bucket, read_version);
  if (found && *found && (*found)->version_id != version_id) return std::nullopt;
  return found;
}

base::Result<std::vector<ListedObject>> ObjectTables::list(std::string_view bucket,
                                                           const ObjectStore::Range& range) {
  const bool after = range.exclusive && range.from >= range.prefix;
  Statement& scan = after ? list_after_ : list_from_;
  scan.bind(1, bucket)
      .bind(2, std::max(range.from, range.prefix))
      .bind(3, signed_value(range.limit));
  std::vector<ListedObject> page;
  page.reserve(std::min<std::size_t>(range.limit, 1001));  // of most listings
  const auto read = each_row(scan, [&](const Statement& row) {
    if (!row.text(0).starts_with(range.prefix)) return false;
    page.push_back(read_listed(row));
    return true;
  });
  if (!read) return tl::unexpected(read.error());
  return page;
}

base::Result<void> ObjectTables::read_versions(Statement& scan, std::string_view bucket,
                                               const ObjectStore::VersionRange& range,
                                               std::vector<ListedVersion>& page) {
  scan.bind(1, bucket).bind(3, signed_value(range.limit - page.size()));
  return each_row(scan, [&](const Statement& row) {
    if (!row.text(0).starts_with(range.prefix)) return false;
    page.push_back({read_version(bucket, row), row.integer(9) != 0});
    return true;
  });
}

// The rest of the first key, then the keys behind it: each a seek, so that a key of a million
// versions pages as fast as others.
base::Result<std::vector<ListedVersion>> ObjectTables::list_versions(
    std::string_view bucket, const ObjectStore::VersionRange& range) {
  std::vector<ListedVersion> page;
  std::string from = std::max(range.from_key, range.prefix);
  base::Result<void> read;
  if (!range.before_sequencer.empty() && from == range.from_key) {
    list_older_.bind(2, from).bind(4, range.before_sequencer);
    read = read_versions(list_older_, bucket, range, page);
    from += '\0';  // the next key that there can be
  }
  if (read && page.size() < range.limit) {
    list_versions_.bind(2, from);
    read = read_versions(list_versions_, bucket, range, page);
  }
  if (!read) return tl::unexpected(read.error());
  return page;
}

base::Result<std::optional<StoredVersion>> ObjectTables::stored(Statement& statement) {
  std::optional<StoredVersion> found;
  const auto read = each_row(statement, [&](const Statement& row) {
    found = {std::string(row.text(0)),
             std::string(row.text(1)),
             std::string(row.text(2)),
             {row.integer(3), row.integer(4) != 0}};
    constexpr int bytes = 5;
    if (row.columns() > bytes && !row.is_null(bytes)) found->bytes = row.text(bytes);
    return false;
  });
  if (!read) return tl::unexpected(read.error());
  return found;
}

base::Result<std::optional<StoredVersion>> ObjectTables::current(std::string_view bucket,
                                                                 std::string_view key) {
  current_.bind(1, bucket).bind(2, key);
  return stored(current_);
}

base::Result<std::optional<StoredVersion>> ObjectTables::current_with_bytes(std::string_view bucket,
                                                                            std::string_view key) {
  current_with_bytes_.bind(1, bucket).bind(2, key);
  return stored(current_with_bytes_);
}

base::Result<std::optional<StoredVersion>> ObjectTables::version(std::string_view bucket,
                                                                 std::string_view key,
                                                                 std::string_view sequencer) {
  version_.bind(1, bucket).bind(2, key).bind(3, sequencer);
  return stored(version_);
}

base::Result<std::optional<StoredVersion>> ObjectTables::null_version(std::string_view bucket,
                                                                      std::string_view key) {
  null_version_.bind(1, bucket).bind(2, key);
  return stored(null_version_);
}

base::Result<void> ObjectTables::put_current(const Object& object, std::int64_t body) {
  bind_object(put_current_, object, body);
  return put_current_.run();
}

base::Result<void> ObjectTables::put_version(const Object& object, std::int64_t body) {
  bind_object(put_version_, object, body);
  return put_version_.bind(11, std::int64_t{object.is_delete_marker}).run();
}

base::Result<void> ObjectTables::remove_current(std::string_view bucket, std::string_view key) {
  return remove_current_.bind(1, bucket).bind(2, key).run();
}

base::Result<void> ObjectTables::remove_version(std::string_view bucket, std::string_view key,
                                                std::string_view sequencer) {
  return remove_version_.bind(1, bucket).bind(2, key).bind(3, sequencer).run();
}

base::Result<void> ObjectTables::keep_current(std::string_view bucket, std::string_view key) {
  return keep_current_.bind(1, bucket).bind(2, key).run();
}

base::Result<void> ObjectTables::promote_latest(std::string_view bucket, std::string_view key) {
  return promote_.bind(1, bucket).bind(2, key).run().and_then(
      [&] { return remove_promoted_.bind(1, bucket).bind(2, key).run(); });
}

}  // namespace emulator::s3
