#include "pipeline/dms/full_load.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <span>
#include <utility>

#include "emulator/base/check.h"

namespace pipeline::dms {
namespace {

namespace base = emulator::base;
namespace s3 = emulator::s3;

constexpr std::size_t piece_bytes = 256 * 1024;  // handed to the store at once

}  // namespace

CsvRowsOptions rows_options(const TaskContext& context, mysql::TablePtr table) {
  CsvRowsOptions options;
  options.settings = &context.options.target;
  options.sequence_column =
      context.options.mappings.change_sequence_column(table->schema, table->table);
  if (!options.sequence_column && context.options.target.sluice_change_seq)
    options.sequence_column = "AR_H_CHANGE_SEQ";
  options.lob_bytes_max = static_cast<std::uint64_t>(context.settings.lob_max_kb) * 1024;
  options.table = std::move(table);
  return options;
}

// One LOAD file: read into an upload that is finished once the put's turn has come.
struct FullLoad::File {
  std::string bucket;
  std::string key;
  std::unique_ptr<s3::Service::Upload> upload;  // null once it is finished
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;

  s3::Result<void> store(s3::Service& service);

 private:
  s3::Result<void> copy_again(s3::Service& service);
};

s3::Result<void> FullLoad::File::store(s3::Service& service) {
  if (!upload) return copy_again(service);
  const s3::Result<s3::PutObjectOutput> output = upload->finish();
  if (!output) return tl::unexpected(output.error());
  upload.reset();
  return {};
}

// The answer to the first put was lost, or the put came twice: the same bytes once more, from where
// they are by now.
s3::Result<void> FullLoad::File::copy_again(s3::Service& service) {
  const s3::Result<s3::ObjectBody> stored = service.get_object(bucket, key);
  if (!stored) return tl::unexpected(stored.error());
  auto again = service.begin_put_object({.bucket = bucket, .key = key}, service.new_request_ids());
  if (!again) return tl::unexpected(again.error());
  std::array<char, 64 * 1024> piece;
  std::uint64_t offset = 0;
  while (true) {
    const base::Result<std::size_t> size = stored->body->read(offset, std::span<char>(piece));
    if (!size) return s3::fail(s3::ErrorCode::internal_error, size.error().message);
    if (*size == 0) break;
    if (s3::Result<void> done = (*again)->append({piece.data(), *size}); !done) return done;
    offset += *size;
  }
  const s3::Result<s3::PutObjectOutput> output = (*again)->finish();
  if (!output) return tl::unexpected(output.error());
  return {};
}

// Takes the rows of one table and cuts them into files.
class FullLoad::TableReader {
 public:
  TableReader(TaskContext& context, std::string folder, mysql::TablePtr table)
      : context_(context),
        folder_(std::move(folder)),
        rows_(FileKind::load, rows_options(context, std::move(table))),
        bytes_max_(static_cast<std::uint64_t>(context.options.target.max_file_size_kb) * 1024) {}

  // false: stop reading, something is wrong.
  bool add(const mysql::Row& row) {
    line_.clear();
    CsvRows::Marks marks;
    std::string moved_at;
    if (rows_.has_timestamp()) {
      // The time at which DMS moved the row: it grows from row to row.
      const auto behind = load_table_time + load_row_time * static_cast<std::int64_t>(row_count_);
      moved_at = base::sql_time(context_.scheduler.now() + behind, 6);
      marks.timestamp = moved_at;
    }
    if (base::Result<void> done = rows_.append_row(line_, marks, row); !done) {
      table_error_ = done.error().message;
      return false;
    }
    ++row_count_;
    return write_line();
  }

  bool close() { return !files_.empty() ? flush() : true; }

  const std::vector<std::shared_ptr<File>>& files() const { return files_; }
  std::uint64_t row_count() const { return row_count_; }
  std::uint64_t lobs_cut() const { return rows_.lobs_cut(); }
  bool has_failed() const { return table_error_ || s3_error_; }
  const std::optional<std::string>& table_error() const { return table_error_; }
  const std::optional<s3::Error>& s3_error() const { return s3_error_; }

 private:
  bool write_line() {
    if (files_.empty() || files_.back()->bytes + line_.size() > bytes_max_) {
      if (!close() || !open_file()) return false;
    }
    piece_ += line_;
    files_.back()->bytes += line_.size();
    ++files_.back()->rows;
    return piece_.size() < piece_bytes || flush();
  }

  bool open_file() {
    auto file = std::make_shared<File>();  // shared: std::function wants to be copied
    file->bucket = context_.options.target.bucket_name;
    file->key = fmt::format("{}LOAD{:08X}.csv", folder_, files_.size() + 1);
    auto upload = context_.s3.begin_put_object({.bucket = file->bucket, .key = file->key},
                                               context_.s3.new_request_ids());
    if (!upload) {
      s3_error_ = upload.error();
      return false;
    }
    file->upload = std::move(*upload);
    files_.push_back(std::move(file));
    rows_.append_header(piece_);
    files_.back()->bytes = piece_.size();
    return true;
  }

  bool flush() {
    const s3::Result<void> done = files_.back()->upload->append(piece_);
    piece_.clear();
    if (!done) s3_error_ = done.error();
    return done.has_value();
  }

  TaskContext& context_;
  std::string folder_;
  CsvRows rows_;
  std::uint64_t bytes_max_;
  std::vector<std::shared_ptr<File>> files_;
  std::uint64_t row_count_ = 0;
  std::string line_;   // the row in work
  std::string piece_;  // of the last file, not yet appended to its upload
  std::optional<std::string> table_error_;
  std::optional<s3::Error> s3_error_;
};

struct FullLoad::Reading {
  TableName name;
  TableReader reader;
  std::unique_ptr<mysql::TableRows> rows = nullptr;
  bool scheduled = false;
};

FullLoad::FullLoad(TaskContext& context, S3Target& target, SourceTables tables)
    : context_(context), target_(target), tables_(std::move(tables)) {}
FullLoad::~FullLoad() = default;

TableRecord* FullLoad::next_table() {
  TableRecord* next = nullptr;
  int next_order = 0;
  for (auto& [name, table] : context_.record.tables) {
    if (table.loaded) continue;
    const int order = context_.options.mappings.load_order(name.first, name.second);
    if (next != nullptr && order <= next_order) continue;
    next = &table;
    next_order = order;
  }
  return next;
}

void FullLoad::load_next() {
  TableRecord* table = next_table();
  if (table == nullptr) return context_.host.load_finished();
  table->statistics.state = "Full load";
  load(*table);
}

void FullLoad::load(TableRecord& record) {
  const TableName name(record.statistics.schema, record.statistics.table);
  const auto schema = tables_.find(name);
  if (schema == tables_.end()) {
    record.statistics.state = "Table does not exist";
    return suspend(record, fmt::format("Table {}.{} does not exist", name.first, name.second));
  }
  reading_ = std::make_unique<Reading>(Reading{
      name, TableReader(context_, target_.folder(name.first, name.second), schema->second)});
  auto rows = context_.source.open_table(name.first, name.second,
                                         context_.guarded([this] { read_later(); }));
  if (!rows) return end_of_table(tl::unexpected(rows.error()));
  reading_->rows = std::move(*rows);
  read_on();
}

void FullLoad::read_later() {
  if (!reading_ || reading_->scheduled) return;
  reading_->scheduled = true;
  context_.after({}, "dms.load_rows", [this] {
    reading_->scheduled = false;
    read_on();
  });
}

void FullLoad::read_on() {
  using Progress = mysql::TableRows::Progress;
  TableReader& reader = reading_->reader;
  const auto progress =
      reading_->rows->read([&reader](const mysql::Row& row) { return reader.add(row); });
  if (!progress) return end_of_table(tl::unexpected(progress.error()));
  if (*progress == Progress::end || reader.has_failed()) return end_of_table({});
  if (*progress == Progress::more) read_later();
}

void FullLoad::end_of_table(const base::Result<void>& read) {
  const std::unique_ptr<Reading> reading = std::move(reading_);
  reading->rows.reset();
  const TableName& name = reading->name;
  TableRecord& record = context_.record.tables.at(name);
  TableReader& reader = reading->reader;
  reader.close();
  if (reader.s3_error()) {
    return context_.host.fail(fmt::format("Failed to write {}: {}",
                                          target_.folder(name.first, name.second),
                                          reader.s3_error()->text()));
  }
  if (!read || reader.table_error()) {
    record.statistics.state = "Table error";
    return suspend(record, fmt::format("Table {}.{} is suspended: {}", name.first, name.second,
                                       !read ? read.error().message : *reader.table_error()));
  }
  if (reader.lobs_cut() > 0) {
    context_.host.warn(fmt::format("Table {}.{}: {} LOB values were cut to LobMaxSize ({} KB)",
                                   name.first, name.second, reader.lobs_cut(),
                                   context_.settings.lob_max_kb));
  }
  const std::int64_t rows_to_wait_for =
      context_.source.takes_time() ? 0 : static_cast<std::int64_t>(reader.row_count());
  const auto duration = load_table_time + load_row_time * rows_to_wait_for;
  context_.after(duration, "dms.load",
                 [this, name, files = reader.files(), rows = reader.row_count()] {
                   put_files(name, files);
                   target_.then([this, name, rows] { finish(name, rows); });
                 });
}

void FullLoad::put_files(const TableName& name, const std::vector<std::shared_ptr<File>>& files) {
  for (const std::shared_ptr<File>& file : files) {
    S3Target::Put put;
    put.key = file->key;
    put.crash_point = "dms.after_load_file";
    put.store = [this, file] { return file->store(context_.s3); };
    put.stored = [this, name, file] {
      context_.trace.record("dms", "load_file",
                            {{"task", context_.options.identifier},
                             {"bucket", file->bucket},
                             {"key", file->key},
                             {"rows", file->rows},
                             {"bytes", file->bytes}});
    };
    target_.put(std::move(put));
  }
}

void FullLoad::finish(const TableName& name, std::uint64_t rows) {
  TableRecord& record = context_.record.tables.at(name);
  record.loaded = true;
  record.statistics.full_load_rows = rows;
  record.statistics.state = "Table completed";
  record.unsaved = true;
  if (context_.host.save()) load_next();
}

// The task goes on without the table (TableErrorPolicy SUSPEND_TABLE).
void FullLoad::suspend(TableRecord& record, const std::string& why) {
  context_.host.warn(why);
  record.loaded = true;
  record.unsaved = true;
  if (context_.host.save()) context_.after({}, "dms.load", [this] { load_next(); });
}

}  // namespace pipeline::dms
