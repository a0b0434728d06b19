// One test of one text or one field value: the leaves of a compiled query.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "penstock/core/record.hpp"
#include "penstock/core/result.hpp"

namespace re2 {
class RE2;
}

namespace penstock::query {

// Immutable; one instance may be used on many threads at once.
class ValueTest {
 public:
  enum class Order { greater, greater_equal, less, less_equal };

  static ValueTest exists();                                     // any value, null too
  // The phrase from the start of a word to the end of a word, ASCII case aside; with open_end its last word may go on.
  static ValueTest phrase(std::string_view text, bool open_end);
  // the whole value, ASCII case aside; numbers by value too
  static ValueTest equals(std::string_view text);
  static ValueTest equals_exactly(std::string_view text);        // the whole value; numbers by value too
  static ValueTest begins(std::string_view text);                // ASCII case aside
  static ValueTest compare(Order order, double number, std::optional<std::int64_t> integer);
  // Bounded: program of at most 1 MiB, expression of at most 1 KiB. invalid_query says what RE2 says.
  static Result<ValueTest> regex(std::string_view expression, bool ignore_case);

  bool text(std::string_view text) const;
  bool value(const FieldValue& value) const;

  enum class Kind : std::uint8_t { exists, phrase, equals, equals_exactly, begins, compare, regex };
  Kind kind() const { return kind_; }
  const std::string& needle() const { return needle_; }  // folded to lower case, but for equals_exactly
  bool open_end() const { return open_end_; }
  std::optional<double> number() const { return number_; }  // what is compared with, where it is one
  std::optional<std::int64_t> integer() const { return integer_; }
  int cost() const;                                      // relative, to look at cheap conditions first

 private:
  explicit ValueTest(Kind kind) : kind_(kind) {}
  bool compares(double number) const;
  bool compares(std::int64_t number) const;
  bool contains_phrase(std::string_view text) const;

  Kind kind_;
  Order order_ = Order::greater;
  bool open_end_ = false, bound_start_ = false, bound_end_ = false;
  std::string needle_;
  std::optional<double> number_;
  std::optional<std::int64_t> integer_;
  std::shared_ptr<const re2::RE2> regex_;
};

// A finite number as text, whole; nullopt for anything else.
std::optional<double> parse_number(std::string_view text);
std::optional<std::int64_t> parse_integer(std::string_view text);

}  // namespace penstock::query
