#pragma once
// Exact decimal numbers, as DECIMAL columns and literals like 1.50 are: digits times ten to the
// minus scale. Big enough for all that MySQL allows (65 digits) and for what lies between two
// operations on them.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace pipeline::rds::embedded {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}  // MySQL skips them before a number or a date

class Decimal {
 public:
  Decimal() = default;
  static Decimal from_integer(std::int64_t value);
  static Decimal from_unsigned(std::uint64_t value);
  static Decimal from_double(double value);
  // The number at the start of the text (blanks before it are skipped): "12.5e3xyz" gives 12500
  // and 6. used = 0: there is none.
  static Decimal parse(std::string_view text, std::size_t& used);
  static Decimal parse(std::string_view text) {
    std::size_t used = 0;
    return parse(text, used);
  }

  bool is_zero() const { return digits_.empty(); }
  bool is_negative() const { return negative_; }
  int scale() const { return scale_; }
  int integer_digits() const;

  Decimal rounded(int scale) const;    // half away from zero; also lengthens the fraction
  Decimal truncated(int scale) const;  // towards zero
  Decimal operator-() const;
  Decimal operator+(const Decimal& other) const;
  Decimal operator-(const Decimal& other) const { return *this + -other; }
  Decimal operator*(const Decimal& other) const;
  // The divisor must not be zero. Digits past `scale` are cut.
  Decimal divided(const Decimal& divisor, int scale) const;
  Decimal remainder(const Decimal& divisor) const;  // sign of the dividend, as MySQL's MOD
  std::strong_ordering operator<=>(const Decimal& other) const;
  bool operator==(const Decimal& other) const { return (*this <=> other) == 0; }

  std::string text() const;  // all `scale` digits of the fraction; never "-0"
  double to_double() const;
  // Rounded to an integer; false if it does not fit.
  bool to_integer(std::int64_t& out) const;
  bool to_unsigned(std::uint64_t& out) const;

 private:
  void normalise();  // no leading zeros, no negative zero

  bool negative_ = false;
  std::string digits_;  // '0'..'9', most significant first; "" = 0
  int scale_ = 0;
};

// Compares two decimal texts as numbers, without building a Decimal where the texts are plain: the
// collation of DECIMAL columns.
int compare_decimal_texts(std::string_view a, std::string_view b);

}  // namespace pipeline::rds::embedded
