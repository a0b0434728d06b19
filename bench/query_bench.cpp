// How fast queries look at records: live frames, chunks, a needle that token filters find, metrics.
#include <benchmark/benchmark.h>

#include <string>

#include "chunk/log_chunk_builder.hpp"
#include "metrics/registry.hpp"
#include "penstock/core/batch.hpp"
#include "query/engine.hpp"
#include "support/fake_chunk_store.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_journal.hpp"

namespace {

using namespace penstock;

constexpr int kRecords = 200'000;
const Timestamp kNow = test::FakeClock::kStart;

struct Setting {
  explicit Setting(bool stored) : engine({}, clock, journal, store, sealer, metrics) {
    static_cast<void>(store.load_cursor(journal.id()));
    chunk::LogChunkBuilder builder("shop", journal.id(), day_of(kNow));
    BatchWriter writer;
    for (int i = 0; i < kRecords; ++i) {
      const std::string message = "GET /api/v1/orders/" + std::to_string(i * 7919 % 100'000) + " took " +
          std::to_string(i % 900) + " ms" +
                                  (i == kRecords / 2 ? " needle77" : "") + " for customer " + std::to_string(i % 5000);
      const FieldView fields[] = {{"status", FieldValue::of(std::int64_t{i % 50 == 0 ? 500 : 200})},
                                  {"path", FieldValue::of(std::string_view(i % 3 == 0 ? "/orders" : "/carts"))}};
      LogView log{Timestamp{kNow.ns - std::int64_t{kRecords - i} * 20'000}, kNow, "shop", i % 2 == 0 ? "web-1" : "web-2",
                  static_cast<Severity>(i % 7), message, fields};
      if (stored) {
        builder.add(log, static_cast<Sequence>(i) + 1);
        if (builder.record_count() == 20'000) store.put(*builder.finish(sealer));
      } else {
        writer.add(log);
        if (writer.record_count() == 1'000) submit(writer);
      }
    }
  }

  void submit(BatchWriter& writer) {
    const auto count = static_cast<std::uint32_t>(writer.record_count());
    const Timestamp min = writer.min_time(), max = writer.max_time();
    journal.append(writer.take(), count, min, max);
  }

  query::LogQuery query(std::string q) const {
    query::LogQuery out;
    out.from = Timestamp{kNow.ns - kHour};
    out.to = Timestamp{kNow.ns + 1};
    out.q = std::move(q);
    return out;
  }

  test::FakeClock clock;
  test::FakeJournal journal;
  test::FakeChunkStore store;
  PlainSealer sealer;
  metrics::Registry metrics;
  query::Engine engine;
  StopFlag go{false};
};

Setting& setting(bool stored) {
  static Setting live(false), chunks(true);
  return stored ? chunks : live;
}

void logs(benchmark::State& state, bool stored, const std::string& q) {
  auto& on = setting(stored);
  std::uint64_t scanned = 0;
  for (auto _ : state) {
    auto page = on.engine.logs(query::Scope::everything(), on.query(q), on.go);
    if (!page) return state.SkipWithError(page.error().message.c_str());
    scanned += page->stats.records_scanned;
    benchmark::DoNotOptimize(page);
  }
  state.counters["records/s"] =
      benchmark::Counter(static_cast<double>(kRecords) * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate);
  state.counters["scanned"] = static_cast<double>(scanned) / static_cast<double>(state.iterations());
}

void histogram(benchmark::State& state, bool stored, const std::string& q) {
  auto& on = setting(stored);
  for (auto _ : state) {
    auto counts = on.engine.histogram(query::Scope::everything(), on.query(q), 0, on.go);
    benchmark::DoNotOptimize(counts);
  }
  state.counters["records/s"] =
      benchmark::Counter(static_cast<double>(kRecords) * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate);
}

BENCHMARK_CAPTURE(logs, live_everything, false, "")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(logs, live_absent_word, false, "absent")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(logs, live_field, false, "status:404")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(logs, chunks_newest_100, true, "")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(logs, chunks_needle, true, "needle77")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(logs, chunks_scan_prefix, true, "absen*")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(logs, chunks_scan_message_prefix, true, "message:absen*")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(logs, chunks_scan_regex, true, "/abs[e]nt/")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(logs, chunks_scan_number, true, "status:>500")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(histogram, chunks_everything, true, "")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(histogram, chunks_common_word, true, "customer")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(histogram, live_everything, false, "")->Unit(benchmark::kMillisecond);

}  // namespace
