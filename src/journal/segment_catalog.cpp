#include "journal/segment_catalog.hpp"

#include <algorithm>

namespace penstock::journal {
namespace {

constexpr std::uint64_t kMarkEvery = 1u << 20;

}  // namespace

void SegmentCatalog::add(Segment segment) {
  std::lock_guard lock(mutex_);
  // What the one before held from here on was written but never durable, and is written again here.
  if (!segments_.empty()) segments_.back().end = segment.name.first;
  segments_.push_back(std::move(segment));
}

void SegmentCatalog::advance(Sequence end, std::uint64_t end_offset, Timestamp committed_at) {
  std::lock_guard lock(mutex_);
  Segment& active = segments_.back();
  const std::uint64_t last_mark = active.marks.empty() ? kSegmentHeaderBytes : active.marks.back().second;
  active.end = end;
  active.end_offset = end_offset;
  active.last_commit = std::max(active.last_commit, committed_at);
  if (end_offset >= last_mark + kMarkEvery) active.marks.emplace_back(end, end_offset);
}

void SegmentCatalog::close(SegmentId id, std::uint64_t file_bytes) {
  std::lock_guard lock(mutex_);
  for (Segment& segment : segments_) {
    if (segment.name.id != id) continue;
    segment.file_bytes = file_bytes;
    segment.open = false;
  }
}

void SegmentCatalog::set_leaving(SegmentId id, bool leaving) {
  std::lock_guard lock(mutex_);
  for (Segment& segment : segments_) {
    if (segment.name.id == id) segment.leaving = leaving;
  }
}

void SegmentCatalog::remove(SegmentId id) {
  std::lock_guard lock(mutex_);
  std::erase_if(segments_, [id](const Segment& s) { return s.name.id == id; });
}

std::optional<SegmentView> SegmentCatalog::find(Sequence position) const {
  std::lock_guard lock(mutex_);
  auto found = std::upper_bound(segments_.begin(), segments_.end(), position,
                                [](Sequence p, const Segment& s) { return p < s.end; });
  while (found != segments_.end() && found->leaving) ++found;
  if (found == segments_.end()) return std::nullopt;
  SegmentView view{found->name, found->path, kSegmentHeaderBytes, found->end_offset, found->end};
  for (const auto& [sequence, offset] : found->marks) {
    if (sequence <= position) view.start_offset = offset;
  }
  return view;
}

Sequence SegmentCatalog::oldest() const {
  std::lock_guard lock(mutex_);
  const auto found = std::find_if(segments_.begin(), segments_.end(), [](const Segment& s) { return !s.leaving; });
  return found == segments_.end() ? 1 : found->name.first;
}

std::vector<Segment> SegmentCatalog::all() const {
  std::lock_guard lock(mutex_);
  return segments_;
}

void SegmentCatalog::set_cursor(const std::string& sink, Sequence position) {
  std::lock_guard lock(mutex_);
  cursors_[sink] = position;
}

void SegmentCatalog::remove_cursor(const std::string& sink) {
  std::lock_guard lock(mutex_);
  cursors_.erase(sink);
}

bool SegmentCatalog::consumed(std::size_t index) const {
  if (index + 1 >= segments_.size() || cursors_.empty()) return false;
  return std::all_of(cursors_.begin(), cursors_.end(), [&](const auto& c) { return c.second >= segments_[index].end; });
}

std::optional<Segment> SegmentCatalog::oldest_consumed() const {
  std::lock_guard lock(mutex_);
  if (!consumed(0)) return std::nullopt;
  return segments_.front();
}

CatalogSizes SegmentCatalog::sizes() const {
  std::lock_guard lock(mutex_);
  CatalogSizes sizes;
  sizes.segments = segments_.size();
  bool still = true;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    sizes.bytes += segments_[i].file_bytes;
    still = still && consumed(i);
    if (still) sizes.consumed += segments_[i].file_bytes;
  }
  if (!segments_.empty() && segments_.back().open) {
    sizes.active_left = segments_.back().file_bytes - segments_.back().end_offset;
  }
  return sizes;
}

}  // namespace penstock::journal
