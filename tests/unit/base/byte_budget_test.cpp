#include "base/byte_budget.hpp"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(ByteBudget, GivesNoMoreThanItsLimit) {
  ByteBudget budget(100);
  auto first = budget.take(60);
  ASSERT_TRUE(first);
  EXPECT_FALSE(budget.take(41));
  EXPECT_EQ(budget.used(), 60u);
  auto second = budget.take(40);
  ASSERT_TRUE(second);
  EXPECT_FALSE(budget.take(1));
  EXPECT_TRUE(budget.take(0));
  first.reset();
  EXPECT_EQ(budget.used(), 40u);
}

TEST(ByteBudget, ASizeThatOverflowsIsRefused) {
  ByteBudget budget(100);
  auto lease = budget.take(50);
  EXPECT_FALSE(budget.take(~std::size_t{0}));
  EXPECT_FALSE(lease->grow(~std::size_t{0}));
  EXPECT_EQ(budget.used(), 50u);
}

TEST(Lease, GrowsShrinksAndMovesWithoutLosingBytes) {
  ByteBudget budget(100);
  auto lease = budget.take(10);
  EXPECT_TRUE(lease->grow(50));
  EXPECT_FALSE(lease->grow(41));
  EXPECT_EQ(lease->size(), 60u);
  lease->shrink(20);
  EXPECT_EQ(budget.used(), 40u);
  lease->shrink(1000);
  EXPECT_EQ(budget.used(), 0u);
  EXPECT_TRUE(lease->grow(5));

  ByteBudget::Lease moved(std::move(*lease));
  EXPECT_EQ(lease->size(), 0u);
  EXPECT_EQ(budget.used(), 5u);
  ByteBudget::Lease other = *budget.take(7);
  other = std::move(moved);
  EXPECT_EQ(budget.used(), 5u);
  other.release();
  EXPECT_EQ(budget.used(), 0u);
  EXPECT_FALSE(other.grow(1));  // it belongs to no budget any more
  EXPECT_FALSE(ByteBudget::Lease().grow(1));
}

TEST(ByteBudget, IsNeverOverdrawnByManyThreadsAndComesBackToZero) {
  ByteBudget budget(1000);
  std::atomic<std::size_t> most{0}, taken{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (std::size_t i = 0; i < 50'000; ++i) {
          auto lease = budget.take(i % 400);
          if (!lease) continue;
          taken.fetch_add(1);
          static_cast<void>(lease->grow(i % 7));
          std::size_t used = budget.used(), seen = most.load();
          while (used > seen && !most.compare_exchange_weak(seen, used)) {}
        }
      });
    }
  }
  EXPECT_EQ(budget.used(), 0u);
  EXPECT_LE(most.load(), budget.limit());
  EXPECT_GT(taken.load(), 0u);
}

}  // namespace
}  // namespace penstock
