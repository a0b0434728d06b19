// What chunks cost: time and bytes on disk a record. Counters: disk_B = payload + header + filter a record.
#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <vector>

#include "counted.hpp"
#include "chunk/log_chunk_builder.hpp"
#include "chunk/log_chunk_reader.hpp"
#include "chunk/merge.hpp"
#include "chunk/metric_chunk_builder.hpp"
#include "chunk/metric_chunk_reader.hpp"
#include "chunk/tokenizer.hpp"

namespace penstock::chunk {
namespace {

constexpr std::int64_t kStart = 1'795'181'580'000'000'000;

struct WebLog {
  std::int64_t time = 0;
  std::string source, message, method, path, agent, address;
  std::int64_t status = 0, bytes = 0;
  double took = 0;
};

// An access log with fields: about 220 bytes a record in all.
std::vector<WebLog> web_logs(std::size_t count) {
  static constexpr const char* kPaths[] = {"/", "/api/v1/orders", "/api/v1/cart", "/static/app.js", "/login", "/checkout/payment", "/search"};
  static constexpr const char* kAgents[] = {"Mozilla/5.0 (X11; Linux x86_64) Firefox/131.0", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5)",
                                            "curl/7.88.1", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/129.0"};
  std::mt19937_64 random(1);
  std::vector<WebLog> logs(count);
  std::int64_t time = kStart;
  for (WebLog& log : logs) {
    time += static_cast<std::int64_t>(random() % 2'000) * 1'000;
    log.time = time;
    log.source = "web-" + std::to_string(random() % 4);
    log.method = random() % 5 ? "GET" : "POST";
    log.path = kPaths[random() % 7];
    if (random() % 3 == 0) log.path += "/" + std::to_string(random() % 20'000);
    log.agent = kAgents[random() % 4];
    log.address = "10." + std::to_string(random() % 4) + ".7." + std::to_string(random() % 250);
    log.status = random() % 20 ? 200 : 404;
    log.bytes = static_cast<std::int64_t>(random() % 30'000);
    log.took = static_cast<double>(random() % 90'000) / 1000;
    log.message = log.address + " - " + log.method + " " + log.path + " HTTP/1.1 " + std::to_string(log.status) + " " +
                  std::to_string(log.bytes) + " \"" + log.agent + "\"";
  }
  return logs;
}

void add(LogChunkBuilder& builder, const WebLog& web, Sequence sequence) {
  const FieldView fields[] = {{"method", FieldValue::of(std::string_view(web.method))},
                              {"path", FieldValue::of(std::string_view(web.path))},
                              {"status", FieldValue::of(web.status)},
                              {"bytes", FieldValue::of(web.bytes)},
                              {"took_ms", FieldValue::of(web.took)}};
  LogView log;
  log.timestamp.ns = web.time;
  log.received_at.ns = web.time + 1'500'000 + static_cast<std::int64_t>(sequence * 7919 % 900'000);
  log.source = web.source;
  log.message = web.message;
  log.fields = fields;
  builder.add(log, sequence);
}

double disk_bytes(const std::vector<Chunk>& chunks) {
  std::size_t bytes = 0;
  for (const Chunk& chunk : chunks) bytes += chunk.payload.size() + chunk.header.size() + chunk.filter.size();
  return static_cast<double>(bytes);
}

double filter_bytes(const std::vector<Chunk>& chunks) {
  std::size_t bytes = 0;
  for (const Chunk& chunk : chunks) bytes += chunk.filter.size();
  return static_cast<double>(bytes);
}

std::size_t raw_bytes(const std::vector<WebLog>& logs) {
  std::size_t bytes = 0;
  for (const WebLog& log : logs) bytes += 33 + log.source.size() + log.message.size() + log.method.size() + log.path.size() + 24;
  return bytes;
}

constexpr std::size_t kLogs = 40'000;

void add_logs_only(benchmark::State& state) {
  const auto logs = web_logs(kLogs);
  for (auto _ : state) {
    LogChunkBuilder builder("shop", JournalId{1}, 20777);
    Sequence sequence = 1;
    for (const WebLog& log : logs) add(builder, log, sequence++);
    benchmark::DoNotOptimize(builder.record_count());
    state.counters["memory_B"] = static_cast<double>(builder.memory_bytes()) / static_cast<double>(kLogs);
  }
  state.counters["raw_B"] = static_cast<double>(raw_bytes(logs)) / static_cast<double>(kLogs);
  state.counters["s_per_record"] = benchmark::Counter(static_cast<double>(kLogs * state.iterations()),
                                                      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(add_logs_only)->Unit(benchmark::kMillisecond);

void build_logs(benchmark::State& state) {
  const auto logs = web_logs(kLogs);
  PlainSealer sealer;
  std::vector<Chunk> chunks;
  for (auto _ : state) {
    const bench::Counted counted("chunk/build_logs");
    LogChunkBuilder builder("shop", JournalId{1}, 20777);
    Sequence sequence = 1;
    for (const WebLog& log : logs) add(builder, log, sequence++);
    WriteOptions options;
    options.zstd_level = static_cast<int>(state.range(0));
    chunks.clear();
    chunks.push_back(*builder.finish(sealer, options));
  }
  state.counters["disk_B"] = disk_bytes(chunks) / static_cast<double>(kLogs);
  state.counters["filter_B"] = filter_bytes(chunks) / static_cast<double>(kLogs);
  state.counters["s_per_record"] = benchmark::Counter(static_cast<double>(kLogs * state.iterations()),
                                                      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(build_logs)->Arg(-3)->Arg(1)->Arg(3)->Unit(benchmark::kMillisecond);

void filter_tokens(benchmark::State& state) {
  const auto logs = web_logs(kLogs);
  for (auto _ : state) {
    const bench::Counted counted("chunk/filter_tokens");
    TokenFilterBuilder filter;
    for (const WebLog& log : logs) filter.add_tokens(log.message);
    benchmark::DoNotOptimize(filter.finish());
  }
  state.counters["s_per_record"] = benchmark::Counter(static_cast<double>(kLogs * state.iterations()),
                                                      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(filter_tokens)->Unit(benchmark::kMillisecond);

std::vector<Chunk> flushed_logs(std::size_t flushes) {
  const auto logs = web_logs(kLogs);
  PlainSealer sealer;
  std::vector<Chunk> chunks;
  LogChunkBuilder builder("shop", JournalId{1}, 20777);
  Sequence sequence = 1;
  for (const WebLog& log : logs) {
    add(builder, log, sequence++);
    if (sequence % (kLogs / flushes) == 0) chunks.push_back(*builder.finish(sealer));
  }
  if (!builder.empty()) chunks.push_back(*builder.finish(sealer));
  return chunks;
}

void merge_logs_of_flushes(benchmark::State& state) {
  const auto inputs = flushed_logs(32);
  PlainSealer sealer;
  Merged merged;
  MergeOptions options;
  options.write.zstd_level = static_cast<int>(state.range(0));
  for (auto _ : state) {
    const bench::Counted counted("chunk/merge_logs");
    merged = *merge_logs(inputs, options, sealer);
  }
  state.counters["disk_before_B"] = disk_bytes(inputs) / static_cast<double>(kLogs);
  state.counters["disk_B"] = disk_bytes(merged.chunks) / static_cast<double>(kLogs);
  state.counters["s_per_record"] = benchmark::Counter(static_cast<double>(kLogs * state.iterations()),
                                                      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(merge_logs_of_flushes)->Arg(3)->Arg(6)->Unit(benchmark::kMillisecond);

void read_logs(benchmark::State& state) {
  const auto chunks = flushed_logs(1);
  PlainSealer sealer;
  ColumnSelection columns = state.range(0) ? ColumnSelection::everything() : ColumnSelection{.timestamps = true, .messages = true};
  std::size_t found = 0;
  LogRow row;
  for (auto _ : state) {
    const bench::Counted counted("chunk/read_logs");
    for (const Chunk& chunk : chunks) {
      auto reader = *LogChunkReader::open(chunk, payload_in_memory(chunk.payload), sealer);
      for (std::size_t g = 0; g < reader->group_count(); ++g) {
        auto group = *reader->read(g, columns);
        for (std::size_t i = 0; i < group.rows(); ++i) {
          if (state.range(0)) {
            group.row(i, row);
            found += row.log.fields.size();
          } else {
            found += group.message(i).find("checkout") != std::string_view::npos;
          }
        }
      }
    }
  }
  benchmark::DoNotOptimize(found);
  state.SetLabel(state.range(0) ? "whole rows" : "search one text");
  state.counters["s_per_record"] = benchmark::Counter(static_cast<double>(kLogs * state.iterations()),
                                                      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(read_logs)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

// Gauges of `sources` machines with ten metrics each, every ten seconds with jitter.
struct Gauges {
  explicit Gauges(std::size_t count) : sources(count), values(count * 10), random(2) {
    for (auto& value : values) value = static_cast<std::int64_t>(random() % 10'000);
    for (std::size_t s = 0; s < count * 10; ++s) ids.push_back(random());
  }
  std::size_t add(MetricChunkBuilder& builder, std::int64_t tick) {
    std::vector<SeriesSample> samples(10);
    for (std::size_t source = 0; source < sources; ++source) {
      const std::int64_t time = kStart + tick * 10'000'000'000 + static_cast<std::int64_t>(random() % 20) * 1'000'000;
      const std::int64_t received = time + 3'000'000 + static_cast<std::int64_t>(random() % 2'000'000);
      for (std::size_t m = 0; m < 10; ++m) {
        auto& value = values[source * 10 + m];
        value += static_cast<std::int64_t>(random() % 61) - 30;
        samples[m] = {ids[source * 10 + m], static_cast<double>(value) / 100};
      }
      builder.add(++sequence, Timestamp{time}, Timestamp{received}, samples);
    }
    return sources * 10;
  }
  std::size_t sources;
  std::vector<std::int64_t> values;
  std::vector<SeriesId> ids;
  std::mt19937_64 random;
  Sequence sequence = 0;
};

void build_samples(benchmark::State& state) {
  PlainSealer sealer;
  std::size_t samples = 0;
  std::size_t in_chunk = 0;
  std::vector<Chunk> chunks;
  Gauges gauges(100);
  MetricChunkBuilder builder("shop", JournalId{1}, 20777);
  for (auto _ : state) {
    const bench::Counted counted("chunk/build_samples");
    in_chunk = 0;
    for (std::int64_t tick = 0; tick < state.range(0); ++tick) in_chunk += gauges.add(builder, tick);
    chunks.clear();
    chunks.push_back(*builder.finish(sealer));
    samples += in_chunk;
  }
  state.counters["disk_B"] = disk_bytes(chunks) / static_cast<double>(in_chunk);
  state.counters["s_per_sample"] =
      benchmark::Counter(static_cast<double>(samples), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(build_samples)->Arg(1)->Arg(10)->Arg(400)->Unit(benchmark::kMillisecond);

void merge_samples_of_flushes(benchmark::State& state) {
  PlainSealer sealer;
  Gauges gauges(20);
  std::vector<Chunk> inputs;
  std::size_t samples = 0;
  const std::int64_t flushes = 64;
  for (std::int64_t flush = 0; flush < flushes; ++flush) {
    MetricChunkBuilder builder("shop", JournalId{1}, 20777);
    for (std::int64_t tick = 0; tick < state.range(0); ++tick) samples += gauges.add(builder, flush * state.range(0) + tick);
    inputs.push_back(*builder.finish(sealer));
  }
  Merged merged;
  for (auto _ : state) {
    const bench::Counted counted("chunk/merge_samples");
    merged = *merge_metrics(inputs, {}, sealer);
  }
  state.counters["disk_before_B"] = disk_bytes(inputs) / static_cast<double>(samples);
  state.counters["disk_B"] = disk_bytes(merged.chunks) / static_cast<double>(samples);
  state.counters["s_per_sample"] = benchmark::Counter(static_cast<double>(samples * state.iterations()),
                                                      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(merge_samples_of_flushes)->Arg(1)->Arg(20)->Unit(benchmark::kMillisecond);

void read_samples(benchmark::State& state) {
  PlainSealer sealer;
  Gauges gauges(20);
  MetricChunkBuilder builder("shop", JournalId{1}, 20777);
  std::size_t samples = 0;
  for (std::int64_t tick = 0; tick < 2000; ++tick) samples += gauges.add(builder, tick);
  const Chunk chunk = *builder.finish(sealer);
  double sum = 0;
  for (auto _ : state) {
    auto reader = *MetricChunkReader::open(chunk, payload_in_memory(chunk.payload), sealer);
    const auto done = reader->read_all(Timestamp{INT64_MIN}, Timestamp{INT64_MAX}, [&](const SeriesSamples& series) {
      for (const double value : series.values) sum += value;
      return true;
    });
    if (!done) state.SkipWithError("read");
  }
  benchmark::DoNotOptimize(sum);
  state.counters["s_per_sample"] = benchmark::Counter(static_cast<double>(samples * state.iterations()),
                                                      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(read_samples)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace penstock::chunk
