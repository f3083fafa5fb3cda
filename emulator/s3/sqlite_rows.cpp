#include "emulator/s3/sqlite_rows.h"

#include <array>

#include "emulator/base/bytes.h"

namespace emulator::s3 {
namespace {

// One entry a version of the schema: what it added to the one before. A folder's version is its
// user_version; folders made before versions were counted have 0 and the tables of the first.
// Bodies are apart from objects, so that a listing reads short rows only. bytes is NULL where the
// body is a file.
constexpr std::array<const char*, 3> versions{
    R"sql(
CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY, region TEXT NOT NULL, created INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS configurations (
  bucket TEXT NOT NULL, name TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (bucket, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS objects (
  bucket TEXT NOT NULL, key TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL, last_modified INTEGER NOT NULL,
  sequencer TEXT NOT NULL, headers BLOB NOT NULL, body INTEGER NOT NULL, PRIMARY KEY (bucket, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bodies (id INTEGER PRIMARY KEY, bytes BLOB);
CREATE TABLE IF NOT EXISTS outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT, destination TEXT NOT NULL, bucket TEXT NOT NULL, key TEXT NOT NULL,
  event TEXT NOT NULL, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sequence (reserved INTEGER NOT NULL);
INSERT INTO sequence SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM sequence);
)sql",
    // An object with an upload has body 0: its bytes are in the bodies of that upload's parts.
    R"sql(
ALTER TABLE objects ADD COLUMN upload TEXT NOT NULL DEFAULT '';
CREATE TABLE uploads (
  bucket TEXT NOT NULL, key TEXT NOT NULL, id TEXT NOT NULL, initiated INTEGER NOT NULL, headers BLOB NOT NULL,
  checksum_algorithm TEXT NOT NULL, checksum_type TEXT NOT NULL, PRIMARY KEY (bucket, key, id)) WITHOUT ROWID;
CREATE TABLE parts (
  upload TEXT NOT NULL, number INTEGER NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL, last_modified INTEGER NOT NULL,
  checksum TEXT NOT NULL, body INTEGER NOT NULL, PRIMARY KEY (upload, number)) WITHOUT ROWID;
)sql",
    // objects has what is current, one row a key, so that a listing is one scan of it. Every other
    // version is in versions, the latest first: older objects, and delete markers also where they
    // are the latest. Version '' is the null version.
    R"sql(
ALTER TABLE objects ADD COLUMN version TEXT NOT NULL DEFAULT '';
CREATE TABLE versions (
  bucket TEXT NOT NULL, key TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL, last_modified INTEGER NOT NULL,
  sequencer TEXT NOT NULL, headers BLOB NOT NULL, body INTEGER NOT NULL, upload TEXT NOT NULL, version TEXT NOT NULL,
  marker INTEGER NOT NULL, PRIMARY KEY (bucket, key, sequencer DESC)) WITHOUT ROWID;
CREATE UNIQUE INDEX null_versions ON versions (bucket, key) WHERE version = '';
)sql",
};

base::Result<std::size_t> version_of(sqlite::Database& database) {
  auto statement = database.prepare("PRAGMA user_version");
  if (!statement) return tl::unexpected(statement.error());
  std::int64_t version = 0;
  return each_row(*statement,
                  [&](const sqlite::Statement& row) { return version = row.integer(0), false; })
      .map([&] { return static_cast<std::size_t>(version); });
}

}  // namespace

std::string pack_headers(const std::map<std::string, std::string>& headers) {
  std::string packed;
  for (const auto& [name, value] : headers) {
    for (const std::string* text : {&name, &value}) {
      base::append_le(packed, text->size(), 4);
      packed += *text;
    }
  }
  return packed;
}

std::map<std::string, std::string> unpack_headers(std::string_view packed) {
  std::map<std::string, std::string> headers;
  each_header(packed, [&](std::string_view name, std::string_view value) {
    headers.emplace_hint(headers.end(), name, value);
  });
  return headers;
}

// One transaction: in full sync each would wait for the disk.
base::Result<void> bring_up_to_date(sqlite::Database& database) {
  const auto version = version_of(database);
  if (!version) return tl::unexpected(version.error());
  if (*version > versions.size())
    return base::fail("this folder was written by a newer version of Sluice");
  if (*version == versions.size()) return {};
  auto transaction = sqlite::Transaction::begin(database);
  if (!transaction) return tl::unexpected(transaction.error());
  for (std::size_t next = *version; next < versions.size(); ++next) {
    if (auto done = database.execute(versions[next]); !done) return done;
  }
  return database.execute("PRAGMA user_version = " + std::to_string(versions.size())).and_then([&] {
    return transaction->commit();
  });
}

}  // namespace emulator::s3
