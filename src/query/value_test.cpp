#include "query/value_test.hpp"

#include <re2/re2.h>

#include <charconv>
#include <cmath>
#include <utility>

#include "penstock/core/name_pattern.hpp"
#include "base/ansi.hpp"
#include "base/unicode.hpp"
#include "chunk/tokenizer.hpp"
#include "penstock/core/json_elements.hpp"
#include "query/folded_find.hpp"

namespace penstock::query {
namespace {

constexpr std::size_t kMaxRegexBytes = 1024;

// Text that numbers and booleans can be.
constexpr std::string_view kIntegerText = "-0123456789", kRealText = "-+.e0123456789infa", kBooleanText = "truefals";

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

ValueTest ValueTest::contains(TextPattern pattern) {
  ValueTest test(Kind::contains);
  test.pattern_ = std::move(pattern);
  return test;
}

ValueTest ValueTest::equals(std::string_view text) {
  ValueTest test = equals_exactly(text);
  test.kind_ = Kind::equals;
  test.needle_ = chunk::folded_value(text);
  return test;
}

ValueTest ValueTest::equals_exactly(std::string_view text) {
  ValueTest test(Kind::equals_exactly);
  test.needle_ = std::string(text);
  test.number_ = parse_number(text);
  test.integer_ = parse_integer(text);
  if (test.number_) append_text(test.spelled_, test.integer_ ? FieldValue::of(*test.integer_) : FieldValue::of(*test.number_));
  return test;
}

ValueTest ValueTest::begins(std::string_view text) {
  ValueTest test(Kind::begins);
  test.needle_ = chunk::folded_value(text);
  return test;
}

ValueTest ValueTest::like(std::string_view text) {
  ValueTest test(Kind::like);
  test.pattern_ = ValuePattern(text);
  return test;
}

ValueTest ValueTest::named(std::string_view pattern) {
  ValueTest test(Kind::named);
  test.needle_ = std::string(pattern);
  return test;
}

ValueTest ValueTest::compare(Order order, double number, std::optional<std::int64_t> integer) {
  ValueTest test(Kind::compare);
  test.order_ = order;
  test.number_ = number;
  test.integer_ = integer;
  return test;
}

Result<ValueTest> ValueTest::regex(std::string_view expression, bool ignore_case, std::size_t max_bytes) {
  if (expression.size() > kMaxRegexBytes) {
    return Error{ErrorCode::invalid_query, "this regular expression is too long (at most 1024 bytes).", "q"};
  }
  if (!is_valid_utf8(expression)) {
    return Error{ErrorCode::invalid_query, "this regular expression is not valid UTF-8.", "q"};
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(static_cast<std::int64_t>(max_bytes));
  options.set_case_sensitive(!ignore_case);
  auto compiled = std::make_shared<const RE2>(re2::StringPiece(expression.data(), expression.size()), options);
  if (!compiled->ok()) {
    return Error{ErrorCode::invalid_query, "this is not a regular expression: " + compiled->error() + ".", "q"};
  }
  ValueTest test(Kind::regex);
  test.regex_ = std::move(compiled);
  test.regex_bytes_ = max_bytes;
  return test;
}

int ValueTest::cost() const {
  switch (kind_) {
    case Kind::exists: return 0;
    case Kind::compare:
    case Kind::equals_exactly: return 1;
    case Kind::equals:
    case Kind::begins: return 2;
    case Kind::named:
    case Kind::like: return 3;
    case Kind::contains: return 6;
    case Kind::regex: return 20;
  }
  return 20;
}

std::size_t ValueTest::memory_bytes() const { return regex_bytes_; }

std::vector<std::string> ValueTest::required_words() const {
  const auto* pattern = std::get_if<TextPattern>(&pattern_);
  return pattern != nullptr ? pattern->required_words() : std::vector<std::string>();
}

bool ValueTest::may_hold_for(FieldType type) const {
  std::string_view characters;
  switch (type) {
    case FieldType::integer: characters = kIntegerText; break;
    case FieldType::real: characters = kRealText; break;
    case FieldType::boolean: characters = kBooleanText; break;
    default: return true;
  }
  if (const auto* words = std::get_if<TextPattern>(&pattern_)) return words->may_be_made_of(characters);
  if (const auto* value = std::get_if<ValuePattern>(&pattern_)) return value->may_be_made_of(characters);
  return true;
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
  thread_local std::string scratch;
  if (scratch.capacity() > (64u << 10)) scratch = {};
  switch (kind_) {
    case Kind::exists: return true;
    case Kind::contains: return std::get<TextPattern>(pattern_).found_in(text);
    case Kind::like: return std::get<ValuePattern>(pattern_).fits(text);
    case Kind::equals: {
      const std::string_view value = chunk::value_text(text, scratch);
      return value.size() == needle_.size() && matches_folded(value.data(), needle_);
    }
    case Kind::equals_exactly: return text == needle_;
    case Kind::named: return matches_pattern(needle_, text);
    case Kind::begins: {
      const std::string_view value = chunk::value_text(text, scratch);
      return value.size() >= needle_.size() && matches_folded(value.data(), needle_);
    }
    case Kind::compare: {
      if (const auto integer = parse_integer(text)) return compares(*integer);
      const auto number = parse_number(text);
      return number && compares(*number);
    }
    case Kind::regex: {
      if (text.find(kEscape) != std::string_view::npos) {
        scratch.clear();
        append_without_ansi(scratch, text);
        text = scratch;
      }
      return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *regex_);
    }
  }
  return false;
}

bool ValueTest::element(std::string_view text_of) const {
  return text(text_of) || (!spelled_.empty() && text_of == spelled_);
}

bool ValueTest::value(const FieldValue& value) const {
  if (kind_ == Kind::exists) return true;
  if (value.type == FieldType::string) return text(value.text);
  const bool equality = kind_ == Kind::equals || kind_ == Kind::equals_exactly;
  if (value.type == FieldType::json) {
    if (equality && text(value.text)) return true;
    return !each_json_element(value.text, [this](std::string_view one) { return !element(one); });
  }
  if (kind_ == Kind::compare) {
    if (value.type == FieldType::integer) return compares(value.integer);
    return value.type == FieldType::real && compares(value.real);
  }
  if (equality && number_) {
    if (value.type == FieldType::integer) {
      return integer_ ? value.integer == *integer_ : static_cast<double>(value.integer) == *number_;
    }
    if (value.type == FieldType::real) return value.real == *number_;
  }
  if (!may_hold_for(value.type)) return false;
  std::string spelled;
  append_text(spelled, value);
  return text(spelled);
}

}  // namespace penstock::query
