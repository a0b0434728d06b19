#include "query/matcher.hpp"

#include <algorithm>
#include <utility>

#include "query/language/parser.hpp"
#include "query/predicate.hpp"
#include "query/scope.hpp"
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

Predicate sources_like(const std::vector<std::string>& patterns) {
  std::vector<Predicate> either;
  for (const std::string& pattern : patterns) either.push_back(Predicate::of(Target::source, {}, ValueTest::named(pattern)));
  return Predicate::any_of(std::move(either));
}

// Each part of the reach covers what is covered elsewhere too, so these are alternatives.
Predicate covered_by(const Deployments& within) {
  std::vector<Predicate> either;
  const auto add = [&](std::vector<Predicate> where, const SourceFilter& sources) {
    if (!sources.is_all()) where.push_back(sources_like(sources.patterns()));
    either.push_back(Predicate::all_of(std::move(where)));
  };
  for (const std::string& name : within.reach.deployments()) {
    if (!within.contains(name)) continue;
    std::vector<Predicate> where;
    where.push_back(Predicate::of(Target::deployment, {}, ValueTest::equals_exactly(name)));
    add(std::move(where), within.reach.in(name));
  }
  if (within.reach.everywhere()) add({}, within.reach.elsewhere());
  if (either.empty()) return Predicate::never();
  return Predicate::any_of(std::move(either));
}

std::size_t regex_memory(const Predicate& predicate) {
  std::size_t bytes = predicate.test ? predicate.test->memory_bytes() : 0;
  for (const Predicate& child : predicate.children) bytes += regex_memory(child);
  return bytes;
}

}  // namespace

Result<Matcher> Matcher::compile(const LogQuery& query, std::size_t regex_bytes, const Deployments* within) {
  std::vector<Predicate> parts;
  if (within != nullptr && within->narrowed) parts.push_back(covered_by(*within));
  if (!query.source_patterns.empty()) parts.push_back(sources_like(query.source_patterns));
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
