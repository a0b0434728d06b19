#include "query/value_test.hpp"

#include <re2/re2.h>

#include <charconv>
#include <cmath>
#include <cstring>

#include "base/unicode.hpp"
#include "chunk/tokenizer.hpp"

namespace penstock::query {
namespace {

constexpr std::size_t kMaxRegexBytes = 1024;

std::string folded(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = chunk::fold(c);
  return out;
}

bool matches_folded(const char* text, std::string_view lower) {
  for (std::size_t i = 0; i < lower.size(); ++i) {
    if (chunk::fold(text[i]) != lower[i]) return false;
  }
  return true;
}

// Next place from `from` on where `lower` (lower case, not empty) may begin by its first byte.
const char* find_first(const char* from, const char* end, char lower) {
  const auto size = static_cast<std::size_t>(end - from);
  const auto* a = static_cast<const char*>(std::memchr(from, lower, size));
  if (lower < 'a' || lower > 'z') return a;
  const auto limit = a != nullptr ? static_cast<std::size_t>(a - from) : size;
  const auto* b = static_cast<const char*>(std::memchr(from, lower - ('a' - 'A'), limit));
  return b != nullptr ? b : a;
}

}  // namespace

std::optional<double> parse_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

ValueTest ValueTest::exists() { return ValueTest(Kind::exists); }

ValueTest ValueTest::phrase(std::string_view text, bool open_end) {
  ValueTest test(Kind::phrase);
  test.needle_ = folded(text);
  test.open_end_ = open_end;
  test.bound_start_ = !text.empty() && chunk::is_token_byte(text.front());
  test.bound_end_ = !open_end && !text.empty() && chunk::is_token_byte(text.back());
  return test;
}

ValueTest ValueTest::equals(std::string_view text) {
  ValueTest test(Kind::equals);
  test.needle_ = folded(text);
  test.number_ = parse_number(text);
  test.integer_ = parse_integer(text);
  return test;
}

ValueTest ValueTest::equals_exactly(std::string_view text) {
  ValueTest test(Kind::equals_exactly);
  test.needle_ = std::string(text);
  test.number_ = parse_number(text);
  test.integer_ = parse_integer(text);
  return test;
}

ValueTest ValueTest::begins(std::string_view text) {
  ValueTest test(Kind::begins);
  test.needle_ = folded(text);
  return test;
}

ValueTest ValueTest::compare(Order order, double number, std::optional<std::int64_t> integer) {
  ValueTest test(Kind::compare);
  test.order_ = order;
  test.number_ = number;
  test.integer_ = integer;
  return test;
}

Result<ValueTest> ValueTest::regex(std::string_view expression, bool ignore_case) {
  if (expression.size() > kMaxRegexBytes) {
    return Error{ErrorCode::invalid_query, "this regular expression is too long (at most 1024 bytes).", "q"};
  }
  if (!is_valid_utf8(expression)) {
    return Error{ErrorCode::invalid_query, "this regular expression is not valid UTF-8.", "q"};
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  options.set_case_sensitive(!ignore_case);
  auto compiled = std::make_shared<const RE2>(re2::StringPiece(expression.data(), expression.size()), options);
  if (!compiled->ok()) {
    return Error{ErrorCode::invalid_query, "this is not a regular expression: " + compiled->error() + ".", "q"};
  }
  ValueTest test(Kind::regex);
  test.regex_ = std::move(compiled);
  return test;
}

int ValueTest::cost() const {
  switch (kind_) {
    case Kind::exists: return 0;
    case Kind::compare:
    case Kind::equals_exactly: return 1;
    case Kind::equals:
    case Kind::begins: return 2;
    case Kind::phrase: return 6;
    case Kind::regex: return 20;
  }
  return 20;
}

bool ValueTest::contains_phrase(std::string_view text) const {
  if (needle_.size() > text.size()) return false;
  if (needle_.empty()) return true;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* const last = end - needle_.size();
  for (const char* at = begin; at <= last; ++at) {
    at = find_first(at, last + 1, needle_.front());
    if (at == nullptr) return false;
    if (bound_start_ && at != begin && chunk::is_token_byte(at[-1])) continue;
    const char* const after = at + needle_.size();
    if (bound_end_ && after != end && chunk::is_token_byte(*after)) continue;
    if (matches_folded(at, needle_)) return true;
  }
  return false;
}

bool ValueTest::compares(double number) const {
  switch (order_) {
    case Order::greater: return number > *number_;
    case Order::greater_equal: return number >= *number_;
    case Order::less: return number < *number_;
    case Order::less_equal: return number <= *number_;
  }
  return false;
}

bool ValueTest::compares(std::int64_t number) const {
  if (!integer_) return compares(static_cast<double>(number));
  switch (order_) {
    case Order::greater: return number > *integer_;
    case Order::greater_equal: return number >= *integer_;
    case Order::less: return number < *integer_;
    case Order::less_equal: return number <= *integer_;
  }
  return false;
}

bool ValueTest::text(std::string_view text) const {
  switch (kind_) {
    case Kind::exists: return true;
    case Kind::phrase: return contains_phrase(text);
    case Kind::equals: return text.size() == needle_.size() && matches_folded(text.data(), needle_);
    case Kind::equals_exactly: return text == needle_;
    case Kind::begins: return text.size() >= needle_.size() && matches_folded(text.data(), needle_);
    case Kind::compare: {
      if (const auto integer = parse_integer(text)) return compares(*integer);
      const auto number = parse_number(text);
      return number && compares(*number);
    }
    case Kind::regex: return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *regex_);
  }
  return false;
}

bool ValueTest::value(const FieldValue& value) const {
  if (kind_ == Kind::exists) return true;
  if (value.type == FieldType::string || value.type == FieldType::json) return text(value.text);
  if (kind_ == Kind::compare) {
    if (value.type == FieldType::integer) return compares(value.integer);
    return value.type == FieldType::real && compares(value.real);
  }
  if ((kind_ == Kind::equals || kind_ == Kind::equals_exactly) && number_) {
    if (value.type == FieldType::integer) {
      return integer_ ? value.integer == *integer_ : static_cast<double>(value.integer) == *number_;
    }
    if (value.type == FieldType::real) return value.real == *number_;
  }
  std::string spelled;
  append_text(spelled, value);
  return text(spelled);
}

}  // namespace penstock::query
