#include "pipeline/rds/embedded/decimal.h"

#include <algorithm>
#include <charconv>

#include "emulator/base/text.h"

namespace pipeline::rds::embedded {
namespace {

int compare_digits(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  const int order = a.compare(b);
  return order < 0 ? -1 : order > 0;
}

std::string add_digits(std::string_view a, std::string_view b) {
  std::string out(std::max(a.size(), b.size()) + 1, '0');
  int carry = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int sum = (i < a.size() ? a[a.size() - 1 - i] - '0' : 0) +
                    (i < b.size() ? b[b.size() - 1 - i] - '0' : 0) + carry;
    out[out.size() - 1 - i] = static_cast<char>('0' + sum % 10);
    carry = sum / 10;
  }
  return out;
}

std::string subtract_digits(std::string_view a, std::string_view b) {  // a >= b
  std::string out(a);
  int borrow = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    int digit = a[a.size() - 1 - i] - '0' - borrow - (i < b.size() ? b[b.size() - 1 - i] - '0' : 0);
    borrow = digit < 0;
    if (borrow) digit += 10;
    out[out.size() - 1 - i] = static_cast<char>('0' + digit);
  }
  return out;
}

std::string without_leading_zeros(std::string text) {
  text.erase(0, std::min(text.find_first_not_of('0'), text.size()));
  return text;
}

struct PlainNumber {
  bool negative;
  std::string_view integer, fraction;
};

PlainNumber plain(std::string_view text) {
  PlainNumber out{};
  if (!text.empty() && text.front() == '-') {
    out.negative = true;
    text.remove_prefix(1);
  }
  const std::size_t dot = text.find('.');
  out.integer = text.substr(0, dot);
  while (!out.integer.empty() && out.integer.front() == '0') out.integer.remove_prefix(1);
  if (dot != std::string_view::npos) out.fraction = text.substr(dot + 1);
  while (!out.fraction.empty() && out.fraction.back() == '0') out.fraction.remove_suffix(1);
  if (out.integer.empty() && out.fraction.empty()) out.negative = false;
  return out;
}

}  // namespace

void Decimal::normalise() {
  digits_ = without_leading_zeros(std::move(digits_));
  if (digits_.empty()) negative_ = false;
}

Decimal Decimal::from_integer(std::int64_t value) {
  Decimal out = from_unsigned(value < 0 ? 0 - static_cast<std::uint64_t>(value)
                                        : static_cast<std::uint64_t>(value));
  out.negative_ = value < 0;
  return out;
}

Decimal Decimal::from_unsigned(std::uint64_t value) {
  Decimal out;
  emulator::base::append_unsigned(out.digits_, value);
  out.normalise();
  return out;
}

Decimal Decimal::from_double(double value) { return parse(emulator::base::shortest(value)); }

Decimal Decimal::parse(std::string_view text, std::size_t& used) {
  Decimal out;
  used = 0;
  std::size_t at = 0;
  while (at < text.size() && is_blank(text[at])) ++at;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) out.negative_ = text[at++] == '-';
  const std::size_t first = at;
  while (at < text.size() && is_digit(text[at])) out.digits_.push_back(text[at++]);
  std::size_t count = at - first;
  if (at < text.size() && text[at] == '.') {
    std::size_t dot = at++;
    while (at < text.size() && is_digit(text[at])) {
      out.digits_.push_back(text[at++]);
      ++out.scale_;
    }
    count += at - dot - 1;
  }
  if (count == 0) return Decimal();
  used = at;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    std::size_t exponent_at = at + 1;
    if (exponent_at < text.size() && text[exponent_at] == '+') ++exponent_at;
    int exponent = 0;
    const auto [end, error] =
        std::from_chars(text.data() + exponent_at, text.data() + text.size(), exponent);
    if (error == std::errc() && exponent > -400 && exponent < 400) {
      used = static_cast<std::size_t>(end - text.data());
      out.scale_ -= exponent;
      if (out.scale_ < 0) {
        out.digits_.append(static_cast<std::size_t>(-out.scale_), '0');
        out.scale_ = 0;
      }
    }
  }
  out.normalise();
  return out;
}

int Decimal::integer_digits() const {
  return std::max(0, static_cast<int>(digits_.size()) - scale_);
}

Decimal Decimal::truncated(int scale) const {
  Decimal out = *this;
  if (scale >= scale_) {
    if (!out.digits_.empty()) out.digits_.append(static_cast<std::size_t>(scale - scale_), '0');
  } else {
    const auto cut = static_cast<std::size_t>(scale_ - scale);
    out.digits_.resize(out.digits_.size() > cut ? out.digits_.size() - cut : 0);
  }
  out.scale_ = scale;
  if (scale < 0) {
    if (!out.digits_.empty()) out.digits_.append(static_cast<std::size_t>(-scale), '0');
    out.scale_ = 0;
  }
  out.normalise();
  return out;
}

Decimal Decimal::rounded(int scale) const {
  if (scale >= scale_) return truncated(scale);
  Decimal half;
  half.digits_ = "5";
  half.scale_ = scale + 1;
  if (half.scale_ < 0) {
    half.digits_.append(static_cast<std::size_t>(-half.scale_), '0');
    half.scale_ = 0;
  }
  half.negative_ = negative_;
  return (*this + half).truncated(scale);
}

Decimal Decimal::operator-() const {
  Decimal out = *this;
  out.negative_ = !negative_;
  out.normalise();
  return out;
}

Decimal Decimal::operator+(const Decimal& other) const {
  const int scale = std::max(scale_, other.scale_);
  const Decimal a = truncated(scale);
  const Decimal b = other.truncated(scale);
  Decimal out;
  out.scale_ = scale;
  if (a.negative_ == b.negative_) {
    out.digits_ = add_digits(a.digits_, b.digits_);
    out.negative_ = a.negative_;
  } else if (compare_digits(a.digits_, b.digits_) >= 0) {
    out.digits_ = subtract_digits(a.digits_, b.digits_);
    out.negative_ = a.negative_;
  } else {
    out.digits_ = subtract_digits(b.digits_, a.digits_);
    out.negative_ = b.negative_;
  }
  out.normalise();
  return out;
}

Decimal Decimal::operator*(const Decimal& other) const {
  Decimal out;
  out.scale_ = scale_ + other.scale_;
  out.negative_ = negative_ != other.negative_;
  std::string digits(digits_.size() + other.digits_.size(), '\0');
  for (std::size_t i = digits_.size(); i-- > 0;) {
    int carry = 0;
    for (std::size_t j = other.digits_.size(); j-- > 0;) {
      const int value = digits[i + j + 1] + (digits_[i] - '0') * (other.digits_[j] - '0') + carry;
      digits[i + j + 1] = static_cast<char>(value % 10);
      carry = value / 10;
    }
    digits[i] = static_cast<char>(digits[i] + carry);
  }
  for (char& c : digits) c = static_cast<char>(c + '0');
  out.digits_ = std::move(digits);
  out.normalise();
  return out;
}

Decimal Decimal::divided(const Decimal& divisor, int scale) const {
  std::string dividend = digits_;
  const int shift = scale + divisor.scale_ - scale_;
  if (shift > 0) dividend.append(static_cast<std::size_t>(shift), '0');
  std::string quotient;
  std::string rest;
  for (char digit : dividend) {
    if (!rest.empty() || digit != '0') rest.push_back(digit);
    int count = 0;
    while (compare_digits(rest, divisor.digits_) >= 0) {
      rest = without_leading_zeros(subtract_digits(rest, divisor.digits_));
      ++count;
    }
    quotient.push_back(static_cast<char>('0' + count));
  }
  Decimal out;
  out.digits_ = std::move(quotient);
  out.scale_ = shift >= 0 ? scale : scale_ - divisor.scale_;
  out.negative_ = negative_ != divisor.negative_;
  out.normalise();
  return shift >= 0 ? out : out.truncated(scale);
}

Decimal Decimal::remainder(const Decimal& divisor) const {
  return *this - divided(divisor, 0) * divisor;
}

std::strong_ordering Decimal::operator<=>(const Decimal& other) const {
  if (negative_ != other.negative_)
    return negative_ ? std::strong_ordering::less : std::strong_ordering::greater;
  const int scale = std::max(scale_, other.scale_);
  const int order = compare_digits(truncated(scale).digits_, other.truncated(scale).digits_);
  return (negative_ ? -order : order) <=> 0;
}

std::string Decimal::text() const {
  std::string out = digits_;
  const auto scale = static_cast<std::size_t>(scale_);
  if (out.size() <= scale) out.insert(0, scale + 1 - out.size(), '0');
  if (scale > 0) out.insert(out.size() - scale, 1, '.');
  if (negative_) out.insert(0, 1, '-');
  return out;
}

double Decimal::to_double() const {
  const std::string digits = text();
  double value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

bool Decimal::to_integer(std::int64_t& out) const {
  const auto value = emulator::base::parse_integer(rounded(0).text());
  if (value) out = *value;
  return value.has_value();
}

bool Decimal::to_unsigned(std::uint64_t& out) const {
  const auto value = emulator::base::parse_unsigned(rounded(0).text());
  if (value) out = *value;
  return value.has_value();
}

int compare_decimal_texts(std::string_view a, std::string_view b) {
  const PlainNumber x = plain(a);
  const PlainNumber y = plain(b);
  if (x.negative != y.negative) return x.negative ? -1 : 1;
  int order = compare_digits(x.integer, y.integer);
  if (order == 0) {
    const int fraction = x.fraction.compare(y.fraction);
    order = fraction < 0 ? -1 : fraction > 0;
  }
  return x.negative ? -order : order;
}

}  // namespace pipeline::rds::embedded
