// What a pump does, step by step, without a thread of its own: read, hand over, note what was delivered, wait longer
// after each failure.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/backoff.hpp"
#include "penstock/ports/clock.hpp"
#include "penstock/ports/journal.hpp"
#include "penstock/ports/metrics.hpp"
#include "penstock/ports/sink.hpp"
#include "sinks/delivery_mark.hpp"
#include "sinks/pump_options.hpp"
#include "sinks/pump_state.hpp"

namespace penstock::sinks {

// step, rest and finished belong to one thread; wake and state are for any.
class PumpCycle {
 public:
  PumpCycle(PumpOptions options, Journal& journal, Sink& sink, Clock& clock, MetricsRegistry& metrics,
            std::optional<DeliveryMark> mark = std::nullopt);

  // One frame, or one look. Returns how long to rest before the next step; zero: there is more to do.
  std::chrono::milliseconds step(bool draining);
  // Until the time is over, a frame came (but not during a back-off), or wake().
  void rest(std::chrono::milliseconds at_most);
  void wake();
  // Everything durable was delivered.
  bool finished() const;

  std::string_view sink_name() const { return sink_.name(); }
  PumpState state() const;
  void set_phase(const std::string& phase);

 private:
  // A frame the sink took and has not delivered.
  struct Taken {
    Sequence next;
    Timestamp committed_at;
  };

  std::optional<std::chrono::milliseconds> resume();
  Result<void> hand_over(const FramePtr& frame);
  bool steps_on(Sequence position);
  void note_gap(std::uint64_t missing);
  void note_failure(const Error& error);
  std::chrono::milliseconds failed(const Error& error);  // of the sink
  std::chrono::milliseconds read_failed(const Error& error);
  void start_over();
  void note_delivered();
  void note_lag();

  const PumpOptions options_;
  Journal& journal_;
  Sink& sink_;
  Clock& clock_;
  const std::string name_;
  Backoff backoff_;

  bool resumed_ = false, backing_off_ = false;
  FramePtr frame_;         // the sink would not take it yet
  Sequence expected_ = 0;  // first sequence not handed over
  Sequence delivered_ = 0;
  std::optional<DeliveryMark> mark_;
  bool met_ = false;       // the destination has told its position
  Sequence known_end_;     // up to here the destination may have our records: as the mark has it at the start, then what was delivered
  std::optional<std::size_t> stepping_;  // the journal was asked to number on when it had done so this often
  Sequence stepped_over_ = 0;  // sequences before frame_ that were never given out
  std::chrono::steady_clock::time_point idle_at_{};

  mutable std::mutex mutex_;
  std::condition_variable woken_up_;
  bool woken_ = false;
  std::shared_ptr<JournalReader> reader_;
  std::deque<Taken> taken_;
  std::string phase_ = "starting", last_error_;

  Counter& received_;
  Counter& sent_;
  Counter& lost_;
  Counter& lagged_;
  Counter& steps_;
  Counter& errors_;
  Counter& bytes_;
  Gauge& lag_records_;
  Gauge& lag_seconds_;
};

}  // namespace penstock::sinks
