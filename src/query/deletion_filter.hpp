// Between a LogQuery's filters and the text that the store keeps of a deletion.
#pragma once

#include <functional>
#include <string>
#include <string_view>

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

  // Whether an answer leaves this record out. Of the deletion's own journal those with sequence < before, of other journals those
  // received before the deletion was made.
  bool drops(RecordId id, const LogView& log) const;
  // The same without the question whether the record is older than the deletion.
  bool covers(const LogView& log) const;

  const Deletion& deletion() const { return deletion_; }
  const NeededColumns& needs() const { return matcher_.needs(); }

 private:
  DeletionFilter(Deletion deletion, Matcher matcher) : deletion_(std::move(deletion)), matcher_(std::move(matcher)) {}

  Deletion deletion_;
  Matcher matcher_;
};

// What the store's maintenance takes: true for a record (of chunks whose sequences all lie before the deletion, or of another
// journal) that goes. It checks deployment, time range, filters, and received_at < created_at.
Result<std::function<bool(const LogView&)>> compile_deletion(const Deletion& deletion);

}  // namespace penstock::query
