// What lowered expressions call for conversion, arithmetic, LIKE and the like. SQLite never sees an
// error of ours in words: it is kept in the Environment, and the statement fails with it.
#include <fmt/format.h>
#include <sqlite3.h>

#include <cmath>
#include <memory>
#include <regex>

#include "emulator/base/text.h"
#include "pipeline/rds/embedded/collation.h"
#include "pipeline/rds/embedded/decimal.h"
#include "pipeline/rds/embedded/fold.h"
#include "pipeline/rds/embedded/functions/functions.h"
#include "pipeline/rds/embedded/like.h"
#include "pipeline/rds/embedded/temporal.h"

namespace pipeline::rds::embedded {
namespace {

using mysql::ColumnType;

Environment& environment_of(sqlite3_context* context) {
  return *static_cast<Environment*>(sqlite3_user_data(context));
}

void fail_with(sqlite3_context* context, SqlError error) {
  Environment& environment = environment_of(context);
  if (!environment.error) environment.error = std::move(error);
  sqlite3_result_error(context, "expression", -1);
}

const mysql::Column& type_at(sqlite3_context* context, sqlite3_value* number) {
  return environment_of(context).types[static_cast<std::size_t>(sqlite3_value_int64(number))];
}

bool is_null(sqlite3_value* value) { return sqlite3_value_type(value) == SQLITE_NULL; }

std::string_view text_of(sqlite3_value* value) {
  const auto* text = static_cast<const char*>(sqlite3_value_blob(value));
  return text ? std::string_view(text, static_cast<std::size_t>(sqlite3_value_bytes(value)))
              : std::string_view();
}

bool is_number_of_text(std::string_view text, Decimal& out) {
  std::size_t used = 0;
  out = Decimal::parse(text, used);
  while (used > 0 && used < text.size() && text[used] == ' ') ++used;
  return used == text.size() && used > 0;
}

std::uint64_t bits_of(std::string_view bytes) {
  std::uint64_t out = 0;
  for (char c : bytes.size() > 8 ? bytes.substr(bytes.size() - 8) : bytes)
    out = out << 8 | static_cast<unsigned char>(c);
  return out;
}

// Where the statement stores what it computes, strict mode makes an error of it; SQLite goes on
// until the row is done.
void truncated_number(Environment& environment, std::string_view type, std::string_view text) {
  std::string message = fmt::format("Truncated incorrect {} value: '{}'", type, text);
  if (!environment.writes || !environment.mode.strict)
    return environment.warn(1292, std::move(message));
  if (!environment.error)
    environment.error = std::move(sql_error(1292, std::move(message)).value());
}

// A string in the place of a number: MySQL warns (1292) if it is not wholly one.
Decimal decimal_of(Environment& environment, const mysql::Column& type, const Value& value) {
  const Kind kind = kind_of(type);
  if (type.name == "hex") return Decimal::from_unsigned(bits_of(value.bytes));
  if (kind == Kind::set || kind == Kind::bit || kind == Kind::unsigned_integer)
    return Decimal::from_unsigned(value.as_unsigned());
  if (is_temporal(kind)) {
    std::string digits;
    for (char c : print(type, value)) {
      if ((c >= '0' && c <= '9') || c == '.' || (c == '-' && kind == Kind::time))
        digits.push_back(c);
    }
    return Decimal::parse(digits);
  }
  if (value.store == Value::Store::integer) return Decimal::from_integer(value.integer);
  if (value.store == Value::Store::real)
    return std::isfinite(value.real) ? Decimal::from_double(value.real) : Decimal();
  Decimal out;
  if (!is_number_of_text(value.bytes, out)) truncated_number(environment, "DOUBLE", value.bytes);
  return out;
}

void print_value(sqlite3_context* context, int, sqlite3_value** a) {
  if (is_null(a[0])) return sqlite3_result_null(context);
  const mysql::Column& type = type_at(context, a[1]);
  const std::string text = print(type, from_sqlite(a[0]));
  to_sqlite(context, kind_of(type) == Kind::bit ? Value::blob(text) : Value::text(text));
}

void real_value(sqlite3_context* context, int, sqlite3_value** a) {
  if (is_null(a[0])) return sqlite3_result_null(context);
  const mysql::Column& type = type_at(context, a[1]);
  const Value value = from_sqlite(a[0]);
  const Kind kind = kind_of(type);
  const bool text = kind == Kind::text || kind == Kind::bytes || kind == Kind::json;
  sqlite3_result_double(context, text ? decimal_of(environment_of(context), type, value).to_double()
                                      : as_double(type, value));
}

void integer_value(sqlite3_context* context, int, sqlite3_value** a) {
  if (is_null(a[0])) return sqlite3_result_null(context);
  const Decimal number =
      decimal_of(environment_of(context), type_at(context, a[1]), from_sqlite(a[0])).rounded(0);
  std::int64_t out = number.is_negative() ? INT64_MIN : INT64_MAX;
  std::uint64_t unsigned_out = 0;
  if (number.to_integer(out)) return sqlite3_result_int64(context, out);
  if (number.to_unsigned(unsigned_out)) return to_sqlite(context, Value::of_unsigned(unsigned_out));
  sqlite3_result_int64(context, out);
}

void decimal_value(sqlite3_context* context, int, sqlite3_value** a) {
  if (is_null(a[0])) return sqlite3_result_null(context);
  Decimal number = decimal_of(environment_of(context), type_at(context, a[1]), from_sqlite(a[0]));
  const int scale = sqlite3_value_int(a[2]);
  if (number.scale() > scale) number = number.rounded(scale);
  to_sqlite(context, Value::text(number.text()));
}

void round_value(sqlite3_context* context, int, sqlite3_value** a) {
  if (is_null(a[0])) return sqlite3_result_null(context);
  to_sqlite(context,
            Value::text(Decimal::parse(text_of(a[0])).rounded(sqlite3_value_int(a[1])).text()));
}

// A conversion inside an expression: what does not fit is NULL with a warning.
void convert_value(sqlite3_context* context, int, sqlite3_value** a) {
  if (is_null(a[0])) return sqlite3_result_null(context);
  Environment& environment = environment_of(context);
  std::vector<SqlError> ignored;
  CoerceContext coercion = environment.coerce_context();
  coercion.mode.strict = false;
  coercion.mode.no_zero_date = coercion.mode.no_zero_in_date = false;
  coercion.warnings = &ignored;
  const mysql::Column& from = type_at(context, a[1]);
  const mysql::Column& to = type_at(context, a[2]);
  const Value value = from_sqlite(a[0]);
  auto out = coerce(to, value, from, coercion);
  // 1265: the start of the text is a date.
  const bool fits = out && std::all_of(ignored.begin(), ignored.end(),
                                       [](const SqlError& error) { return error.code == 1265; });
  if (fits) return to_sqlite(context, *out);
  environment.warn(
      1292, fmt::format("Incorrect {} value: '{}'",
                        to.type == ColumnType::time ? "time" : "datetime", print(from, value)));
  sqlite3_result_null(context);
}

Value cast_integer(Environment& environment, const mysql::Column& to, const mysql::Column& from,
                   const Value& value) {
  Decimal number;
  if (kind_of(from) == Kind::text || kind_of(from) == Kind::bytes) {
    // CAST reads an integer from a string: '12.7' is 12.
    if (from.name != "hex") {
      std::size_t used = 0;
      const std::string_view text = value.bytes;
      const std::size_t end = text.find_first_of(".eE");
      number = Decimal::parse(text.substr(0, end), used);
      if (used == 0 || used < text.size()) truncated_number(environment, "INTEGER", text);
    } else {
      number = decimal_of(environment, from, value);
    }
  } else {
    number = decimal_of(environment, from, value).rounded(0);
  }
  std::int64_t signed_out = number.is_negative() ? INT64_MIN : INT64_MAX;
  std::uint64_t unsigned_out = UINT64_MAX;
  const bool fits_signed = number.to_integer(signed_out);
  const bool fits_unsigned = number.to_unsigned(unsigned_out);
  if (to.is_unsigned)
    return Value::of_unsigned(fits_unsigned ? unsigned_out
                              : fits_signed ? static_cast<std::uint64_t>(signed_out)
                                            : UINT64_MAX);
  return Value::of(fits_signed     ? signed_out
                   : fits_unsigned ? static_cast<std::int64_t>(unsigned_out)
                                   : signed_out);
}

std::string first_characters(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  while (at < text.size() && count-- > 0) next_code_point(text, at);
  return std::string(text.substr(0, at));
}

void cast_value(sqlite3_context* context, int count, sqlite3_value** a) {
  if (is_null(a[0])) return sqlite3_result_null(context);
  Environment& environment = environment_of(context);
  const mysql::Column& from = type_at(context, a[1]);
  const mysql::Column& to = type_at(context, a[2]);
  const Value value = from_sqlite(a[0]);
  switch (kind_of(to)) {
    case Kind::integer:
    case Kind::unsigned_integer:
      return to_sqlite(context, cast_integer(environment, to, from, value));
    case Kind::real:
      return real_value(context, count, a);
    case Kind::text:
      return to_sqlite(context, Value::text(first_characters(print(from, value), to.length / 4)));
    case Kind::bytes: {
      std::string bytes = print(from, value);
      if (bytes.size() > to.length) bytes.resize(to.length);
      return to_sqlite(context, Value::blob(bytes));
    }
    case Kind::decimal: {
      const Decimal number = decimal_of(environment, from, value).rounded(to.scale);
      CoerceContext coercion = environment.coerce_context();
      coercion.mode.strict = false;
      std::vector<SqlError> ignored;
      coercion.warnings = &ignored;
      auto out = coerce(to, Value::text(number.text()), decimal_type(65, to.scale), coercion);
      return to_sqlite(context, out ? *out : Value::null());
    }
    case Kind::json: {
      CoerceContext coercion = environment.coerce_context();
      auto out = coerce(to, value, from, coercion);
      if (!out) return fail_with(context, std::move(out.error()));
      return to_sqlite(context, *out);
    }
    default:
      return convert_value(context, count, a);
  }
}

void single_value(sqlite3_context* context, int, sqlite3_value** a) {
  if (sqlite3_value_int64(a[1]) > 1)
    return fail_with(context,
                     std::move(sql_error(1242, "Subquery returns more than 1 row").value()));
  sqlite3_result_value(context, a[0]);
}

void shift_zone(sqlite3_context* context, int, sqlite3_value** a) {
  if (is_null(a[0])) return sqlite3_result_null(context);
  DateTime moment;
  parse_datetime(text_of(a[0]), moment);
  if (!moment.is_zero())
    moment = add_microseconds(moment, sqlite3_value_int64(a[1]) * 1'000'000).value_or(moment);
  to_sqlite(context, Value::text(datetime_text(moment, sqlite3_value_int(a[2]))));
}

void assign_variable(sqlite3_context* context, int, sqlite3_value** a) {
  Environment& environment = environment_of(context);
  if (environment.user_variables)
    (*environment.user_variables)[std::string(text_of(a[0]))] = {type_at(context, a[2]),
                                                                 from_sqlite(a[1])};
  sqlite3_result_value(context, a[1]);
}

// @x where the statement assigns it: as it is when the row is made.
void read_variable(sqlite3_context* context, int, sqlite3_value** a) {
  Environment& environment = environment_of(context);
  if (!environment.user_variables) return sqlite3_result_null(context);
  const auto found = environment.user_variables->find(std::string(text_of(a[0])));
  if (found == environment.user_variables->end() || found->second.value.is_null())
    return sqlite3_result_null(context);
  CoerceContext coercion = environment.coerce_context();
  coercion.mode.strict = false;
  coercion.warnings = nullptr;
  const mysql::Column& type = type_at(context, a[1]);
  if (kind_of(type) == kind_of(found->second.type)) return to_sqlite(context, found->second.value);
  const auto value = coerce(type, found->second.value, found->second.type, coercion);
  return value ? to_sqlite(context, *value) : sqlite3_result_null(context);
}

// what: the expression, or NULL, or none.
void out_of_range(sqlite3_context* context, std::string_view type, sqlite3_value* what) {
  const std::string shown =
      !what || is_null(what) ? std::string("an expression") : fmt::format("'{}'", text_of(what));
  fail_with(
      context,
      std::move(
          sql_error(1690, fmt::format("{} value is out of range in {}", type, shown)).value()));
}

// x / 0, x % 0: NULL, with a warning or, where the result is stored in strict mode, an error.
void division_by_zero(sqlite3_context* context) {
  Environment& environment = environment_of(context);
  if (environment.mode.error_for_division_by_zero) {
    if (environment.writes && environment.mode.strict)
      return fail_with(context, std::move(sql_error(1365, "Division by 0").value()));
    environment.warn(1365, "Division by 0");
  }
  sqlite3_result_null(context);
}

void integer_arithmetic(sqlite3_context* context, int, sqlite3_value** a) {
  if (is_null(a[1]) || is_null(a[2])) return sqlite3_result_null(context);
  const char op = text_of(a[0]).front();
  const bool is_unsigned = sqlite3_value_int(a[3]) != 0;
  const Value x = from_sqlite(a[1]);
  const Value y = from_sqlite(a[2]);
  __extension__ using Wide = __int128;
  const auto wide = [](const Value& v) {
    return v.store == Value::Store::text ? static_cast<Wide>(v.as_unsigned())
                                         : static_cast<Wide>(v.integer);
  };
  const Wide left = wide(x);
  const Wide right = wide(y);
  if ((op == 'd' || op == '%') && right == 0) return division_by_zero(context);
  Wide out = 0;
  if (op == '+') out = left + right;
  if (op == '-') out = left - right;
  if (op == '*') out = left * right;
  if (op == 'd') out = left / right;
  if (op == '%') out = left % right;
  if (is_unsigned) {
    if (out < 0 || out > static_cast<Wide>(UINT64_MAX))
      return out_of_range(context, "BIGINT UNSIGNED", a[4]);
    return to_sqlite(context, Value::of_unsigned(static_cast<std::uint64_t>(out)));
  }
  if (out < INT64_MIN || out > INT64_MAX) return out_of_range(context, "BIGINT", a[4]);
  sqlite3_result_int64(context, static_cast<std::int64_t>(out));
}

void decimal_arithmetic(sqlite3_context* context, int, sqlite3_value** a) {
  if (is_null(a[1]) || is_null(a[2])) return sqlite3_result_null(context);
  const char op = text_of(a[0]).front();
  const int scale = sqlite3_value_int(a[3]);
  const Decimal left = Decimal::parse(text_of(a[1]));
  const Decimal right = Decimal::parse(text_of(a[2]));
  if ((op == '/' || op == 'd' || op == '%') && right.is_zero()) return division_by_zero(context);
  Decimal out;
  if (op == '+') out = left + right;
  if (op == '-') out = left - right;
  if (op == '*') out = left * right;
  if (op == '/') out = left.divided(right, scale + 1).rounded(scale);
  if (op == '%') out = left.remainder(right);
  if (op == 'd') {
    std::int64_t whole = 0;
    if (!left.divided(right, 0).to_integer(whole)) return out_of_range(context, "BIGINT", nullptr);
    return sqlite3_result_int64(context, whole);
  }
  if (out.integer_digits() > 65) return out_of_range(context, "DECIMAL", nullptr);
  to_sqlite(context, Value::text(out.rounded(scale).text()));
}

void real_arithmetic(sqlite3_context* context, int, sqlite3_value** a) {
  if (is_null(a[1]) || is_null(a[2])) return sqlite3_result_null(context);
  const char op = text_of(a[0]).front();
  const double left = sqlite3_value_double(a[1]);
  const double right = sqlite3_value_double(a[2]);
  if ((op == '/' || op == '%') && right == 0) return division_by_zero(context);
  double out = 0;
  if (op == '+') out = left + right;
  if (op == '-') out = left - right;
  if (op == '*') out = left * right;
  if (op == '/') out = left / right;
  if (op == '%') out = std::fmod(left, right);
  if (!std::isfinite(out)) return out_of_range(context, "DOUBLE", a[3]);
  sqlite3_result_double(context, out);
}

void bit_operation(sqlite3_context* context, int, sqlite3_value** a) {
  if (is_null(a[1]) || is_null(a[2])) return sqlite3_result_null(context);
  const std::string_view op = text_of(a[0]);
  const std::uint64_t x = from_sqlite(a[1]).as_unsigned();
  const std::uint64_t y = from_sqlite(a[2]).as_unsigned();
  std::uint64_t out = 0;
  if (op == "~") out = ~x;
  if (op == "|") out = x | y;
  if (op == "&") out = x & y;
  if (op == "^") out = x ^ y;
  if (op == "<<") out = y < 64 ? x << y : 0;
  if (op == ">>") out = y < 64 ? x >> y : 0;
  to_sqlite(context, Value::of_unsigned(out));
}

void like(sqlite3_context* context, int, sqlite3_value** a) {
  if (is_null(a[0]) || is_null(a[1])) return sqlite3_result_null(context);
  std::uint32_t escape = '\\';
  if (!is_null(a[2])) {
    const std::string_view text = text_of(a[2]);
    std::size_t at = 0;
    escape = text.empty() ? 0 : next_code_point(text, at);
  }
  sqlite3_result_int(context, like_matches(static_cast<std::uint32_t>(sqlite3_value_int64(a[3])),
                                           text_of(a[0]), text_of(a[1]), escape));
}

void regexp(sqlite3_context* context, int, sqlite3_value** a) {
  if (is_null(a[0]) || is_null(a[1])) return sqlite3_result_null(context);
  const bool ignores_case = sqlite3_value_int(a[2]) != 0;
  const std::string text = ignores_case ? lower_case(text_of(a[0])) : std::string(text_of(a[0]));
  const std::string pattern(text_of(a[1]));
  try {  // std::regex has no other way to refuse a pattern
    const auto flags =
        ignores_case ? std::regex::ECMAScript | std::regex::icase : std::regex::ECMAScript;
    sqlite3_result_int(context, std::regex_search(text, std::regex(pattern, flags)));
  } catch (const std::regex_error&) {
    fail_with(context,
              std::move(sql_error(3692, "Incorrect description of a regular expression.").value()));
  }
}

bool parse_units(std::string_view text, std::span<std::int64_t> fields, bool fraction_last) {
  // '1:30' fills the last fields: HOUR_MINUTE of '30' is thirty minutes.
  std::vector<std::int64_t> numbers;
  bool negative = false;
  std::size_t at = 0;
  while (at < text.size() && numbers.size() < fields.size()) {
    if (text[at] == '-' && numbers.empty()) negative = true;
    if (text[at] < '0' || text[at] > '9') {
      ++at;
      continue;
    }
    std::int64_t value = 0;
    const std::size_t start = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9' && at - start < 15; ++at)
      value = value * 10 + (text[at] - '0');
    if (fraction_last && numbers.size() + 1 == fields.size()) {
      for (std::size_t digits = at - start; digits < 6; ++digits) value *= 10;
    }
    numbers.push_back(value);
  }
  const std::size_t skip = fields.size() - numbers.size();
  for (std::size_t i = 0; i < numbers.size(); ++i)
    fields[skip + i] = negative ? -numbers[i] : numbers[i];
  return !numbers.empty();
}

struct Unit {
  std::string_view name;
  std::int64_t months;        // one of it in months, or
  std::int64_t microseconds;  // in microseconds
};
constexpr Unit units[] = {
    {"MICROSECOND", 0, 1},
    {"SECOND", 0, second_us},
    {"MINUTE", 0, 60 * second_us},
    {"HOUR", 0, 3600 * second_us},
    {"DAY", 0, 86'400 * second_us},
    {"WEEK", 0, 7 * 86'400 * second_us},
    {"MONTH", 1, 0},
    {"QUARTER", 3, 0},
    {"YEAR", 12, 0},
};

const Unit* unit_named(std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

// DAY_SECOND and its like, as months and microseconds.
bool interval_amount(std::string_view unit_name, std::string_view amount, std::int64_t& months,
                     std::int64_t& microseconds) {
  if (const Unit* unit = unit_named(unit_name)) {
    const Decimal number = Decimal::parse(amount);
    std::int64_t count = 0;
    if (unit_name == "SECOND")
      return (number * Decimal::from_integer(second_us)).rounded(0).to_integer(microseconds);
    if (!number.rounded(0).to_integer(count)) return false;
    __extension__ using Wide = __int128;
    const Wide wide = static_cast<Wide>(count) * unit->microseconds;
    if (wide > INT64_MAX / 4 || wide < INT64_MIN / 4 ||
        count > 1'000'000'000'000 * (unit->months == 0 ? 1'000'000 : 1))
      return false;
    months = count * unit->months;
    microseconds = static_cast<std::int64_t>(wide);
    return true;
  }
  if (unit_name == "YEAR_MONTH") {
    std::int64_t fields[2] = {0, 0};
    parse_units(amount, fields, false);
    months = fields[0] * 12 + fields[1];
    return true;
  }
  const std::string_view names[] = {"DAY", "HOUR", "MINUTE", "SECOND", "MICROSECOND"};
  const std::size_t bar = unit_name.find('_');
  if (bar == std::string_view::npos) return false;
  std::size_t first = 5, last = 5;
  for (std::size_t i = 0; i < 5; ++i) {
    if (names[i] == unit_name.substr(0, bar)) first = i;
    if (names[i] == unit_name.substr(bar + 1)) last = i;
  }
  if (first >= last || last == 5) return false;
  std::int64_t fields[5] = {0, 0, 0, 0, 0};
  parse_units(amount, std::span(fields).subspan(first, last - first + 1), last == 4);
  for (std::size_t i = first; i <= last; ++i)
    microseconds += fields[i] * unit_named(names[i])->microseconds;
  return true;
}

// mysql_interval(date, its type, amount, unit, subtract, type of the result)
void add_interval(sqlite3_context* context, int, sqlite3_value** a) {
  if (is_null(a[0]) || is_null(a[2])) return sqlite3_result_null(context);
  Environment& environment = environment_of(context);
  const mysql::Column& from = type_at(context, a[1]);
  const mysql::Column& to = type_at(context, a[5]);
  std::int64_t months = 0, microseconds = 0;
  if (!interval_amount(text_of(a[3]), text_of(a[2]), months, microseconds))
    return sqlite3_result_null(context);
  if (sqlite3_value_int(a[4]) != 0) {
    months = -months;
    microseconds = -microseconds;
  }
  const Value value = from_sqlite(a[0]);
  if (kind_of(from) == Kind::time)
    return sqlite3_result_int64(context,
                                std::clamp(value.integer + microseconds, -time_max, time_max));
  DateTime moment;
  const std::string text = print(from, value);
  const bool good = value.store == Value::Store::integer
                        ? datetime_from_number(value.integer, moment)
                        : parse_datetime(text, moment) != ParseState::bad;
  if (!good || moment.has_zero_part()) {
    environment.warn(1292, fmt::format("Incorrect datetime value: '{}'", text));
    return sqlite3_result_null(context);
  }
  auto moved = add_months(moment, months);
  if (moved) moved = add_microseconds(*moved, microseconds);
  if (!moved) {
    environment.warn(1441, "Datetime function: datetime field overflow");
    return sqlite3_result_null(context);
  }
  if (to.type == ColumnType::date) return to_sqlite(context, Value::text(date_text(*moved)));
  if (kind_of(to) == Kind::text) {
    const bool date_only = text.find(':') == std::string::npos &&
                           microseconds % (86'400 * second_us) == 0 &&
                           microseconds_of_day(*moved) == 0;
    if (date_only) return to_sqlite(context, Value::text(date_text(*moved)));
    return to_sqlite(context, Value::text(datetime_text(*moved, moved->microsecond != 0 ? 6 : 0)));
  }
  to_sqlite(context, Value::text(datetime_text(*moved, static_cast<int>(to.length))));
}

// mysql_rounding(function, number, digits, 'i' | 'd' | 'r', scale of the result)
void rounding(sqlite3_context* context, int, sqlite3_value** a) {
  if (is_null(a[1]) || is_null(a[2])) return sqlite3_result_null(context);
  const std::string_view function = text_of(a[0]);
  const char form = text_of(a[3]).front();
  const int digits = static_cast<int>(std::clamp<std::int64_t>(sqlite3_value_int64(a[2]), -65, 30));
  const auto applied = [&](const Decimal& number) {
    if (function == "ROUND") return number.rounded(digits);
    if (function == "TRUNCATE") return number.truncated(digits);
    if (function == "ABS") return number.is_negative() ? -number : number;
    Decimal whole = number.truncated(0);
    if (whole == number) return whole;
    if (function == "FLOOR") return number.is_negative() ? whole - Decimal::from_integer(1) : whole;
    return number.is_negative() ? whole : whole + Decimal::from_integer(1);
  };
  if (form == 'r') {
    const double number = sqlite3_value_double(a[1]);
    if (function == "ABS") return sqlite3_result_double(context, std::fabs(number));
    if (function == "FLOOR") return sqlite3_result_double(context, std::floor(number));
    if (function == "CEIL" || function == "CEILING")
      return sqlite3_result_double(context, std::ceil(number));
    if (function == "ROUND" && digits == 0)
      return sqlite3_result_double(context,
                                   std::nearbyint(number));  // halves to even, as rint does
    if (!std::isfinite(number) || std::fabs(number) > 1e60)
      return sqlite3_result_double(context, number);
    return sqlite3_result_double(context, applied(Decimal::from_double(number)).to_double());
  }
  const Value value = from_sqlite(a[1]);
  const Decimal number = value.store == Value::Store::integer ? Decimal::from_integer(value.integer)
                                                              : Decimal::parse(value.bytes);
  const Decimal out = applied(number);
  const int scale = sqlite3_value_int(a[4]);
  std::uint64_t whole = 0;
  std::int64_t signed_whole = 0;
  const bool to_integer =
      form == 'i' || (function != "ROUND" && function != "TRUNCATE" && function != "ABS");
  if (to_integer && out.to_integer(signed_whole))
    return sqlite3_result_int64(context, signed_whole);
  if (to_integer && out.to_unsigned(whole)) return to_sqlite(context, Value::of_unsigned(whole));
  if (to_integer) return out_of_range(context, "BIGINT", nullptr);
  to_sqlite(context, Value::text(out.rounded(scale).text()));
}

void unix_timestamp(sqlite3_context* context, int, sqlite3_value** a) {
  if (is_null(a[0])) return sqlite3_result_null(context);
  DateTime moment;
  parse_datetime(text_of(a[0]), moment);
  const int digits = sqlite3_value_int(a[2]);
  std::int64_t micros = 0;
  if (!moment.has_zero_part())
    micros = to_instant(moment).time_since_epoch().count() - sqlite3_value_int64(a[1]) * 1'000'000;
  if (micros < 0) micros = 0;
  if (digits == 0) return sqlite3_result_int64(context, micros / 1'000'000);
  to_sqlite(
      context,
      Value::text(
          Decimal::from_integer(micros).divided(Decimal::from_integer(1'000'000), digits).text()));
}

void set_last_insert_id(sqlite3_context* context, int, sqlite3_value** a) {
  if (!is_null(a[0])) environment_of(context).new_last_insert_id = from_sqlite(a[0]).as_unsigned();
  sqlite3_result_value(context, a[0]);
}

// RAND(seed): MySQL's own generator, so that a seed gives the numbers it gives there. A constant
// seed starts it once a statement.
struct SeededRandom {
  static constexpr std::uint64_t modulus = 0x3FFF'FFFF;
  std::uint64_t first, second;
  explicit SeededRandom(std::uint32_t seed)
      : first(static_cast<std::uint32_t>(seed * 0x10001u + 55'555'555u) % modulus),
        second(static_cast<std::uint32_t>(seed * 0x10000001u) % modulus) {}
  double next() {
    first = (first * 3 + second) % modulus;
    second = (first + second + 33) % modulus;
    return static_cast<double>(first) / static_cast<double>(modulus);
  }
};

void seeded_number(sqlite3_context* context, int, sqlite3_value** a) {
  auto* state = static_cast<SeededRandom*>(sqlite3_get_auxdata(context, 0));
  if (state) return sqlite3_result_double(context, state->next());
  auto made = std::make_unique<SeededRandom>(static_cast<std::uint32_t>(sqlite3_value_int64(a[0])));
  sqlite3_result_double(context, made->next());
  sqlite3_set_auxdata(context, 0, made.release(), [](void* data) {
    delete static_cast<SeededRandom*>(data);
  });  // of a constant: kept for the next row
}

void random_number(sqlite3_context* context, int, sqlite3_value**) {
  sqlite3_result_double(context, static_cast<double>(environment_of(context).random->next() >> 11) /
                                     9007199254740992.0);
}

void random_uuid(sqlite3_context* context, int, sqlite3_value**) {
  to_sqlite(context, Value::text(environment_of(context).random->uuid()));
}

struct Operator {
  const char* name;
  int arguments;
  void (*call)(sqlite3_context*, int, sqlite3_value**);
};
constexpr Operator operators[] = {
    {"mysql_print", 2, print_value},
    {"mysql_real", 2, real_value},
    {"mysql_integer", 2, integer_value},
    {"mysql_decimal", 3, decimal_value},
    {"mysql_round", 2, round_value},
    {"mysql_convert", 3, convert_value},
    {"mysql_cast", 3, cast_value},
    {"mysql_single", 2, single_value},
    {"mysql_shift", 3, shift_zone},
    {"mysql_assign", 3, assign_variable},
    {"mysql_variable", 2, read_variable},
    {"mysql_integer_arithmetic", 5, integer_arithmetic},
    {"mysql_decimal_arithmetic", 4, decimal_arithmetic},
    {"mysql_real_arithmetic", 4, real_arithmetic},
    {"mysql_bits", 3, bit_operation},
    {"mysql_like", 4, like},
    {"mysql_regexp", 3, regexp},
    {"mysql_interval", 6, add_interval},
    {"mysql_rounding", 5, rounding},
    {"mysql_unix_timestamp", 3, unix_timestamp},
    {"mysql_last_insert_id", 1, set_last_insert_id},
    {"mysql_rand", 0, random_number},
    {"mysql_rand", 1, seeded_number},
    {"mysql_uuid", 0, random_uuid},
};

}  // namespace

void register_operators(sqlite3* database, Environment& environment) {
  for (const Operator& op : operators)
    sqlite3_create_function_v2(database, op.name, op.arguments, SQLITE_UTF8, &environment, op.call,
                               nullptr, nullptr, nullptr);
}

}  // namespace pipeline::rds::embedded
