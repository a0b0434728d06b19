#include "http/pace.hpp"

#include <gtest/gtest.h>

namespace penstock::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
constexpr Pace::Clock::time_point kStart{seconds(1000)};

TEST(Pace, WhoMovesNothingIsBehindWhenTheCreditIsSpent) {
  const Pace pace(kStart, seconds(1));
  EXPECT_FALSE(pace.is_behind(kStart + seconds(1)));
  EXPECT_TRUE(pace.is_behind(kStart + milliseconds(1001)));
}

TEST(Pace, WhoKeepsTheRateIsNeverBehindAndWhoKeepsHalfOfItSoonIs) {
  for (const std::size_t bytes : {1000U, 500U}) {
    Pace pace(kStart, seconds(1));
    bool behind = false;
    for (int second = 1; second <= 10; ++second) {
      pace.moved(kStart + seconds(second), bytes, 1000);
      behind = behind || pace.is_behind(kStart + seconds(second));
    }
    EXPECT_EQ(behind, bytes == 500U) << bytes;
  }
}

TEST(Pace, AFastBeginningBuysNoMoreThanTheCredit) {
  Pace pace(kStart, seconds(1));
  pace.moved(kStart, std::size_t{1} << 40, 1000);
  EXPECT_FALSE(pace.is_behind(kStart + seconds(1)));
  EXPECT_TRUE(pace.is_behind(kStart + milliseconds(1001)));
}

TEST(Pace, ALongStandstillIsMadeGoodInNoMoreThanTheCredit) {
  Pace pace(kStart, seconds(1));
  const auto later = kStart + seconds(3600);
  pace.moved(later, 1001, 1000);
  EXPECT_FALSE(pace.is_behind(later));
}

}  // namespace
}  // namespace penstock::http
