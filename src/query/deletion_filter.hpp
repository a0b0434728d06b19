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

  // Whether an answer leaves this record out: the deletion covers it (penstock/core/deletion.hpp), and its filters hold.
  bool drops(RecordId id, const LogView& log) const { return covers(deletion_, id, log) && matcher_.matches(log); }
  // It has no filters: every record it covers is gone.
  bool takes_everything() const { return matcher_.matches_everything(); }
  // Nothing of this chunk is left, which its metadata tell.
  bool takes_whole(const ChunkMeta& chunk) const { return takes_everything() && coverage_of(deletion_, chunk) == Coverage::all; }

  const Deletion& deletion() const { return deletion_; }
  const Matcher& matcher() const { return matcher_; }

 private:
  DeletionFilter(Deletion deletion, Matcher matcher) : deletion_(std::move(deletion)), matcher_(std::move(matcher)) {}

  Deletion deletion_;
  Matcher matcher_;
};

// The filters alone, for the store's maintenance. An empty function: it has none, and takes all that it covers.
Result<std::function<bool(const LogView&)>> compile_deletion(const Deletion& deletion);

}  // namespace penstock::query
