#include "sinks/store/store_sink.hpp"

#include <algorithm>
#include <utility>

#include "base/hex.hpp"
#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "penstock/core/batch.hpp"
#include "sinks/store/deployment_clearing.hpp"
#include "sinks/store/gathering.hpp"
#include "sinks/store/poison_hunt.hpp"

namespace penstock::sinks {
namespace {

constexpr const char* kRoom = "sinks";
constexpr std::chrono::seconds kSessionEvery{2};

// As the store's series_collision names it: "<deployment>/<16 hex digits>".
std::string series_place(const Series& series) {
  std::string place = series.deployment + "/";
  append_hex(place, series.id);
  return place;
}

Error wait_for_store(Error why) {
  why.code = ErrorCode::unavailable;
  return why;
}

}  // namespace

StoreSink::StoreSink(StoreSinkOptions options, JournalId journal, ChunkStore& store, Sealer& sealer, Clock& clock,
                     MetricsRegistry& metrics)
    : options_(options), journal_(journal), store_(store), sealer_(sealer), clock_(clock),
      gathering_(std::make_unique<Gathering>(options_, journal)), hunt_(std::make_unique<PoisonHunt>()),
      commits_(metrics.counter("penstock_store_commits_total", "Commits of the store sink.")),
      chunks_(metrics.counter("penstock_store_chunks_total", "Chunks stored by the store sink.")),
      chunk_bytes_(metrics.counter("penstock_store_chunk_bytes_total",
                                   "Bytes of the chunks stored by the store sink.")),
      dead_letters_(metrics.counter("penstock_dead_letters_total", "Records that the store could not take.")),
      gathered_bytes_(metrics.gauge("penstock_store_builder_bytes", "Memory of records gathered for the next commit.")),
      commit_seconds_(metrics.histogram("penstock_store_commit_seconds", "Duration of commits to the store.")) {}

StoreSink::~StoreSink() = default;

Result<Sequence> StoreSink::resume_position() {
  auto cursor = store_.load_cursor(journal_);
  if (!cursor && cursor.error().code == ErrorCode::conflict && superseded_) superseded_(cursor.error());
  if (!cursor) return cursor;
  // Before anything is delivered: what was asked to go is delivered up to there, and no further.
  if (clearing_ != nullptr) {
    if (auto looked = clearing_->look(); !looked) return wait_for_store(looked.error());
  }
  session_checked_ = clock_.steady_now();
  position_ = *cursor;
  delivered_.store(*cursor, std::memory_order_release);
  return cursor;
}

void StoreSink::reset() {
  gathering_->clear();
  building_.reset();
  pending_.reset();
  in_doubt_ = false;
  waiting_since_.reset();
  gathered_bytes_.set(0);
}

Result<void> StoreSink::consume(const FramePtr& frame) {
  if (pending_ || building_) {
    if (auto done = flush(); !done) return done;
  }
  if (auto done = clear(frame->first); !done) return done;
  // Whatever lies before the frame is not in the journal any more.
  position_ = std::max(position_, frame->first);
  for (const auto& batch : frame->batches) {
    if (batch.first + batch.count <= position_) continue;
    if (auto taken = gather(batch); !taken) return taken;
  }
  position_ = frame->next();
  note_waiting();
  return flush_due() ? flush() : Result<void>();
}

Result<void> StoreSink::gather(const Frame::Batch& batch) {
  batch_reader_.open(batch.bytes);
  RecordView record;
  while (batch_reader_.next(record)) {
    const Sequence sequence = batch.first + record.index;
    if (sequence < position_) continue;
    while (position_ > delivered() && (position_ >= hunt_->limit(delivered()) || gathering_->full())) {
      if (auto done = flush(); !done) return done;
    }
    if (const Error* poison = hunt_->poison(sequence)) {
      gathering_->add_dead(hunt_->hopeless() ? nullptr : &record, sequence, error_name(poison->code), full_text(*poison));
    } else {
      gathering_->add(record, sequence);
    }
    position_ = sequence + 1;
    note_waiting();
  }
  if (const Error* corrupt = batch_reader_.error()) {
    log::error(kRoom, "a batch of the journal cannot be read; its records are dead letters", {{"first", position_}});
    for (; position_ < batch.first + batch.count; ++position_) {
      gathering_->add_dead(nullptr, position_, error_name(ErrorCode::corrupt), corrupt->message);
    }
  }
  position_ = batch.first + batch.count;
  return {};
}

Result<void> StoreSink::idle(bool draining) {
  if (pending_ || building_) {
    if (auto done = flush(); !done) return done;
  }
  if (auto done = clear(position_); !done) return done;
  if (position_ > delivered() && (draining || flush_due())) return flush();
  flush_asked_.store(false, std::memory_order_release);
  return check_session();
}

// Commits notice another writer by themselves; a server without any must look.
Result<void> StoreSink::check_session() {
  if (clock_.steady_now() - session_checked_ < kSessionEvery) return {};
  session_checked_ = clock_.steady_now();
  auto ours = store_.check_session(journal_);
  if (ours || ours.error().code != ErrorCode::conflict) return {};
  if (superseded_) superseded_(ours.error());
  return ours;
}

// What is gathered lies before `next`. Deployments that go before that do so now: all that came before they were asked to go is in the store, and nothing else.
Result<void> StoreSink::clear(Sequence next) {
  if (clearing_ == nullptr || !clearing_->due(next)) return {};
  while (position_ > delivered()) {
    if (auto done = flush(); !done) return done;
  }
  auto cleared = clearing_->carry_out(next);
  if (cleared && !*cleared) return {};
  // Its series and keys are not there any more; others' are found again.
  gathering_->clear();
  sealer_.forget_store_keys();
  return cleared ? Result<void>() : Result<void>(wait_for_store(cleared.error()));
}

void StoreSink::note_waiting() {
  if (!waiting_since_ && position_ > delivered()) waiting_since_ = clock_.steady_now();
}

bool StoreSink::flush_due() const {
  if (position_ == delivered()) return false;
  if (flush_asked_.load(std::memory_order_acquire) || position_ >= hunt_->limit(delivered())) return true;
  if (gathering_->bytes() >= options_.flush_bytes || gathering_->records() >= options_.flush_records) return true;
  return waiting_since_ && clock_.steady_now() - *waiting_since_ >= options_.flush_interval;
}

Result<void> StoreSink::flush() {
  if (!pending_) {
    gathered_bytes_.set(static_cast<double>(gathering_->bytes()));
    if (!building_) building_ = StoreCommit{journal_, delivered(), position_, {}, {}, {}};
    // A key that cannot be had is waited for like the store itself.
    if (auto built = gathering_->finish(sealer_, *building_); !built) return wait_for_store(built.error());
    pending_ = std::exchange(building_, std::nullopt);
  }
  return deliver();
}

Result<void> StoreSink::deliver() {
  if (in_doubt_) {
    auto cursor = store_.load_cursor(journal_);
    if (!cursor) return wait_for_store(cursor.error());
    in_doubt_ = false;
    if (*cursor == pending_->new_cursor) {
      delivered_pending();
      return {};
    }
  }
  failpoint("sinks.deliver.before");
  const auto begun = clock_.steady_now();
  auto done = store_.commit(*pending_);
  commit_seconds_.observe(std::chrono::duration<double>(clock_.steady_now() - begun).count());
  if (!done) return settle(done.error());
  failpoint("sinks.deliver.after");
  delivered_pending();
  return {};
}

Result<void> StoreSink::settle(const Error& error) {
  switch (error.code) {
    case ErrorCode::conflict:
      log::error(kRoom, "the store's cursor of this journal was moved by another: are there two servers with copies of one data folder?",
                 {{"expected", pending_->expected_cursor}});
      return error;
    case ErrorCode::series_collision:
      if (refuse_series(error.field)) return error;
      [[fallthrough]];
    case ErrorCode::invalid_value:
      log::warn(kRoom, "the store refuses data; looking for the record",
                {{"from", pending_->expected_cursor}, {"to", pending_->new_cursor}, {"error", full_text(error)}});
      hunt_->refused(pending_->expected_cursor, pending_->new_cursor, error);
      return Error{ErrorCode::invalid_value, error.message, error.field};
    case ErrorCode::key_mismatch:
      // Nothing was stored: gathered and sealed once more, under keys that are there.
      sealer_.forget_store_keys();
      return error;
    default:
      in_doubt_ = true;
      return wait_for_store(error);
  }
}

bool StoreSink::refuse_series(const std::string& place) {
  // Of two new ones with one id the later gives way; whether it was the right one shows at the next attempt.
  const auto& series = pending_->series;
  const auto found =
      std::find_if(series.rbegin(), series.rend(), [&](const Series& s) { return series_place(s) == place; });
  if (found == series.rend()) return false;
  log::warn(kRoom, "two series have one id; the later one goes to the dead letters",
            {{"metric", found->name}, {"series", place}});
  gathering_->refuse(*found);
  return true;
}

void StoreSink::delivered_pending() {
  commits_.add();
  chunks_.add(pending_->chunks.size());
  dead_letters_.add(pending_->dead_letters.size());
  for (const auto& chunk : pending_->chunks) {
    chunk_bytes_.add(chunk.header.size() + chunk.filter.size() + chunk.payload.size());
  }
  const Sequence end = pending_->new_cursor;
  pending_.reset();
  hunt_->stored(end);
  delivered_.store(end, std::memory_order_release);
  waiting_since_.reset();
  flush_asked_.store(false, std::memory_order_release);
  gathered_bytes_.set(0);
}

}  // namespace penstock::sinks
