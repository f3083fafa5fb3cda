#pragma once
// Brings a value to the type of the column it is stored in, as MySQL does: out of range, too long,
// no number, no date. In strict mode that is MySQL's error; otherwise (or under IGNORE) the nearest
// value that fits and a warning of the same number. One function a family: coerce_number.cpp,
// coerce_string.cpp, coerce_temporal.cpp, and JSON in json_text.h.

#include <cstdint>
#include <vector>

#include "emulator/base/time_text.h"
#include "pipeline/rds/embedded/value.h"
#include "pipeline/rds/error.h"

namespace pipeline::rds::embedded {

struct SqlMode {
  bool strict = true;
  bool no_zero_date = true;
  bool no_zero_in_date = true;
  bool error_for_division_by_zero = true;
  bool allow_invalid_dates = false;
  bool no_auto_value_on_zero = false;
  bool no_unsigned_subtraction = false;
  bool only_full_group_by = true;
  bool ansi_quotes = false;
  bool no_backslash_escapes = false;
  bool pipes_as_concat = false;
  bool pad_char_to_full_length = false;
};

struct CoerceContext {
  SqlMode mode;
  std::string_view table = {};  // messages that name the column with its table (3140)
  bool ignore = false;          // INSERT IGNORE and the like: errors of values are warnings
  bool copies = false;    // ALTER TABLE copies rows: a string that is too long is 1265, not 1406
  std::uint64_t row = 1;  // of the statement, from 1
  std::int64_t zone_seconds = 0;  // the session's time zone: TIMESTAMP is stored in UTC
  emulator::base::Instant now{};  // for TIME values that become dates
  std::vector<SqlError>* warnings = nullptr;

  // The error, or a warning where the mode lets the value pass adjusted.
  Result<void> complain(int code, std::string message);
  Result<void> complain_about_column(int code, std::string_view what,
                                     const mysql::Column& column);  // "... for column 'x' at row 1"
};

// `value` has the type `from`. NULL stays NULL: nullability is checked elsewhere.
Result<Value> coerce(const mysql::Column& column, const Value& value, const mysql::Column& from,
                     CoerceContext& context);

// The value of a NOT NULL column without DEFAULT where none is demanded: 0, '', '0000-00-00', the
// first label.
Value implicit_default(const mysql::Column& column);

// The families; called by coerce.
Result<Value> coerce_integer(const mysql::Column& column, const Value& value,
                             const mysql::Column& from, CoerceContext& context);
Result<Value> coerce_decimal(const mysql::Column& column, const Value& value,
                             const mysql::Column& from, CoerceContext& context);
Result<Value> coerce_real(const mysql::Column& column, const Value& value,
                          const mysql::Column& from, CoerceContext& context);
Result<Value> coerce_bit(const mysql::Column& column, const Value& value, const mysql::Column& from,
                         CoerceContext& context);
Result<Value> coerce_year(const mysql::Column& column, const Value& value,
                          const mysql::Column& from, CoerceContext& context);
Result<Value> coerce_string(const mysql::Column& column, const Value& value,
                            const mysql::Column& from, CoerceContext& context);
Result<Value> coerce_enumeration(const mysql::Column& column, const Value& value,
                                 const mysql::Column& from, CoerceContext& context);
Result<Value> coerce_set(const mysql::Column& column, const Value& value, const mysql::Column& from,
                         CoerceContext& context);
Result<Value> coerce_date_or_datetime(const mysql::Column& column, const Value& value,
                                      const mysql::Column& from, CoerceContext& context);
Result<Value> coerce_time(const mysql::Column& column, const Value& value,
                          const mysql::Column& from, CoerceContext& context);
Result<Value> coerce_json(const mysql::Column& column, const Value& value,
                          const mysql::Column& from, CoerceContext& context);

}  // namespace pipeline::rds::embedded
