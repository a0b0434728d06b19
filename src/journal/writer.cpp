#include "journal/writer.hpp"

#include <algorithm>
#include <memory>

#include "base/failpoint.hpp"
#include "base/log.hpp"

namespace penstock::journal {
namespace {

constexpr std::chrono::milliseconds kHouseEvery{500};

}  // namespace

Writer::Writer(JournalState& state)
    : state_(state),
      intake_(state),
      segments_(state),
      retention_(state, segments_),
      encoder_(state.sealer, state.options.compress, state.options.compress_above) {}

void Writer::begin() {
  keep_reserve(false);
  house_kept_ = state_.clock.steady_now();
  try_again();
}

void Writer::run() {
  for (;;) {
    const bool worked = round();
    if (intake_.closed() && intake_.idle()) return;
    if (!worked) intake_.wait(std::min<std::chrono::nanoseconds>(kHouseEvery, state_.options.retry_every));
  }
}

bool Writer::round() {
  keep_house();
  if (!gather()) return false;
  commit();
  return true;
}

bool Writer::gather() {
  std::size_t bytes = 0;
  const auto take = [&](Submission&& submission) {
    bytes += submission.batch.size();
    batch_costs_.push_back(Intake::cost(submission.batch.size()));
    batch_.push_back(std::move(submission));
  };
  if (next_) take(std::exchange(next_, std::nullopt).value());
  Submission submission;
  while (batch_.size() < state_.options.max_frame_batches && intake_.pop(submission)) {
    if (!batch_.empty() && bytes + submission.batch.size() > state_.options.max_frame_bytes) {
      next_.emplace(std::move(submission));
      break;
    }
    take(std::move(submission));
  }
  return !batch_.empty();
}

void Writer::commit() {
  auto frame = std::make_shared<Frame>();
  frame->journal = state_.id;
  frame->first = state_.window.durable_end();
  frame->committed_at = state_.ages.wall();
  frame->min_time = batch_.front().min_time;
  frame->max_time = batch_.front().max_time;
  frame->batches.reserve(batch_.size());
  for (Submission& submission : batch_) {
    // The window counts bytes in use: what a builder reserved beyond is given back.
    std::string& bytes = submission.batch;
    if (bytes.capacity() > bytes.size() + bytes.size() / 4) bytes.shrink_to_fit();
    frame->size_bytes += submission.batch.size();
    frame->batches.push_back({frame->next(), submission.count, std::move(submission.batch)});
    frame->count += submission.count;
    frame->min_time = std::min(frame->min_time, submission.min_time);
    frame->max_time = std::max(frame->max_time, submission.max_time);
  }
  const Sequence first = frame->first;
  const auto written = write(frame);
  failpoint("journal.answer.before");
  answer(written, first);
  failpoint("journal.answer.after");
}

Result<void> Writer::write(const std::shared_ptr<Frame>& frame) {
  if (!segments_.open()) {
    return Error{ErrorCode::storage_failed, "The journal cannot write to its disk now: send this again later.", ""};
  }
  std::vector<KeptKey> keys;
  for (const Frame::Batch& batch : frame->batches) {
    auto entry = BatchReader::idempotency(batch.bytes);
    if (entry && *entry) keys.push_back({std::move(**entry), frame->committed_at});
  }
  encoder_.set_batches(*frame, !keys.empty());
  // A frame that needs more than the usual segment was admitted because what was delivered can go.
  if (const std::uint64_t room = DiskRoom::room_for(frame->size_bytes); room > state_.catalog.sizes().active_left) retention_.run(room);
  const auto segment = segments_.append(encoder_);
  if (!segment) {
    const ErrorCode code = refuse_after(segment.error());
    return Error{code, "The journal could not write this to its disk: send it again later.", ""};
  }
  for (KeptKey& key : keys) {
    if (const std::size_t gone = state_.keys.add(std::move(key), *segment)) state_.instruments.forgotten_keys.add(gone);
  }
  state_.instruments.commits.add();
  state_.instruments.records.add(frame->count);
  failpoint("journal.publish.before");
  state_.window.publish(frame);
  state_.room.update();
  return {};
}

void Writer::answer(const Result<void>& written, Sequence first) {
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    Submission& submission = batch_[i];
    if (submission.done) submission.done(written ? Result<Sequence>(first) : Result<Sequence>(written.error()));
    first += submission.count;
    intake_.release(batch_costs_[i]);
  }
  batch_.clear();
  batch_costs_.clear();
}

void Writer::keep_house() {
  if (!segments_.open()) try_again();
  renumber();
  make_room();
  const auto now = state_.clock.steady_now();
  const bool pressed = state_.room.allowance() < state_.options.segment_bytes && state_.catalog.oldest_consumed();
  if (pressed || now - house_kept_ >= kHouseEvery) {
    house_kept_ = now;
    state_.room.refresh();
    state_.keys.drop_expired(state_.ages.now());
    retention_.run();
    leave_retired();
    keep_reserve(false);
  }
  const CatalogSizes sizes = state_.catalog.sizes();
  if (segments_.open() && sizes.active_left < state_.options.segment_bytes / 2) segments_.factory().prepare();
}

void Writer::try_again() {
  if (intake_.refusing() && state_.clock.steady_now() - tried_ < state_.options.retry_every) return;
  state_.room.refresh();
  if (state_.room.allowance() < state_.options.segment_bytes) retention_.run();
  if (auto begun = open_segment(); !begun) {
    (void)refuse_after(begun.error());
    log::error("journal", "Nothing can be written; a segment is tried again soon", {{"reason", begun.error().message}});
    return;
  }
  if (intake_.refusing()) log::info("journal", "The journal can be written again");
  intake_.refuse(std::nullopt);
}

Result<void> Writer::open_segment() {
  // Until a step is made no sequence is given out: they would be taken for others'.
  if (state_.renumbering_wanted()) return renumber_now();
  auto begun = segments_.begin();
  if (begun || begun.error().code != ErrorCode::storage_full || !state_.catalog.last_consumed(spare_bytes(state_.options))) return begun;
  // All that the journal holds was delivered, so its room is there to be had: it only needs a place to go on in.
  keep_reserve(true);
  begun = segments_.begin_spare();
  if (begun) retention_.run();
  return begun;
}

// The segment being written is not deleted, and may be all there is room for. When everything in it was delivered and somebody was
// refused for want of room, it is left for a small one, and goes.
void Writer::make_room() {
  const bool short_of_room = state_.turned_away.load(std::memory_order_relaxed) || state_.refusal() == ErrorCode::storage_full;
  if (!short_of_room || !segments_.open() || !state_.catalog.last_consumed(spare_bytes(state_.options))) return;
  state_.turned_away.store(false, std::memory_order_relaxed);
  auto begun = segments_.begin_spare();
  if (!begun && begun.error().code == ErrorCode::storage_full) {
    keep_reserve(true);
    begun = segments_.begin_spare();
  }
  if (!begun) {
    (void)refuse_after(begun.error());
    return;
  }
  retention_.run();
}

// Nor is it deleted while it holds what was asked to go: then another one is begun, of the usual size, though not all in it was delivered yet. Where
// records come all the time that would never be.
void Writer::leave_retired() {
  if (!segments_.open() || state_.catalog.last_first() >= state_.retire_before.load(std::memory_order_relaxed)) return;
  if (auto begun = segments_.begin(); !begun) {
    log::info("journal", "What was deleted stays in the journal until there is room for another segment", {{"reason", begun.error().message}});
    return;
  }
  retention_.run();
}

void Writer::renumber() {
  if (!segments_.open() || !state_.renumbering_wanted()) return;
  if (auto done = renumber_now(); !done) {
    (void)refuse_after(done.error());
    log::error("journal", "Numbering could not step on; it is tried again soon", {{"reason", done.error().message}});
  }
}

Result<void> Writer::renumber_now() {
  const auto [from, to] = *state_.renumbering_wanted();
  const Sequence end = state_.window.durable_end();
  if (from <= end && to > from) {
    if (auto done = segments_.renumber(from, to); !done) return done;
    log::warn("journal", "Numbering goes on behind what a destination holds already; no record is lost",
              {{"records_renumbered", end - from}, {"from", from}, {"to", to}});
  }
  state_.forget_renumbering();
  return segments_.open() ? Result<void>() : segments_.begin();
}

ErrorCode Writer::refuse_after(const Error& error) {
  const bool full = error.code == ErrorCode::storage_full;
  const ErrorCode code = full ? ErrorCode::storage_full : ErrorCode::storage_failed;
  intake_.refuse(code);
  tried_ = state_.clock.steady_now();
  keep_reserve(full);
  return code;
}

// A full disk gives the reserve up, so that cursors and recovery find room; it is taken again when there is plenty.
void Writer::keep_reserve(bool full) {
  const std::uint64_t size = state_.options.reserve_file_bytes;
  const std::string path = state_.path("reserve");
  if (size == 0) return;
  if (full) {
    (void)state_.files.remove(path);
    return;
  }
  if (state_.files.exists(path) || state_.room.free_bytes() < state_.options.free_reserve_bytes + 2 * size) return;
  auto file = state_.files.create(path);
  if (file && !(*file)->allocate(size)) (void)state_.files.remove(path);
}

void Writer::finish() {
  segments_.factory().stop();
  segments_.finish(true);
}

}  // namespace penstock::journal
