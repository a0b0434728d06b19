// Rules that several rooms go by: what a deletion covers, which retention rule holds.
#include <algorithm>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "penstock/core/deletion.hpp"
#include "penstock/core/retention_rule.hpp"
#include "penstock/ports/chunk_store.hpp"

namespace penstock {
namespace {

TEST(RetentionRules, TheMostSpecificGovernsWhateverTheOrder) {
  std::vector<RetentionRule> rules = {{"", std::nullopt, 1, 0}, {"", RecordKind::log, 2, 0}, {"a", std::nullopt, 3, 0}, {"a", RecordKind::log, 0, 5}};
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(max_age_ns(rules, "a", RecordKind::log), 0);
    EXPECT_EQ(max_age_ns(rules, "a", RecordKind::metric), 3);
    EXPECT_EQ(max_age_ns(rules, "b", RecordKind::log), 2);
    EXPECT_EQ(max_age_ns(rules, "b", RecordKind::metric), 1);
    EXPECT_EQ(governing_rule(rules, "a", RecordKind::log)->max_bytes, 5u);
    std::reverse(rules.begin(), rules.end());
  }
  EXPECT_EQ(max_age_ns({}, "a", RecordKind::log), 0);
  EXPECT_EQ(governing_rule({{"a", RecordKind::metric, 4, 0}}, "b", RecordKind::metric), nullptr);
}

// [100, 200) in shop, taken when its journal 7 was at 50 and the clock at 1000.
const Deletion kDeletion{1, "shop", Timestamp{100}, Timestamp{200}, "{}", JournalId{7}, 50, Timestamp{1000}};

TEST(Deletions, CoverWhatWasThereBefore) {
  LogView log;
  log.deployment = "shop";
  log.timestamp = Timestamp{100};
  log.received_at = Timestamp{999};
  EXPECT_TRUE(covers(kDeletion, {JournalId{7}, 49}, log));
  EXPECT_FALSE(covers(kDeletion, {JournalId{7}, 50}, log));
  EXPECT_TRUE(covers(kDeletion, {JournalId{8}, 50}, log)) << "of another server's the time of arrival counts";
  log.received_at = Timestamp{1000};
  EXPECT_FALSE(covers(kDeletion, {JournalId{8}, 1}, log));
  EXPECT_TRUE(covers(kDeletion, {JournalId{7}, 49}, log)) << "of the own ones the sequence does, whatever the clock did";
  for (const std::int64_t outside : {99, 200}) {
    log.timestamp = Timestamp{outside};
    EXPECT_FALSE(covers(kDeletion, {JournalId{7}, 49}, log)) << outside;
  }
  log.timestamp = Timestamp{199};
  log.deployment = "bank";
  EXPECT_FALSE(covers(kDeletion, {JournalId{7}, 49}, log));
}

TEST(Deletions, AChunksMetadataTellHowMuchOfItIsCovered) {
  ChunkMeta inside;
  inside.deployment = "shop";
  inside.journal = JournalId{7};
  inside.min_time = Timestamp{100};
  inside.max_time = Timestamp{199};
  inside.min_sequence = 40;
  inside.max_sequence = 49;
  EXPECT_EQ(coverage_of(kDeletion, inside), Coverage::all);
  const auto with = [&](auto change) {
    ChunkMeta meta = inside;
    change(meta);
    return coverage_of(kDeletion, meta);
  };
  EXPECT_EQ(with([](ChunkMeta& m) { m.max_time.ns = 200; }), Coverage::some);
  EXPECT_EQ(with([](ChunkMeta& m) { m.min_time.ns = 99; }), Coverage::some);
  EXPECT_EQ(with([](ChunkMeta& m) { m.max_sequence = 50; }), Coverage::some);
  EXPECT_EQ(with([](ChunkMeta& m) { m.journal.value = 8; }), Coverage::some) << "nobody knows when it arrived";
  EXPECT_EQ(with([](ChunkMeta& m) { m.min_sequence = m.max_sequence = 50; }), Coverage::none);
  EXPECT_EQ(with([](ChunkMeta& m) { m.max_time.ns = 99; }), Coverage::none);
  EXPECT_EQ(with([](ChunkMeta& m) { m.min_time.ns = 200; }), Coverage::none);
  EXPECT_EQ(with([](ChunkMeta& m) { m.deployment = "bank"; }), Coverage::none);
  EXPECT_EQ(with([](ChunkMeta& m) { m.kind = RecordKind::metric; }), Coverage::none);
}

}  // namespace
}  // namespace penstock
