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
struct Deployments;

inline constexpr std::size_t kQueryRegexBytes = 4u << 20;

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
  // Costs what the client chose (regular expressions): never on an io thread. invalid_query when the q text or a field filter cannot be
  // read; the message has the column and a hint. The expressions take at most `regex_bytes` together. With `within` it matches only what sources sent that
  // these deployments cover; which deployments they are is for the reader to see to.
  static Result<Matcher> compile(const LogQuery& query, std::size_t regex_bytes = kQueryRegexBytes, const Deployments* within = nullptr);

  bool matches(const LogView& log) const;
  const NeededColumns& needs() const { return needs_; }
  bool matches_everything() const;
  // What its regular expressions may take.
  std::size_t memory_bytes() const { return memory_bytes_; }
  const Predicate& predicate() const { return *root_; }  // for evaluation by columns
  // Words (of chunk/tokenizer.hpp, folded) that every matching record holds: a chunk whose filter lacks one has no match.
  const std::vector<std::string>& required_tokens() const { return tokens_; }

 private:
  Matcher() = default;

  std::shared_ptr<const Predicate> root_;
  NeededColumns needs_;
  std::vector<std::string> tokens_;
  std::size_t memory_bytes_ = 0;
};

}  // namespace penstock::query
