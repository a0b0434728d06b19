#include "journal/segment_writer.hpp"

#include <algorithm>
#include <chrono>
#include <span>

#include "base/failpoint.hpp"
#include "base/log.hpp"

namespace penstock::journal {
namespace {

constexpr std::uint64_t kSlack = 4096;  // header, footer, and what sealing adds to a frame in a segment of its own

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

}  // namespace

SegmentWriter::SegmentWriter(JournalState& state)
    : state_(state), factory_(state), keys_encoder_(state.sealer, state.options.compress, state.options.compress_above) {}

Result<void> SegmentWriter::begin(std::uint64_t least) {
  auto segment = factory_.take(least + kSlack, state_.options.segment_bytes);
  if (!segment) return std::move(segment).error();
  return enter(*std::move(segment), state_.window.durable_end());
}

Result<void> SegmentWriter::begin_spare() {
  finish(false);
  auto segment = factory_.take_spare();
  if (!segment) return std::move(segment).error();
  return enter(*std::move(segment), state_.window.durable_end());
}

Result<void> SegmentWriter::renumber(Sequence from, Sequence to) {
  const Sequence stood_at = state_.window.durable_end();
  finish(false);
  auto segment = factory_.take(kSlack, state_.options.segment_bytes);
  if (!segment) return std::move(segment).error();
  segment->header.stepped_from = stood_at;
  segment->header.renumbered = static_cast<std::uint32_t>(stood_at - from);
  const std::string header = encode_segment_header(segment->header);
  auto headed = segment->file->write_at(0, bytes_of(header));
  if (headed) headed = segment->file->sync_data();
  if (!headed) {
    (void)state_.files.remove(segment->path);
    return headed;
  }
  return enter(*std::move(segment), to + (stood_at - from));
}

// With its name the segment counts: a step that its header tells is made by that.
Result<void> SegmentWriter::enter(NewSegment segment, Sequence first) {
  if (auto placed = factory_.put_in_place(segment, first); !placed) return placed;
  Segment entry;
  entry.name = {first, segment.header.id};
  entry.path = segment.path;
  entry.first = entry.end = first;
  entry.file_bytes = segment.capacity;
  entry.end_offset = kSegmentHeaderBytes;
  entry.open = true;
  if (const Sequence stood_at = segment.header.stepped_from; stood_at != 0) {
    entry.behind_step = segment.header.renumbered == 0;
    state_.catalog.renumber(stood_at - segment.header.renumbered, stood_at, first - stood_at);
    state_.window.step_to(first);
  }
  active_.emplace(Active{std::move(segment), kSegmentHeaderBytes, {}});
  state_.catalog.add(std::move(entry));
  state_.room.refresh();  // the disk has as much less as the segment takes
  return {};
}

Result<SegmentId> SegmentWriter::append(FrameEncoder& frame) {
  Result<void> done;
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (!active_) {
      if (done = begin(); !done) return std::move(done).error();
    }
    done = append_here(frame);
    if (done) return active_->segment.header.id;
    state_.instruments.failures.add();
    log::error("journal", "A commit failed; it is tried once more in a new segment", {{"reason", done.error().message}});
    abandon();
  }
  return std::move(done).error();
}

Result<void> SegmentWriter::append_here(FrameEncoder& frame) {
  for (;;) {
    const FramePlace place{active_->segment.header.id, active_->offset};
    const Timestamp now = state_.clock.now();
    const auto bytes = frame.encode(place, active_->segment.header.key, state_.window.durable_end(), now);
    if (!bytes) return bytes.error();
    auto written = write(*bytes);
    if (!written) return std::move(written).error();
    if (*written) {
      active_->last_commit = now;
      state_.catalog.advance(frame.header(), active_->offset, now);
      return {};
    }
    // This place was sealed for and must not be sealed for again: the trailer goes behind it.
    active_->offset += 8;
    const std::uint64_t wanted = bytes->size();
    finish(false);
    if (auto begun = begin(wanted); !begun) return begun;
  }
}

Result<bool> SegmentWriter::write(std::string_view bytes) {
  Active& active = *active_;
  if (active.offset + bytes.size() + kFooterBytes > active.segment.capacity) return false;
  const auto start = state_.clock.steady_now();
  failpoint("journal.write.before");
  if (auto done = active.segment.file->write_at(active.offset, bytes_of(bytes)); !done) return std::move(done).error();
  failpoint("journal.sync.before");
  if (auto done = active.segment.file->sync_data(); !done) return std::move(done).error();
  failpoint("journal.sync.after");
  const double seconds = std::chrono::duration<double>(state_.clock.steady_now() - start).count();
  state_.instruments.fsync_seconds.observe(seconds);
  state_.sync_times.add(seconds);
  active.offset += bytes.size();
  return true;
}

void SegmentWriter::abandon() {
  if (!active_) return;
  const bool empty = active_->offset == kSegmentHeaderBytes;
  const SegmentId id = active_->segment.header.id;
  const std::string path = active_->segment.path;
  // The frame that failed goes, as far as it can: the next start must not take for durable what only memory holds.
  const bool cut = !empty && active_->segment.file->truncate(active_->offset).has_value();
  const std::uint64_t size = cut ? active_->offset : active_->segment.capacity;
  active_.reset();
  if (empty) {
    state_.catalog.remove(id);
    (void)state_.files.remove(path);
  } else {
    state_.catalog.close(id, size);
  }
  state_.room.update();
}

// All of this is for convenience: readers and recovery do without it. So nothing here is tried twice.
void SegmentWriter::finish(bool sync) {
  if (!active_) return;
  failpoint("journal.rotate.before");
  const bool good = write_trailer(sync).has_value();
  if (!good) log::warn("journal", "A segment could not be finished; it will be read through at the next start");
  state_.catalog.close(active_->segment.header.id, good ? active_->offset : active_->segment.capacity);
  active_.reset();
  state_.room.update();
}

Result<void> SegmentWriter::write_trailer(bool sync) {
  Active& active = *active_;
  const Sequence end = state_.window.durable_end();
  auto keys_offset = write_keys(end);
  if (!keys_offset) return std::move(keys_offset).error();
  if (active.offset + kFooterBytes <= active.segment.capacity) {
    const Footer footer{*keys_offset, active.last_commit};
    const std::string bytes = encode_footer(footer, {active.segment.header.id, active.offset}, end, state_.clock.now());
    if (auto done = active.segment.file->write_at(active.offset, bytes_of(bytes)); !done) return done;
    active.offset += bytes.size();
  }
  failpoint("journal.rotate.footer");
  if (auto done = active.segment.file->truncate(active.offset); !done) return done;
  failpoint("journal.rotate.truncated");
  return sync ? active.segment.file->sync_data() : Result<void>();
}

// 0: the segment has no keys.
Result<std::uint64_t> SegmentWriter::write_keys(Sequence end) {
  Active& active = *active_;
  const auto keys = state_.keys.of_segment(active.segment.header.id, state_.ages.now());
  if (keys.empty()) return std::uint64_t{0};
  const FramePlace place{active.segment.header.id, active.offset};
  keys_encoder_.set_keys(keys, end);
  const auto bytes = keys_encoder_.encode(place, active.segment.header.key, end, state_.clock.now());
  if (!bytes) return bytes.error();
  if (active.offset + bytes->size() + kFooterBytes > active.segment.capacity) {
    return Error{ErrorCode::storage_full, "The keys of a segment found no room in it.", ""};
  }
  if (auto done = active.segment.file->write_at(active.offset, bytes_of(*bytes)); !done) return std::move(done).error();
  active.offset += bytes->size();
  return place.offset;
}

}  // namespace penstock::journal
