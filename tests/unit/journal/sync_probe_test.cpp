// The probe of a disk measures what a commit takes, leaves nothing, and tells a disk's errors.
#include "journal/sync_probe.hpp"

#include <gtest/gtest.h>

#include "support/fake_clock.hpp"
#include "support/sim_file_system.hpp"

namespace penstock::test {
namespace {

// Every look at it takes a millisecond more.
class TickingClock final : public Clock {
 public:
  Timestamp now() const override { return {}; }
  std::chrono::steady_clock::time_point steady_now() const override {
    return std::chrono::steady_clock::time_point(std::chrono::milliseconds(++ticks_));
  }

 private:
  mutable std::int64_t ticks_ = 0;
};

TEST(SyncProbe, SyncsEveryCommitAndRemovesItsFile) {
  SimFileSystem fs;
  ASSERT_TRUE(fs.make_directories("/d"));
  const auto times = journal::probe_sync(fs, FakeClock(), "/d/probe", {.commits = 20});
  ASSERT_TRUE(times);
  EXPECT_EQ(times->commits, 20u);
  EXPECT_GE(fs.calls(FileOp::sync), 20u);
  EXPECT_TRUE(fs.list("/d")->empty());
}

TEST(SyncProbe, EndsWhenItsTimeIsOver) {
  SimFileSystem fs;
  ASSERT_TRUE(fs.make_directories("/d"));
  const auto times = journal::probe_sync(fs, TickingClock(), "/d/probe", {.at_most = std::chrono::milliseconds(30)});
  ASSERT_TRUE(times);
  EXPECT_EQ(times->commits, 10u) << "three looks at the clock for each";
  EXPECT_EQ(times->median, std::chrono::milliseconds(1));
  EXPECT_EQ(times->longest, std::chrono::milliseconds(1));
}

TEST(SyncProbe, TellsAFailedSyncAndRemovesItsFile) {
  SimFileSystem fs;
  ASSERT_TRUE(fs.make_directories("/d"));
  fs.fail(FileOp::sync, 3, FileFailure::io_error);
  const auto times = journal::probe_sync(fs, FakeClock(), "/d/probe", {.commits = 20});
  ASSERT_FALSE(times);
  EXPECT_EQ(times.error().code, ErrorCode::io_error);
  EXPECT_TRUE(fs.list("/d")->empty());
}

}  // namespace
}  // namespace penstock::test
