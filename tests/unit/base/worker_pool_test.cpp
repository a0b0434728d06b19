#include "base/worker_pool.hpp"

#include <atomic>
#include <future>
#include <stdexcept>

#include <gtest/gtest.h>

#include "base/log.hpp"

namespace penstock {
namespace {

TEST(WorkerPool, RunsEverythingItTookBeforeItStops) {
  std::atomic<int> ran{0};
  int taken = 0;
  WorkerPool pool("test", 3, 50);
  for (int i = 0; i < 1000; ++i) taken += pool.submit([&ran] { ++ran; }) ? 1 : 0;
  pool.stop();
  EXPECT_EQ(ran, taken);
  EXPECT_GE(taken, 50);
  EXPECT_FALSE(pool.submit([&ran] { ++ran; }));
  pool.stop();
}

TEST(WorkerPool, RefusesWhatPassesItsQueue) {
  std::promise<void> release;
  const std::shared_future<void> released(release.get_future());
  std::promise<void> started;
  WorkerPool pool("test", 1, 2);
  ASSERT_TRUE(pool.submit([&started, released] {
    started.set_value();
    released.wait();
  }));
  started.get_future().wait();
  EXPECT_TRUE(pool.submit([] {}));
  EXPECT_TRUE(pool.submit([] {}));
  EXPECT_FALSE(pool.submit([] {}));
  EXPECT_EQ(pool.waiting(), 2u);
  release.set_value();
  pool.stop();
  EXPECT_EQ(pool.waiting(), 0u);
}

TEST(WorkerPool, WithoutAQueueTakesAJobOnlyForAFreeThread) {
  std::promise<void> release;
  const std::shared_future<void> released(release.get_future());
  WorkerPool pool("test", 2, 0);
  EXPECT_TRUE(pool.submit([released] { released.wait(); }));
  EXPECT_TRUE(pool.submit([released] { released.wait(); }));
  EXPECT_FALSE(pool.submit([] {}));
  release.set_value();
}

TEST(WorkerPool, SurvivesAJobThatThrows) {
  log::set_level("off");
  std::atomic<int> ran{0};
  WorkerPool pool("test", 1, 10);
  ASSERT_TRUE(pool.submit([] { throw std::runtime_error("expected"); }));
  ASSERT_TRUE(pool.submit([] { throw 7; }));
  ASSERT_TRUE(pool.submit([&ran] { ++ran; }));
  pool.stop();
  EXPECT_EQ(ran, 1);
  log::set_level("info");
}

}  // namespace
}  // namespace penstock
