#include "pipeline/rds/embedded/coerce.h"

#include <fmt/format.h>

namespace pipeline::rds::embedded {
namespace {

using mysql::Column;
using Coerce = Result<Value> (*)(const Column&, const Value&, const Column&, CoerceContext&);

struct Family {
  Kind kind;
  Coerce coerce;
};
constexpr Family families[] = {
    {Kind::integer, coerce_integer},
    {Kind::unsigned_integer, coerce_integer},
    {Kind::decimal, coerce_decimal},
    {Kind::real, coerce_real},
    {Kind::bit, coerce_bit},
    {Kind::year, coerce_year},
    {Kind::text, coerce_string},
    {Kind::bytes, coerce_string},
    {Kind::enumeration, coerce_enumeration},
    {Kind::set, coerce_set},
    {Kind::date, coerce_date_or_datetime},
    {Kind::datetime, coerce_date_or_datetime},
    {Kind::timestamp, coerce_date_or_datetime},
    {Kind::time, coerce_time},
    {Kind::json, coerce_json},
};

}  // namespace

Result<void> CoerceContext::complain(int code, std::string message) {
  auto error = sql_error(code, std::move(message));
  if (mode.strict && !ignore) return error;
  if (warnings) warnings->push_back(std::move(error.value()));
  return {};
}

Result<void> CoerceContext::complain_about_column(int code, std::string_view what,
                                                  const Column& column) {
  return complain(code, fmt::format("{} for column '{}' at row {}", what, column.name, row));
}

Result<Value> coerce(const Column& column, const Value& value, const Column& from,
                     CoerceContext& context) {
  if (value.is_null()) return value;
  const Kind kind = kind_of(column);
  for (const Family& family : families) {
    if (family.kind == kind) return family.coerce(column, value, from, context);
  }
  return not_supported(fmt::format("values of column '{}'", column.name));
}

Value implicit_default(const Column& column) {
  switch (kind_of(column)) {
    case Kind::decimal: {
      std::string text = "0";
      if (column.scale > 0) text += "." + std::string(column.scale, '0');
      return Value::text(text);
    }
    case Kind::real:
      return Value::of(0.0);
    case Kind::text:
      return Value::text("");
    case Kind::bytes:
      return Value::blob(column.type == mysql::ColumnType::string ? std::string(column.length, '\0')
                                                                  : std::string());
    case Kind::enumeration:
      return Value::of(std::int64_t{1});
    case Kind::date:
      return Value::text("0000-00-00");
    case Kind::datetime:
    case Kind::timestamp: {
      std::string text = "0000-00-00 00:00:00";
      if (column.length > 0) text += "." + std::string(column.length, '0');
      return Value::text(text);
    }
    case Kind::json:
      return Value::text("null");
    default:
      return Value::of(std::int64_t{0});
  }
}

}  // namespace pipeline::rds::embedded
