#include "emulator/s3/sqlite_bodies.h"

#include <string>
#include <utility>

#include "emulator/s3/sqlite_rows.h"

namespace emulator::s3 {

using sqlite::Statement;

base::Result<void> Bodies::prepare(sqlite::Database& database) {
  using Row = StatementRow<Bodies>;
  constexpr std::array rows{
      Row{&Bodies::put_, "INSERT INTO bodies VALUES (?1, ?2)"},
      Row{&Bodies::put_over_, "UPDATE bodies SET bytes = ?2 WHERE id = ?1"},
      Row{&Bodies::remove_, "DELETE FROM bodies WHERE id = ?"},
      Row{&Bodies::is_file_, "SELECT 1 FROM bodies WHERE id = ? AND bytes IS NULL"},
      Row{&Bodies::read_, "SELECT bytes FROM bodies WHERE id = ?"},
      Row{&Bodies::last_, "SELECT COALESCE(MAX(id), 0) FROM bodies"},
  };
  return prepare_all(database, *this, rows);
}

base::Result<void> Bodies::sweep() {
  const auto last = one_integer(last_);
  if (!last) return tl::unexpected(last.error());
  files_.set_next_id(unsigned_value(*last) + 1);
  return files_.sweep([&](std::uint64_t id) {
    bool known = false;
    is_file_.bind(1, signed_value(id));
    return each_row(is_file_, [&](const Statement&) { return known = true, false; }).map([&] {
      return known;
    });
  });
}

void Bodies::discard(const BodyRef& body) {
  if (const std::uint64_t id = body_id(body.id); id != 0) files_.discard(id);
}

base::Result<std::int64_t> Bodies::put(const BodyRef& body, std::int64_t over) {
  const std::uint64_t file_id = body_id(body.id);
  const std::int64_t id =
      over != 0 ? over : signed_value(file_id != 0 ? file_id : files_.take_id());
  sqlite::Statement& put = over != 0 ? put_over_ : put_;
  put.bind(1, id);
  if (file_id != 0) {
    put.bind_null(2);
  } else {
    put.bind_blob(2, body.inline_bytes ? std::string_view(*body.inline_bytes) : std::string_view());
  }
  return put.run().map([&] { return id; });
}

base::Result<std::string> Bodies::read_row(std::int64_t body) {
  std::string bytes;
  read_.bind(1, body);
  return each_row(read_, [&](const Statement& row) { return bytes = row.text(0), false; }).map([&] {
    return std::move(bytes);
  });
}

base::Result<std::unique_ptr<BodyReader>> Bodies::open(const StoredBody& body) {
  if (body.in_file) return files_.read(unsigned_value(body.id));
  return read_row(body.id).map([](std::string bytes) { return read_bytes(std::move(bytes)); });
}

base::Result<std::function<base::Result<std::unique_ptr<BodyReader>>()>> Bodies::opener(
    const StoredBody& body) {
  if (body.in_file) return files_.pinned(unsigned_value(body.id));
  auto bytes = read_row(body.id);
  if (!bytes) return tl::unexpected(bytes.error());
  return [kept = std::move(*bytes)]() -> base::Result<std::unique_ptr<BodyReader>> {
    return read_bytes(kept);
  };
}

base::Result<void> Bodies::remove(const StoredBody& body, Removed& removed) {
  if (body.id == 0) return {};
  if (body.in_file) removed.push_back(unsigned_value(body.id));
  return remove_.bind(1, body.id).run();
}

void Bodies::remove_files(const Removed& removed) {
  for (const std::uint64_t id : removed) files_.remove(id);
}

}  // namespace emulator::s3
