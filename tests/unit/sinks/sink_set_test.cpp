#include "sinks/sink_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "sink_test_tools.hpp"
#include "support/patience.hpp"

namespace penstock::sinks::test {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

// Delivers what it gets, unless it is told to be away.
class NamedSink final : public Sink {
 public:
  explicit NamedSink(std::string name) : name_(std::move(name)) {}
  std::string_view name() const override { return name_; }
  Result<Sequence> resume_position() override { return Sequence{1}; }
  Result<void> consume(const FramePtr& frame) override {
    if (away) return unavailable();
    delivered_ = frame->next();
    return {};
  }
  Result<void> idle(bool) override { return {}; }
  Sequence delivered() const override { return delivered_; }
  void reset() override {}

  std::atomic<bool> away{false};

 private:
  const std::string name_;
  std::atomic<Sequence> delivered_{1};
};

bool eventually(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + penstock::test::kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

class SinkSets : public testing::Test {
 protected:
  SinkSets() { options.backoff_seed = 7; }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const PumpState& state : set.states()) names.push_back(state.name);
    return names;
  }

  PumpOptions options;
  FakeJournal journal;
  FakeClock clock;
  metrics::Registry metrics;
  NamedSink one{"one"}, two{"two"}, three{"three"};
  SinkSet set{options, journal, clock, metrics};
};

TEST_F(SinkSets, EachSinkGoesAtItsOwnPace) {
  for (int i = 0; i < 3; ++i) journal.append(logs({"a", "b"}), 2);
  two.away = true;
  set.add(one);
  set.add(two);
  EXPECT_EQ(journal.cursor("two"), 1u) << "held before anything may be deleted";
  EXPECT_THAT(names(), ElementsAre("one", "two"));
  set.start();
  ASSERT_TRUE(eventually([&] { return journal.cursor("one") == Sequence{7} && set.states()[1].errors > 0; }));
  EXPECT_EQ(journal.cursor("two"), 1u);
  EXPECT_EQ(set.states()[0].lag_records, 0u);
  EXPECT_EQ(set.states()[1].lag_records, 6u);
}

TEST_F(SinkSets, ASinkThatComesLaterRunsAtOnceAndOneThatGoesHoldsNothingBack) {
  journal.append(logs({"a"}), 1);
  set.add(one);
  set.start();
  set.add(three);
  ASSERT_TRUE(eventually([&] { return journal.cursor("three") == Sequence{2}; }));
  EXPECT_TRUE(set.remove("three"));
  EXPECT_EQ(journal.cursor("three"), std::nullopt);
  EXPECT_FALSE(set.remove("three"));
  EXPECT_THAT(names(), ElementsAre("one"));
  ASSERT_TRUE(eventually([&] { return journal.cursor("one") == Sequence{2}; }));
}

TEST_F(SinkSets, StoppingDeliversToAllWhatIsDurable) {
  for (NamedSink* sink : {&one, &two, &three}) set.add(*sink);
  set.start();
  for (int i = 0; i < 50; ++i) journal.append(logs({"a"}), 1);
  set.stop(penstock::test::kPatience);
  for (const NamedSink* sink : {&one, &two, &three}) EXPECT_EQ(sink->delivered(), 51u);
  for (const PumpState& state : set.states()) EXPECT_EQ(state.phase, "stopped");
  set.start();
  EXPECT_EQ(set.states()[0].phase, "stopped") << "for good";
}

TEST_F(SinkSets, StoppingWaitsForNoneThatIsAwayLongerThanItMay) {
  journal.append(logs({"a"}), 1);
  one.away = true;
  set.add(one);
  set.start();
  ASSERT_TRUE(eventually([&] { return set.states()[0].errors > 0; }));
  set.stop(milliseconds(0));
  EXPECT_EQ(set.states()[0].phase, "stopped");
  EXPECT_EQ(journal.cursor("one"), 1u) << "what is left stays";
}

}  // namespace
}  // namespace penstock::sinks::test
