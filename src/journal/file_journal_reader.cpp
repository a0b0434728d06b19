#include "journal/file_journal_reader.hpp"

#include <algorithm>

namespace penstock::journal {

FileJournalReader::FileJournalReader(std::shared_ptr<JournalState> state, Sequence from)
    : state_(std::move(state)), position_(std::max<Sequence>(from, 1)), steps_known_(state_->catalog.renumberings()) {}

Result<FramePtr> FileJournalReader::next() {
  Sequence position = position_.load(std::memory_order_relaxed);
  if (steps_known_ != state_->catalog.renumberings()) position = state_->catalog.translate(position, steps_known_);
  stepped_ = 0;
  auto frame = [&]() -> Result<FramePtr> {
    if (auto live = state_->window.find(position)) {
      position = live->next();
      segment_.reset();
      return live;
    }
    return next_from_files(position);
  }();
  position_.store(position, std::memory_order_relaxed);
  return frame;
}

Result<FramePtr> FileJournalReader::next_from_files(Sequence& position) {
  while (position < state_->window.durable_end()) {
    const auto segment = state_->catalog.find(position);
    if (!segment) break;
    const auto entered = enter(*segment, position);
    if (!entered) return entered.error();
    if (!*entered) continue;
    Sequence in_file = position - shift_;
    auto content = segment_->next(in_file, segment->end_offset, segment->end - shift_);
    position = in_file + shift_;
    if (!content) return std::move(content).error();
    if (!*content) continue;
    FrameHeader& header = (*content)->header;
    header.first += shift_;
    auto frame = decode_batches(state_->id, header, (*content)->plain);
    if (frame) return frame;
    // Checksum and seal were right, so this is no rot; but it cannot be read, and reading goes on.
    const DamageLog::Place place{segment->name.id, (*content)->place.offset, frame_bytes(header.payload_bytes)};
    state_->damage.lost(place, nullptr, header.first, header.next());
  }
  return FramePtr();
}

// False when the segment is gone; the position has moved past what went with it, if it was lost.
Result<bool> FileJournalReader::enter(const SegmentView& segment, Sequence& position) {
  if (position < segment.first) {
    if (segment.behind_step) {
      stepped_ = segment.first - position;
    } else {
      state_->instruments.skipped_records.add(segment.first - position);
    }
    position = segment.first;
  }
  if (segment_ && segment_id_ == segment.name.id && shift_ == segment.shift) return true;
  auto file = state_->files.open_read(segment.path);
  if (!file) {
    if (state_->files.exists(segment.path)) return std::move(file).error();
    const auto now = state_->catalog.find(position);
    if (now && now->name == segment.name) {
      state_->damage.lost({segment.name.id, 0, 0}, nullptr, position, segment.end);
      position = segment.end;
    }
    return false;
  }
  auto on_lost = [state = state_.get(), shift = segment.shift](const DamageLog::Place& place, const File* of, Sequence from, Sequence to) {
    state->damage.lost(place, of, from + shift, to + shift);
  };
  segment_ = std::make_unique<SegmentReader>(std::move(file).value(), segment.name, state_->sealer, std::move(on_lost));
  segment_->start_at(segment.start_offset);
  segment_id_ = segment.name.id;
  shift_ = segment.shift;
  return true;
}

bool FileJournalReader::wait(std::chrono::milliseconds at_most) {
  return state_->window.wait(position(), at_most, woken_);
}

void FileJournalReader::wake() { state_->window.wake(woken_); }

}  // namespace penstock::journal
