#include "emulator/s3/sqlite_uploads.h"

#include <algorithm>
#include <array>
#include <utility>

#include "emulator/s3/sqlite_rows.h"

namespace emulator::s3 {
namespace {

using sqlite::Statement;

// The columns of find_ and list_.
MultipartUpload read_upload(std::string_view bucket, const Statement& row) {
  return MultipartUpload{.bucket = std::string(bucket),
                         .key = std::string(row.text(0)),
                         .id = std::string(row.text(1)),
                         .initiated = Instant(Duration(row.integer(2))),
                         .headers = unpack_headers(row.text(3)),
                         .checksum_algorithm = std::string(row.text(4)),
                         .checksum_type = std::string(row.text(5))};
}

}  // namespace

base::Result<void> UploadTables::prepare(sqlite::Database& database) {
  using Row = StatementRow<UploadTables>;
#define UPLOAD_COLUMNS "key, id, initiated, headers, checksum_algorithm, checksum_type"
  constexpr std::array rows{
      Row{&UploadTables::put_, "INSERT OR REPLACE INTO uploads VALUES (?, ?, ?, ?, ?, ?, ?)"},
      Row{&UploadTables::remove_, "DELETE FROM uploads WHERE bucket = ? AND key = ? AND id = ?"},
      Row{&UploadTables::find_,
          "SELECT " UPLOAD_COLUMNS " FROM uploads WHERE bucket = ? AND key = ? AND id = ?"},
      Row{&UploadTables::list_,
          "SELECT " UPLOAD_COLUMNS
          " FROM uploads WHERE bucket = ? AND (key, id) > (?, ?) ORDER BY key, id LIMIT ?"},
      Row{&UploadTables::put_part_, "INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?, ?)"},
      Row{&UploadTables::remove_part_, "DELETE FROM parts WHERE upload = ? AND number = ?"},
      Row{&UploadTables::parts_,
          "SELECT number, size, etag, last_modified, checksum FROM parts WHERE upload = ? AND "
          "number > ? "
          "ORDER BY number LIMIT ?"},
      Row{&UploadTables::stored_parts_,
          "SELECT number, size, id, typeof(bytes) = 'null' FROM parts JOIN bodies ON id = body "
          "WHERE upload = ? ORDER BY number"},
      Row{&UploadTables::body_of_part_,
          "SELECT body, typeof(bytes) = 'null' FROM parts JOIN bodies ON id = body WHERE upload = "
          "? AND number = ?"},
  };
#undef UPLOAD_COLUMNS
  return prepare_all(database, *this, rows);
}

base::Result<void> UploadTables::put(const MultipartUpload& upload) {
  return put_.bind(1, upload.bucket)
      .bind(2, upload.key)
      .bind(3, upload.id)
      .bind(4, upload.initiated.time_since_epoch().count())
      .bind_blob(5, pack_headers(upload.headers))
      .bind(6, upload.checksum_algorithm)
      .bind(7, upload.checksum_type)
      .run();
}

base::Result<void> UploadTables::remove(std::string_view bucket, std::string_view key,
                                        std::string_view id) {
  return remove_.bind(1, bucket).bind(2, key).bind(3, id).run();
}

base::Result<std::optional<MultipartUpload>> UploadTables::find(std::string_view bucket,
                                                                std::string_view key,
                                                                std::string_view id) {
  std::optional<MultipartUpload> found;
  find_.bind(1, bucket).bind(2, key).bind(3, id);
  const auto read = each_row(find_, [&](const Statement& row) {
    found = read_upload(bucket, row);
    return false;
  });
  if (!read) return tl::unexpected(read.error());
  return found;
}

base::Result<std::vector<MultipartUpload>> UploadTables::list(
    std::string_view bucket, const ObjectStore::UploadRange& range) {
  const bool at_prefix = range.from_key < range.prefix;
  list_.bind(1, bucket)
      .bind(2, at_prefix ? range.prefix : range.from_key)
      .bind(3, at_prefix ? std::string() : range.after_id)
      .bind(4, signed_value(range.limit));
  std::vector<MultipartUpload> page;
  const auto read = each_row(list_, [&](const Statement& row) {
    if (!row.text(0).starts_with(range.prefix)) return false;
    page.push_back(read_upload(bucket, row));
    return true;
  });
  if (!read) return tl::unexpected(read.error());
  return page;
}

base::Result<void> UploadTables::put_part(std::string_view upload_id, const Part& part,
                                          std::int64_t body) {
  return put_part_.bind(1, upload_id)
      .bind(2, std::int64_t{part.number})
      .bind(3, signed_value(part.size))
      .bind(4, part.etag)
      .bind(5, part.last_modified.time_since_epoch().count())
      .bind(6, part.checksum)
      .bind(7, body)
      .run();
}

base::Result<void> UploadTables::remove_part(std::string_view upload_id, std::uint32_t number) {
  return remove_part_.bind(1, upload_id).bind(2, std::int64_t{number}).run();
}

base::Result<std::vector<Part>> UploadTables::parts(std::string_view upload_id, std::uint32_t after,
                                                    std::size_t limit) {
  std::vector<Part> page;
  parts_.bind(1, upload_id).bind(2, std::int64_t{after}).bind(3, signed_value(limit));
  const auto read = each_row(parts_, [&](const Statement& row) {
    page.push_back(Part{.number = static_cast<std::uint32_t>(row.integer(0)),
                        .size = unsigned_value(row.integer(1)),
                        .etag = std::string(row.text(2)),
                        .last_modified = Instant(Duration(row.integer(3))),
                        .checksum = std::string(row.text(4))});
    return true;
  });
  if (!read) return tl::unexpected(read.error());
  return page;
}

base::Result<std::vector<StoredPart>> UploadTables::stored_parts(std::string_view upload_id) {
  std::vector<StoredPart> all;
  stored_parts_.bind(1, upload_id);
  const auto read = each_row(stored_parts_, [&](const Statement& row) {
    all.push_back({static_cast<std::uint32_t>(row.integer(0)),
                   unsigned_value(row.integer(1)),
                   {row.integer(2), row.integer(3) != 0}});
    return true;
  });
  if (!read) return tl::unexpected(read.error());
  return all;
}

base::Result<StoredBody> UploadTables::body_of_part(std::string_view upload_id,
                                                    std::uint32_t number) {
  StoredBody body;
  body_of_part_.bind(1, upload_id).bind(2, std::int64_t{number});
  const auto take = [&](const Statement& row) {
    return body = {row.integer(0), row.integer(1) != 0}, false;
  };
  return each_row(body_of_part_, take).map([&] { return body; });
}

}  // namespace emulator::s3
