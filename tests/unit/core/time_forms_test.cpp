// Times as programs write them; the lines and values are those of the programs' own output or documentation.
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <string>

#include "penstock/core/time.hpp"

namespace penstock::test {
namespace {

constexpr Timestamp kNow{1'795'181'580 * kSecond};  // 2026-11-20T13:33:00Z, a Friday

struct Case {
  std::string_view text;
  std::string_view time;
};

std::string whole(std::string_view text, const TimeSense& sense = {}) {
  const auto time = parse_timestamp(text, sense);
  return time ? format_rfc3339(*time) : "none";
}
std::string leading(std::string_view text, const TimeSense& sense) {
  const auto found = leading_time(text, sense);
  return found ? format_rfc3339(found->time) : "none";
}

TEST(TimeForms, AreReadOnTheServerWithoutAClock) {
  const Case cases[] = {
      {"2026-11-20T13:33Z", "2026-11-20T13:33:00Z"},
      {"2026-11-20 13:33", "2026-11-20T13:33:00Z"},
      {"2026-11-20 13:33:00 UTC", "2026-11-20T13:33:00Z"},
      {"2026-11-20 13:33:00 +0000", "2026-11-20T13:33:00Z"},
      {"2026-11-20 13:33:00.123456 +0100", "2026-11-20T12:33:00.123456Z"},
      {"2026-11-20 13:33:00+00", "2026-11-20T13:33:00Z"},
      {"2026-11-20 13:33:00.5-08", "2026-11-20T21:33:00.500Z"},
      {"2026-11-20 13:33:00.123 +0100 CET", "2026-11-20T12:33:00.123Z"},
      {"2026-11-20 13:33:00.123456789 +0000 UTC m=+0.000012345", "2026-11-20T13:33:00.123456789Z"},
      {"2026-11-20T13:33:00+01:00[Europe/Berlin]", "2026-11-20T12:33:00Z"},
      {"2026-11-20T13:33:00Z[UTC]", "2026-11-20T13:33:00Z"},
      {"2026-11-20T13:33:00.25[UTC]", "2026-11-20T13:33:00.250Z"},
      {"2026-11-20T13:33:00[Europe/Berlin]", "none"},
      {"20/Nov/2026:13:33:00 +0100", "2026-11-20T12:33:00Z"},
      {"[20/Nov/2026:13:33:00 +0100]", "2026-11-20T12:33:00Z"},
      {"Fri, 20 Nov 2026 13:33:00 +0100", "2026-11-20T12:33:00Z"},
      {"Fri, 20 Nov 2026 13:33:00 GMT", "2026-11-20T13:33:00Z"},
      {"20 Nov 2026 13:33 -0500", "2026-11-20T18:33:00Z"},
      {"Fri, 20 Nov 2026 13:33:00 +0100 (CET)", "2026-11-20T12:33:00Z"},
      {"Friday, 20-Nov-26 13:33:00 UTC", "2026-11-20T13:33:00Z"},
      {"20-Nov-2026 13:33:00.123", "2026-11-20T13:33:00.123Z"},
      {"20-NOV-26 13:33:00", "2026-11-20T13:33:00Z"},
      {"20261120T133300Z", "2026-11-20T13:33:00Z"},
      {"20261120T133300.250+0100", "2026-11-20T12:33:00.250Z"},
      {"20261120T1333Z", "2026-11-20T13:33:00Z"},
      {"20261120133300", "2026-11-20T13:33:00Z"},
      {"20261120 13:33:00", "2026-11-20T13:33:00Z"},
      {"2026/11/20 13:33:00", "2026-11-20T13:33:00Z"},
      {"2026/11/20 13:33:00.123456", "2026-11-20T13:33:00.123456Z"},
      {"2026.11.20 13:33:00.000001", "2026-11-20T13:33:00.000001Z"},
      {"2026-11-20-13.33.00.123456", "2026-11-20T13:33:00.123456Z"},
      {"2026-1-2 3:04:05", "2026-01-02T03:04:05Z"},
      {"11/20/2026 1:33:00 PM", "2026-11-20T13:33:00Z"},
      {"20/11/2026 13:33:00", "2026-11-20T13:33:00Z"},
      {"11/20/2026, 12:33:00\u202f" "AM", "2026-11-20T00:33:00Z"},
      {"20.11.2026 13:33:00", "2026-11-20T13:33:00Z"},
      {"/Date(1795181580123)/", "2026-11-20T13:33:00.123Z"},
      {"/Date(1795181580123+0100)/", "2026-11-20T13:33:00.123Z"},
      {"/Date(-1000)/", "1969-12-31T23:59:59Z"},
      {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"},
      {"2016-12-31 23:59:60 UTC", "2017-01-01T00:00:00Z"},
      {"Fri Nov 20 13:33:00 2026", "2026-11-20T13:33:00Z"},
      {"Fri Nov 20 13:33:00 UTC 2026", "2026-11-20T13:33:00Z"},
      {"Fri Nov 20 13:33:00 2026 +0100", "2026-11-20T12:33:00Z"},
      {"Fri Nov 20 14:33:00 CET 2026", "2026-11-20T13:33:00Z"},
      {"Fri Nov 20 13:33:00 CST 2026", "none"},
      {"Fri Nov 20 2026 14:33:00 GMT+0100 (Central European Standard Time)", "2026-11-20T13:33:00Z"},
      {"Fri Nov 20 02:33:00 PM JST 2026", "2026-11-20T05:33:00Z"},
      {"Nov 20, 2026 1:33:00 PM", "2026-11-20T13:33:00Z"},
      {"November 20, 2026 at 1:33:00 PM", "2026-11-20T13:33:00Z"},
      {"Nov 20 13:33:00 2026 GMT", "2026-11-20T13:33:00Z"},
      {"Fri 2026-11-20 13:33:00 UTC", "2026-11-20T13:33:00Z"},
      {" 1795181580 ", "2026-11-20T13:33:00Z"},
      {"\t2026-11-20T13:33:00Z\n", "2026-11-20T13:33:00Z"},
      {"Nov 20 13:33:00", "none"},      // of which year?
      {"5/4/2026 13:33:00", "none"},    // April or May?
      {"5/5/2026 13:33:00", "2026-05-05T13:33:00Z"},
      {"2026-02-29 13:33", "none"},
      {"2026-11-20 25:33", "none"},
      {"20261320T133300Z", "none"},
      {"9999999999", "none"},
      {"2026-11-20 13:33:00 Zebra", "none"},
      {"GMT", "none"},
      {"/Date(99999999999999999)/", "none"},
  };
  for (const Case& one : cases) EXPECT_EQ(whole(one.text), one.time) << one.text;
}

TEST(TimeForms, OfALineAreReadToTheirEndOnly) {
  const TimeSense sense{kNow, false};
  const Case cases[] = {
      {"I1120 13:33:00.123456   12345 controller.go:100] x", "2026-11-20T13:33:00.123456Z"},
      {"E20261120 13:33:00.000000 1 x.cc:1] x", "2026-11-20T13:33:00Z"},
      {"03-17 16:13:38.811  1702  2395 D WindowManager: x", "2026-03-17T16:13:38.811Z"},
      {"17/06/09 20:10:40 INFO executor.CoarseGrainedExecutorBackend: x", "2017-06-09T20:10:40Z"},
      {"26/11/20 13:33:00 INFO x", "2026-11-20T13:33:00Z"},
      {"11/20/26 13:33:00 x", "2026-11-20T13:33:00Z"},
      {"081109 203615 148 INFO dfs.DataNode$PacketResponder: x", "2008-11-09T20:36:15Z"},
      {"081109 20:36:15 [Note] x", "2008-11-09T20:36:15Z"},
      {"301109 203615 148 x", "none"},  // ahead
      {"123456 234567 x", "none"},
      {"2015-10-18 18:01:47,978 INFO [main] x", "2015-10-18T18:01:47.978Z"},
      {"2005-06-03-15.42.50.363779 R02", "2005-06-03T15:42:50.363779Z"},
      {"20171223-22:15:29:606|Step_LSC|30002312|x", "2017-12-23T22:15:29.606Z"},
      {"1795181580.123    45 10.0.0.1 TCP_MISS/200", "2026-11-20T13:33:00.123Z"},
      {"1795181580] x", "2026-11-20T13:33:00Z"},
      {"1795181580123 x", "2026-11-20T13:33:00.123Z"},
      {"1795181580x", "none"},
      {"179518158 x", "none"},
      {"17951815801 x", "none"},
      {"9999999999 x", "none"},
      {"Sun Dec 04 04:47:44 2005] [notice] x", "2005-12-04T04:47:44Z"},
      {"Fri Nov 20 13:33:00.123456 2026] [core:notice] x", "2026-11-20T13:33:00.123456Z"},
      {"Thu Jul  2 15:16:01.250 En0 x", "2026-07-02T15:16:01.250Z"},
      {"20 Nov 2026 13:33:00.123 * Ready", "2026-11-20T13:33:00.123Z"},
      {"20 Nov 13:33:00.123 * Ready", "2026-11-20T13:33:00.123Z"},
      {"2026-11-20 14:33:00 CET [123] LOG:  x", "2026-11-20T13:33:00Z"},
      {"2026-11-20 13:33:00 IST [123] LOG:  x", "none"},
      {"2026-11-20 13:33:00.123 UTC,\"user\",\"db\"", "2026-11-20T13:33:00.123Z"},
      {"2026-11-20 13:33:00 INFO x", "2026-11-20T13:33:00Z"},
      {"2026-11-20 13:33:00 +01 degrees", "2026-11-20T13:33:00Z"},
      {"2026-11-20 13:33:00 -1234 x", "2026-11-20T13:33:00Z"},
      {"2026-11-20 13:33:00 +0100 [info]: x", "2026-11-20T12:33:00Z"},
      {"Nov 20 13:33:00 2026 x", "2026-11-20T13:33:00Z"},
      {"Nov 20 13:33:00 1987 a process", "2026-11-20T13:33:00Z"},
      {"5/4/2026 13:33:00 x", "2026-05-04T13:33:00Z"},   // nearest to now
      {"10/11/2026 13:33:00 x", "2026-11-10T13:33:00Z"},
      {"11/10/2026 13:33:00 x", "2026-11-10T13:33:00Z"},
      {"20 apples", "none"},
      {"10.0.0.1 - - x", "none"},
      {"May I 5", "none"},
      {"Friday", "none"},
      {"W3SVC1 x", "none"},
  };
  for (const Case& one : cases) EXPECT_EQ(leading(one.text, sense), one.time) << one.text;
  EXPECT_EQ(leading_time("2026-11-20 13:33:00 +0100 x", sense)->size, 25u);
  EXPECT_EQ(leading_time("2026-11-20 13:33:00 x", sense)->size, 19u);
}

TEST(TimeForms, WithoutAYearLieInThePastByADayAheadAtMost) {
  const auto at = [](std::string_view text, std::string_view now) { return leading(text, {*parse_timestamp(now), false}); };
  EXPECT_EQ(at("Dec 31 23:59:59 x", "2026-11-20T13:33:00Z"), "2025-12-31T23:59:59Z");
  EXPECT_EQ(at("Nov 21 13:32:59 x", "2026-11-20T13:33:00Z"), "2026-11-21T13:32:59Z");
  EXPECT_EQ(at("Nov 21 13:33:01 x", "2026-11-20T13:33:00Z"), "2025-11-21T13:33:01Z");
  EXPECT_EQ(at("Jan  1 00:00:10 x", "2026-12-31T23:59:50Z"), "2027-01-01T00:00:10Z") << "the writer's clock is ahead";
  EXPECT_EQ(at("Dec 31 23:59:59 x", "2027-01-01T00:00:01Z"), "2026-12-31T23:59:59Z") << "the turn of the year";
  EXPECT_EQ(at("Feb 29 12:00:00 x", "2026-11-20T13:33:00Z"), "2024-02-29T12:00:00Z");
  EXPECT_EQ(at("Feb 29 12:00:00 x", "1903-11-20T13:33:00Z"), "1896-02-29T12:00:00Z");
}

class LocalTimeForms : public testing::Test {
 protected:
  void SetUp() override { set_zone("CET-1CEST,M3.5.0,M10.5.0/3"); }
  void TearDown() override { set_zone(nullptr); }
  static void set_zone(const char* zone) {
    if (zone != nullptr) {
      ::setenv("TZ", zone, 1);
    } else {
      ::unsetenv("TZ");
    }
    ::tzset();
  }
};

TEST_F(LocalTimeForms, AreThisMachinesWhereTheLineNamesNoZone) {
  const TimeSense sense{kNow, true};
  EXPECT_EQ(leading("2026-11-20 13:33:00 x", sense), "2026-11-20T12:33:00Z");
  EXPECT_EQ(leading("2026-11-20 13:33:00Z x", sense), "2026-11-20T13:33:00Z");
  EXPECT_EQ(leading("2026-11-20 13:33:00 UTC x", sense), "2026-11-20T13:33:00Z");
  EXPECT_EQ(leading("Nov 20 13:33:00 GMT x", sense), "2026-11-20T13:33:00Z");
  EXPECT_EQ(leading("2026-11-20 13:33:00 JST x", sense), "2026-11-20T04:33:00Z");
  EXPECT_EQ(leading("2026-10-25 02:30:00 CEST x", sense), "2026-10-25T00:30:00Z") << "the hour that is there twice";
  EXPECT_EQ(leading("2026-10-25 02:30:00 CET x", sense), "2026-10-25T01:30:00Z");
  EXPECT_EQ(whole("1795181580", sense), "2026-11-20T13:33:00Z");
  EXPECT_EQ(whole("2026-11-20T13:33:00", sense), "2026-11-20T12:33:00Z");
  EXPECT_EQ(whole("nonsense", sense), "none");
  // What is ambiguous elsewhere is sure on the machine that calls itself so.
  set_zone("CST-8");
  EXPECT_EQ(leading("2026-11-20 13:33:00 CST x", sense), "2026-11-20T05:33:00Z");
}

TEST(UnsetTime, IsWhatProgramsWriteWhoHaveNone) {
  for (const std::string_view text : {"", " ", "0", "0.0", "0000", "-", "null", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "0000-12-31T23:06:32+01:00",
                                      "-62135596800", "-62135596800000", "-6795364578871345152", "0000-00-00 00:00:00", "1970-01-01T00:00:00.000Z",
                                      "1970-01-01 00:00:00", "1/1/0001 12:00:00 AM", "/Date(-62135596800000)/", "/Date(0)/"}) {
    EXPECT_TRUE(is_unset_time(text)) << text;
  }
  for (const std::string_view text : {"1", "2026-11-20T13:33:00Z", "yesterday", "1795181580", "1970-01-01T00:00:00.001Z", "{}"}) {
    EXPECT_FALSE(is_unset_time(text)) << text;
  }
}

}  // namespace
}  // namespace penstock::test
