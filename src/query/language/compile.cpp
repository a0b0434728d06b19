#include <re2/re2.h>

#include <algorithm>
#include <utility>

#include "chunk/tokenizer.hpp"
#include "query/language/lexer.hpp"
#include "query/predicate.hpp"
#include "query/shadowed_name.hpp"

namespace penstock::query {
namespace {

using Target = Predicate::Target;

constexpr std::size_t kMaxRegexes = 32;
constexpr std::size_t kMaxNeedleBytes = 1024;

bool is_ordered(Node::Compare compare) {
  return compare != Node::Compare::matches && compare != Node::Compare::exactly;
}

Result<Predicate> severity_condition(const Node& node) {
  const auto severity = parse_severity(node.text);
  if (node.form == Node::Form::regex || !severity) {
    return query_error(node.column, "this is not a severity: TRACE, DEBUG, INFO, NOTICE, WARN, ERROR or FATAL.");
  }
  const auto level = static_cast<unsigned>(*severity);
  const unsigned at = 1u << level;
  const unsigned below = at - 1;
  const unsigned above = 0x7fu & ~(at | below);
  switch (node.compare) {
    case Node::Compare::greater: return Predicate::severity_in(static_cast<std::uint8_t>(above));
    case Node::Compare::greater_equal: return Predicate::severity_in(static_cast<std::uint8_t>(above | at));
    case Node::Compare::less: return Predicate::severity_in(static_cast<std::uint8_t>(below));
    case Node::Compare::less_equal: return Predicate::severity_in(static_cast<std::uint8_t>(below | at));
    default: return Predicate::severity_in(static_cast<std::uint8_t>(at));
  }
}

Target target_of(const std::string& field) {
  if (field.empty()) return Target::anywhere;
  if (field == "message") return Target::message;
  if (field == "source") return Target::source;
  if (field == "deployment") return Target::deployment;
  return Target::field;
}

Result<ValueTest> compare_test(const Node& node) {
  const auto number = parse_number(node.text);
  if (!number) return query_error(node.column, "a comparison needs a number: field:>10.");
  auto order = ValueTest::Order::greater;
  if (node.compare == Node::Compare::greater_equal) order = ValueTest::Order::greater_equal;
  if (node.compare == Node::Compare::less) order = ValueTest::Order::less;
  if (node.compare == Node::Compare::less_equal) order = ValueTest::Order::less_equal;
  return ValueTest::compare(order, *number, parse_integer(node.text));
}

// At the end.
std::string_view without_stars(std::string_view text) { return text.substr(0, text.find_last_not_of('*') + 1); }

// Text without a field, and of the message: a phrase of one or more words.
Predicate text_condition(const Node& node, Target target) {
  std::string_view text = node.text;
  const bool open_end = node.form == Node::Form::bare && text.ends_with('*');
  if (open_end) text = without_stars(text);
  if (text.empty()) return Predicate::always();
  return Predicate::of(target, {}, ValueTest::phrase(text, open_end));
}

Predicate value_condition(const Node& node, Target target) {
  std::string_view text = node.text;
  if (node.form == Node::Form::bare && text.ends_with('*')) {
    text = without_stars(text);
    return Predicate::of(target, node.field, text.empty() ? ValueTest::exists() : ValueTest::begins(text));
  }
  if (node.form == Node::Form::quoted && target == Target::field && !text.empty()) {
    return Predicate::of(target, node.field, ValueTest::phrase(text, false));
  }
  return Predicate::of(target, node.field, ValueTest::equals(text));
}

bool has_wildcard(const Node& node) {
  const std::size_t last = node.text.find_last_not_of('*');
  return node.form == Node::Form::bare && last != std::string::npos && node.text.find('*') < last;
}

// An expression for text in which every run of stars stands for anything of what `any` tells.
std::string wildcard_expression(std::string_view text, std::string_view any) {
  std::string expression;
  while (!text.empty()) {
    const std::string_view plain = text.substr(0, text.find('*'));
    expression += RE2::QuoteMeta(re2::StringPiece(plain.data(), plain.size()));
    text.remove_prefix(plain.size());
    if (text.empty()) break;
    expression += any;
    text.remove_prefix(std::min(text.find_first_not_of('*'), text.size()));
  }
  return expression;
}

class Compiler {
 public:
  Result<Predicate> compile(const Node& node) {
    if (node.kind == Node::Kind::condition) return condition(node);
    std::vector<Predicate> parts;
    for (const auto& child : node.children) {
      auto part = compile(child);
      if (!part) return part;
      parts.push_back(std::move(*part));
    }
    switch (node.kind) {
      case Node::Kind::any: return Predicate::any_of(std::move(parts));
      case Node::Kind::negation: return Predicate::not_(std::move(parts.front()));
      default: return Predicate::all_of(std::move(parts));
    }
  }

 private:
  Result<Predicate> condition(const Node& node) {
    if (node.field == "severity") return severity_condition(node);
    const std::string_view shadowed = shadowed_field(node.field);
    if (shadowed.empty()) return condition_on(node, target_of(node.field));
    Node inner = node;
    inner.field = shadowed;
    std::vector<Predicate> either;
    for (const Node* one : {&node, &std::as_const(inner)}) {
      auto part = condition_on(*one, Target::field);
      if (!part) return part;
      either.push_back(std::move(*part));
    }
    return Predicate::any_of(std::move(either));
  }

  Result<Predicate> condition_on(const Node& node, Target target) {
    if (node.form == Node::Form::regex) {
      return expression(node, target == Target::anywhere ? Target::message : target, node.text, node.ignore_case);
    }
    if (node.compare == Node::Compare::matches && has_wildcard(node)) return wildcard(node, target);
    if (node.text.size() > kMaxNeedleBytes) {
      return query_error(node.column, "this text is too long (at most 1024 bytes).");
    }
    if (is_ordered(node.compare)) {
      if (target != Target::field) {
        return query_error(node.column, "only fields and severity can be compared with < and >.");
      }
      auto test = compare_test(node);
      if (!test) return std::move(test).error();
      return Predicate::of(target, node.field, std::move(*test));
    }
    if (node.compare == Node::Compare::exactly) {
      return Predicate::of(target, node.field, ValueTest::equals_exactly(node.text));
    }
    if (target == Target::anywhere || target == Target::message) return text_condition(node, target);
    return value_condition(node, target);
  }

  Result<Predicate> expression(const Node& node, Target target, std::string_view text, bool ignore_case) {
    if (++regexes_ > kMaxRegexes) {
      return query_error(node.column, "the query has too many regular expressions and words with a * inside (at most 32).");
    }
    auto test = ValueTest::regex(text, ignore_case);
    if (!test) return query_error(node.column, test.error().message);
    return Predicate::of(target, node.field, std::move(*test));
  }

  // A star that is not the end of a word alone: in text for any part of a word, in a value for anything.
  Result<Predicate> wildcard(const Node& node, Target target) {
    if (target != Target::anywhere && target != Target::message) {
      return expression(node, target, "\\A(?:" + wildcard_expression(node.text, "(?s:.*)") + ")\\z", true);
    }
    constexpr std::string_view kInWord = "[0-9A-Za-z_\\x{80}-\\x{10ffff}]*", kBefore = "(?:\\A|[^0-9A-Za-z_\\x{80}-\\x{10ffff}])",
                               kAfter = "(?:\\z|[^0-9A-Za-z_\\x{80}-\\x{10ffff}])";
    std::string text;
    if (!node.text.starts_with('*')) text += kBefore;
    text += wildcard_expression(node.text, kInWord);
    if (!node.text.ends_with('*')) text += kAfter;
    return expression(node, target, text, true);
  }

  std::size_t regexes_ = 0;
};

}  // namespace

Result<Predicate> compile_node(const Node& node) { return Compiler().compile(node); }

}  // namespace penstock::query
