// What the store sink costs a record, from a journal frame to a finished chunk, with a store that only takes.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "metrics/registry.hpp"
#include "penstock/core/batch.hpp"
#include "penstock/ports/sealer.hpp"
#include "sinks/store/store_sink.hpp"
#include "support/fake_clock.hpp"

namespace {

using namespace penstock;

class TakingStore final : public ChunkStore {
 public:
  Result<Sequence> load_cursor(JournalId) override { return Sequence{1}; }
  Result<void> commit(const StoreCommit& commit) override {
    for (const auto& chunk : commit.chunks) bytes += chunk.header.size() + chunk.filter.size() + chunk.payload.size();
    return {};
  }
  Result<std::unique_ptr<StoreSnapshot>> snapshot() override { return Error{}; }
  Result<Deletion> add_deletion(const Deletion& deletion, const AuditEntry&) override { return deletion; }

  std::size_t bytes = 0;
};

FramePtr frame_of(std::string batch, Sequence first, std::uint32_t count) {
  auto frame = std::make_shared<Frame>();
  frame->first = first;
  frame->count = count;
  frame->batches.push_back({first, count, std::move(batch)});
  return frame;
}

std::string logs(Timestamp at) {
  BatchWriter writer;
  for (int i = 0; i < 1000; ++i) {
    const std::string message = "GET /api/v1/orders/" + std::to_string(i * 7919) + " answered 200 in 12 ms";
    const std::string user = "user-" + std::to_string(i % 50);
    const FieldView fields[] =
        {{"status", FieldValue::of(std::int64_t{200})}, {"user", FieldValue::of(std::string_view(user))}};
    LogView log;
    log.timestamp = {at.ns + i * 1'000'000};
    log.received_at = at;
    log.deployment = "shop";
    log.source = "web-1";
    log.message = message;
    log.fields = fields;
    writer.add(log);
  }
  return writer.take();
}

// 50 sources with 20 metrics each: 1,000 samples.
std::string points(Timestamp at) {
  BatchWriter writer;
  std::vector<std::string> names;
  for (int i = 0; i < 20; ++i) names.push_back("metric." + std::to_string(i));
  std::vector<SampleView> samples;
  for (int i = 0; i < 20;
       ++i) samples.push_back({names[static_cast<std::size_t>(i)], static_cast<double>(at.ns / kSecond % 100 + i)});
  for (int i = 0; i < 50; ++i) {
    const std::string source = "pi-" + std::to_string(i);
    PointView point;
    point.timestamp = point.received_at = at;
    point.deployment = "shop";
    point.source = source;
    point.samples = samples;
    writer.add(point);
  }
  return writer.take();
}

template <class Make>
void run(benchmark::State& state, Make make, std::uint32_t records) {
  test::FakeClock clock;
  metrics::Registry metrics;
  PlainSealer sealer;
  TakingStore store;
  sinks::StoreSink sink({}, JournalId{1}, store, sealer, clock, metrics);
  if (!sink.resume_position()) return;
  Sequence next = 1;
  for (auto _ : state) {
    state.PauseTiming();
    auto frame =
        frame_of(make({test::FakeClock::kStart.ns + static_cast<std::int64_t>(next) * 1'000'000}), next, records);
    next += records;
    clock.advance(std::chrono::milliseconds(10));
    state.ResumeTiming();
    if (auto taken = sink.consume(frame); !taken) state.SkipWithError("refused");
  }
  if (auto rest = sink.idle(true); !rest) state.SkipWithError("refused");
  state.SetItemsProcessed(state.iterations() * 1000);
  state.counters["bytes_per_record"] =
      static_cast<double>(store.bytes) / (static_cast<double>(state.iterations()) * 1000);
}

void gather_logs(benchmark::State& state) { run(state, logs, 1000); }
BENCHMARK(gather_logs)->Unit(benchmark::kMicrosecond)->MinTime(2);

void gather_samples(benchmark::State& state) { run(state, points, 50); }
BENCHMARK(gather_samples)->Unit(benchmark::kMicrosecond)->MinTime(2);

}  // namespace
