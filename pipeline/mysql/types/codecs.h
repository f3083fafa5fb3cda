#pragma once
// The function pairs that codec.cpp's table lists, one file a family. Only this folder includes it.

#include <string>
#include <string_view>

#include "emulator/base/result.h"
#include "pipeline/mysql/schema.h"

namespace pipeline::mysql::types {

using emulator::base::fail;
using emulator::base::Result;

// packed -> text, appended. `packed` is exactly one value, its length prefix included.
using Decoder = Result<void>(const Column& column, std::string_view packed, std::string& out);
// text -> packed, appended.
using Encoder = Result<void>(const Column& column, std::string_view text, std::string& out);

Decoder decode_integer, decode_year, decode_bit, decode_float32, decode_float64, decode_decimal,
    decode_date, decode_time, decode_datetime, decode_timestamp, decode_time_old,
    decode_datetime_old, decode_timestamp_old, decode_string, decode_text, decode_compressed,
    decode_enum, decode_set, decode_json, decode_geometry, decode_vector;
Encoder encode_integer, encode_year, encode_bit, encode_float32, encode_float64, encode_decimal,
    encode_date, encode_time, encode_datetime, encode_timestamp, encode_time_old,
    encode_datetime_old, encode_timestamp_old, encode_string, encode_text, encode_compressed,
    encode_enum, encode_set, encode_json, encode_geometry, encode_vector;

// A value with its length prefix, and back.
std::string_view without_prefix(const Column& column, std::string_view packed);
Result<void> append_prefixed(const Column& column, std::string_view bytes, std::string& out);

// The text of a double as the server sends it: the shortest digits that give it back, plain from
// 1e-15 up to below 1e15, else with an exponent.
void append_double(std::string& out, double value);
void append_float(std::string& out, float value);

void append_upper_hex(std::string& out, std::string_view bytes);  // without "0x"
Result<std::string> bytes_of_hex(std::string_view text);          // with "0x"

// "'abc' is not a DATE": the text is cut where it is long.
tl::unexpected<emulator::base::Error> not_a(std::string_view what, std::string_view text);

}  // namespace pipeline::mysql::types
