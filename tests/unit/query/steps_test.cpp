#include <gtest/gtest.h>

#include <limits>

#include "query/histogram_counts.hpp"

namespace penstock::query::test {
namespace {

std::string start(std::string_view time, std::int64_t step, std::int64_t utc_offset = 0) {
  return format_rfc3339(Timestamp{step_start(parse_timestamp(time)->ns, step, utc_offset)});
}

TEST(Steps, WeeksBeginOnMonday) {
  EXPECT_EQ(start("2026-11-22T23:59:59Z", 7 * kDay), "2026-11-16T00:00:00Z");
  EXPECT_EQ(start("2026-11-23T00:00:00Z", 7 * kDay), "2026-11-23T00:00:00Z");
  EXPECT_EQ(start("1969-12-31T12:00:00Z", 7 * kDay), "1969-12-29T00:00:00Z");
}

TEST(Steps, OfAnHourAndMoreBeginAsTheClocksOfAZoneShowIt) {
  EXPECT_EQ(start("2026-11-20T23:30:00Z", kDay, 2 * kHour), "2026-11-20T22:00:00Z") << "midnight two hours ahead of UTC";
  EXPECT_EQ(start("2026-11-20T21:30:00Z", kDay, 2 * kHour), "2026-11-19T22:00:00Z");
  EXPECT_EQ(start("2026-11-20T13:10:00Z", kHour, 5 * kHour + 30 * kMinute), "2026-11-20T12:30:00Z");
  EXPECT_EQ(start("2026-11-20T13:10:00Z", 7 * kDay, -3 * kHour), "2026-11-16T03:00:00Z");
  EXPECT_EQ(start("2026-11-20T13:10:00Z", kMinute, 5 * kHour), "2026-11-20T13:10:00Z") << "shorter ones are the same everywhere";
}

TEST(Steps, AreRightAtTheEdgesOfTime) {
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min(), kMax = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(step_start(kMin, kDay), kMin);
  EXPECT_EQ(step_start(kMin, 7 * kDay, kHour), kMin);
  EXPECT_LE(kMax - step_start(kMax, kDay), kDay);
  EXPECT_EQ(step_start(5, kMax), 0);
  EXPECT_EQ(step_start(-5, kMax), -kMax);
}

}  // namespace
}  // namespace penstock::query::test
