// CHAR, VARCHAR, TEXT, BINARY, VARBINARY, BLOB, ENUM, SET, JSON.
#include <fmt/format.h>

#include "emulator/base/text.h"
#include "pipeline/mysql/types/codec.h"
#include "pipeline/rds/embedded/coerce.h"
#include "pipeline/rds/embedded/collation.h"
#include "pipeline/rds/embedded/json_text.h"

namespace pipeline::rds::embedded {
namespace {

using mysql::Column;
using mysql::ColumnType;

// The first bad bytes as MySQL shows them: \xE9\xA0abc... (six bytes at most).
std::string shown_bytes(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size() && i < 6; ++i) {
    const auto c = static_cast<unsigned char>(bytes[i]);
    if (c >= 0x20 && c < 0x7F) {
      out.push_back(bytes[i]);
    } else {
      out += fmt::format("\\x{:02X}", c);
    }
  }
  return bytes.size() > 6 ? out + "..." : out;
}

std::size_t good_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = at + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    if (!emulator::base::is_utf8(text.substr(at, end - at))) return at;
    at = end;
  }
  return at;
}

// Bytes that hold this many characters of UTF-8.
std::size_t bytes_of_characters(std::string_view text, std::size_t characters) {
  std::size_t at = 0;
  while (at < text.size()) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && characters-- == 0) break;
    ++at;
  }
  return at;
}

Result<void> too_long(const Column& column, CoerceContext& context) {
  if (context.mode.strict && !context.ignore && !context.copies)
    return context.complain_about_column(1406, "Data too long", column);
  return context.complain_about_column(1265, "Data truncated", column);
}

Result<Value> coerce_bytes(const Column& column, std::string bytes, CoerceContext& context) {
  const std::uint64_t most =
      column.type == ColumnType::blob ? (1ull << (8 * column.length)) - 1 : column.length;
  if (bytes.size() > most) {
    if (auto ok = too_long(column, context); !ok) return tl::unexpected(ok.error());
    bytes.resize(most);
  }
  if (column.type == ColumnType::string) bytes.resize(column.length, '\0');
  return Value::blob(std::move(bytes));
}

Result<void> check_charset(const Column& column, std::string& text, CoerceContext& context) {
  const std::size_t good = good_prefix(text);
  if (good < text.size()) {
    auto ok =
        context.complain_about_column(1366,
                                      fmt::format("Incorrect string value: '{}'",
                                                  shown_bytes(std::string_view(text).substr(good))),
                                      column);
    if (!ok) return ok;
    text.resize(good);
  }
  if (is_unicode_collation(column.collation)) return {};
  if (mysql::types::from_utf8(text, column.collation)) return {};
  return context.complain_about_column(
      1366, fmt::format("Incorrect string value: '{}'", shown_bytes(text)), column);
}

}  // namespace

Result<Value> coerce_string(const Column& column, const Value& value, const Column& from,
                            CoerceContext& context) {
  std::string text = print(from, value);
  if (column.is_binary()) return coerce_bytes(column, std::move(text), context);
  if (auto ok = check_charset(column, text, context); !ok) return tl::unexpected(ok.error());
  if (column.type == ColumnType::blob) {
    const std::uint64_t most = (1ull << (8 * column.length)) - 1;
    if (text.size() > most) {
      if (auto ok = too_long(column, context); !ok) return tl::unexpected(ok.error());
      text.resize(good_prefix(std::string_view(text).substr(0, most)));
    }
    return Value::text(std::move(text));
  }
  const std::size_t characters =
      column.length / mysql::types::bytes_per_character(column.collation);
  if (text.size() > characters) {
    const std::size_t keep = bytes_of_characters(text, characters);
    if (keep < text.size()) {
      const bool only_blanks = text.find_first_not_of(' ', keep) == std::string::npos;
      if (!only_blanks) {
        if (auto ok = too_long(column, context); !ok) return tl::unexpected(ok.error());
      } else if (column.type == ColumnType::varchar && context.warnings) {
        auto note = sql_error(1265, fmt::format("Data truncated for column '{}' at row {}",
                                                column.name, context.row));
        context.warnings->push_back(std::move(note.value()));
      }
      text.resize(keep);
    }
  }
  if (column.type == ColumnType::string) text.resize(text.find_last_not_of(' ') + 1);
  return Value::text(std::move(text));
}

Result<Value> coerce_enumeration(const Column& column, const Value& value, const Column& from,
                                 CoerceContext& context) {
  const Kind source = kind_of(from);
  if (is_numeric(source)) {
    const double number = as_double(from, value);
    if (number >= 1 && number <= static_cast<double>(column.labels.size()))
      return Value::of(static_cast<std::int64_t>(number));
  } else {
    const std::string text = print(from, value);
    std::string_view wanted = text;
    wanted = wanted.substr(0, wanted.find_last_not_of(' ') + 1);
    for (std::size_t i = 0; i < column.labels.size(); ++i) {
      if (compare_texts(column.collation, column.labels[i], wanted) == 0)
        return Value::of(static_cast<std::int64_t>(i + 1));
    }
    const auto index =
        emulator::base::parse_unsigned(wanted);  // '2' means the second label if no label is '2'
    if (index && *index >= 1 && *index <= column.labels.size())
      return Value::of(static_cast<std::int64_t>(*index));
  }
  if (auto ok = context.complain_about_column(1265, "Data truncated", column); !ok)
    return tl::unexpected(ok.error());
  return Value::of(std::int64_t{0});
}

Result<Value> coerce_set(const Column& column, const Value& value, const Column& from,
                         CoerceContext& context) {
  const std::size_t count = column.labels.size();
  const std::uint64_t all = count >= 64 ? UINT64_MAX : (1ull << count) - 1;
  std::uint64_t mask = 0;
  bool good = true;
  if (is_numeric(kind_of(from))) {
    const double number = as_double(from, value);
    mask = value.store == Value::Store::real ? static_cast<std::uint64_t>(number < 0 ? 0 : number)
                                             : value.as_unsigned();
    good = (mask & ~all) == 0;
    mask &= all;
  } else {
    const std::string text = print(from, value);
    if (!text.empty()) {
      for (std::string_view part : emulator::base::split(text, ',')) {
        bool found = false;
        for (std::size_t i = 0; i < count && !found; ++i) {
          found = compare_texts(column.collation, column.labels[i],
                                part.substr(0, part.find_last_not_of(' ') + 1)) == 0;
          if (found) mask |= 1ull << i;
        }
        good = good && found;
      }
      const auto number = emulator::base::parse_unsigned(text);
      if (!good && number && (*number & ~all) == 0) {
        mask = *number;
        good = true;
      }
    }
  }
  if (!good) {
    if (auto ok = context.complain_about_column(1265, "Data truncated", column); !ok)
      return tl::unexpected(ok.error());
  }
  return Value::of_unsigned(mask);
}

Result<Value> coerce_json(const Column& column, const Value& value, const Column& from,
                          CoerceContext& context) {
  const Kind source = kind_of(from);
  if (source == Kind::json) return value;
  if (is_numeric(source) && source != Kind::bit) return Value::text(print(from, value));
  if (source == Kind::bytes || source == Kind::bit) {
    if (auto ok = context.complain(
            3144, "Cannot create a JSON value from a string with CHARACTER SET 'binary'.");
        !ok)
      return tl::unexpected(ok.error());
  }
  const std::string text = print(from, value);
  if (is_temporal(source) || source == Kind::enumeration || source == Kind::set)
    return Value::text(json_quoted(text));
  auto normal = normalised_json(text);
  if (normal) return Value::text(std::move(*normal));
  return tl::unexpected(
      sql_error(3140, fmt::format(
                          "Invalid JSON text: \"{}\" at position {} in value for column '{}'.",
                          normal.error().what, normal.error().position,
                          context.table.empty() ? column.name
                                                : fmt::format("{}.{}", context.table, column.name)))
          .value());
}

}  // namespace pipeline::rds::embedded
