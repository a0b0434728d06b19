#include "base/bounded_queue.hpp"

#include <atomic>
#include <deque>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "support/amount.hpp"

namespace penstock {
namespace {

using test::amount;

template <class Index>
class BoundedQueueModel : public ::testing::Test {};
using Indices = ::testing::Types<std::uint8_t, std::uint16_t, std::uint64_t>;
TYPED_TEST_SUITE(BoundedQueueModel, Indices);

TYPED_TEST(BoundedQueueModel, BehavesLikeADequeThroughManyWrapAroundsOfTheIndex) {
  for (const std::size_t capacity : {2u, 8u, 128u}) {
    BoundedQueue<int, TypeParam> queue(capacity);
    std::deque<int> model;
    std::mt19937 random(static_cast<unsigned>(capacity));
    int next = 0;
    for (int step = 0; step < 300'000; ++step) {
      // Long runs of one kind, so that full and empty are both met.
      const bool push = (random() % 8 < 4) == ((step / 500) % 2 == 0) || random() % 4 == 0;
      if (push) {
        const bool pushed = queue.push(int{next});
        ASSERT_EQ(pushed, model.size() < capacity) << "step " << step;
        if (pushed) model.push_back(next);
        ++next;
      } else {
        int value = -1;
        const bool popped = queue.pop(value);
        ASSERT_EQ(popped, !model.empty()) << "step " << step;
        if (popped) {
          ASSERT_EQ(value, model.front());
          model.pop_front();
        }
      }
      ASSERT_EQ(queue.approximate_size(), model.size());
    }
  }
}

// Values are numbers in order, so that two counters are the whole model.
TEST(BoundedQueue, HoldsForABillionOperationsWithAnIndexThatWrapsAroundAllTheTime) {
  const std::uint64_t operations = amount("QUEUE_OPERATIONS", 1'000'000'000);
  constexpr std::uint64_t kCapacity = 128;
  BoundedQueue<std::uint64_t, std::uint8_t> queue(kCapacity);
  std::uint64_t pushed = 0, popped = 0, wrong = 0;
  std::uint64_t random = 1;
  for (std::uint64_t step = 0; step < operations;) {
    random = random * 6364136223846793005ull + 1442695040888963407ull;
    const std::uint64_t run = 1 + (random >> 56);  // 1 to 256 of a kind: full and empty are met often
    const bool pushing = (random >> 55 & 1) != 0;
    for (std::uint64_t i = 0; i < run; ++i, ++step) {
      if (pushing) {
        const bool taken = queue.push(std::uint64_t{pushed});
        wrong += taken != (pushed - popped < kCapacity);
        pushed += taken;
      } else {
        std::uint64_t value = ~std::uint64_t{0};
        const bool given = queue.pop(value);
        wrong += given != (popped != pushed) || (given && value != popped);
        popped += given;
      }
    }
    ASSERT_EQ(wrong, 0u) << "before operation " << step;
  }
  EXPECT_GT(popped, operations / 8) << "the rest met a full or an empty queue";
}

TEST(BoundedQueue, RoundsItsCapacityUpToAPowerOfTwo) {
  EXPECT_EQ(BoundedQueue<int>(0).capacity(), 2u);
  EXPECT_EQ(BoundedQueue<int>(5).capacity(), 8u);
  EXPECT_EQ(BoundedQueue<int>(64).capacity(), 64u);
}

TEST(BoundedQueue, LeavesWhatItCannotTakeWithItsOwner) {
  BoundedQueue<std::unique_ptr<int>> queue(2);
  EXPECT_TRUE(queue.push(std::make_unique<int>(1)));
  EXPECT_TRUE(queue.push(std::make_unique<int>(2)));
  auto third = std::make_unique<int>(3);
  EXPECT_FALSE(queue.push(std::move(third)));
  ASSERT_NE(third, nullptr);
  EXPECT_EQ(*third, 3);
}

TEST(BoundedQueue, HoldsNothingOfWhatWasPopped) {
  BoundedQueue<std::shared_ptr<int>> queue(4);
  auto value = std::make_shared<int>(1);
  EXPECT_TRUE(queue.push(std::shared_ptr<int>(value)));
  std::shared_ptr<int> out;
  EXPECT_TRUE(queue.pop(out));
  out.reset();
  EXPECT_EQ(value.use_count(), 1);
}

template <class Index>
class BoundedQueueStress : public ::testing::Test {};
using StressIndices = ::testing::Types<std::uint16_t, std::uint64_t>;
TYPED_TEST_SUITE(BoundedQueueStress, StressIndices);

// The 16-bit index wraps around several times here.
TYPED_TEST(BoundedQueueStress, LosesAndRepeatsNothingUnderManyProducersAndKeepsEachOnesOrder) {
  struct Item {
    std::uint32_t producer = 0, number = 0;
    std::unique_ptr<std::uint32_t> owned;  // a lost or doubled element would be a leak or a null
  };
  constexpr std::uint32_t producers = 4, per_producer = 60'000;
  BoundedQueue<Item, TypeParam> queue(256);
  std::atomic<std::uint64_t> full{0};
  std::vector<std::jthread> threads;
  for (std::uint32_t p = 0; p < producers; ++p) {
    threads.emplace_back([&queue, &full, p] {
      for (std::uint32_t i = 0; i < per_producer; ++i) {
        Item item{p, i, std::make_unique<std::uint32_t>(i)};
        while (!queue.push(std::move(item))) {
          full.fetch_add(1, std::memory_order_relaxed);
          std::this_thread::yield();
        }
      }
    });
  }
  std::vector<std::uint32_t> expected(producers, 0);
  for (std::uint64_t received = 0; received < std::uint64_t{producers} * per_producer;) {
    Item item;
    if (!queue.pop(item)) {
      std::this_thread::yield();
      continue;
    }
    ++received;
    ASSERT_LT(item.producer, producers);
    ASSERT_EQ(item.number, expected[item.producer]);
    ASSERT_NE(item.owned, nullptr);
    ASSERT_EQ(*item.owned, item.number);
    ++expected[item.producer];
  }
  threads.clear();
  Item left;
  EXPECT_FALSE(queue.pop(left));
  EXPECT_EQ(queue.approximate_size(), 0u);
}

}  // namespace
}  // namespace penstock
