#include <algorithm>
#include <numeric>
#include <utility>

#include "decode/names.hpp"
#include "query/language/lexer.hpp"
#include "query/predicate.hpp"
#include "query/shadowed_name.hpp"

namespace penstock::query {
namespace {

using Target = Predicate::Target;

constexpr std::size_t kMaxRegexes = 32;
constexpr std::size_t kMaxNeedleBytes = 1024;
constexpr std::size_t kMaxStars = 16;

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

// The member of a record that ingest may have put a value of this name in.
std::string_view member_called(std::string_view name) {
  switch (decode::claim_of(name, RecordKind::log).role) {
    case decode::Role::message: return "message";
    case decode::Role::severity: return "severity";
    case decode::Role::source: return "source";
    default: return {};
  }
}

bool only_stars(const Node& node) { return node.form == Node::Form::bare && node.text.find_first_not_of('*') == std::string::npos; }

std::size_t count_regexes(const Node& node) {
  if (node.kind == Node::Kind::condition) return node.form == Node::Form::regex ? 1 : 0;
  return std::accumulate(node.children.begin(), node.children.end(), std::size_t{0},
                         [](std::size_t sum, const Node& child) { return sum + count_regexes(child); });
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

bool has_star(const Node& node) { return node.form == Node::Form::bare && node.text.find('*') != std::string::npos; }

std::size_t count_stars(std::string_view text) {
  std::size_t runs = 0;
  for (std::size_t i = 0; i < text.size(); ++i) runs += text[i] == '*' && (i == 0 || text[i - 1] != '*') ? 1 : 0;
  return runs;
}

// Text without a field, and of the message.
ValueTest text_test(const Node& node, std::string_view text) {
  return ValueTest::contains(node.form == Node::Form::bare ? TextPattern::with_stars(text) : TextPattern::phrase(text));
}

ValueTest value_test(const Node& node, Target target) {
  if (!has_star(node)) {
    const bool phrase = node.form == Node::Form::quoted && target == Target::field && !node.text.empty();
    return phrase ? text_test(node, node.text) : ValueTest::equals(node.text);
  }
  if (only_stars(node)) return ValueTest::exists();
  const std::string_view begin = std::string_view(node.text).substr(0, node.text.find_last_not_of('*') + 1);
  return begin.find('*') == std::string_view::npos ? ValueTest::begins(begin) : ValueTest::like(node.text);
}

class Compiler {
 public:
  Compiler(const CompileOptions& options, std::size_t regexes)
      : options_(options), regex_bytes_(std::min(options.regex_bytes / std::max<std::size_t>(regexes, 1), kRegexBytes)) {}

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
    if (is_member_name(node.field) || node.field.empty()) return condition_on(node, target_of(node.field));
    const std::string_view shadowed = shadowed_field(node.field);
    std::vector<Predicate> either;
    const auto add = [&either](Result<Predicate> part) -> Result<void> {
      if (!part) return std::move(part).error();
      either.push_back(*std::move(part));
      return {};
    };
    if (!shadowed.empty()) {
      Node inner = node;
      inner.field = shadowed;
      if (auto ok = add(condition_on(inner, Target::field)); !ok) return std::move(ok).error();
    } else if (options_.language > 1) {
      if (auto ok = add_member(node, add); !ok) return std::move(ok).error();
    }
    // That a record's severity is compared need not be true of the field of that name.
    if (either.empty() || !is_ordered(node.compare) || parse_number(node.text)) {
      if (auto ok = add(condition_on(node, Target::field)); !ok) return std::move(ok).error();
    }
    if (!node.written.empty() && !only_stars(node) && options_.language > 1) {
      if (count_stars(node.written) > kMaxStars) return too_many_stars(node);
      either.push_back(Predicate::of(Target::message, {}, text_test(node, node.written)));
    }
    return Predicate::any_of(std::move(either));
  }

  // level:error also means severity:error, host:web-1 source:web-1; level:=error is the field alone, as facets count it.
  template <class Add>
  Result<void> add_member(const Node& node, const Add& add) {
    const std::string_view member = member_called(node.field);
    if (member.empty() || only_stars(node) || node.compare == Node::Compare::exactly) return {};
    if (member == "severity") {
      if (node.form == Node::Form::regex) return {};
      if (parse_severity(node.text)) return add(severity_condition(node));
      if (node.form == Node::Form::bare && node.text.find(',') != std::string::npos && parse_severity(node.text.substr(0, node.text.find(',')))) {
        return query_error(node.column, "several values are written in parentheses: " + node.field + ":(error OR warn).");
      }
      return {};
    }
    if (is_ordered(node.compare)) return {};
    return add(condition_on(node, member == "message" ? Target::message : Target::source));
  }

  static Error too_many_stars(const Node& node) {
    return query_error(node.column, "this has too many * (at most 16 in one word or value).");
  }

  Result<Predicate> condition_on(const Node& node, Target target) {
    if (node.form == Node::Form::regex) return expression(node, target == Target::anywhere ? Target::message : target);
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
    if (has_star(node) && count_stars(node.text) > kMaxStars) return too_many_stars(node);
    if (target == Target::anywhere || target == Target::message) {
      if (only_stars(node)) return Predicate::always();
      return Predicate::of(target, {}, text_test(node, node.text));
    }
    return Predicate::of(target, node.field, value_test(node, target));
  }

  Result<Predicate> expression(const Node& node, Target target) {
    auto test = ValueTest::regex(node.text, node.ignore_case, regex_bytes_);
    if (!test) return query_error(node.column, test.error().message);
    return Predicate::of(target, node.field, std::move(*test));
  }

  const CompileOptions options_;
  const std::size_t regex_bytes_;
};

}  // namespace

Result<Predicate> compile_node(const Node& node, const CompileOptions& options) {
  const std::size_t regexes = count_regexes(node);
  if (regexes > kMaxRegexes) return query_error(1, "the query has too many regular expressions (at most 32).");
  return Compiler(options, regexes).compile(node);
}

}  // namespace penstock::query
