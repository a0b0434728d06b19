// A LogQuery's filters, compiled: severity, sources, fields and the q text. Not its time range, deployments, limit or
// cursor.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "penstock/core/record.hpp"
#include "penstock/core/result.hpp"
#include "query/log_query.hpp"

namespace penstock::query {

struct Predicate;

// Which parts of a record matches() looks at, so that a reader of columns fetches no others.
struct NeededColumns {
  bool severity = false;
  bool source = false;
  bool message = false;
  bool all_fields = false;          // words look into every field
  std::vector<std::string> fields;  // sorted, unique
};

// Immutable. One instance may be used on many threads at once; matches() is pure and does not allocate for words,
// phrases and plain comparisons. Cheap conditions are looked at first.
class Matcher {
 public:
  // invalid_query when the q text or a field filter cannot be read; the message has the column and a hint.
  static Result<Matcher> compile(const LogQuery& query);

  bool matches(const LogView& log) const;
  const NeededColumns& needs() const { return needs_; }
  bool matches_everything() const;
  const Predicate& predicate() const { return *root_; }  // for evaluation by columns
  // Tokens (as chunk/tokenizer.hpp cuts them) that every matching record holds: a chunk whose filter lacks one has no
  // match.
  const std::vector<std::string>& required_tokens() const { return tokens_; }

 private:
  Matcher() = default;

  std::shared_ptr<const Predicate> root_;
  NeededColumns needs_;
  std::vector<std::string> tokens_;
};

}  // namespace penstock::query
