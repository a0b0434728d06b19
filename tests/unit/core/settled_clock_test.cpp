#include "core/settled_clock.hpp"

#include <gtest/gtest.h>

#include "support/fake_clock.hpp"

namespace penstock {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using test::FakeClock;

constexpr std::int64_t kYear = 365 * kDay;

class SettledClockTest : public ::testing::Test {
 protected:
  // Nanoseconds by which the settled clock differs from the time that has really passed since the start.
  std::int64_t off() { return settled.now().ns - (FakeClock::kStart.ns + passed); }
  void pass(std::chrono::nanoseconds time) {
    clock.advance(time);
    passed += time.count();
  }

  FakeClock clock;
  SettledClock settled{clock};
  std::int64_t passed = 0;
};

TEST_F(SettledClockTest, IsTheWallClockWhileThatKeepsPace) {
  for (int i = 0; i < 100; ++i) {
    pass(hours(7));
    EXPECT_EQ(off(), 0);
  }
  clock.set_wall({clock.now().ns + 5 * kMinute});  // as a time server may correct it
  EXPECT_EQ(off(), 5 * kMinute);
}

TEST_F(SettledClockTest, AJumpAheadForAMomentIsNeverSeen) {
  clock.set_wall({clock.now().ns + 10 * kYear});
  for (int i = 0; i < 59; ++i) {
    EXPECT_EQ(off(), 0);
    pass(minutes(1));
  }
  clock.set_wall({clock.now().ns - 10 * kYear});
  EXPECT_EQ(off(), 0);
  pass(hours(5));
  EXPECT_EQ(off(), 0);
}

TEST_F(SettledClockTest, AJumpAheadThatStaysIsBelievedAfterAnHour) {
  clock.set_wall({clock.now().ns + kYear});
  EXPECT_EQ(off(), 0);
  pass(minutes(59));
  EXPECT_EQ(off(), 0);
  pass(minutes(1));
  EXPECT_EQ(off(), kYear);
  pass(hours(1));
  EXPECT_EQ(off(), kYear);
}

TEST_F(SettledClockTest, AClockThatIsFarAheadOfTheLastRunIsAJump) {
  const Timestamp last = clock.now();
  clock.advance(std::chrono::hours(24 * 400));
  SettledClock next(clock);
  next.begin_after(last);
  EXPECT_EQ(next.now(), last);
  EXPECT_EQ(next.wall(), clock.now());
  clock.advance(std::chrono::minutes(59));
  EXPECT_EQ(next.now().ns, last.ns + 59 * kMinute);
  clock.advance(std::chrono::minutes(2));
  EXPECT_EQ(next.now(), clock.now());
}

TEST_F(SettledClockTest, AClockALittleAheadOfTheLastRunOrBehindItIsBelieved) {
  const Timestamp last = clock.now();
  clock.advance(std::chrono::minutes(9));
  SettledClock next(clock);
  next.begin_after(last);
  EXPECT_EQ(next.now(), clock.now());
  next.begin_after(Timestamp{clock.now().ns + kDay});
  EXPECT_EQ(next.now(), clock.now());
}

TEST_F(SettledClockTest, AnotherJumpBeginsTheHourAnew) {
  clock.set_wall({clock.now().ns + kYear});
  EXPECT_EQ(off(), 0);
  pass(minutes(50));
  clock.set_wall({clock.now().ns + kYear});
  EXPECT_EQ(off(), 0);
  pass(minutes(50));
  EXPECT_EQ(off(), 0);
  pass(minutes(10));
  EXPECT_EQ(off(), 2 * kYear);
}

TEST_F(SettledClockTest, AStepBackThatOnlyAStampTellsOfIsNotMissed) {
  const WatchedClock arrivals{settled};
  const Timestamp before = settled.now();
  clock.set_wall(Timestamp{before.ns - 5 * kYear});
  const Timestamp stamp = arrivals.now();
  EXPECT_EQ(stamp.ns, before.ns - 5 * kYear);
  clock.set_wall(before);
  EXPECT_EQ(settled.now(), stamp) << "else what was stamped a moment ago would be five years old";
  EXPECT_EQ(arrivals.now(), before);
}

TEST_F(SettledClockTest, AStepBackIsBelievedAtOnceAndTheReturnIsAJumpAhead) {
  clock.set_wall({0});
  EXPECT_EQ(settled.now().ns, 0);
  clock.set_wall(FakeClock::kStart);
  EXPECT_EQ(settled.now().ns, 0);
  clock.advance(hours(1));
  EXPECT_EQ(settled.now().ns, FakeClock::kStart.ns + kHour);
}

}  // namespace
}  // namespace penstock
