#include "query/read_view.hpp"

#include <algorithm>
#include <utility>

namespace penstock::query {
namespace {

constexpr int kReadAttempts = 20;

}  // namespace

Result<ReadView> ReadView::open(Journal& journal, ChunkStore& store, KnownDeletions& known,
                                const Deployments& deployments, bool journal_only, QueryRun& run) {
  ReadView view(journal);
  view.kept_from_ = journal.oldest();
  if (!journal_only) {
    auto snapshot = store.snapshot();
    if (snapshot) {
      view.snapshot_ = std::move(*snapshot);
    } else if (snapshot.error().code != ErrorCode::unavailable) {
      return std::move(snapshot).error();
    }
  }
  if (view.snapshot_) {
    view.live_from_ = view.snapshot_->cursor(journal.id());
    auto listed = view.snapshot_->deletions(deployments.names);
    if (!listed) return std::move(listed).error();
    for (const auto& deletion : *listed) {
      auto filter = known.add(deletion, run.lease);
      if (!filter) return std::move(filter).error();
      view.deletions_.push_back(std::move(*filter));
    }
    known.save();
  } else {
    run.stats.partial = true;
    auto filters = known.of(deployments, run.lease);
    if (!filters) return std::move(filters).error();
    view.deletions_ = std::move(*filters);
  }
  // After the snapshot, so that every record is in one or the other.
  view.live_to_ = journal.durable_end();
  if (view.live_from_ == 0) view.live_from_ = journal.oldest();
  return view;
}

Result<void> ReadView::live_frames(const LiveRange& range, QueryRun& run, const FrameVisitor& visit) const {
  const Sequence first = range.only ? std::max(*range.only, live_from_) : live_from_;
  const Sequence end = range.only ? std::min(*range.only + 1, live_to_) : live_to_;
  return first < end ? live_parts(journal_->parts(first, end), range, run, visit) : Result<void>();
}

Result<void> ReadView::live_parts(std::vector<JournalPart> parts, const LiveRange& range, QueryRun& run,
                                  const FrameVisitor& visit) const {
  if (range.newest_first) std::reverse(parts.begin(), parts.end());
  for (const JournalPart& part : parts) {
    if (auto ok = run.check(); !ok) return ok;
    if (!part.times_known) {
      if (auto ok = live_parts(journal_->split(part), range, run, visit); !ok) return ok;
      continue;
    }
    if (part.max_time < range.from || part.min_time >= range.to) continue;
    if (range.wants && !range.wants(part.min_time, part.max_time)) continue;
    if (auto ok = live_part(part, range, run, visit); !ok) return ok;
  }
  return {};
}

Result<void> ReadView::live_part(const JournalPart& part, const LiveRange& range, QueryRun& run,
                                 const FrameVisitor& visit) const {
  const auto reader = journal_->reader(part.first);
  for (int failures = 0;;) {
    if (auto ok = run.check(); !ok) return ok;
    auto frame = reader->next();
    if (!frame) {
      // The reader needs a few attempts until it goes on behind a place that cannot be read.
      if (frame.error().code == ErrorCode::io_error && ++failures < kReadAttempts) continue;
      return std::move(frame).error();
    }
    if (*frame == nullptr || (*frame)->first >= part.end) return still_there(part);
    if ((*frame)->max_time < range.from || (*frame)->min_time >= range.to) continue;
    run.stats.bytes_read += (*frame)->size_bytes;
    if (auto ok = visit(**frame); !ok) return ok;
  }
}

// A part that was removed while it was read may have given too little. It is in the store by now.
Result<void> ReadView::still_there(const JournalPart& part) const {
  if (!snapshot_ || journal_->oldest() <= std::max(part.first, kept_from_)) return {};
  return Error{ErrorCode::conflict, "Records moved into the store while they were looked for: ask again.", ""};
}

bool ReadView::dropped(RecordId id, const LogView& log) const {
  return std::any_of(deletions_.begin(), deletions_.end(), [&](const DeletionFilter& d) { return d.drops(id, log); });
}

}  // namespace penstock::query
