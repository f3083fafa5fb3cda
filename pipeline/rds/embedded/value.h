#pragma once
// Values inside the engine, in the one form that SQLite stores, compares and sorts, whatever their
// MySQL type:
//   integers, YEAR, ENUM    INTEGER                    unsigned beyond 2^63-1, BIT, SET   INTEGER,
//   then TEXT of 20 digits (TEXT sorts after INTEGER) DECIMAL                 TEXT under the
//   collation "mysql_decimal"                      FLOAT, DOUBLE   REAL DATE, DATETIME, TIMESTAMP
//   TEXT as printed (TIMESTAMP in UTC)                         TIME            INTEGER microseconds
//   strings                 TEXT in UTF-8 under their collation's name                    binary
//   strings  BLOB JSON                    TEXT as MySQL prints it
// Kind is what MySQL's rules of comparison, arithmetic and conversion go by; it follows from the
// column type.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pipeline/mysql/schema.h"

struct sqlite3_value;
struct sqlite3_context;
struct sqlite3_stmt;

namespace pipeline::rds::embedded {

enum class Kind : std::uint8_t {
  null,
  integer,
  unsigned_integer,
  decimal,
  real,
  text,
  bytes,
  date,
  time,
  datetime,
  timestamp,
  year,
  bit,
  enumeration,
  set,
  json,
  unsupported
};
Kind kind_of(const mysql::Column& column);
bool is_numeric(Kind kind);   // by nature: integers, decimal, real, year, bit
bool is_temporal(Kind kind);  // date, time, datetime, timestamp
bool is_string(Kind kind);    // text, bytes, enum, set, json: what converts by its characters

struct Value {
  enum class Store : std::uint8_t { null, integer, real, text, blob };
  Store store = Store::null;
  std::int64_t integer = 0;
  double real = 0;
  std::string bytes = {};

  static Value null() { return {}; }
  static Value of(std::int64_t value) { return {Store::integer, value, 0, {}}; }
  static Value of_unsigned(std::uint64_t value);
  static Value of(double value) { return {Store::real, 0, value, {}}; }
  static Value text(std::string value) { return {Store::text, 0, 0, std::move(value)}; }
  static Value blob(std::string value) { return {Store::blob, 0, 0, std::move(value)}; }

  bool is_null() const { return store == Store::null; }
  bool operator==(const Value&) const = default;
  // Of a value of an integer kind.
  std::uint64_t as_unsigned() const;
};

Value from_sqlite(sqlite3_value* value);
void to_sqlite(sqlite3_context* context, const Value& value);
// 0-based column of a row; 1-based parameter. A parameter's bytes must stay until the statement has
// run.
Value column_value(sqlite3_stmt* statement, int column);
void bind_value(sqlite3_stmt* statement, int index, const Value& value);

// Types of expressions that no column has given: a Column without name.
mysql::Column integer_type(bool is_unsigned = false);
mysql::Column real_type();
mysql::Column decimal_type(int precision, int scale);
mysql::Column text_type(std::uint32_t characters = 255,
                        std::uint32_t collation = mysql::collation_utf8mb4);
mysql::Column bytes_type(std::uint32_t length = 255);
mysql::Column temporal_type(mysql::ColumnType type, int fraction_digits = 0);
mysql::Column null_type();
mysql::Column json_type();

// A value that is not NULL as MySQL prints it in a result set (raw bytes for binary strings and
// BIT).
std::string print(const mysql::Column& type, const Value& value);
// As a number, by MySQL's rule for the kind (a string gives its leading number, a date 20260102).
double as_double(const mysql::Column& type, const Value& value);
std::string label_of(const mysql::Column& type, const Value& value);  // of ENUM, SET

// Appends the packed form of the binlog (binlog.md section 8).
void append_packed(const mysql::Column& column, const Value& value, std::string& out);
}  // namespace pipeline::rds::embedded
