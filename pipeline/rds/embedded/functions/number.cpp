// Functions of numbers that are real by nature.
#include <array>
#include <cmath>

#include "pipeline/rds/embedded/functions/functions.h"

namespace pipeline::rds::embedded {
namespace {

Value real_or_null(double value) { return std::isfinite(value) ? Value::of(value) : Value::null(); }

Value square_root(Environment&, Values a) {
  return a[0].real < 0 ? Value::null() : Value::of(std::sqrt(a[0].real));
}
Value power(Environment&, Values a) { return real_or_null(std::pow(a[0].real, a[1].real)); }
Value exponential(Environment&, Values a) { return real_or_null(std::exp(a[0].real)); }
Value logarithm(Environment&, Values a) {
  if (a.size() == 1) return a[0].real <= 0 ? Value::null() : Value::of(std::log(a[0].real));
  if (a[0].real <= 0 || a[0].real == 1 || a[1].real <= 0) return Value::null();
  return Value::of(std::log(a[1].real) / std::log(a[0].real));
}
Value logarithm2(Environment&, Values a) {
  return a[0].real <= 0 ? Value::null() : Value::of(std::log2(a[0].real));
}
Value logarithm10(Environment&, Values a) {
  return a[0].real <= 0 ? Value::null() : Value::of(std::log10(a[0].real));
}
Value sign(Environment&, Values a) {
  return Value::of(std::int64_t{a[0].real > 0 ? 1 : a[0].real < 0 ? -1 : 0});
}
Value pi(Environment&, Values) { return Value::of(3.141592653589793); }
Value bit_count(Environment&, Values a) {
  std::int64_t count = 0;
  for (std::uint64_t bits = a[0].as_unsigned(); bits != 0; bits &= bits - 1) ++count;
  return Value::of(count);
}

constexpr std::array number_table{
    ScalarFunction{"SQRT", "r", 'r', square_root},
    ScalarFunction{"POW", "rr", 'r', power},
    ScalarFunction{"EXP", "r", 'r', exponential},
    ScalarFunction{"LN", "r", 'r', logarithm},
    ScalarFunction{"LOG", "r?r", 'r', logarithm},
    ScalarFunction{"LOG2", "r", 'r', logarithm2},
    ScalarFunction{"LOG10", "r", 'r', logarithm10},
    ScalarFunction{"SIGN", "r", 'i', sign},
    ScalarFunction{"PI", "", 'r', pi},
    ScalarFunction{"BIT_COUNT", "i", 'i', bit_count},
};

}  // namespace

std::span<const ScalarFunction> number_functions() { return number_table; }

}  // namespace pipeline::rds::embedded
