#include "auth/attempts.hpp"

#include <gtest/gtest.h>

namespace penstock::auth {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
const AttemptLimits::Clock::time_point kBegin{std::chrono::hours(100)};

TEST(Attempts, AnAccountTakesSoManyAndThenOneAMinute) {
  AttemptLimits limits;
  // From ever new addresses.
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(limits.begin("ann", "192.0.2." + std::to_string(i), kBegin));
  const auto wait = limits.begin("ann", "192.0.2.99", kBegin);
  ASSERT_TRUE(wait);
  EXPECT_EQ(*wait, seconds(60));
  EXPECT_FALSE(limits.begin("bob", "192.0.2.99", kBegin)) << "others are not meant";
  EXPECT_TRUE(limits.begin("ann", "192.0.2.99", kBegin + seconds(59)));
  EXPECT_FALSE(limits.begin("ann", "192.0.2.99", kBegin + seconds(61)));
  EXPECT_TRUE(limits.begin("ann", "192.0.2.99", kBegin + seconds(62)));
}

TEST(Attempts, AnAddressTakesSoManyWhateverTheAccounts) {
  AttemptLimits limits;
  for (int i = 0; i < 30; ++i) EXPECT_FALSE(limits.begin("user" + std::to_string(i), "192.0.2.1", kBegin));
  EXPECT_TRUE(limits.begin("another", "192.0.2.1", kBegin));
  EXPECT_FALSE(limits.begin("another", "192.0.2.2", kBegin));
  EXPECT_FALSE(limits.begin("another", "192.0.2.1", kBegin + minutes(1)));
}

TEST(Attempts, AnIpv6NetworkIsOneAddress) {
  AttemptLimits limits;
  for (int i = 0; i < 30; ++i) EXPECT_FALSE(limits.begin("user" + std::to_string(i), "2001:db8::" + std::to_string(i), kBegin));
  EXPECT_TRUE(limits.begin("another", "2001:db8::ffff", kBegin));
  EXPECT_FALSE(limits.begin("another", "2001:db8:0:1::1", kBegin));
}

TEST(Attempts, StrangersDoNotLockTheOwnerOut) {
  AttemptLimits limits;
  EXPECT_FALSE(limits.begin("ann", "192.0.2.1", kBegin));
  limits.succeeded("ann", "192.0.2.1", kBegin);
  for (int i = 0; i < 50; ++i) (void)limits.begin("ann", "203.0.113." + std::to_string(i), kBegin);
  EXPECT_TRUE(limits.begin("ann", "203.0.113.77", kBegin));
  EXPECT_FALSE(limits.begin("ann", "192.0.2.1", kBegin)) << "from where she logged in before";
}

TEST(Attempts, ASuccessIsNoTry) {
  AttemptLimits limits;
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(limits.begin("ann", "192.0.2.1", kBegin));
    limits.succeeded("ann", "192.0.2.1", kBegin);
  }
}

TEST(Attempts, AFloodOfNamesNeitherGrowsNorForgetsWhoIsBlocked) {
  AttemptLimits::Options options;
  options.most = 64;
  AttemptLimits limits(options);
  for (int i = 0; i < 10; ++i) (void)limits.begin("ann", "192.0.2." + std::to_string(i), kBegin);
  for (int i = 0; i < 1000; ++i) (void)limits.begin("user" + std::to_string(i), "2001:db8:" + std::to_string(i) + "::1", kBegin);
  EXPECT_TRUE(limits.begin("ann", "192.0.2.99", kBegin));
}

}  // namespace
}  // namespace penstock::auth
