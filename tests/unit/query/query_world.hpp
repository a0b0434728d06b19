// An engine over fakes, and everything that was ever put in, for tests to compare with.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/stop_flag.hpp"
#include "chunk/log_chunk_builder.hpp"
#include "chunk/metric_chunk_builder.hpp"
#include "metrics/registry.hpp"
#include "penstock/core/batch.hpp"
#include "query/engine.hpp"
#include "support/fake_chunk_store.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_journal.hpp"

namespace penstock::query::test {

inline const Timestamp kNow = penstock::test::FakeClock::kStart;

inline LogRow log_row(std::string message, std::int64_t ago_ns = 0, std::string deployment = "shop",
                      std::string source = "web-1",
                      Severity severity = Severity::info) {
  LogRow row;
  row.timestamp = Timestamp{kNow.ns - ago_ns};
  row.received_at = kNow;
  row.deployment = std::move(deployment);
  row.source = std::move(source);
  row.severity = severity;
  row.message = std::move(message);
  return row;
}

inline LogField text_field(std::string name, std::string value) {
  return {std::move(name), FieldType::string, std::move(value), 0, 0};
}
inline LogField integer_field(std::string name, std::int64_t value) {
  return {std::move(name), FieldType::integer, {}, value, 0};
}
inline LogField real_field(std::string name, double value) { return {std::move(name), FieldType::real, {}, 0, value}; }

struct World {
  explicit World(Options options = {}) : engine(options, clock, journal, store, sealer, metrics) {
    static_cast<void>(store.load_cursor(journal.id()));
  }

  // One frame of records in this server's journal; durable when it returns.
  void ingest(std::vector<LogRow> rows) {
    BatchWriter writer;
    std::vector<FieldView> scratch;
    for (const auto& row : rows) writer.add(row.view(scratch));
    const auto count = writer.record_count();
    const Timestamp min = writer.min_time(), max = writer.max_time();
    const Sequence first = journal.append(writer.take(), static_cast<std::uint32_t>(count), min, max);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      rows[i].id = {journal.id(), first + i};
      all.push_back(rows[i]);
    }
  }

  // The store sink's work: what the journal has past the cursor becomes chunks of at most `rows` rows.
  void flush(std::size_t rows = 1000) {
    const Sequence cursor = store.cursor_of(journal.id());
    StoreCommit commit{journal.id(), cursor, journal.durable_end(), {}, {}, {}};
    std::vector<LogRow> fresh;
    for (const auto& row : all) {
      if (row.id.journal == journal.id() && row.id.sequence >= cursor) fresh.push_back(row);
    }
    commit.chunks = chunks_of(journal.id(), fresh, rows);
    ASSERT_TRUE(store.commit(commit).has_value());
  }

  // Records of another server, in the store.
  void store_foreign(JournalId from, std::vector<LogRow> rows, std::size_t chunk_rows = 1000) {
    for (auto& row : rows) row.id = {from, ++foreign_[from]};
    for (auto& chunk : chunks_of(from, rows, chunk_rows)) store.put(std::move(chunk));
    all.insert(all.end(), rows.begin(), rows.end());
  }

  std::vector<Chunk> chunks_of(JournalId from, const std::vector<LogRow>& rows, std::size_t chunk_rows) {
    std::map<std::pair<std::string, std::int32_t>, chunk::LogChunkBuilder> builders;
    std::vector<Chunk> chunks;
    std::vector<FieldView> scratch;
    for (const auto& row : rows) {
      const auto key = std::pair(row.deployment, day_of(row.timestamp));
      auto& builder = builders.try_emplace(key, row.deployment, from, key.second).first->second;
      builder.add(row.view(scratch), row.id.sequence);
      if (builder.record_count() >= chunk_rows) chunks.push_back(*builder.finish(sealer, write));
    }
    for (auto& [key, builder] : builders) {
      if (!builder.empty()) chunks.push_back(*builder.finish(sealer, write));
    }
    return chunks;
  }

  LogQuery query(std::string q = {}) const {
    LogQuery out;
    out.from = Timestamp{kNow.ns - 30 * kDay};
    out.to = Timestamp{kNow.ns + kDay};
    out.q = std::move(q);
    return out;
  }

  std::vector<std::string> messages(const LogQuery& query, Scope scope = Scope::everything()) {
    auto page = engine.logs(scope, query, go);
    EXPECT_TRUE(page.has_value()) << (page ? "" : page.error().message);
    std::vector<std::string> out;
    if (page) {
      for (const auto& row : page->records) out.push_back(row.message);
    }
    return out;
  }

  penstock::test::FakeClock clock;
  penstock::test::FakeJournal journal;
  penstock::test::FakeChunkStore store;
  PlainSealer sealer;
  metrics::Registry metrics;
  Engine engine;
  StopFlag go{false};
  chunk::WriteOptions write{.group_rows = 64};  // several groups a chunk
  std::vector<LogRow> all;

 private:
  std::map<JournalId, Sequence> foreign_;
};

}  // namespace penstock::query::test
