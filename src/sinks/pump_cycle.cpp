#include "sinks/pump_cycle.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include "base/failpoint.hpp"
#include "base/log.hpp"

namespace penstock::sinks {
namespace {

// Between looks at whether the journal has stepped on, which takes it a moment.
constexpr std::chrono::milliseconds kStepPause{20};

std::uint64_t seed_of(const PumpOptions& options) {
  return options.backoff_seed != 0 ? options.backoff_seed : std::random_device{}();
}

}  // namespace

PumpCycle::PumpCycle(PumpOptions options, Journal& journal, Sink& sink, Clock& clock, MetricsRegistry& metrics,
                     std::optional<DeliveryMark> mark)
    : options_(options), journal_(journal), sink_(sink), clock_(clock), name_(sink.name()),
      backoff_(options.backoff_min, options.backoff_max, seed_of(options)), mark_(std::move(mark)), known_end_(journal.durable_end()),
      received_(metrics.counter("penstock_sink_received_total", "Records read from the journal, by sink.",
                                {{"sink", name_}})),
      sent_(metrics.counter("penstock_sink_sent_total", "Records safely delivered, by sink.", {{"sink", name_}})),
      lost_(metrics.counter("penstock_sink_dropped_total", "Records that a sink did not get, by reason.",
                            {{"sink", name_}, {"reason", "journal_gap"}})),
      lagged_(metrics.counter("penstock_sink_dropped_total", "Records that a sink did not get, by reason.", {{"sink", name_}, {"reason", "lagged"}})),
      steps_(metrics.counter("penstock_sink_steps_total",
                             "Times that numbering went on behind what a sink's destination held already, by sink.", {{"sink", name_}})),
      errors_(metrics.counter("penstock_sink_errors_total", "Failed deliveries, by sink.", {{"sink", name_}})),
      bytes_(metrics.counter("penstock_sink_bytes_total", "Bytes of batches read from the journal, by sink.",
                             {{"sink", name_}})),
      lag_records_(metrics.gauge("penstock_sink_lag_records", "Durable records not yet delivered, by sink.",
                                 {{"sink", name_}})),
      lag_seconds_(metrics.gauge("penstock_sink_lag_seconds",
                                 "Age of the oldest record read and not yet delivered, by sink.",
                                 {{"sink", name_}})) {
  journal_.set_cursor(name_, journal_.oldest(), sink_.policy());
}

// A destination that is ahead of what we can have given it: the journal lost its end after that was delivered (a disk that lied, rot, an
// older copy of the folder), or another server with the same journal wrote (it may not have come as far as we have by now). What we hold from `known_end_` on, and what comes, would be
// taken for stored: it gets sequences behind the destination's. True: that was asked for, and is not done yet.
bool PumpCycle::steps_on(Sequence position) {
  if (position <= known_end_) return false;
  log::error("sinks", "the destination holds records that this journal did not give it; numbering goes on behind them",
             {{"sink", name_}, {"from", known_end_}, {"to", position}});
  steps_.add();
  stepping_ = journal_.renumberings();
  journal_.renumber(known_end_, position);
  known_end_ = position;
  return true;
}

std::optional<std::chrono::milliseconds> PumpCycle::resume() {
  if (stepping_ && journal_.renumberings() == *stepping_) return kStepPause;
  stepping_.reset();
  auto position = sink_.resume_position();
  if (!position) return failed(position.error());
  if (!std::exchange(met_, true) && mark_) known_end_ = mark_->known_end(sink_.writers());
  if (steps_on(*position)) return kStepPause;
  if (mark_) mark_->note(sink_.writers().now, *position);
  auto reader = std::shared_ptr<JournalReader>(journal_.reader(*position));
  {
    std::lock_guard lock(mutex_);
    reader_ = std::move(reader);
    taken_.clear();
    phase_ = "running";
    delivered_ = *position;
  }
  expected_ = *position;
  resumed_ = true;
  known_end_ = *position;  // from here on it has what we deliver
  journal_.set_cursor(name_, *position, sink_.policy());
  return std::nullopt;
}

std::chrono::milliseconds PumpCycle::step(bool draining) {
  backing_off_ = false;
  if (!resumed_) {
    if (const auto pause = resume()) return *pause;
  }
  if (!frame_) {
    auto next = reader_->next();
    if (!next) return read_failed(next.error());
    frame_ = *std::move(next);
    stepped_over_ = reader_->stepped_over();
  }
  const auto now = clock_.steady_now();
  const bool more = frame_ != nullptr;
  if (more) {
    if (auto taken = hand_over(frame_); !taken) return failed(taken.error());
    frame_.reset();
  }
  if (!more || now - idle_at_ >= options_.idle_every) {
    idle_at_ = now;
    if (auto done = sink_.idle(draining && !more); !done) return failed(done.error());
  }
  note_delivered();
  return more ? std::chrono::milliseconds(0) : options_.idle_every;
}

Result<void> PumpCycle::hand_over(const FramePtr& frame) {
  if (auto taken = sink_.consume(frame); !taken) {
    note_delivered();
    return taken;
  }
  if (frame->first > expected_ + stepped_over_) {
    note_gap(frame->first - expected_ - stepped_over_);
  }
  received_.add(frame->next() - std::max(frame->first, expected_));
  bytes_.add(frame->size_bytes);
  expected_ = frame->next();
  std::lock_guard lock(mutex_);
  taken_.push_back({frame->next(), frame->committed_at});
  return {};
}

void PumpCycle::note_gap(std::uint64_t missing) {
  // What went from the journal's begin is what the sink was allowed to lose; what is missing in its middle is damage.
  const bool lagged = sink_.policy().may_lag_bytes != 0 && journal_.oldest() > expected_;
  if (lagged) {
    lagged_.add(missing);
    log::warn("sinks", "the sink lagged further behind than it may; going on at the oldest record that is left",
              {{"sink", name_}, {"from", expected_}, {"records", missing}});
    return;
  }
  lost_.add(missing);
  log::error("sinks", "records are missing in the journal; going on after them",
             {{"sink", name_}, {"from", expected_}, {"records", missing}});
}

void PumpCycle::note_failure(const Error& error) {
  errors_.add();
  backing_off_ = true;
  note_lag();
  std::lock_guard lock(mutex_);
  last_error_ = full_text(error);
  phase_ = resumed_ ? "waiting" : "starting";
}

// The reader stays: it knows how often a place could not be read, and goes on behind it in the end.
std::chrono::milliseconds PumpCycle::read_failed(const Error& error) {
  note_failure(error);
  log::warn("sinks", "the journal cannot be read; trying again", {{"sink", name_}, {"error", full_text(error)}});
  return backoff_.next();
}

std::chrono::milliseconds PumpCycle::failed(const Error& error) {
  note_failure(error);
  if (error.code == ErrorCode::invalid_value || error.code == ErrorCode::series_collision) {
    // The sink found a record that cannot be delivered and goes about it in smaller steps: no reason to wait.
    start_over();
    return std::chrono::milliseconds(0);
  }
  log::warn("sinks", "delivery failed; trying again", {{"sink", name_}, {"error", full_text(error)}});
  if (error.code != ErrorCode::unavailable && error.code != ErrorCode::overloaded) start_over();
  return backoff_.next();
}

void PumpCycle::start_over() {
  if (resumed_) known_end_ = std::max(known_end_, sink_.delivered());
  sink_.reset();
  frame_.reset();
  resumed_ = false;
}

void PumpCycle::note_delivered() {
  const Sequence now = sink_.delivered();
  bool moved = false;
  {
    std::lock_guard lock(mutex_);
    if (now > delivered_) {
      sent_.add(now - delivered_);
      delivered_ = known_end_ = now;
      moved = true;
      last_error_.clear();
    }
    while (!taken_.empty() && taken_.front().next <= now) taken_.pop_front();
    phase_ = "running";
  }
  if (moved) {
    backoff_.reset();
    failpoint("sinks.cursor.before");
    if (mark_) mark_->note(sink_.writers().now, now);
    journal_.set_cursor(name_, now, sink_.policy());
    failpoint("sinks.cursor.after");
  }
  note_lag();
}

void PumpCycle::note_lag() {
  const PumpState now = state();
  lag_records_.set(static_cast<double>(now.lag_records));
  lag_seconds_.set(now.lag_seconds);
}

void PumpCycle::rest(std::chrono::milliseconds at_most) {
  const auto until = std::chrono::steady_clock::now() + at_most;
  if (!backing_off_ && reader_ && reader_->wait(at_most)) return;
  // A closed journal does not wait, and a back-off must not be ended by every frame that comes in.
  std::unique_lock lock(mutex_);
  woken_up_.wait_until(lock, until, [this] { return woken_; });
  woken_ = false;
}

void PumpCycle::wake() {
  std::shared_ptr<JournalReader> reader;
  {
    std::lock_guard lock(mutex_);
    woken_ = true;
    reader = reader_;
  }
  woken_up_.notify_all();
  if (reader) reader->wake();
}

bool PumpCycle::finished() const { return resumed_ && !frame_ && sink_.delivered() >= journal_.durable_end(); }

void PumpCycle::set_phase(const std::string& phase) {
  std::lock_guard lock(mutex_);
  phase_ = phase;
}

PumpState PumpCycle::state() const {
  PumpState now;
  const Sequence end = journal_.durable_end();
  std::lock_guard lock(mutex_);
  now.name = name_;
  now.phase = phase_;
  now.delivered = delivered_;
  now.lag_records = end > delivered_ ? end - delivered_ : 0;
  if (!taken_.empty()) {
    now.lag_seconds = std::max(0.0, static_cast<double>(clock_.now().ns - taken_.front().committed_at.ns) / kSecond);
  }
  now.errors = errors_.value();
  now.last_error = last_error_;
  return now;
}

}  // namespace penstock::sinks
