#include "sinks/store/poison_hunt.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace penstock::sinks {
namespace {

const Error kBad{ErrorCode::invalid_value, "bad", ""};

TEST(PoisonHunt, NothingIsLimitedWithoutARefusal) {
  const PoisonHunt hunt;
  EXPECT_EQ(hunt.limit(1), std::numeric_limits<Sequence>::max());
  EXPECT_EQ(hunt.poison(1), nullptr);
}

// Plays a store that refuses every commit with one of `bad` in it; returns what was given up, and counts the commits.
std::vector<Sequence> play(std::vector<Sequence> bad, Sequence end, int& commits) {
  PoisonHunt hunt;
  std::vector<Sequence> given_up;
  for (Sequence cursor = 1; cursor < end && commits < 10'000; ++commits) {
    const Sequence to = std::min(end, hunt.limit(cursor));
    const bool refused =
        std::any_of(bad.begin(), bad.end(), [&](Sequence s) { return s >= cursor && s < to && !hunt.poison(s); });
    if (refused) {
      hunt.refused(cursor, to, kBad);
      continue;
    }
    for (Sequence s = cursor; s < to; ++s) {
      if (hunt.poison(s)) given_up.push_back(s);
    }
    hunt.stored(to);
    cursor = to;
  }
  return given_up;
}

TEST(PoisonHunt, FindsEveryPlaceInLogarithmicallyManyCommits) {
  for (Sequence bad = 1; bad <= 1000; bad += 37) {
    int commits = 0;
    EXPECT_EQ(play({bad}, 1001, commits), (std::vector<Sequence>{bad}));
    EXPECT_LE(commits, 25);
  }
}

TEST(PoisonHunt, FindsSeveralAlsoSideBySide) {
  int commits = 0;
  EXPECT_EQ(play({1, 2, 500, 501, 1000}, 1001, commits), (std::vector<Sequence>{1, 2, 500, 501, 1000}));
  EXPECT_LE(commits, 120);
}

TEST(PoisonHunt, GivesUpNothingThatIsTakenAlone) {
  PoisonHunt hunt;
  hunt.refused(1, 3, kBad);
  hunt.stored(2);
  EXPECT_EQ(hunt.limit(2), 3u);
  hunt.stored(3);
  EXPECT_FALSE(hunt.active());
  EXPECT_EQ(hunt.poison(2), nullptr);
}

}  // namespace
}  // namespace penstock::sinks
