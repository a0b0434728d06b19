#include "query/predicate.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>

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
  if (parts.size() == 1) return std::move(parts.front());  // which may be all of several
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

Predicate Predicate::never() {
  Predicate p;
  p.kind = Kind::any;
  return p;
}

Predicate Predicate::of(Target target, std::string field, ValueTest test) {
  Predicate p;
  p.kind = Kind::test;
  p.target = target;
  p.field = std::move(field);
  p.words = test.required_words();
  p.test = std::make_shared<const ValueTest>(std::move(test));
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

bool is_named(std::string_view name, std::string_view asked) { return name == asked; }

bool is_named_alike(std::string_view name, std::string_view asked) {
  if (name == asked) return false;
  if (chunk::is_ascii(name) && chunk::is_ascii(asked)) {
    return name.size() == asked.size() && std::equal(name.begin(), name.end(), asked.begin(), [](char a, char b) { return chunk::fold(a) == chunk::fold(b); });
  }
  return chunk::folded_value(name) == chunk::folded_value(asked);
}

namespace {

bool field_matches(const Predicate& p, std::span<const FieldView> fields) {
  bool named = false;
  for (const FieldView& field : fields) {
    if (!is_named(field.name, p.field)) continue;
    if (p.test->value(field.value)) return true;
    named = true;
  }
  if (named) return false;
  std::string_view only;
  bool hit = false;
  for (const FieldView& field : fields) {
    if (!is_named_alike(field.name, p.field)) continue;
    if (!only.empty() && only != field.name) return false;
    only = field.name;
    hit = hit || p.test->value(field.value);
  }
  return hit;
}

}  // namespace

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
    case Predicate::Target::field: return field_matches(p, log.fields);
    case Predicate::Target::anywhere:
      return test.text(log.message) || std::any_of(log.fields.begin(), log.fields.end(), [&](const FieldView& f) {
               return is_searched(f.value.type) && test.may_hold_for(f.value.type) && test.value(f.value);
             });
  }
  return false;
}

namespace {

bool words_may_be_there(const Predicate& p, const chunk::TokenFilter& filter) {
  return std::all_of(p.words.begin(), p.words.end(), [&](const std::string& word) { return filter.may_contain_token(word); });
}

// Whether the chunk may hold this number in this field, in any of the spellings that a filter keeps of it.
bool number_may_be_there(const ValueTest& test, const std::string& name, const chunk::LogChunkReader& reader) {
  constexpr double kExact = 9'007'199'254'740'992.0;  // 2^53: from here on several integers are one double
  const double number = *test.number();
  if (!test.integer() && std::abs(number) >= kExact) return true;
  std::string spelled;
  append_text(spelled, FieldValue::of(number));
  if (reader.may_have_field(name, spelled)) return true;
  // As earlier builds spelled it.
  std::array<char, 32> shortest;
  const auto end = std::to_chars(shortest.data(), shortest.data() + shortest.size(), number).ptr;
  if (reader.may_have_field(name, {shortest.data(), static_cast<std::size_t>(end - shortest.data())})) return true;
  if (test.integer()) return reader.may_have_field(name, std::to_string(*test.integer()));
  return std::trunc(number) == number && reader.may_have_field(name, std::to_string(static_cast<std::int64_t>(number)));
}

bool value_may_be_there(const ValueTest& test, const std::string& name, const chunk::LogChunkReader& reader) {
  return reader.may_have_field(name, chunk::folded_value(test.needle())) || (test.number() && number_may_be_there(test, name, reader));
}

bool field_may_match(const Predicate& p, const chunk::LogChunkReader& reader) {
  const ValueTest& test = *p.test;
  const bool equality = test.kind() == ValueTest::Kind::equals || test.kind() == ValueTest::Kind::equals_exactly;
  if (!words_may_be_there(p, reader.filter())) return false;
  const auto& columns = reader.columns();
  return std::any_of(columns.begin(), columns.end(), [&](const chunk::FieldColumn& column) {
    if (!is_named(column.name, p.field) && !is_named_alike(column.name, p.field)) return false;
    if (column.type != FieldType::json && !test.may_hold_for(column.type)) return false;
    return !equality || value_may_be_there(test, column.name, reader);
  });
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
        return reader.filter().may_contain_field("source", chunk::folded_value(p.test->needle()));
      }
      return words_may_be_there(p, reader.filter());
    case Predicate::Target::field: return field_may_match(p, reader);
    case Predicate::Target::message:
    case Predicate::Target::anywhere: return words_may_be_there(p, reader.filter());
  }
  return true;
}

Predicate for_chunk(const Predicate& p, const chunk::LogChunkReader& reader) {
  if (p.kind == Predicate::Kind::severity) return p;
  if (p.kind == Predicate::Kind::test) return may_match(p, reader) ? p : Predicate::never();
  Predicate here;
  here.kind = p.kind;
  for (const Predicate& child : p.children) {
    Predicate part = for_chunk(child, reader);
    const bool never = part.is_never();
    if (never && p.kind == Predicate::Kind::all) return part;
    if (never && p.kind == Predicate::Kind::negation) return Predicate::always();
    if (!never) here.children.push_back(std::move(part));
  }
  return here;
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
  if (p.kind == Predicate::Kind::test) tokens.insert(tokens.end(), p.words.begin(), p.words.end());
}

}  // namespace penstock::query
