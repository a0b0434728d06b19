// The best rows of a query by (timestamp, journal, sequence): a heap whose top is the worst row kept.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "query/log_query.hpp"
#include "query/log_scan.hpp"
#include "query/page_cursor.hpp"

namespace penstock::query {

// Rows of chunks are copied out only when they enter the heap; rows of a live frame only when they are still in it at
// the frame's end. When rows take more than `max_bytes` fewer are kept (at least one), so that a page of huge records
// is short, not refused.
class TopRows final : public LogConsumer {
 public:
  // `after`: the last row of the page before.
  TopRows(std::size_t limit, bool ascending, std::optional<RowKey> after, std::size_t max_bytes,
          ByteBudget::Lease& lease);

  bool wants(Timestamp min, Timestamp max) const override;
  void restrict_rows(const GroupColumns& in, RowMask& rows) const override;
  Result<void> group(const chunk::LogChunkReader& reader, chunk::LogGroup& group, const RowMask& rows) override;
  Result<void> record(RecordId id, const LogView& log) override;
  Result<void> frame_end(const Frame& frame) override;

  bool truncated() const { return truncated_; }  // rows were left out for memory
  std::size_t bytes() const { return bytes_; }   // of the lease, by the rows kept
  // The rows in order; empties the heap. The lease stays charged for them.
  std::vector<LogRow> take();

 private:
  struct Slot {
    RowKey key;
    LogRow row;
    std::size_t bytes = 0;
    bool pending = false;  // in the heap, its row not copied yet
    bool used = false;
  };
  static constexpr std::size_t kNone = SIZE_MAX;

  bool before(const RowKey& a, const RowKey& b) const { return ascending_ ? a < b : b < a; }
  bool full() const { return heap_.size() >= limit_; }
  bool takes(const RowKey& key) const;
  std::size_t insert(const RowKey& key);  // a slot, or kNone
  void evict_worst();
  Result<void> fill(std::size_t slot, LogRow row);

  std::size_t limit_;
  const bool ascending_;
  const std::optional<RowKey> after_;
  const std::size_t max_bytes_;
  ByteBudget::Lease& lease_;
  std::vector<Slot> slots_;
  std::vector<std::size_t> heap_, free_, pending_;
  std::size_t bytes_ = 0;
  bool truncated_ = false;
};

}  // namespace penstock::query
