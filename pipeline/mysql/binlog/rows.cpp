#include "pipeline/mysql/binlog/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pipeline/mysql/binlog/bitmap.h"
#include "pipeline/mysql/types/json.h"

namespace pipeline::mysql::binlog {

namespace {

using emulator::base::ByteReader;
using emulator::base::fail;
using types::Layout;

struct RowsForm {
  EventType type;
  Operation operation;
  bool extra_data;  // version 2
  bool compressed;
};
constexpr std::array rows_forms{
    RowsForm{EventType::write_rows, Operation::insert, true, false},
    RowsForm{EventType::update_rows, Operation::update, true, false},
    RowsForm{EventType::delete_rows, Operation::remove, true, false},
    RowsForm{EventType::partial_update_rows, Operation::update, true, false},
    RowsForm{EventType::write_rows_v1, Operation::insert, false, false},
    RowsForm{EventType::update_rows_v1, Operation::update, false, false},
    RowsForm{EventType::delete_rows_v1, Operation::remove, false, false},
    RowsForm{EventType::mariadb_write_rows_compressed, Operation::insert, false, true},
    RowsForm{EventType::mariadb_update_rows_compressed, Operation::update, false, true},
    RowsForm{EventType::mariadb_delete_rows_compressed, Operation::remove, false, true},
};

constexpr auto form_of_type = [] {
  std::array<const RowsForm*, 256> out{};
  for (const RowsForm& form : rows_forms) out[static_cast<std::size_t>(form.type)] = &form;
  return out;
}();

const RowsForm* form_of(EventType type) { return form_of_type[static_cast<std::size_t>(type)]; }

tl::unexpected<emulator::base::Error> cut_short() { return fail("a rows event that is cut short"); }

// Which JSON values of an after image are diffs against the before image.
struct JsonDiffs {
  bool any = false;
  std::string_view bitmap = {};  // over the JSON columns of the table
};

class ImageReader {
 public:
  ImageReader(std::string_view rows, const MappedTable& mapped, std::vector<std::string>& storage)
      : at_(rows.data()), end_(at_ + rows.size()), mapped_(mapped), storage_(storage) {}

  bool done() const { return at_ == end_; }

  // False: failure() says why.
  bool read(std::string_view present, std::size_t present_count, Row& row) {
    const std::size_t columns = mapped_.layouts.size();
    const std::size_t null_bytes = (present_count + 7) / 8;
    if (static_cast<std::size_t>(end_ - at_) < null_bytes) return false;
    const char* const nulls = at_;
    at_ += null_bytes;
    if (row.size() != columns) row.resize(columns);
    return present_count == columns ? cells(nulls, row.data()) : cells(nulls, present, row.data());
  }

  tl::unexpected<emulator::base::Error> failure() const {
    if (!unknown_) return cut_short();
    return fail(fmt::format("{}: column {} has a type that is not supported", mapped_.table->name(),
                            unknown_ - mapped_.layouts.data() + 1));
  }

  Result<JsonDiffs> read_json_options() {
    JsonDiffs out;
    ByteReader in({at_, static_cast<std::size_t>(end_ - at_)});
    const std::uint64_t options = read_lenenc(in);
    if (options > 1) return fail("a partial update with options that are not known");
    std::size_t json_columns = 0;
    for (const Column& column : mapped_.table->columns)
      json_columns += column.type == ColumnType::json;
    out.any = options & 1;
    if (out.any) out.bitmap = in.take((json_columns + 7) / 8);
    if (in.failed()) return cut_short();
    at_ += in.offset();
    return out;
  }

  // Replaces the diffs in `after` by whole documents; where the event does not show the document
  // that they change, the cell is absent and says what changed.
  Result<void> apply(const JsonDiffs& diffs, const Row& before, Row& after) {
    std::size_t n = 0;
    for (std::size_t i = 0; i < after.size(); ++i) {
      if (mapped_.table->columns[i].type != ColumnType::json) continue;
      const bool is_diff = bit(diffs.bitmap.data(), n++);
      if (!is_diff || after[i].state != Cell::State::value) continue;
      const std::uint32_t prefix = mapped_.layouts[i].bytes;
      const std::string_view difference = after[i].bytes.substr(prefix);
      if (before[i].state == Cell::State::absent) {  // binlog_row_image=MINIMAL
        auto text = types::json_diffs_text(difference);
        if (!text) return tl::unexpected(text.error());
        after[i] = {Cell::State::absent, keep(storage_, std::move(*text))};
        continue;
      }
      if (before[i].state != Cell::State::value)
        return fail(fmt::format("{}: a partial update of a JSON document that is NULL",
                                mapped_.table->name()));
      auto document = types::apply_json_diffs(before[i].bytes.substr(prefix), difference);
      if (!document) return tl::unexpected(document.error());
      std::string packed;
      emulator::base::append_le(packed, document->size(), static_cast<int>(prefix));
      packed += *document;
      after[i].bytes = keep(storage_, std::move(packed));
    }
    return {};
  }

 private:
  // Where no column is absent.
  bool cells(const char* nulls, Cell* cell) {
    const Layout* layout = mapped_.layouts.data();
    const Layout* const end = layout + mapped_.layouts.size();
    const char* at = at_;
    while (layout != end) {  // a byte of the bitmap: eight columns
      unsigned null_bits = static_cast<unsigned char>(*nulls++);
      const Layout* const stop = layout + std::min<std::ptrdiff_t>(8, end - layout);
      for (; layout != stop; ++layout, ++cell, null_bits >>= 1) {
        if (null_bits & 1)
          *cell = {Cell::State::null, {}};
        else if ((at = value(*layout, at, *cell)) == nullptr)
          return false;
      }
    }
    at_ = at;
    return true;
  }

  bool cells(const char* nulls, std::string_view present, Cell* cell) {
    const char* at = at_;
    std::size_t i = 0, n = 0;
    for (const Layout& layout : mapped_.layouts) {
      Cell& to = *cell++;
      if (!bit(present.data(), i++))
        to = {};
      else if (bit(nulls, n++))
        to = {Cell::State::null, {}};
      else if ((at = value(layout, at, to)) == nullptr)
        return false;
    }
    at_ = at;
    return true;
  }

  // Where the next value begins; nullptr: this is none.
  [[gnu::always_inline]] const char* value(const Layout& layout, const char* at, Cell& cell) {
    const auto left = static_cast<std::size_t>(end_ - at);
    std::size_t size = layout.bytes;
    if (size > left) return nullptr;
    if (layout.kind != Layout::Kind::fixed) {
      if (layout.kind == Layout::Kind::unknown) {
        unknown_ = &layout;
        return nullptr;
      }
      size += types::length_in_prefix(at, layout.bytes);
      if (size > left) return nullptr;
    }
    cell = {Cell::State::value, std::string_view(at, size)};
    return at + size;
  }

  const char* at_;
  const char* end_;
  const MappedTable& mapped_;
  const Layout* unknown_ = nullptr;  // of a type that is not supported
  std::vector<std::string>& storage_;
};

}  // namespace

bool is_rows_event(EventType type) { return form_of(type) != nullptr; }

Result<RowsEvent> parse_rows_head(EventType type, std::string_view body, int table_id_bytes) {
  const RowsForm* form = form_of(type);
  if (!form) return fail("not a rows event");
  ByteReader in(body);
  RowsEvent out;
  out.operation = form->operation;
  out.partial_json = type == EventType::partial_update_rows;
  out.table_id = in.le(table_id_bytes);
  out.flags = in.u16();
  if (form->extra_data) {
    const std::uint16_t extra = in.u16();  // counts itself
    if (extra < 2) return cut_short();
    in.skip(extra - 2u);
  }
  if (out.is_dummy()) return out;
  out.columns = read_lenenc(in);
  if (in.failed() || out.columns > body.size() * 8) return cut_short();
  const std::string_view present = in.take((out.columns + 7) / 8);
  if (out.operation != Operation::insert) out.before_present = present;
  if (out.operation == Operation::insert) out.after_present = present;
  if (out.operation == Operation::update) out.after_present = in.take((out.columns + 7) / 8);
  out.rows = in.rest();
  if (in.failed()) return cut_short();
  return out;
}

Result<RowsEvent> parse_rows(EventType type, std::string_view body, int table_id_bytes,
                             std::string& storage) {
  auto out = parse_rows_head(type, body, table_id_bytes);
  if (!out || !form_of(type)->compressed || out->is_dummy()) return out;
  auto rows = inflate_mariadb(out->rows);
  if (!rows) return tl::unexpected(rows.error());
  storage = std::move(*rows);
  out->rows = storage;
  return out;
}

MappedTable map_table(TablePtr table) {
  MappedTable out{std::move(table), {}, {}};
  out.layouts.reserve(out.table->columns.size());
  out.plans.reserve(out.table->columns.size());
  for (const Column& column : out.table->columns) {
    out.layouts.push_back(types::layout_of(column));
    out.plans.push_back(types::plan_column(column));
  }
  return out;
}

Result<void> append_changes(const RowsEvent& event, const MappedTable& mapped,
                            std::vector<RowChange>& changes, std::vector<std::string>& storage) {
  return for_each_change(event, mapped, storage, [&](RowChange& change) -> Result<void> {
    changes.push_back(
        {change.operation, change.table, std::move(change.before), std::move(change.after)});
    return {};
  });
}

Result<void> for_each_change(const RowsEvent& event, const MappedTable& mapped,
                             std::vector<std::string>& storage,
                             const std::function<Result<void>(RowChange&)>& use) {
  const std::size_t columns = mapped.layouts.size();
  if (event.columns != columns)
    return fail(fmt::format("{}: a rows event of {} columns for a table of {}",
                            mapped.table->name(), event.columns, columns));
  const std::size_t before_count =
      event.before_present.empty() ? 0 : count_bits(event.before_present, columns);
  const std::size_t after_count =
      event.after_present.empty() ? 0 : count_bits(event.after_present, columns);
  if (before_count + after_count == 0 && !event.rows.empty())
    return fail("a rows event whose rows have no columns");
  ImageReader in(event.rows, mapped, storage);
  RowChange change{event.operation, mapped.table, {}, {}};
  while (!in.done()) {
    if (event.operation != Operation::insert)
      if (!in.read(event.before_present, before_count, change.before)) return in.failure();
    JsonDiffs diffs;
    if (event.partial_json) {
      auto read = in.read_json_options();
      if (!read) return tl::unexpected(read.error());
      diffs = *read;
    }
    if (event.operation != Operation::remove)
      if (!in.read(event.after_present, after_count, change.after)) return in.failure();
    if (diffs.any)
      if (auto done = in.apply(diffs, change.before, change.after); !done) return done;
    if (auto done = use(change); !done) return done;
  }
  return success;
}

std::string_view keep(std::vector<std::string>& storage, std::string bytes) {
  constexpr std::size_t outside_the_object =
      64;  // a short string lives inside its object, which moves
  bytes.reserve(outside_the_object);
  return storage.emplace_back(std::move(bytes));
}

}  // namespace pipeline::mysql::binlog
