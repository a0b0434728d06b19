// A compiled query as a tree, and what can be asked of it: does a record match, may a chunk hold a match, which columns
// matter.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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
  std::shared_ptr<const ValueTest> test;  // kind test: always there
  std::vector<std::string> words;   // folded; the tested text must hold them

  static Predicate always() { return {}; }
  static Predicate never();
  static Predicate all_of(std::vector<Predicate> parts);
  static Predicate any_of(std::vector<Predicate> parts);
  static Predicate not_(Predicate part);
  static Predicate severity_in(std::uint8_t mask);
  static Predicate of(Target target, std::string field, ValueTest test);

  int cost() const;
  bool is_never() const { return kind == Kind::any && children.empty(); }
};

struct CompileOptions {
  int language = kQueryLanguage;
  std::size_t regex_bytes = 4u << 20;  // of all regular expressions together
};

// invalid_query with the column of the condition.
Result<Predicate> compile_node(const Node& node, const CompileOptions& options);

bool matches(const Predicate& predicate, const LogView& log);
// False: surely no record of the chunk matches. Looks at metadata, header and token filter only.
bool may_match(const Predicate& predicate, const chunk::LogChunkReader& reader);
// The same condition for the records of this chunk, without what none of them can fulfil.
Predicate for_chunk(const Predicate& predicate, const chunk::LogChunkReader& reader);
void add_needs(const Predicate& predicate, NeededColumns& needs);
void add_required_tokens(const Predicate& predicate, std::vector<std::string>& tokens);

// A value that "anywhere" looks into.
inline bool is_searched(FieldType type) { return type != FieldType::null; }

// A condition on a field means the field of this name or, in a record without it, the only one whose name differs in nothing but case.
bool is_named(std::string_view name, std::string_view asked);        // this very name
bool is_named_alike(std::string_view name, std::string_view asked);  // this name in another case

}  // namespace penstock::query
