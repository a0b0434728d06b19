// One moment of the data: the store's snapshot, and which records of the journal are not in it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "penstock/ports/chunk_store.hpp"
#include "penstock/ports/journal.hpp"
#include "query/deletion_filter.hpp"
#include "query/known_deletions.hpp"
#include "query/query_run.hpp"
#include "query/scope.hpp"

namespace penstock::query {

// One thread, short-lived: holds a connection of the store.
class ReadView {
 public:
  // Without the store (away, or `journal_only`) everything the journal's files hold is live, and run.stats.partial is
  // set.
  static Result<ReadView> open(Journal& journal, ChunkStore& store, KnownDeletions& known,
                               const Deployments& deployments, bool journal_only, QueryRun& run);

  StoreSnapshot* snapshot() const { return snapshot_.get(); }  // nullptr: journal only
  const std::vector<DeletionFilter>& deletions() const { return deletions_; }
  Sequence live_from() const { return live_from_; }
  Sequence live_to() const { return live_to_; }

  // Durable frames that hold records from live_from() to live_to() and overlap [from, to). Parts of the journal are
  // visited in its order, or the newest first; within a part frames come in the journal's order.
  struct LiveRange {
    Timestamp from, to;
    std::optional<Sequence> only = std::nullopt;  // just the frame that holds this one
    bool newest_first = false;
    // Asked before a part is read: false passes over it. Empty: all are wanted.
    std::function<bool(Timestamp min, Timestamp max)> wants = nullptr;
  };
  using FrameVisitor = std::function<Result<void>(const Frame&)>;
  // conflict: the journal gave a part up to the store before it was read here, which the snapshot does not have: take another view.
  Result<void> live_frames(const LiveRange& range, QueryRun& run, const FrameVisitor& visit) const;
  JournalId journal() const { return journal_->id(); }
  bool is_live(Sequence sequence) const { return sequence >= live_from_ && sequence < live_to_; }
  bool dropped(RecordId id, const LogView& log) const;

 private:
  explicit ReadView(Journal& journal) : journal_(&journal) {}

  Result<void> live_parts(std::vector<JournalPart> parts, const LiveRange& range, QueryRun& run,
                          const FrameVisitor& visit) const;
  Result<void> live_part(const JournalPart& part, const LiveRange& range, QueryRun& run,
                         const FrameVisitor& visit) const;

  Result<void> still_there(const JournalPart& part) const;

  Journal* journal_;
  std::unique_ptr<StoreSnapshot> snapshot_;
  std::vector<DeletionFilter> deletions_;
  Sequence live_from_ = 0, live_to_ = 0;
  Sequence kept_from_ = 0;  // what the journal held before the snapshot was taken
};

}  // namespace penstock::query
