// Batches and timestamps: what every record pays.
#include <array>
#include <string>

#include <benchmark/benchmark.h>

#include "penstock/core/batch.hpp"
#include "penstock/core/labels.hpp"
#include "penstock/core/time.hpp"

namespace penstock {
namespace {

constexpr int kRecords = 1000;
constexpr std::int64_t kStart = 1'795'181'580 * kSecond;

// About 220 bytes as JSON, 4 fields.
struct LogSample {
  std::array<FieldView, 4> fields = {FieldView{"order", FieldValue::of(std::int64_t{8841})}, FieldView{"gift", FieldValue::of(true)},
                                     FieldView{"amount", FieldValue::of(12.5)},
                                     FieldView{"note", FieldValue::of(std::string_view("customer asked for a call back"))}};
  LogView view{{kStart}, {kStart}, "shop", "checkout-1", Severity::warn, "card declined by the issuer, will retry in 30 seconds", fields};
};

void add_logs(BatchWriter& writer) {
  LogSample sample;
  for (int i = 0; i < kRecords; ++i) {
    sample.view.timestamp.ns += 1'234'567;
    sample.fields[0].value.integer += 1;
    writer.add(sample.view);
  }
}

void add_points(BatchWriter& writer) {
  const std::array<LabelView, 1> labels = {LabelView{"room", "attic"}};
  std::array<SampleView, 6> samples = {SampleView{"cpu.usage", 12.5}, {"ram.used", 4.1e8}, {"gpu.usage", 0},
                                       {"storage.used", 9.1e9},       {"net.in", 8812},    {"net.out", 991}};
  PointView point{{kStart}, {kStart}, "shop", "pi-3", labels, samples};
  for (int i = 0; i < kRecords; ++i) {
    point.timestamp.ns += kSecond;
    samples[0].value += 0.25;
    writer.add(point);
  }
}

void per_record(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * kRecords);
  state.counters["per_record"] = benchmark::Counter(static_cast<double>(state.iterations()) * kRecords,
                                                    benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void write_logs(benchmark::State& state) {
  BatchWriter writer;
  for (auto unused : state) {
    add_logs(writer);
    benchmark::DoNotOptimize(writer.take());
  }
  per_record(state);
}
BENCHMARK(write_logs);

void write_points(benchmark::State& state) {
  BatchWriter writer;
  for (auto unused : state) {
    add_points(writer);
    benchmark::DoNotOptimize(writer.take());
  }
  per_record(state);
}
BENCHMARK(write_points);

void read(benchmark::State& state, void (*fill)(BatchWriter&)) {
  BatchWriter writer;
  fill(writer);
  const std::string batch = writer.take();
  for (auto unused : state) {
    BatchReader reader(batch);
    RecordView record;
    while (reader.next(record)) benchmark::DoNotOptimize(record);
  }
  per_record(state);
  state.counters["bytes"] = static_cast<double>(batch.size()) / kRecords;
}
BENCHMARK_CAPTURE(read, logs, add_logs);
BENCHMARK_CAPTURE(read, points, add_points);

void parse_time(benchmark::State& state, std::string_view text) {
  for (auto unused : state) {
    benchmark::DoNotOptimize(text);
    benchmark::DoNotOptimize(parse_timestamp(text));
  }
}
BENCHMARK_CAPTURE(parse_time, rfc3339, "2026-11-20T13:33:00.123456789Z");
BENCHMARK_CAPTURE(parse_time, rfc3339_offset, "2026-11-20T13:33:00.123+02:00");
BENCHMARK_CAPTURE(parse_time, epoch_ms, "1795181580123");
BENCHMARK_CAPTURE(parse_time, epoch_fraction, "1795181580.123");

void format_time(benchmark::State& state) {
  std::string out;
  for (auto unused : state) {
    out.clear();
    append_rfc3339(out, {kStart + 123'456'789});
    benchmark::DoNotOptimize(out);
  }
}
BENCHMARK(format_time);

void hash_series(benchmark::State& state) {
  const Labels labels = Labels::from({{"source", "pi-3"}, {"room", "attic"}, {"core", "3"}});
  for (auto unused : state) benchmark::DoNotOptimize(series_id("shop", "cpu.core.usage", labels));
}
BENCHMARK(hash_series);

}  // namespace
}  // namespace penstock
