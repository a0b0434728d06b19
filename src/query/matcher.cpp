#include "query/matcher.hpp"

#include <algorithm>
#include <utility>

#include "query/language/parser.hpp"
#include "query/predicate.hpp"
#include "query/shadowed_name.hpp"

namespace penstock::query {
namespace {

using Target = Predicate::Target;

std::uint8_t mask_from(Severity severity) {
  return static_cast<std::uint8_t>(0x7fu & ~((1u << static_cast<unsigned>(severity)) - 1));
}

Result<Predicate> field_filter(const std::string& name, const std::string& value) {
  if (name.empty()) {
    return Error{ErrorCode::invalid_request, "A field filter needs a name: field.NAME=VALUE.", "field."};
  }
  std::vector<Predicate> either;
  either.push_back(Predicate::of(Target::field, name, ValueTest::equals_exactly(value)));
  if (const auto shadowed = shadowed_field(name); !shadowed.empty()) {
    either.push_back(Predicate::of(Target::field, std::string(shadowed), ValueTest::equals_exactly(value)));
  }
  return Predicate::any_of(std::move(either));
}

Result<Predicate> member_filter(const std::string& name, const std::string& value) {
  if (name == "severity") {
    const auto severity = parse_severity(value);
    if (!severity) return Error{ErrorCode::invalid_severity, "This is not a severity.", "severity"};
    return Predicate::severity_in(static_cast<std::uint8_t>(1u << static_cast<unsigned>(*severity)));
  }
  Target target = Target::message;
  if (name == "source") target = Target::source;
  if (name == "deployment") target = Target::deployment;
  return Predicate::of(target, {}, ValueTest::equals_exactly(value));
}

std::size_t regex_memory(const Predicate& predicate) {
  std::size_t bytes = predicate.test ? predicate.test->memory_bytes() : 0;
  for (const Predicate& child : predicate.children) bytes += regex_memory(child);
  return bytes;
}

}  // namespace

Result<Matcher> Matcher::compile(const LogQuery& query, std::size_t regex_bytes) {
  std::vector<Predicate> parts;
  if (query.min_severity && *query.min_severity != Severity::trace) {
    parts.push_back(Predicate::severity_in(mask_from(*query.min_severity)));
  }
  std::vector<Predicate> sources;
  for (const auto& source : query.sources) {
    sources.push_back(Predicate::of(Target::source, {}, ValueTest::equals_exactly(source)));
  }
  if (!sources.empty()) parts.push_back(Predicate::any_of(std::move(sources)));
  for (const auto& [name, value] : query.fields) {
    auto part = field_filter(name, value);
    if (!part) return std::move(part).error();
    parts.push_back(std::move(*part));
  }
  for (const auto& [name, value] : query.members) {
    auto part = member_filter(name, value);
    if (!part) return std::move(part).error();
    parts.push_back(std::move(*part));
  }
  auto node = parse_query(query.q, query.language);
  if (!node) return std::move(node).error();
  auto part = compile_node(*node, {query.language, regex_bytes});
  if (!part) return std::move(part).error();
  if (part->kind != Predicate::Kind::all || !part->children.empty()) parts.push_back(std::move(*part));

  Matcher matcher;
  auto root = std::make_shared<Predicate>(Predicate::all_of(std::move(parts)));
  add_needs(*root, matcher.needs_);
  add_required_tokens(*root, matcher.tokens_);
  std::sort(matcher.tokens_.begin(), matcher.tokens_.end());
  matcher.tokens_.erase(std::unique(matcher.tokens_.begin(), matcher.tokens_.end()), matcher.tokens_.end());
  matcher.memory_bytes_ = regex_memory(*root);
  matcher.root_ = std::move(root);
  return matcher;
}

bool Matcher::matches(const LogView& log) const { return query::matches(*root_, log); }

bool Matcher::matches_everything() const { return root_->kind == Predicate::Kind::all && root_->children.empty(); }

}  // namespace penstock::query
