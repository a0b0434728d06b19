// A compiled query as a tree, and what can be asked of it: does a record match, may a chunk hold a match, which columns
// matter.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chunk/log_chunk_reader.hpp"
#include "penstock/core/record.hpp"
#include "query/language/ast.hpp"
#include "query/matcher.hpp"
#include "query/value_test.hpp"

namespace penstock::query {

struct Predicate {
  enum class Kind : std::uint8_t { all, any, negation, severity, test };
  // anywhere: the message and every field
  enum class Target : std::uint8_t { anywhere, message, source, deployment, field };

  Kind kind = Kind::all;            // all without children holds always
  std::vector<Predicate> children;  // cheapest first
  std::uint8_t severities = 0;      // severity: one bit a severity
  Target target = Target::anywhere;
  std::string field;                // target field
  std::optional<ValueTest> test;    // kind test: always there
  std::vector<std::uint64_t> token_hashes;  // of tokens that the tested text must hold

  static Predicate always() { return {}; }
  static Predicate all_of(std::vector<Predicate> parts);
  static Predicate any_of(std::vector<Predicate> parts);
  static Predicate not_(Predicate part);
  static Predicate severity_in(std::uint8_t mask);
  static Predicate of(Target target, std::string field, ValueTest test);

  int cost() const;
};

// invalid_query with the column of the condition.
Result<Predicate> compile_node(const Node& node);

bool matches(const Predicate& predicate, const LogView& log);
// False: surely no record of the chunk matches. Looks at metadata, header and token filter only.
bool may_match(const Predicate& predicate, const chunk::LogChunkReader& reader);
void add_needs(const Predicate& predicate, NeededColumns& needs);
void add_required_tokens(const Predicate& predicate, std::vector<std::string>& tokens);

// A value that "anywhere" looks into. To spell every real number as text would cost more than finding one is worth.
inline bool is_searched(FieldType type) { return type != FieldType::real && type != FieldType::null; }

}  // namespace penstock::query
