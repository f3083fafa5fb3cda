// DATE, DATETIME, TIMESTAMP, TIME.
#include <fmt/format.h>

#include "emulator/base/text.h"
#include "pipeline/rds/embedded/coerce.h"
#include "pipeline/rds/embedded/decimal.h"
#include "pipeline/rds/embedded/temporal.h"

namespace pipeline::rds::embedded {
namespace {

using mysql::Column;
using mysql::ColumnType;

std::string_view word_of(const Column& column) {
  if (column.type == ColumnType::date) return "date";
  return column.type == ColumnType::time ? "time" : "datetime";
}

Result<Value> incorrect(const Column& column, std::string_view shown, CoerceContext& context) {
  if (auto ok = context.complain_about_column(
          1292, fmt::format("Incorrect {} value: '{}'", word_of(column), shown), column);
      !ok)
    return tl::unexpected(ok.error());
  return column.type == ColumnType::time ? Value::of(std::int64_t{0}) : implicit_default(column);
}

// Something follows the date: refused in strict mode, else cut off.
Result<void> truncated(const Column& column, std::string_view shown, CoerceContext& context) {
  if (context.mode.strict && !context.ignore)
    return context.complain_about_column(
        1292, fmt::format("Incorrect {} value: '{}'", word_of(column), shown), column);
  return context.complain_about_column(1265, "Data truncated", column);
}

void note_truncated(const Column& column, CoerceContext& context) {
  if (!context.warnings) return;
  auto note = sql_error(
      1265, fmt::format("Data truncated for column '{}' at row {}", column.name, context.row));
  context.warnings->push_back(std::move(note.value()));
}

// A value of any type as date and time in the session's zone.
ParseState moment_of(const Value& value, const Column& from, const CoerceContext& context,
                     DateTime& out) {
  switch (kind_of(from)) {
    case Kind::time: {  // today's date, then the time
      const DateTime today = from_instant(context.now + std::chrono::seconds(context.zone_seconds));
      const auto moved =
          add_microseconds({today.year, today.month, today.day, 0, 0, 0, 0}, value.integer);
      if (moved) out = *moved;
      return moved ? ParseState::good : ParseState::bad;
    }
    case Kind::timestamp: {
      const ParseState state = parse_datetime(value.bytes, out);
      if (out.is_zero() || context.zone_seconds == 0) return state;
      const auto moved = add_microseconds(out, context.zone_seconds * second_us);
      if (moved) out = *moved;
      return state;
    }
    default:
      break;
  }
  if (value.store == Value::Store::integer)
    return datetime_from_number(value.integer, out) ? ParseState::good : ParseState::bad;
  if (value.store == Value::Store::real || kind_of(from) == Kind::decimal) {
    const Decimal number = value.store == Value::Store::real ? Decimal::from_double(value.real)
                                                             : Decimal::parse(value.bytes);
    std::int64_t whole = 0;
    if (!number.truncated(0).to_integer(whole) || !datetime_from_number(whole, out))
      return ParseState::bad;
    std::int64_t micros = 0;
    (number - number.truncated(0))
        .rounded(6)
        .
        operator*(Decimal::from_integer(second_us))
        .to_integer(micros);
    if (whole >= 100'000'000)
      out.microsecond = static_cast<int>(micros < second_us ? micros : second_us - 1);
    return ParseState::good;
  }
  return parse_datetime(value.bytes, out);
}

bool allowed(const DateTime& moment, const CoerceContext& context) {
  if (moment.date_is_zero()) return !context.mode.no_zero_date;
  return !moment.has_zero_part() || !context.mode.no_zero_in_date;
}

// TIMESTAMP's range, 1970-01-01 00:00:01 to 2038-01-19 03:14:07.999999 in UTC; stored in UTC.
bool to_timestamp(DateTime& moment, const CoerceContext& context) {
  if (moment.is_zero()) return true;
  if (moment.has_zero_part()) return false;
  const auto utc = add_microseconds(moment, -context.zone_seconds * second_us);
  if (!utc) return false;
  moment = *utc;
  return moment >= DateTime{1970, 1, 1, 0, 0, 1, 0} &&
         moment <= DateTime{2038, 1, 19, 3, 14, 7, 999'999};
}

}  // namespace

Result<Value> coerce_date_or_datetime(const Column& column, const Value& value, const Column& from,
                                      CoerceContext& context) {
  DateTime moment;
  const ParseState state = moment_of(value, from, context, moment);
  if (state == ParseState::bad) return incorrect(column, print(from, value), context);
  if (!allowed(moment, context)) return incorrect(column, print(from, value), context);
  if (state == ParseState::truncated) {
    if (auto ok = truncated(column, print(from, value), context); !ok)
      return tl::unexpected(ok.error());
  }
  if (column.type == ColumnType::date) {
    if (microseconds_of_day(moment) != 0) note_truncated(column, context);
    return Value::text(date_text(moment));
  }
  const int digits = static_cast<int>(column.length);
  if (!moment.has_zero_part()) moment = rounded(moment, digits);
  if (moment.year > 9999) return incorrect(column, print(from, value), context);
  if (column.type == ColumnType::timestamp && !to_timestamp(moment, context))
    return incorrect(column, print(from, value), context);
  return Value::text(datetime_text(moment, digits));
}

Result<Value> coerce_time(const Column& column, const Value& value, const Column& from,
                          CoerceContext& context) {
  const int digits = static_cast<int>(column.length);
  const Kind source = kind_of(from);
  std::int64_t microseconds = 0;
  ParseState state = ParseState::good;
  if (source == Kind::time) {
    microseconds = value.integer;
  } else if (source == Kind::datetime || source == Kind::timestamp || source == Kind::date) {
    DateTime moment;
    moment_of(value, from, context, moment);
    microseconds = microseconds_of_day(moment);
  } else if (value.store == Value::Store::integer) {
    if (!time_from_number(value.integer, microseconds)) state = ParseState::bad;
  } else if (value.store == Value::Store::real || source == Kind::decimal) {
    const Decimal number = value.store == Value::Store::real ? Decimal::from_double(value.real)
                                                             : Decimal::parse(value.bytes);
    std::int64_t whole = 0;
    if (!number.truncated(0).to_integer(whole) || !time_from_number(whole, microseconds)) {
      state = ParseState::bad;
    } else {
      std::int64_t micros = 0;
      ((number - number.truncated(0)).rounded(6) * Decimal::from_integer(second_us))
          .to_integer(micros);
      microseconds += micros;
    }
  } else {
    state = parse_time(value.bytes, microseconds);
    if (state == ParseState::truncated && (microseconds == time_max || microseconds == -time_max))
      state = ParseState::bad;
  }
  if (state == ParseState::bad) {
    auto zero = incorrect(column, print(from, value), context);
    const bool clipped = microseconds == time_max || microseconds == -time_max;
    return zero && clipped ? Value::of(microseconds) : zero;
  }
  if (state == ParseState::truncated) {
    if (auto ok = truncated(column, print(from, value), context); !ok)
      return tl::unexpected(ok.error());
  }
  return Value::of(rounded_time(microseconds, digits));
}

}  // namespace pipeline::rds::embedded
