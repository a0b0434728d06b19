#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "query/step_grid.hpp"

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

// The starts of the steps of a range by the clocks of a zone, and the end of the last.
std::vector<std::string> steps(const char* zone, std::string_view from, std::string_view to, std::int64_t step) {
  const auto clocks = ClockZone::open(*parse_zone_name(zone));
  if (!clocks) return {clocks.error().message};
  const auto grid = make_grid(*parse_timestamp(from), *parse_timestamp(to), step, *clocks, 1000);
  if (!grid) return {grid.error().message};
  std::vector<std::string> out;
  for (std::size_t i = 0; i <= grid->count; ++i) out.push_back(format_rfc3339(Timestamp{grid->start(i)}));
  for (std::size_t i = 0; i < grid->count; ++i) {
    EXPECT_EQ(grid->index(grid->start(i)), i);
    EXPECT_EQ(grid->index(grid->start(i + 1) - 1), i);
  }
  return out;
}

using Starts = std::vector<std::string>;

TEST(Steps, ADayHas23And25HoursWhereClocksChange) {
  EXPECT_EQ(steps("Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z", kDay),
            (Starts{"2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", "2026-03-30T22:00:00Z"}));
  EXPECT_EQ(steps("Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z", kDay),
            (Starts{"2026-10-23T22:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", "2026-10-26T23:00:00Z"}));
  EXPECT_EQ(steps("America/New_York", "2026-11-01T12:00:00Z", "2026-11-01T12:00:01Z", kDay),
            (Starts{"2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"}));
  EXPECT_EQ(steps("Asia/Kathmandu", "2026-11-01T12:00:00Z", "2026-11-01T12:00:01Z", kDay),
            (Starts{"2026-10-31T18:15:00Z", "2026-11-01T18:15:00Z"}));
  EXPECT_EQ(steps("Australia/Lord_Howe", "2026-10-03T14:00:00Z", "2026-10-04T14:00:00Z", kDay),
            (Starts{"2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z", "2026-10-05T13:00:00Z"})) << "half an hour";
}

TEST(Steps, WeeksBeginOnMondayByTheClocksOfAZone) {
  EXPECT_EQ(steps("Europe/Berlin", "2026-10-22T00:00:00Z", "2026-10-27T00:00:00Z", 7 * kDay),
            (Starts{"2026-10-18T22:00:00Z", "2026-10-25T23:00:00Z", "2026-11-01T23:00:00Z"}));
}

TEST(Steps, ASkippedHourIsNoneAndOneThatComesTwiceIsTwo) {
  EXPECT_EQ(steps("Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T03:00:00Z", kHour),
            (Starts{"2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z", "2026-03-29T03:00:00Z"}));
  EXPECT_EQ(steps("Europe/Berlin", "2026-10-25T00:00:00Z", "2026-10-25T03:00:00Z", kHour),
            (Starts{"2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z", "2026-10-25T03:00:00Z"}));
  EXPECT_EQ(steps("Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-25T01:31:00Z", kHour),
            (Starts{"2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"})) << "the second of the two";
  EXPECT_EQ(steps("Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T10:00:00Z", 6 * kHour),
            (Starts{"2026-10-24T22:00:00Z", "2026-10-25T05:00:00Z", "2026-10-25T11:00:00Z"})) << "seven hours until six o'clock";
}

TEST(Steps, AnUnknownZoneIsTold) {
  EXPECT_NE(steps("Europe/Berln", "2026-10-24T22:00:00Z", "2026-10-25T10:00:00Z", kDay).front().find("such as Europe/Berlin"), std::string::npos);
  for (const char* text : {"", "2", "+", "+16:00", "+02:60", "+02:00x", "Europe/Ber lin", "../etc/passwd", "Europe/../x"}) EXPECT_FALSE(parse_zone_name(text)) << text;
  EXPECT_FALSE(ClockZone::open(*parse_zone_name("Nowhere")));
  EXPECT_EQ(parse_zone_name("-0330")->offset_ns, -(3 * kHour + 30 * kMinute));
}

TEST(Steps, AreBoundedInAZoneToo) {
  const auto berlin = *ClockZone::open({0, "Europe/Berlin"});
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min(), kMax = std::numeric_limits<std::int64_t>::max();
  EXPECT_FALSE(make_grid({kMin}, {kMax}, kHour, berlin, 1000));
  EXPECT_FALSE(make_grid({0}, {2000 * kHour}, kHour, berlin, 1000));
  EXPECT_TRUE(make_grid({0}, {1000 * kHour}, kHour, berlin, 1000));
  EXPECT_EQ(make_grid({0}, {0}, kHour, berlin, 1000)->count, 0u);
  EXPECT_FALSE(make_grid({kMax - kDay}, {kMax}, 7 * kDay, berlin, 1000)) << "it would end beyond all times";
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
