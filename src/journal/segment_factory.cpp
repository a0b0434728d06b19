#include "journal/segment_factory.hpp"

#include <algorithm>
#include <span>

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "base/named_thread.hpp"
#include "journal/random_bits.hpp"

namespace penstock::journal {

SegmentFactory::SegmentFactory(JournalState& state) : state_(state) {}

SegmentFactory::~SegmentFactory() { stop(); }

void SegmentFactory::start() { thread_ = named_thread("segments", [this] { run(); }); }

void SegmentFactory::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  discard_ready();
}

void SegmentFactory::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || wanted_; });
    if (stopping_) return;
    wanted_ = false;
    busy_ = true;
    lock.unlock();
    auto made = make(state_.options.segment_bytes);
    lock.lock();
    if (made) ready_ = std::move(made).value();
    busy_ = false;
    changed_.notify_all();
    if (ready_) state_.room.set_prepared(ready_->capacity);
  }
}

void SegmentFactory::prepare() {
  std::lock_guard lock(mutex_);
  if (ready_ || busy_ || wanted_ || state_.room.allowance() < state_.options.segment_bytes) return;
  if (thread_.joinable()) {
    wanted_ = true;
    changed_.notify_all();
    return;
  }
  if (auto made = make(state_.options.segment_bytes)) {
    ready_ = std::move(made).value();
    state_.room.set_prepared(ready_->capacity);
  }
}

Result<NewSegment> SegmentFactory::take(std::uint64_t least, std::uint64_t capacity) {
  {
    std::unique_lock lock(mutex_);
    wanted_ = false;
    changed_.wait(lock, [this] { return !busy_; });
    if (ready_ && ready_->capacity >= least) {
      NewSegment segment = std::move(*ready_);
      ready_.reset();
      lock.unlock();
      state_.room.set_prepared(0);
      return segment;
    }
  }
  // A segment made now has a higher id than the prepared one, which must not come after it.
  discard_ready();
  state_.room.refresh();
  const std::uint64_t allowed = state_.room.allowance();
  if (allowed < least) {
    return Error{ErrorCode::storage_full,
                 "The journal's disk budget is used up: bring the destinations back, or raise the budget.", ""};
  }
  return make(std::min(std::max(least, capacity), allowed));
}

Result<NewSegment> SegmentFactory::take_spare() {
  {
    std::unique_lock lock(mutex_);
    wanted_ = false;
    changed_.wait(lock, [this] { return !busy_; });
  }
  discard_ready();
  return make(spare_bytes(state_.options));
}

void SegmentFactory::discard_ready() {
  std::optional<NewSegment> segment;
  {
    std::lock_guard lock(mutex_);
    segment.swap(ready_);
  }
  if (!segment) return;
  segment->file.reset();
  (void)state_.files.remove(segment->path);
  state_.room.set_prepared(0);
}

Result<NewSegment> SegmentFactory::make(std::uint64_t capacity) {
  const std::uint64_t number = state_.next_segment_number++;
  const SegmentId id = number << 32 | (random_bits(state_.options) & 0xffffffffu);
  const std::string path = state_.path(segment_file_name({0, id}) + ".tmp");
  auto file = state_.files.create(path);
  if (!file) return std::move(file).error();
  failpoint("journal.segment.created");
  auto made = fill(std::move(file).value(), path, id, capacity);
  if (!made) {
    (void)state_.files.remove(path);
    log::warn("journal", "A segment could not be made", {{"reason", made.error().message}});
  }
  return made;
}

Result<NewSegment> SegmentFactory::fill(std::unique_ptr<File> file, const std::string& path, SegmentId id,
                                        std::uint64_t capacity) {
  auto key = state_.sealer.key_for("journal/" + std::to_string(id));
  if (!key) return std::move(key).error();
  NewSegment segment{{id, state_.id, *key, state_.clock.now()}, path, std::move(file), capacity};
  if (auto done = segment.file->allocate(capacity); !done) return std::move(done).error();
  failpoint("journal.segment.allocated");
  const std::string header = encode_segment_header(segment.header);
  if (auto done = segment.file->write_at(0, std::as_bytes(std::span(header))); !done) return std::move(done).error();
  failpoint("journal.segment.headed");
  if (auto done = segment.file->sync_data(); !done) return std::move(done).error();
  failpoint("journal.segment.synced");
  return segment;
}

Result<void> SegmentFactory::put_in_place(NewSegment& segment, Sequence first) {
  const std::string path = state_.path(segment_file_name({first, segment.header.id}));
  if (auto done = state_.files.rename(segment.path, path); !done) {
    (void)state_.files.remove(segment.path);
    return done;
  }
  failpoint("journal.segment.renamed");
  segment.path = path;
  auto done = state_.files.sync_directory(state_.options.directory);
  failpoint("journal.segment.placed");
  if (!done) (void)state_.files.remove(path);
  return done;
}

}  // namespace penstock::journal
