#include "query/predicate.hpp"

#include <algorithm>
#include <cmath>

#include "chunk/token_filter.hpp"
#include "chunk/tokenizer.hpp"

namespace penstock::query {

Predicate Predicate::all_of(std::vector<Predicate> parts) {
  if (parts.size() == 1) return std::move(parts.front());
  Predicate p;
  p.children = std::move(parts);
  std::stable_sort(p.children.begin(), p.children.end(),
                   [](const auto& a, const auto& b) { return a.cost() < b.cost(); });
  return p;
}

Predicate Predicate::any_of(std::vector<Predicate> parts) {
  Predicate p = all_of(std::move(parts));
  if (p.kind == Kind::all && p.children.size() > 1) p.kind = Kind::any;
  return p;
}

Predicate Predicate::not_(Predicate part) {
  Predicate p;
  p.kind = Kind::negation;
  p.children.push_back(std::move(part));
  return p;
}

Predicate Predicate::severity_in(std::uint8_t mask) {
  Predicate p;
  p.kind = Kind::severity;
  p.severities = mask;
  return p;
}

Predicate Predicate::of(Target target, std::string field, ValueTest test) {
  Predicate p;
  p.kind = Kind::test;
  p.target = target;
  p.field = std::move(field);
  if (test.kind() == ValueTest::Kind::phrase) {
    auto tokens = chunk::tokens_of(test.needle());
    if (test.open_end() && !tokens.empty() && chunk::is_token_byte(test.needle().back())) tokens.pop_back();
    for (const auto token : tokens) p.token_hashes.push_back(chunk::token_hash(token));
  }
  p.test = std::move(test);
  return p;
}

int Predicate::cost() const {
  switch (kind) {
    case Kind::severity: return 0;
    case Kind::test: {
      int weight = 1;  // of fetching and asking the column
      if (target == Target::deployment) weight = 0;
      if (target == Target::message) weight = 2;
      if (target == Target::anywhere) weight = 4;
      return 1 + test->cost() * (1 + weight);
    }
    default: {
      int sum = 0;
      for (const auto& child : children) sum += child.cost();
      return sum;
    }
  }
}

bool matches(const Predicate& p, const LogView& log) {
  switch (p.kind) {
    case Predicate::Kind::all:
      return std::all_of(p.children.begin(), p.children.end(), [&](const auto& c) { return matches(c, log); });
    case Predicate::Kind::any:
      return std::any_of(p.children.begin(), p.children.end(), [&](const auto& c) { return matches(c, log); });
    case Predicate::Kind::negation: return !matches(p.children.front(), log);
    case Predicate::Kind::severity: return ((p.severities >> static_cast<unsigned>(log.severity)) & 1u) != 0;
    case Predicate::Kind::test: break;
  }
  const ValueTest& test = *p.test;
  switch (p.target) {
    case Predicate::Target::message: return test.text(log.message);
    case Predicate::Target::source: return test.text(log.source);
    case Predicate::Target::deployment: return test.text(log.deployment);
    case Predicate::Target::field:
      return std::any_of(log.fields.begin(), log.fields.end(),
                         [&](const FieldView& f) { return f.name == p.field && test.value(f.value); });
    case Predicate::Target::anywhere:
      return test.text(log.message) || std::any_of(log.fields.begin(), log.fields.end(), [&](const FieldView& f) {
               return is_searched(f.value.type) && test.value(f.value);
             });
  }
  return false;
}

namespace {

bool tokens_may_be_there(const Predicate& p, const chunk::TokenFilter& filter) {
  return std::all_of(p.token_hashes.begin(), p.token_hashes.end(),
                     [&](std::uint64_t h) { return filter.may_contain(h); });
}

// Whether the chunk may hold this number in this field, in any of the spellings that a filter keeps of it.
bool number_may_be_there(const Predicate& p, const chunk::LogChunkReader& reader) {
  constexpr double kExact = 9'007'199'254'740'992.0;  // 2^53: from here on several integers are one double
  const ValueTest& test = *p.test;
  const double number = *test.number();
  if (!test.integer() && std::abs(number) >= kExact) return true;
  std::string spelled;
  append_text(spelled, FieldValue::of(number));
  if (reader.may_have_field(p.field, spelled)) return true;
  if (test.integer()) return reader.may_have_field(p.field, std::to_string(*test.integer()));
  return std::trunc(number) == number && reader.may_have_field(p.field, std::to_string(static_cast<std::int64_t>(number)));
}

bool field_may_match(const Predicate& p, const chunk::LogChunkReader& reader) {
  if (!reader.has_column(p.field)) return false;
  const ValueTest& test = *p.test;
  if (test.kind() == ValueTest::Kind::phrase) return tokens_may_be_there(p, reader.filter());
  if (test.kind() == ValueTest::Kind::equals || test.kind() == ValueTest::Kind::equals_exactly) {
    return reader.may_have_field(p.field, test.needle()) || (test.number() && number_may_be_there(p, reader));
  }
  return true;
}

}  // namespace

bool may_match(const Predicate& p, const chunk::LogChunkReader& reader) {
  switch (p.kind) {
    case Predicate::Kind::all:
      return std::all_of(p.children.begin(), p.children.end(), [&](const auto& c) { return may_match(c, reader); });
    case Predicate::Kind::any:
      return std::any_of(p.children.begin(), p.children.end(), [&](const auto& c) { return may_match(c, reader); });
    case Predicate::Kind::negation: return true;
    case Predicate::Kind::severity:
      for (unsigned s = reader.meta().min_severity; s <= reader.meta().max_severity; ++s) {
        if (((p.severities >> s) & 1u) != 0) return true;
      }
      return false;
    case Predicate::Kind::test: break;
  }
  switch (p.target) {
    case Predicate::Target::deployment: return p.test->text(reader.meta().deployment);
    case Predicate::Target::source:
      if (p.test->kind() == ValueTest::Kind::equals || p.test->kind() == ValueTest::Kind::equals_exactly) {
        return reader.filter().may_contain_field("source", p.test->needle());
      }
      return true;
    case Predicate::Target::field: return field_may_match(p, reader);
    case Predicate::Target::message:
    case Predicate::Target::anywhere: return tokens_may_be_there(p, reader.filter());
  }
  return true;
}

void add_needs(const Predicate& p, NeededColumns& needs) {
  for (const auto& child : p.children) add_needs(child, needs);
  if (p.kind == Predicate::Kind::severity) needs.severity = true;
  if (p.kind != Predicate::Kind::test) return;
  switch (p.target) {
    case Predicate::Target::message: needs.message = true; break;
    case Predicate::Target::source: needs.source = true; break;
    case Predicate::Target::deployment: break;
    case Predicate::Target::anywhere: needs.message = needs.all_fields = true; break;
    case Predicate::Target::field: {
      const auto at = std::lower_bound(needs.fields.begin(), needs.fields.end(), p.field);
      if (at == needs.fields.end() || *at != p.field) needs.fields.insert(at, p.field);
      break;
    }
  }
}

void add_required_tokens(const Predicate& p, std::vector<std::string>& tokens) {
  if (p.kind == Predicate::Kind::all) {
    for (const auto& child : p.children) add_required_tokens(child, tokens);
  }
  if (p.kind != Predicate::Kind::test || p.test->kind() != ValueTest::Kind::phrase) return;
  if (p.target != Predicate::Target::message && p.target != Predicate::Target::anywhere) return;
  auto found = chunk::tokens_of(p.test->needle());
  found.resize(p.token_hashes.size());
  for (const auto token : found) tokens.emplace_back(token);
}

}  // namespace penstock::query
