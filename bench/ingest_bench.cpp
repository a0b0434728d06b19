// What validation adds to the writing of a batch.
#include <benchmark/benchmark.h>

#include "counted.hpp"
#include "ingest/receiver.hpp"

namespace penstock::ingest {
namespace {

constexpr int kRecords = 1000;
constexpr Timestamp kNow{1'795'181'580 * kSecond};

Options options() {
  Options made;
  made.retention = {{"", RecordKind::log, 30 * kDay, 0}, {"", RecordKind::metric, 90 * kDay, 0}};
  return made;
}

void per_record(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * kRecords);
  state.counters["per_record"] = benchmark::Counter(static_cast<double>(state.iterations()) * kRecords,
                                                    benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void receive_logs(benchmark::State& state) {
  const Options made = options();
  BatchWriter writer;
  const FieldView fields[] = {{"order", FieldValue::of(std::int64_t{8841})}, {"gift", FieldValue::of(true)}, {"amount", FieldValue::of(12.5)},
                              {"note", FieldValue::of(std::string_view("customer asked for a call back"))}};
  const DecodedLog log{kNow, "shop", "checkout-1", Severity::warn, "card declined by the issuer, will retry in 30 seconds", fields, 220, {}};
  for (auto unused : state) {
    const bench::Counted counted("ingest/receive_logs");
    BatchReceiver receiver(made, {kNow, "shop", "127.0.0.1"}, [](std::string_view) { return true; }, writer, nullptr);
    for (std::size_t i = 0; i < kRecords; ++i) receiver.log(i, log);
    benchmark::DoNotOptimize(writer.take());
  }
  per_record(state);
}
BENCHMARK(receive_logs);

void receive_points(benchmark::State& state) {
  const Options made = options();
  BatchWriter writer;
  const LabelView labels[] = {{"room", "attic"}};
  const SampleView samples[] = {{"cpu.usage", 12.5}, {"ram.used", 4.1e8}, {"gpu.usage", 0}, {"storage.used", 9.1e9}, {"net.in", 8812}, {"net.out", 991}};
  const DecodedPoint point{kNow, "shop", "pi-3", labels, samples, 200, {}};
  for (auto unused : state) {
    const bench::Counted counted("ingest/receive_points");
    BatchReceiver receiver(made, {kNow, "shop", "127.0.0.1"}, [](std::string_view) { return true; }, writer, nullptr);
    for (std::size_t i = 0; i < kRecords; ++i) receiver.point(i, point);
    benchmark::DoNotOptimize(writer.take());
  }
  per_record(state);
}
BENCHMARK(receive_points);

}  // namespace
}  // namespace penstock::ingest
