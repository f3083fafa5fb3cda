#pragma once
// Values of row images, decoded: packed bytes (binlog.md section 8) -> what a program computes with
// -> the text that MySQL prints. A column's plan is made once a table, so that a row costs neither
// look-ups nor allocations. Bad bytes never read past their end.
//
//   const ColumnPlan plan = plan_column(column);
//   Value value; Scratch scratch;
//   if (plan.decode(plan, packed, value, scratch)) print(value); else complain(scratch.error);

#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/mysql/schema.h"

namespace pipeline::mysql::types {

struct Moment {  // a date, a time of day or a span of time, as written: zeros and 30 February are
                 // legal
  std::uint16_t year = 0, hour = 0;
  std::uint8_t month = 0, day = 0, minute = 0, second = 0;
  std::uint32_t micros = 0;
};

struct Value {
  enum class Kind : std::uint8_t {
    integer,
    unsigned_integer,
    year,
    float32,
    float64,
    decimal,  // of up to 18 digits: integer / 10^digits
    date,
    time,
    datetime,
    text,     // UTF-8, but for `utf8`
    binary,   // bytes, and `padding` zero bytes that the log leaves out
    printed,  // text of ASCII that needs no escape in JSON: a long DECIMAL, geometry
  };
  Kind kind = Kind::integer;
  bool negative = false;      // of time
  bool utf8 = true;           // of text: the server let bytes in that are none
  std::uint8_t digits = 0;    // of the fraction: decimal, time, datetime
  std::uint32_t padding = 0;  // of binary
  union {
    std::int64_t integer;
    std::uint64_t unsigned_integer;
    double real;
    float real32;
    Moment moment;
  };
  std::string_view bytes =
      {};  // of text, binary and printed; views the packed bytes, the column or the scratch

  Value() : integer(0) {}
};

struct Scratch {
  std::uint32_t days =
      0;  // of the TIMESTAMP decoded last, and their date: rows of a day come together
  Moment date = {1970, 0, 1, 1};
  std::string text;   // of the value decoded last
  std::string error;  // why decode said no
};

struct ColumnPlan {
  // `packed` is one value, its length prefix included. False: it is none, scratch.error says why.
  using Decode = bool(const ColumnPlan&, std::string_view packed, Value&, Scratch&);
  Decode* decode = nullptr;  // null: the type is not supported
  std::uint32_t bytes = 0;   // of the value, or of its length prefix
  bool prefixed = false;
  std::uint8_t fraction_bytes = 0;  // of the temporal types
  struct {                          // of a DECIMAL: its groups of digits, in the order of the bytes
    std::uint8_t lead = 0, nines = 0, tail = 0;
  } digits = {};
  const Column* column = nullptr;
};

// The column must outlive its plan.
ColumnPlan plan_column(const Column& column);

// Appends what MySQL prints for the value.
void append_value_text(std::string& out, const Value& value);

// Writes the text of a value other than text and binary at `at`, which must have this much room
// (and for printed, its bytes more); returns its end.
inline constexpr std::size_t plain_text_max = 48;
char* write_plain(char* at, const Value& value);

}  // namespace pipeline::mysql::types
