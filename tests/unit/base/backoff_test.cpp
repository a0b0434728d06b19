#include "base/backoff.hpp"

#include <set>

#include <gtest/gtest.h>

namespace penstock {
namespace {

using std::chrono::milliseconds;

TEST(Backoff, DoublesUpToItsCeilingWithJitterInTheUpperHalf) {
  Backoff backoff(milliseconds(200), milliseconds(30'000), 42);
  milliseconds ceiling(200);
  std::set<milliseconds::rep> at_ceiling;
  for (int i = 0; i < 40; ++i) {
    const milliseconds wait = backoff.next();
    EXPECT_GE(wait, ceiling / 2);
    EXPECT_LE(wait, ceiling);
    if (ceiling == milliseconds(30'000)) at_ceiling.insert(wait.count());
    ceiling = std::min(ceiling * 2, milliseconds(30'000));
  }
  EXPECT_GT(at_ceiling.size(), 20u);  // they differ
}

TEST(Backoff, BeginsAgainAfterReset) {
  Backoff backoff(milliseconds(10), milliseconds(1000), 1);
  for (int i = 0; i < 10; ++i) backoff.next();
  backoff.reset();
  EXPECT_LE(backoff.next(), milliseconds(10));
}

TEST(Backoff, SeedsDecideTheSequence) {
  Backoff a(milliseconds(1000), milliseconds(60'000), 5), b(milliseconds(1000), milliseconds(60'000), 5), c(milliseconds(1000), milliseconds(60'000), 6);
  bool differs = false;
  for (int i = 0; i < 8; ++i) {
    const milliseconds wait = a.next();
    EXPECT_EQ(wait, b.next());
    differs = differs || wait != c.next();
  }
  EXPECT_TRUE(differs);
}

}  // namespace
}  // namespace penstock
