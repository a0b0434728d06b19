// What a commit and a read cost, against a private server in a temporary directory.
#include <benchmark/benchmark.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>

#include "metrics/registry.hpp"
#include "postgres/migrations.hpp"
#include "postgres/pg_chunk_store.hpp"
#include "postgres/private_server.hpp"

namespace {

using namespace penstock;

struct Bench {
  Bench() {
    std::string pattern = "/tmp/penstock-bench-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no directory");
    directory = pattern;
    chmod(directory.c_str(), 0755);
    postgres::ServerOptions options;
    options.directory = directory + "/postgres";
    server = *postgres::PrivateServer::start(options);
    if (!server->wait_ready(std::chrono::minutes(2))) throw std::runtime_error("the server is not ready");
    postgres::Options store_options;
    store_options.connection.url = server->url();
    if (!postgres::Migrations(store_options.connection).up()) throw std::runtime_error("no schema");
    store = std::make_unique<postgres::PgChunkStore>(store_options, metrics);
    cursor = *store->load_cursor(JournalId{1});
  }
  ~Bench() {
    store.reset();
    server.reset();
    std::filesystem::remove_all(directory);
  }

  std::string directory;
  metrics::Registry metrics;
  std::unique_ptr<postgres::PrivateServer> server;
  std::unique_ptr<postgres::PgChunkStore> store;
  Sequence cursor = 1;
};

Bench& bench() {
  static Bench shared;
  return shared;
}

Chunk chunk_of(std::size_t bytes) {
  std::mt19937 random(7);
  Chunk chunk;
  chunk.meta = {0, JournalId{1}, "shop", RecordKind::log, 20'777, {20'777 * kDay}, {20'777 * kDay + kHour}, 1, 1000, 1000};
  chunk.meta.payload_bytes = static_cast<std::uint32_t>(bytes);
  chunk.header.assign(300, 'h');
  chunk.filter.assign(2000, 'f');
  for (std::size_t i = 0; i < bytes; ++i) chunk.payload += static_cast<char>(random());
  return chunk;
}

// Arguments: chunks in a commit, bytes of each.
void commit(benchmark::State& state) {
  auto& b = bench();
  StoreCommit one{JournalId{1}, 0, 0, {}, {}, {}};
  for (int i = 0; i < state.range(0); ++i) one.chunks.push_back(chunk_of(static_cast<std::size_t>(state.range(1))));
  for (auto _ : state) {
    one.expected_cursor = b.cursor;
    one.new_cursor = ++b.cursor;
    if (auto done = b.store->commit(one); !done) state.SkipWithError(done.error().message.c_str());
  }
  state.SetBytesProcessed(state.iterations() * state.range(0) * state.range(1));
}
BENCHMARK(commit)->Args({1, 1000})->Args({40, 20'000})->Args({8, 1 << 20})->Unit(benchmark::kMillisecond)->UseRealTime();

// Argument: bytes read of one payload.
void read(benchmark::State& state) {
  auto& b = bench();
  auto snapshot = b.store->snapshot();
  ChunkFilter filter;
  filter.from.ns = 20'777 * kDay;
  filter.to.ns = 20'778 * kDay;
  Chunk largest;
  auto listed = (*snapshot)->chunks(filter, [&](const Chunk& chunk) {
    if (chunk.meta.payload_bytes > largest.meta.payload_bytes) largest = chunk;
    return chunk.meta.payload_bytes < (1u << 20);
  });
  for (auto _ : state) {
    auto bytes = (*snapshot)->read_payload(largest.meta, 4096, static_cast<std::uint32_t>(state.range(0)));
    benchmark::DoNotOptimize(bytes);
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(read)->Arg(4096)->Arg(256 << 10)->Unit(benchmark::kMicrosecond)->UseRealTime();

void take_snapshot(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(bench().store->snapshot());
}
BENCHMARK(take_snapshot)->Unit(benchmark::kMicrosecond)->UseRealTime();

}  // namespace
