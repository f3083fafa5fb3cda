#include "pipeline/mysql/recorded_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/mysql/binlog/file.h"
#include "pipeline/mysql/types/codec.h"

namespace pipeline::mysql {

namespace {

using emulator::base::fail;

// What DMS asks a source for (dms.md section 7.1), as a server answers whose log can be read.
const std::map<std::string, std::string, std::less<>> usual_variables{
    {"binlog_checksum", "CRC32"},
    {"binlog_expire_logs_seconds", "2592000"},
    {"binlog_format", "ROW"},
    {"binlog_row_image", "FULL"},
    {"binlog_row_metadata", "FULL"},
    {"expire_logs_days", "0"},
    {"log_bin", "ON"},
    {"log_replica_updates", "ON"},
    {"log_slave_updates", "ON"},
    {"lower_case_table_names", "0"},
    {"server_id", "1"},
    {"time_zone", "+00:00"},
};

}  // namespace

Result<std::unique_ptr<RecordedSource>> RecordedSource::open(const RecordedOptions& options) {
  if (options.binlogs.empty()) return fail("a recorded source needs at least one binlog file");
  std::unique_ptr<RecordedSource> source(new RecordedSource);
  for (const std::string& path : options.binlogs) {
    auto bytes = binlog::read_possibly_gzipped(path);
    if (!bytes) return tl::unexpected(bytes.error());
    source->files_.push_back({binlog::log_name(path), std::move(*bytes)});
  }
  if (!options.state.empty()) {
    auto states = read_table_states(options.state);
    if (!states) return tl::unexpected(states.error());
    for (const TableState& state : *states)
      if (auto done = source->load_table(state); !done) return tl::unexpected(done.error());
  }
  source->variables_ = usual_variables;
  auto first = binlog::Reader::over(source->files_[0].name, source->files_[0].bytes);
  auto format = first.next();
  if (!format) return tl::unexpected(format.error());
  if (*format) {
    source->variables_["version"] = first.format().server_version;
    source->variables_["server_id"] = std::to_string((*format)->header.server_id);
    source->variables_["binlog_checksum"] = first.format().checksums ? "CRC32" : "NONE";
  }
  for (const auto& [name, value] : options.variables) source->variables_[name] = value;
  source->rewind();
  return source;
}

Result<void> RecordedSource::load_table(const TableState& state) {
  Table table{state.schema, {}, {}};
  table.packed.reserve(state.rows.size());
  for (const TextRow& text : state.rows) {
    std::string packed;
    std::vector<std::size_t> ends;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i])
        if (auto done = types::append_packed(state.schema->columns[i], *text[i], packed); !done)
          return fail(fmt::format("{}.{}: {}", state.schema->name(), state.schema->columns[i].name,
                                  done.error().message));
      ends.push_back(packed.size());
    }
    const std::string_view bytes = binlog::keep(table.packed, std::move(packed));
    Row row;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const std::size_t start = i == 0 ? 0 : ends[i - 1];
      row.push_back(text[i] ? Cell{Cell::State::value, bytes.substr(start, ends[i] - start)}
                            : Cell{Cell::State::null, {}});
    }
    table.rows.push_back(std::move(row));
  }
  state_[{state.schema->schema, state.schema->table}] = std::move(table);
  return {};
}

std::optional<std::string> RecordedSource::variable(std::string_view name) {
  const auto at = variables_.find(name);
  if (at == variables_.end()) return std::nullopt;
  return at->second;
}

Result<std::vector<TablePtr>> RecordedSource::tables() { return assembler_.schema().tables(); }

Result<Position> RecordedSource::position() {
  return Position{files_[0].name, binlog::magic.size()};
}

Result<void> RecordedSource::read_table(std::string_view schema, std::string_view table,
                                        const std::function<bool(const Row&)>& row) {
  const auto at = state_.find({std::string(schema), std::string(table)});
  if (at == state_.end())
    return fail(fmt::format("the recorded state has no table {}.{}", schema, table));
  for (const Row& one : at->second.rows)
    if (!row(one)) break;
  return {};
}

std::size_t RecordedSource::file_index(const std::string& name) const {
  return static_cast<std::size_t>(
      std::find_if(files_.begin(), files_.end(), [&](const LogFile& f) { return f.name == name; }) -
      files_.begin());
}

void RecordedSource::rewind() {
  current_ = 0;
  reader_.reset();
  assembler_ = binlog::TransactionAssembler();
  read_to_ = {files_[0].name, binlog::magic.size()};
  for (const auto& [name, table] : state_)
    assembler_.schema().set_table(*table.schema, collation_unknown);
}

Result<void> RecordedSource::check_position(const Position& from) const {
  const std::size_t index = file_index(from.file);
  if (index == files_.size())
    return fail(fmt::format("error 1236: no binlog file {} in the recording", from.file));
  if (from.offset > files_[index].bytes.size())
    return fail(fmt::format("error 1236: position {} is past the end of the file", from.text()));
  return {};
}

Result<std::optional<Transaction>> RecordedSource::next_transaction(const Position& from) {
  if (auto done = check_position(from); !done) return tl::unexpected(done.error());
  const auto order = [&](const Position& p) {
    return std::make_pair(file_index(p.file), p.offset);
  };
  if (order(from) < order(read_to_)) rewind();
  while (true) {
    auto transaction = read_transaction();
    if (!transaction || !*transaction) return transaction;
    read_to_ = (*transaction)->end;
    if (order((*transaction)->start) >= order(from)) return transaction;
  }
}

Result<std::optional<Transaction>> RecordedSource::read_transaction() {
  while (current_ < files_.size()) {
    if (!reader_) {
      reader_ = binlog::Reader::over(files_[current_].name, files_[current_].bytes);
      assembler_.begin_file(files_[current_].name);
    }
    const std::uint64_t at = reader_->offset();
    auto event = reader_->next();
    if (!event) return tl::unexpected(event.error());
    if (!*event) {
      if (auto done = reader_->finish(); !done) return tl::unexpected(done.error());
      reader_.reset();
      ++current_;
      continue;
    }
    auto completed = assembler_.add(**event, reader_->format());
    if (!completed) return tl::unexpected(reader_->error_at(at, completed.error()));
    if (*completed) return completed;
  }
  return std::nullopt;
}

}  // namespace pipeline::mysql
