#include "sinks/store/deployment_clearing.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <memory>

#include "penstock/ports/sealer.hpp"
#include "sink_test_tools.hpp"
#include "sinks/pump_cycle.hpp"
#include "sinks/store/store_sink.hpp"
#include "stored_records.hpp"

namespace penstock::sinks::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Keeps what was asked, and notes what the store held in the moment of the deed.
class FakeRemovals final : public DeploymentRemovals {
 public:
  explicit FakeRemovals(FakeChunkStore& store) : store_(store) {}

  Result<std::int64_t> ask(const std::string& deployment, Timestamp, const std::optional<JournalEnd>& here, const AuditEntry&) override {
    if (away && !noted_though_away) return unavailable();
    open.push_back({static_cast<std::int64_t>(open.size()) + 1, deployment, here ? here->end : 0});
    if (away) return unavailable();
    return open.back().id;
  }
  Result<std::vector<DeploymentRemoval>> open_for(JournalEnd journal) override {
    if (away) return unavailable();
    for (DeploymentRemoval& removal : open) {
      if (removal.before == 0) removal.before = journal.end;
    }
    return open;
  }
  Result<void> carry_out(const DeploymentRemoval& removal, JournalId journal, Timestamp) override {
    if (away) return unavailable();
    done.emplace_back(removal.deployment, store_.cursor_of(journal));
    std::erase_if(open, [&](const auto& one) { return one.id == removal.id; });
    return {};
  }

  std::vector<DeploymentRemoval> open;
  std::vector<std::pair<std::string, Sequence>> done;  // and how far the store was
  bool away = false, noted_though_away = false;

 private:
  FakeChunkStore& store_;
};

struct DeploymentClearingTest : ::testing::Test {
  void boot() {
    cycle.reset();
    clearing = std::make_unique<DeploymentClearing>(removals, journal, clock);
    clearing->on_cleared([this](const DeploymentRemoval& removal) { cleared.push_back(removal.id); });
    sink = std::make_unique<StoreSink>(StoreSinkOptions{}, journal.id(), store, sealer, clock, metrics);
    sink->clear_deployments(*clearing);
    cycle = std::make_unique<PumpCycle>(PumpOptions{}, journal, *sink, clock, metrics);
  }
  void step(int steps = 1, bool draining = false) {
    for (int i = 0; i < steps; ++i) {
      cycle->step(draining);
      clock.advance(std::chrono::milliseconds(100));
    }
  }
  void line(const std::string& text) { journal.append(logs({text}), 1); }

  FakeJournal journal;
  FakeClock clock;
  FakeChunkStore store;
  PlainSealer sealer;
  metrics::Registry metrics;
  FakeRemovals removals{store};
  std::vector<std::int64_t> cleared;
  std::unique_ptr<DeploymentClearing> clearing;
  std::unique_ptr<StoreSink> sink;
  std::unique_ptr<PumpCycle> cycle;
};

TEST_F(DeploymentClearingTest, WhatCameBeforeIsStoredWhenItGoesAndWhatComesAfterwardsIsNot) {
  boot();
  line("gathered");
  step();
  line("on its way");
  ASSERT_TRUE(clearing->ask("shop", {}));
  line("new");
  step(20, true);
  EXPECT_THAT(removals.done, ElementsAre(std::pair("shop", Sequence{3})));
  EXPECT_THAT(cleared, ElementsAre(1));
  EXPECT_THAT(store.commits(), ElementsAre(std::pair<Sequence, Sequence>{1, 3}, std::pair<Sequence, Sequence>{3, 4})) << "no chunk holds both";
}

TEST_F(DeploymentClearingTest, AfterARestartItIsDoneAtTheSamePlace) {
  boot();
  line("before");
  ASSERT_TRUE(clearing->ask("shop", {}));
  line("new");
  boot();
  step(20, true);
  EXPECT_THAT(removals.done, ElementsAre(std::pair("shop", Sequence{2})));
}

TEST_F(DeploymentClearingTest, WhatOthersAskedIsSeenWithinSecondsAndIsAboutAllThereIsByThen) {
  boot();
  line("before");
  step(2);
  removals.open.push_back({9, "shop", 0});
  line("also before");
  step(40);
  EXPECT_THAT(removals.done, ElementsAre(std::pair("shop", Sequence{3})));
}

TEST_F(DeploymentClearingTest, WithTheStoreAwayNothingThatMayHaveBeenAskedIsPassed) {
  for (const bool noted : {false, true}) {
    removals.done.clear();
    removals.noted_though_away = noted;
    boot();
    step(3, true);
    line("before");
    const Sequence end = journal.durable_end();
    removals.away = true;
    EXPECT_EQ(clearing->ask("shop", {}).error().code, ErrorCode::unavailable);
    line("after");
    step(40, true);
    EXPECT_EQ(store.cursor_of(journal.id()), end) << "not past the place before it is known";
    removals.away = false;
    step(40, true);
    EXPECT_EQ(store.cursor_of(journal.id()), journal.durable_end());
    if (noted) {
      EXPECT_THAT(removals.done, ElementsAre(std::pair("shop", end)));
    } else {
      EXPECT_THAT(removals.done, IsEmpty());
    }
  }
}

TEST_F(DeploymentClearingTest, ItsSeriesAreToldToTheStoreAnew) {
  boot();
  journal.append(point("pi", {{"cpu", 1}}), 1);
  step(20, true);
  ASSERT_TRUE(clearing->ask("shop", {}));
  step(3);
  std::size_t told = 0;
  store.judge([&](const StoreCommit& commit) -> std::optional<Error> {
    told += commit.series.size();
    return std::nullopt;
  });
  journal.append(point("pi", {{"cpu", 2}}), 1);
  step(20, true);
  EXPECT_EQ(told, 1u);
}

}  // namespace
}  // namespace penstock::sinks::test
