// Group commit on the disk of the current directory: commits and records a second, processor time a record.
// Arguments of each run: records a batch, batches in flight at a time. CPU is that of all threads for one round of batches.
#include <benchmark/benchmark.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "base/log.hpp"
#include "core/system_clock.hpp"
#include "journal/file_journal.hpp"
#include "journal/posix_file_system.hpp"
#include "metrics/registry.hpp"

namespace {

using namespace penstock;

std::string batch_of(int records) {
  BatchWriter writer;
  for (int i = 0; i < records; ++i) {
    const std::string message =
        "GET /catalog/item/" + std::to_string(i * 7919 % 100'000) + " answered 200 in " + std::to_string(i % 97) + " ms";
    const FieldView fields[] = {{"status", FieldValue::of(std::int64_t{200})},
                                {"bytes", FieldValue::of(std::int64_t{i * 31 % 5000})}};
    LogView log;
    log.timestamp = log.received_at = Timestamp{1'795'181'580 * kSecond + i * 1'000'003};
    log.deployment = "shop";
    log.source = "web-1";
    log.message = message;
    log.fields = fields;
    writer.add(log);
  }
  return writer.take();
}

struct BenchedJournal {
  BenchedJournal() {
    log::set_level("warn");
    std::filesystem::remove_all(options.directory);
    journal = journal::FileJournal::open(options, files, clock, sealer, metrics).value();
    journal->set_cursor("bench", 1);
    journal->start();
  }
  ~BenchedJournal() {
    journal->stop();
    journal.reset();
    std::filesystem::remove_all(options.directory);
  }
  static journal::Options make_options() {
    journal::Options o;
    o.directory = "journal_bench.data";
    o.keep_consumed_bytes = 0;
    return o;
  }

  const journal::Options options = make_options();
  journal::PosixFileSystem files;
  SystemClock clock;
  PlainSealer sealer;
  metrics::Registry metrics;
  std::unique_ptr<journal::FileJournal> journal;
};

void commit(benchmark::State& state) {
  const auto records = static_cast<int>(state.range(0));
  const auto in_flight = static_cast<int>(state.range(1));
  const std::string batch = batch_of(records);
  BenchedJournal bench;
  std::atomic<int> waiting{0};
  for (auto _ : state) {
    waiting.store(in_flight);
    for (int i = 0; i < in_flight; ++i) {
      Submission submission{batch, static_cast<std::uint32_t>(records), {}, {}, [&](Result<Sequence>) {
                              if (waiting.fetch_sub(1) == 1) waiting.notify_one();
                            }};
      while (!bench.journal->submit(std::move(submission))) std::this_thread::yield();
    }
    for (int left = waiting.load(); left != 0; left = waiting.load()) waiting.wait(left);
    bench.journal->set_cursor("bench", bench.journal->durable_end());
  }
  const auto stats = bench.journal->stats();
  const auto total = static_cast<double>(stats.records_total);
  state.counters["commits/s"] = benchmark::Counter(static_cast<double>(stats.commits_total), benchmark::Counter::kIsRate);
  state.counters["records/s"] = benchmark::Counter(total, benchmark::Counter::kIsRate);
  state.counters["bytes"] = static_cast<double>(batch.size());
  state.counters["fsync_p99_ms"] = stats.fsync_p99_ms;
  state.SetItemsProcessed(static_cast<std::int64_t>(total));
}

BENCHMARK(commit)->Args({1, 1})->Args({1, 64})->Args({1, 1000})->Args({1000, 1})->Args({1000, 16})->Args({1000, 64})
    ->MeasureProcessCPUTime()->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
