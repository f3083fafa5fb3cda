// What asks the session: NOW, DATABASE, LAST_INSERT_ID, UUID, RAND... Values that hold for the
// whole statement are constants.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "emulator/base/text.h"
#include "pipeline/rds/embedded/functions/functions.h"
#include "pipeline/rds/embedded/temporal.h"

namespace pipeline::rds::embedded {
namespace {

using Clause = std::string_view;
using mysql::ColumnType;

Result<int> digits_of(const sql::Expr& expr) {
  if (expr.args.empty()) return 0;
  if (expr.args.size() > 1 || expr.args[0]->kind != sql::ExprKind::integer)
    return wrong_count(expr);
  const auto digits = emulator::base::parse_unsigned(expr.args[0]->text).value_or(7);
  if (digits > 6)
    return sql_error(1426, fmt::format("Too-big precision {} specified for '{}'. Maximum is 6.",
                                       expr.args[0]->text, emulator::base::to_lower(expr.text)));
  return static_cast<int>(digits);
}

DateTime now_of(const Environment& environment, bool utc) {
  return from_instant(environment.now + std::chrono::seconds(utc ? 0 : environment.zone_seconds));
}

Result<Lowered> lower_now(Lowering& lowering, const sql::Expr& expr, const Scope&, Clause) {
  auto digits = digits_of(expr);
  if (!digits) return tl::unexpected(digits.error());
  const DateTime now = now_of(lowering.environment(), expr.text == "UTC_TIMESTAMP");
  return lowering.constant(temporal_type(ColumnType::datetime, *digits),
                           Value::text(datetime_text(now, *digits)));
}

Result<Lowered> lower_today(Lowering& lowering, const sql::Expr& expr, const Scope&, Clause) {
  const DateTime now = now_of(lowering.environment(), expr.text == "UTC_DATE");
  return lowering.constant(temporal_type(ColumnType::date), Value::text(date_text(now)));
}

Result<Lowered> lower_time_now(Lowering& lowering, const sql::Expr& expr, const Scope&, Clause) {
  auto digits = digits_of(expr);
  if (!digits) return tl::unexpected(digits.error());
  std::int64_t time = microseconds_of_day(now_of(lowering.environment(), expr.text == "UTC_TIME"));
  std::int64_t unit = 1'000'000;
  for (int i = 0; i < *digits; ++i) unit /= 10;
  return lowering.constant(temporal_type(ColumnType::time, *digits), Value::of(time / unit * unit));
}

Result<Lowered> lower_unix_timestamp(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                                     Clause clause) {
  const Environment& environment = lowering.environment();
  if (expr.args.empty())
    return lowering.constant(integer_type(),
                             Value::of(static_cast<std::int64_t>(
                                 environment.now.time_since_epoch().count() / 1'000'000)));
  auto values = lowering.arguments(expr, scope, clause);
  if (!values) return tl::unexpected(values.error());
  const Lowered& value = values->front();
  int digits = is_temporal(value.kind()) && value.kind() != Kind::date
                   ? static_cast<int>(value.type.length)
               : is_string(value.kind()) ? 6
                                         : 0;
  if (is_string(value.kind()) && value.is_constant) {  // as many as the text shows
    const std::size_t dot = value.constant.bytes.find('.');
    digits =
        dot == std::string::npos
            ? 0
            : static_cast<int>(std::min<std::size_t>(6, value.constant.bytes.size() - dot - 1));
  }
  return lowering.call("mysql_unix_timestamp",
                       {lowering.as_datetime(value).sql, std::to_string(environment.zone_seconds),
                        std::to_string(digits)},
                       digits > 0 ? decimal_type(12 + digits, digits) : integer_type());
}

// FROM_UNIXTIME(n): in the session's zone, with the fraction digits of n.
Result<Lowered> lower_from_unixtime(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                                    Clause clause) {
  auto values = lowering.arguments(expr, scope, clause);
  if (!values) return tl::unexpected(values.error());
  if (values->empty() || values->size() > 2) return wrong_count(expr);
  const Lowered number = lowering.as_number(values->front());
  const int digits = number.store_is_integer()        ? 0
                     : number.kind() == Kind::decimal ? std::min<int>(number.type.scale, 6)
                                                      : 6;
  const int asked = values->size() == 2 ? 6 : digits;
  Lowered moment =
      lowering.call("my_FROM_UNIXTIME",
                    {lowering.as_decimal(number).sql,
                     std::to_string(lowering.environment().zone_seconds), std::to_string(asked)},
                    temporal_type(ColumnType::datetime, asked));
  if (values->size() == 1) return moment;
  return lowering.call("my_DATE_FORMAT", {moment.sql, lowering.as_text((*values)[1]).sql},
                       text_type(255));
}

Result<Lowered> text_constant(Lowering& lowering, std::string text) {
  return lowering.constant(text_type(static_cast<std::uint32_t>(text.size())),
                           Value::text(std::move(text)), Coercibility::system);
}

Result<Lowered> lower_database(Lowering& lowering, const sql::Expr&, const Scope&, Clause) {
  const std::string& name = lowering.environment().database;
  return name.empty() ? lowering.constant(text_type(64), Value::null())
                      : text_constant(lowering, name);
}
Result<Lowered> lower_version(Lowering& lowering, const sql::Expr&, const Scope&, Clause) {
  return text_constant(lowering, lowering.environment().version);
}
Result<Lowered> lower_user(Lowering& lowering, const sql::Expr&, const Scope&, Clause) {
  return text_constant(lowering, lowering.environment().user);
}

Result<Lowered> lower_number(Lowering& lowering, const sql::Expr& expr, const Scope&, Clause) {
  const Environment& environment = lowering.environment();
  if (expr.text == "CONNECTION_ID")
    return lowering.constant(integer_type(true),
                             Value::of(std::int64_t{environment.connection_id}));
  if (expr.text == "ROW_COUNT")
    return lowering.constant(integer_type(), Value::of(environment.row_count));
  return lowering.constant(integer_type(), Value::of_unsigned(environment.found_rows));
}

Result<Lowered> lower_last_insert_id(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                                     Clause clause) {
  if (expr.args.empty())
    return lowering.constant(integer_type(true),
                             Value::of_unsigned(lowering.environment().last_insert_id));
  auto value = lowering.expression(*expr.args[0], scope, clause);
  if (!value) return value;
  return lowering.call("mysql_last_insert_id", {lowering.as_integer(*value).sql},
                       integer_type(true));
}

Result<Lowered> lower_rand(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                           Clause clause) {
  if (expr.args.empty()) return lowering.call("mysql_rand", {}, real_type());
  if (expr.args.size() > 1) return wrong_count(expr);
  auto seed = lowering.expression(*expr.args[0], scope, clause);
  if (!seed) return seed;
  return lowering.call("mysql_rand", {lowering.as_integer(*seed).sql}, real_type());
}
Result<Lowered> lower_uuid(Lowering& lowering, const sql::Expr&, const Scope&, Clause) {
  return lowering.call("mysql_uuid", {}, text_type(36));
}

constexpr std::array session_table{
    SpecialFunction{"NOW", lower_now},
    SpecialFunction{"SYSDATE", lower_now},
    SpecialFunction{"UTC_TIMESTAMP", lower_now},
    SpecialFunction{"CURDATE", lower_today},
    SpecialFunction{"UTC_DATE", lower_today},
    SpecialFunction{"CURTIME", lower_time_now},
    SpecialFunction{"UTC_TIME", lower_time_now},
    SpecialFunction{"UNIX_TIMESTAMP", lower_unix_timestamp},
    SpecialFunction{"FROM_UNIXTIME", lower_from_unixtime},
    SpecialFunction{"DATABASE", lower_database},
    SpecialFunction{"SCHEMA", lower_database},
    SpecialFunction{"VERSION", lower_version},
    SpecialFunction{"USER", lower_user},
    SpecialFunction{"CURRENT_USER", lower_user},
    SpecialFunction{"CONNECTION_ID", lower_number},
    SpecialFunction{"ROW_COUNT", lower_number},
    SpecialFunction{"FOUND_ROWS", lower_number},
    SpecialFunction{"LAST_INSERT_ID", lower_last_insert_id},
    SpecialFunction{"RAND", lower_rand},
    SpecialFunction{"UUID", lower_uuid},
};

}  // namespace

std::span<const SpecialFunction> session_functions() { return session_table; }

}  // namespace pipeline::rds::embedded
