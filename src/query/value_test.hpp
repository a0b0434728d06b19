// One test of one text or one field value: the leaves of a compiled query.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "penstock/core/record.hpp"
#include "penstock/core/result.hpp"
#include "query/text_pattern.hpp"

namespace re2 {
class RE2;
}

namespace penstock::query {

// What one regular expression may take of memory, where nothing less is asked for.
inline constexpr std::size_t kRegexBytes = 1u << 20;

// Immutable; one instance may be used on many threads at once. Of an array (a field of JSON text) a test holds when it holds for any of
// its elements; equals also for its whole text.
class ValueTest {
 public:
  enum class Order { greater, greater_equal, less, less_equal };

  static ValueTest exists();                               // any value, null too
  static ValueTest contains(TextPattern pattern);          // words, phrases, wildcards
  static ValueTest equals(std::string_view text);          // the whole value, case aside; numbers by value too
  static ValueTest equals_exactly(std::string_view text);  // the whole value; numbers by value too
  static ValueTest begins(std::string_view text);          // case aside
  static ValueTest like(std::string_view text);            // the whole value, a * for anything; case aside
  static ValueTest named(std::string_view pattern);        // the whole text, as core/name_pattern.hpp has it
  static ValueTest compare(Order order, double number, std::optional<std::int64_t> integer);
  // Bounded: a program and its caches of at most `max_bytes`, an expression of at most 1 KiB. invalid_query says what RE2 says. Looks at
  // text without the escape sequences that colour it.
  static Result<ValueTest> regex(std::string_view expression, bool ignore_case, std::size_t max_bytes = kRegexBytes);

  bool text(std::string_view text) const;
  bool value(const FieldValue& value) const;
  // False: holds for no value of this type, whatever it is (words with letters and numbers).
  bool may_hold_for(FieldType type) const;

  enum class Kind : std::uint8_t { exists, contains, equals, equals_exactly, begins, like, named, compare, regex };
  Kind kind() const { return kind_; }
  const std::string& needle() const { return needle_; }  // folded, but for equals_exactly and named
  std::vector<std::string> required_words() const;        // folded; every text for which it holds has them
  std::optional<double> number() const { return number_; }  // what is compared with, where it is one
  std::optional<std::int64_t> integer() const { return integer_; }
  int cost() const;                                      // relative, to look at cheap conditions first
  std::size_t memory_bytes() const;                      // of a regex, at most; else 0

 private:
  explicit ValueTest(Kind kind) : kind_(kind) {}
  bool compares(double number) const;
  bool compares(std::int64_t number) const;
  bool element(std::string_view text) const;

  Kind kind_;
  Order order_ = Order::greater;
  std::string needle_;
  std::string spelled_;  // of equals with a number: as a field of that number is spelled
  std::optional<double> number_;
  std::optional<std::int64_t> integer_;
  std::variant<std::monostate, TextPattern, ValuePattern> pattern_;
  std::shared_ptr<const re2::RE2> regex_;
  std::size_t regex_bytes_ = 0;
};

// A finite number as text, whole; nullopt for anything else.
std::optional<double> parse_number(std::string_view text);
std::optional<std::int64_t> parse_integer(std::string_view text);

}  // namespace penstock::query
