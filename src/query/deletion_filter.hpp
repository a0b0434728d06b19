// Between a LogQuery's filters and the text that the store keeps of a deletion.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/core/ids.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/chunk_store.hpp"
#include "query/log_query.hpp"
#include "query/matcher.hpp"

namespace penstock::query {

// The filters as JSON; the time range and the deployment stand in the Deletion itself.
std::string deletion_filter_json(const LogQuery& query);
// Back again: a LogQuery with min_severity, sources, q and fields. corrupt when the text is not one of ours.
Result<LogQuery> parse_deletion_filter(std::string_view json);

// A deletion, compiled. Immutable, thread-compatible.
class DeletionFilter {
 public:
  static Result<DeletionFilter> compile(const Deletion& deletion);

  // Whether an answer leaves this record out: covers(), and of the deletion's own journal only sequences < before.
  bool drops(RecordId id, const LogView& log) const;
  // Deployment, time range and filters hold, and the record was received before the deletion was made (which is what
  // tells old from new in the journals of other servers).
  bool covers(const LogView& log) const;

  const Deletion& deletion() const { return deletion_; }
  const Matcher& matcher() const { return matcher_; }

 private:
  DeletionFilter(Deletion deletion, Matcher matcher) : deletion_(std::move(deletion)), matcher_(std::move(matcher)) {}

  Deletion deletion_;
  Matcher matcher_;
};

// What the store's maintenance takes: covers(). It looks at the sequence itself.
Result<std::function<bool(const LogView&)>> compile_deletion(const Deletion& deletion);

}  // namespace penstock::query
