// The sink that keeps records for queries: gathers them into chunks and commits those, with the journal's cursor, to
// the chunk store.
//
// Exactly once: the cursor moves in the same transaction as the data. After a commit of unknown fate the cursor tells
// which it was. A record that the store can never take is found by committing smaller and smaller parts, and goes to
// the dead letters.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "penstock/core/batch.hpp"
#include "penstock/ports/chunk_store.hpp"
#include "penstock/ports/clock.hpp"
#include "penstock/ports/metrics.hpp"
#include "penstock/ports/sealer.hpp"
#include "penstock/ports/sink.hpp"
#include "sinks/store/store_sink_options.hpp"

namespace penstock::sinks {

class DeploymentClearing;
class Gathering;
class PoisonHunt;

// Driven by one pump thread; delivered() and flush_now() are for any thread. The references must outlive the sink.
class StoreSink final : public Sink {
 public:
  StoreSink(StoreSinkOptions options, JournalId journal, ChunkStore& store, Sealer& sealer, Clock& clock,
            MetricsRegistry& metrics);
  ~StoreSink() override;

  std::string_view name() const override { return "postgres"; }
  Result<Sequence> resume_position() override;
  DestinationWriters writers() const override { return store_.writers(); }
  // unavailable: what is gathered waits for the store; the frame was taken in part at most, which is remembered.
  // Everything else: reset() and begin again at resume_position(); invalid_value and series_collision at once, the next
  // commit will be a smaller one.
  Result<void> consume(const FramePtr& frame) override;
  Result<void> idle(bool draining) override;
  Sequence delivered() const override { return delivered_.load(std::memory_order_acquire); }
  void reset() override;

  // Called (on the pump's thread) when another server has this journal and was there before: this one must stop. Before the pump starts.
  void on_superseded(std::function<void(const Error&)> call) { superseded_ = std::move(call); }
  // Deployments that are deleted for good are cleared away between two commits. Before the pump starts; `clearing` outlives this.
  void clear_deployments(DeploymentClearing& clearing) { clearing_ = &clearing; }
  // The next idle() or consume() commits what is gathered, however little. Follow with Pump::wake().
  void flush_now() { flush_asked_.store(true, std::memory_order_release); }

 private:
  bool flush_due() const;
  void note_waiting();
  Result<void> gather(const Frame::Batch& batch);
  Result<void> flush();
  Result<void> deliver();
  Result<void> settle(const Error& error);
  Result<void> check_session();
  Result<void> clear(Sequence next);
  bool refuse_series(const std::string& place);
  void delivered_pending();

  const StoreSinkOptions options_;
  const JournalId journal_;
  ChunkStore& store_;
  Sealer& sealer_;
  Clock& clock_;

  BatchReader batch_reader_;  // kept for its memory
  std::unique_ptr<Gathering> gathering_;
  std::unique_ptr<PoisonHunt> hunt_;
  std::optional<StoreCommit> building_;  // chunks are being made of what was gathered
  std::optional<StoreCommit> pending_;   // made, not known to be stored
  bool in_doubt_ = false;                // pending_ may have been stored
  Sequence position_ = 0;                // first sequence not gathered
  // when the oldest record not delivered was gathered
  std::optional<std::chrono::steady_clock::time_point> waiting_since_;
  std::atomic<Sequence> delivered_{0};
  std::atomic<bool> flush_asked_{false};
  std::function<void(const Error&)> superseded_;
  DeploymentClearing* clearing_ = nullptr;
  std::chrono::steady_clock::time_point session_checked_{};

  Counter& commits_;
  Counter& chunks_;
  Counter& chunk_bytes_;
  Counter& dead_letters_;
  Gauge& gathered_bytes_;
  Histogram& commit_seconds_;
};

}  // namespace penstock::sinks
