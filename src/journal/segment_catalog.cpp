#include "journal/segment_catalog.hpp"

#include <algorithm>

namespace penstock::journal {

void add_frame(std::vector<SegmentPart>& parts, const FrameHeader& frame, std::uint64_t offset, std::uint64_t part_bytes) {
  if (parts.empty() || offset >= parts.back().offset + part_bytes) {
    parts.push_back({frame.first, offset, frame.min_time, frame.max_time});
    return;
  }
  SegmentPart& part = parts.back();
  part.min_time = std::min(part.min_time, frame.min_time);
  part.max_time = std::max(part.max_time, frame.max_time);
}


void SegmentCatalog::add(Segment segment) {
  std::lock_guard lock(mutex_);
  // What the one before held from here on was written but never durable, and is written again here.
  if (!segments_.empty() && !segment.behind_step) segments_.back().end = segment.first;
  segments_.push_back(std::move(segment));
}

void SegmentCatalog::renumber(Sequence from, Sequence stood_at, std::uint64_t shift) {
  std::lock_guard lock(mutex_);
  if (!segments_.empty()) segments_.back().end = stood_at;
  bool first = true;
  for (Segment& segment : segments_) {
    if (segment.end <= from) continue;
    segment.behind_step = segment.behind_step || first;
    first = false;
    segment.first += shift;
    segment.end += shift;
    segment.shift += shift;
    for (SegmentPart& part : segment.parts) part.first += shift;
  }
  renumberings_.push_back({from, stood_at, shift});
  renumbered_.store(renumberings_.size(), std::memory_order_release);
}

Sequence SegmentCatalog::translate(Sequence position, std::size_t& known) const {
  std::lock_guard lock(mutex_);
  for (; known < renumberings_.size(); ++known) {
    const Renumbering& step = renumberings_[known];
    if (position >= step.from && position <= step.stood_at) position += step.shift;
  }
  return position;
}

void SegmentCatalog::advance(const FrameHeader& frame, std::uint64_t end_offset, Timestamp committed_at) {
  std::lock_guard lock(mutex_);
  Segment& active = segments_.back();
  if (frame.count > 0) add_frame(active.parts, frame, active.end_offset, part_bytes_);
  active.end = frame.next();
  active.end_offset = end_offset;
  active.last_commit = std::max(active.last_commit, committed_at);
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

std::vector<CursorJump> SegmentCatalog::remove(SegmentId id) {
  std::lock_guard lock(mutex_);
  std::erase_if(segments_, [id](const Segment& s) { return s.name.id == id; });
  std::vector<CursorJump> jumps;
  if (segments_.empty()) return jumps;
  for (auto& [sink, cursor] : cursors_) {
    if (cursor.policy.may_lag_bytes == 0 || cursor.position >= segments_.front().first) continue;
    jumps.push_back({sink, cursor.position, segments_.front().first});
    cursor.position = segments_.front().first;
  }
  return jumps;
}

std::optional<SegmentView> SegmentCatalog::find(Sequence position) const {
  std::lock_guard lock(mutex_);
  auto found = std::upper_bound(segments_.begin(), segments_.end(), position,
                                [](Sequence p, const Segment& s) { return p < s.end; });
  while (found != segments_.end() && found->leaving) ++found;
  if (found == segments_.end()) return std::nullopt;
  SegmentView view = view_of(*found);
  for (const SegmentPart& part : found->parts) {
    if (part.first <= position) view.start_offset = part.offset;
  }
  return view;
}

SegmentView SegmentCatalog::view_of(const Segment& segment) {
  return {segment.name,  segment.path,        segment.first,      segment.shift,
          segment.behind_step, kSegmentHeaderBytes, segment.end_offset, segment.end};
}

Sequence SegmentCatalog::oldest() const {
  std::lock_guard lock(mutex_);
  const auto found = std::find_if(segments_.begin(), segments_.end(), [](const Segment& s) { return !s.leaving; });
  return found == segments_.end() ? 1 : found->first;
}

bool SegmentCatalog::holds_any(const Segment& segment, Sequence from, Sequence to) {
  return !segment.leaving && std::max(segment.first, from) < std::min(segment.end, to);
}

std::vector<JournalPart> SegmentCatalog::parts(Sequence from, Sequence to) const {
  std::lock_guard lock(mutex_);
  std::vector<JournalPart> out;
  const auto add = [&](JournalPart part) {
    part.first = std::max(part.first, from);
    part.end = std::min(part.end, to);
    if (part.first < part.end) out.push_back(part);
  };
  for (const Segment& segment : segments_) {
    if (!holds_any(segment, from, to)) continue;
    if (segment.parts.empty()) add({segment.first, segment.end, {}, {}, false});
    for (std::size_t i = 0; i < segment.parts.size(); ++i) {
      const SegmentPart& part = segment.parts[i];
      const bool last = i + 1 == segment.parts.size();
      add({part.first, last ? segment.end : std::min(segment.end, segment.parts[i + 1].first), part.min_time, part.max_time});
    }
  }
  return out;
}

std::vector<SegmentView> SegmentCatalog::without_parts(Sequence from, Sequence to) const {
  std::lock_guard lock(mutex_);
  std::vector<SegmentView> out;
  for (const Segment& segment : segments_) {
    if (!holds_any(segment, from, to) || !segment.parts.empty()) continue;
    out.push_back(view_of(segment));
  }
  return out;
}

void SegmentCatalog::set_parts(SegmentId id, std::vector<SegmentPart> parts) {
  std::lock_guard lock(mutex_);
  for (Segment& segment : segments_) {
    if (segment.name.id == id && !segment.open) segment.parts = std::move(parts);
  }
}

std::vector<Segment> SegmentCatalog::all() const {
  std::lock_guard lock(mutex_);
  return segments_;
}

void SegmentCatalog::set_cursor(const std::string& sink, Sequence position, CursorPolicy policy) {
  std::lock_guard lock(mutex_);
  cursors_[sink] = {position, policy};
}

void SegmentCatalog::remove_cursor(const std::string& sink) {
  std::lock_guard lock(mutex_);
  cursors_.erase(sink);
}

bool SegmentCatalog::consumed(std::size_t index) const {
  return index + 1 < segments_.size() && passed(index);
}

std::uint64_t SegmentCatalog::bytes_from(std::size_t index) const {
  std::uint64_t bytes = 0;
  for (; index < segments_.size(); ++index) bytes += segments_[index].open ? segments_[index].end_offset : segments_[index].file_bytes;
  return bytes;
}

bool SegmentCatalog::passed(std::size_t index) const {
  return !cursors_.empty() && std::all_of(cursors_.begin(), cursors_.end(), [&](const auto& named) {
    const Cursor& cursor = named.second;
    if (cursor.position >= segments_[index].end) return true;
    return cursor.policy.may_lag_bytes != 0 && bytes_from(index) > cursor.policy.may_lag_bytes;
  });
}

bool SegmentCatalog::last_consumed(std::uint64_t small) const {
  std::lock_guard lock(mutex_);
  if (segments_.empty()) return false;
  const Segment& last = segments_.back();
  return (last.end > last.first || last.file_bytes > small) && passed(segments_.size() - 1);
}

Sequence SegmentCatalog::last_first() const {
  std::lock_guard lock(mutex_);
  return segments_.empty() ? 0 : segments_.back().first;
}

std::optional<Segment> SegmentCatalog::oldest_consumed() const {
  std::lock_guard lock(mutex_);
  if (segments_.empty() || !consumed(0)) return std::nullopt;
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
