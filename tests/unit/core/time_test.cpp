#include "penstock/core/time.hpp"

#include <cmath>
#include <ctime>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace penstock {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max(), kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kNoon = 1'795'181'580 * kSecond;  // 2026-11-20T13:33:00Z

struct Parsed {
  std::string_view text;
  std::int64_t ns;
};

TEST(ParseTimestamp, ReadsRfc3339InTheFormsThatClientsSend) {
  const Parsed cases[] = {
      {"2026-11-20T13:33:00Z", kNoon},
      {"2026-11-20t13:33:00z", kNoon},
      {"2026-11-20 13:33:00", kNoon},
      {"2026-11-20T13:33:00", kNoon},
      {"2026-11-20T13:33:00.123456789Z", kNoon + 123'456'789},
      {"2026-11-20T13:33:00,5", kNoon + 500'000'000},
      {"2026-11-20T13:33:00.1234567899999Z", kNoon + 123'456'789},
      {"2026-11-20T15:33:00.25+02:00", kNoon + 250'000'000},
      {"2026-11-20T15:33:00+0200", kNoon},
      {"2026-11-20T05:03:00-08:30", kNoon},
      {"2026-11-21T00:00:00+10:27", kNoon},
      {"2016-12-31T23:59:60Z", 1'483'228'800 * kSecond},  // a leap second
      {"1970-01-01T00:00:00Z", 0},
      {"1969-12-31T23:59:59.999999999Z", -1},
      {"1969-12-31T23:59:59Z", -kSecond},
      {"2024-02-29T12:00:00Z", 1'709'208'000 * kSecond},
      {"2000-02-29T00:00:00Z", 951'782'400 * kSecond},
      {"2262-04-11T23:47:16.854775807Z", kMax},
      {"1677-09-21T00:12:43.145224192Z", kMin},
  };
  for (const auto& [text, ns] : cases) {
    const auto time = parse_timestamp(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(time->ns, ns) << text;
  }
}

TEST(ParseTimestamp, ReadsEpochsByTheirMagnitude) {
  const Parsed cases[] = {
      {"1795181580", kNoon},
      {"1795181580000", kNoon},
      {"1795181580000000", kNoon},
      {"1795181580000000000", kNoon},
      {"1795181580.123456789", kNoon + 123'456'789},
      {"1795181580123.5", kNoon + 123'500'000},
      {"1795181580000000.25", kNoon + 250},
      {"1795181580000000000.9", kNoon},
      {"1.79518158e9", kNoon},
      {"0", 0},
      {"-1", -kSecond},
      {"-1.5", -1'500'000'000},
      {"100000000000", 100'000'000 * kSecond},
  };
  for (const auto& [text, ns] : cases) {
    const auto time = parse_timestamp(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(time->ns, ns) << text;
  }
}

TEST(ParseTimestamp, RefusesWhatIsNoTime) {
  for (const std::string_view text : {
           "", " ", "now", "yesterday", "2026-11-20", "2026-11-20T13:33:0Z", "2026-13-20T13:33:00Z", "2026-00-20T13:33:00Z",
           "2026-11-31T13:33:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-11-00T13:33:00Z", "2026-11-20T24:00:00Z", "2026-11-20T13:60:00Z",
           "2026-11-20T13:33:61Z", "2026-11-20T13:33:00.Z", "2026-11-20T13:33:00ZZ", "2026-11-20T13:33:00+24:00", "2026-11-20T13:33:00+02:60",
           "2026-11-20T13:33:00+2", "2026-11-20T13:33:00 CST", "2026-11-20T13:33:00 INFO", "2026-11-20X13:33:00Z", "2026/11-20T13:33:00Z", "2o26-11-20T13:33:00Z", "20z6-11-20T13:33:00Z",
           "2026-11-20T1\xff:33:00Z", "2026-11-20T13:33:0:", "-", "--1", "+1", "1 2", "1.", ".5", "0x10", "Nov 20 13:33:00", "5/4/2026 13:33", "2026-11-20 12:33:00 (PM", "/Date(x)/", "Fri 20", "1e999", "nan", "inf", "123abc", "1.5.5",
           "18446744073709551616", "99999999999999999999", "2263-01-01T00:00:00Z", "1677-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
           "99999999999", "2262-04-11T23:47:16.854775808Z", "1677-09-21T00:12:43.145224191Z"}) {
    const auto time = parse_timestamp(text);
    EXPECT_FALSE(time) << text;
    if (!time) {
      EXPECT_EQ(time.error().code, ErrorCode::invalid_timestamp);
      EXPECT_FALSE(time.error().message.empty());
    }
  }
}

TEST(ParseTimestamp, ReadsBackWhateverIsFormatted) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 100'000; ++i) {
    auto ns = static_cast<std::int64_t>(random());
    if (i % 3 == 0) ns = ns / kSecond * kSecond;
    if (i % 3 == 1) ns = ns / 1'000'000 * 1'000'000;
    const std::string text = format_rfc3339({ns});
    const auto back = parse_timestamp(text);
    ASSERT_TRUE(back) << text;
    ASSERT_EQ(back->ns, ns) << text;
  }
}

TEST(FormatRfc3339, UsesAsManyFractionDigitsAsNeeded) {
  EXPECT_EQ(format_rfc3339({kNoon}), "2026-11-20T13:33:00Z");
  EXPECT_EQ(format_rfc3339({kNoon + 120'000'000}), "2026-11-20T13:33:00.120Z");
  EXPECT_EQ(format_rfc3339({kNoon + 1'000}), "2026-11-20T13:33:00.000001Z");
  EXPECT_EQ(format_rfc3339({kNoon + 1}), "2026-11-20T13:33:00.000000001Z");
  EXPECT_EQ(format_rfc3339({-1}), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(format_rfc3339({kMax}), "2262-04-11T23:47:16.854775807Z");
  EXPECT_EQ(format_rfc3339({kMin}), "1677-09-21T00:12:43.145224192Z");
}

TEST(FormatRfc3339, AgreesWithTheCLibraryOnEveryDay) {
  for (std::int64_t day = -106'751; day <= 106'751; day += 13) {
    const std::time_t seconds = day * 86400 + 3723;
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    char expected[40];
    ASSERT_EQ(std::strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%SZ", &utc), 20u);
    EXPECT_EQ(format_rfc3339({seconds * kSecond}), expected);
  }
}

TEST(ParseQueryTime, TakesWhatPeopleType) {
  const Timestamp now{kNoon};  // Friday, 2026-11-20T13:33:00Z
  const std::pair<const char*, const char*> cases[] = {
      {"2026-11-20", "2026-11-20T00:00:00Z"},    {"2026-11-20T13:33", "2026-11-20T13:33:00Z"},   {"2026-11-20 13:33", "2026-11-20T13:33:00Z"},
      {"now-1.5h", "2026-11-20T12:03:00Z"},      {"now-0.25d", "2026-11-20T07:33:00Z"},          {"now/d", "2026-11-20T00:00:00Z"},
      {"now-1d/d", "2026-11-19T00:00:00Z"},      {"now/d+8h", "2026-11-20T08:00:00Z"},           {"now/h", "2026-11-20T13:00:00Z"},
      {"now/m", "2026-11-20T13:33:00Z"},         {"now/w", "2026-11-16T00:00:00Z"},              {"now-5d/w", "2026-11-09T00:00:00Z"},
      {"now/M", "2026-11-01T00:00:00Z"},         {"now/y", "2026-01-01T00:00:00Z"},              {"now-1M", "2026-10-20T13:33:00Z"},
      {"now-9M", "2026-02-20T13:33:00Z"},        {"now-11M", "2025-12-20T13:33:00Z"},            {"now-1y", "2025-11-20T13:33:00Z"},
      {"now+11d-9M", "2026-03-01T13:33:00Z"},    {"now-20d-8M", "2026-02-28T13:33:00Z"},         {"now-1h-30m", "2026-11-20T12:03:00Z"}};
  for (const auto& [text, expected] : cases) {
    const auto time = parse_query_time(text, now);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(format_rfc3339(*time), expected) << text;
  }
}

TEST(ParseQueryTime, TheFirstTimeHasABeginningOfItsHour) {
  for (const char* text : {"now-900y/h", "now-900y/m", "now-900y/s"}) {
    const auto time = parse_query_time(text, {kNoon});
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(*time, kFirstTime) << text;
  }
}

TEST(ParseQueryTime, FarBoundsAreTheFirstAndTheLastInstant) {
  for (const char* text : {"9999-12-31T23:59:59Z", "2262-04-12T00:00:00Z", "2500-01-01", "99999999999999999999", "now+12000y"}) {
    ASSERT_TRUE(parse_query_time(text, {kNoon})) << text;
    EXPECT_EQ(*parse_query_time(text, {kNoon}), kLastTime) << text;
  }
  for (const char* text : {"0001-01-01", "0001-01-01T00:00:00Z", "1677-01-01T00:00:00Z", "-99999999999999999999", "now-900y", "now-900y/d", "now-900y/w",
                           "now-900y/M", "now-900y/y", "now-900y-1M", "now-900y/d-1d/w"}) {
    ASSERT_TRUE(parse_query_time(text, {kNoon})) << text;
    EXPECT_EQ(*parse_query_time(text, {kNoon}), kFirstTime) << text;
  }
  for (const char* text : {"9999-13-01", "2500-02-30", "0001-01-01T25:00:00Z", "999999999999999999999x"}) {
    EXPECT_FALSE(parse_query_time(text, {kNoon})) << text;
  }
}

TEST(FromEpoch, TellsAFractionOfAnyUnit) {
  const std::pair<double, std::int64_t> cases[] = {{1795181580.123, kNoon + 123'000'000}, {1795181580123.5, kNoon + 123'500'000}, {-0.5, -500'000'000},
                                                   {0.25, 250'000'000},                   {1795181580.0, kNoon},                  {1795181580.999999, kNoon + 999'999'000}};
  for (const auto& [value, ns] : cases) {
    const auto time = from_epoch(value);
    ASSERT_TRUE(time) << value;
    EXPECT_EQ(time->ns, ns) << value;
  }
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL, 1e19, -1e300, 9.3e10}) EXPECT_FALSE(from_epoch(bad)) << bad;
}

TEST(FromEpoch, EdgesOfTheUnitsAndOfTheRange) {
  EXPECT_EQ(from_epoch(std::int64_t{9'223'372'036})->ns, 9'223'372'036 * kSecond);
  EXPECT_FALSE(from_epoch(std::int64_t{9'223'372'037}));
  EXPECT_EQ(from_epoch(std::int64_t{100'000'000'000'000})->ns, 100'000'000 * kSecond);
  EXPECT_EQ(from_epoch(std::int64_t{100'000'000'000'000'000})->ns, 100'000'000 * kSecond);
  EXPECT_EQ(from_epoch(kMax)->ns, kMax);
  EXPECT_EQ(from_epoch(kMin)->ns, kMin);
}

TEST(DayOf, RoundsTowardsThePast) {
  EXPECT_EQ(day_of({0}), 0);
  EXPECT_EQ(day_of({kDay - 1}), 0);
  EXPECT_EQ(day_of({kDay}), 1);
  EXPECT_EQ(day_of({-1}), -1);
  EXPECT_EQ(day_of({-kDay}), -1);
  EXPECT_EQ(day_of({-kDay - 1}), -2);
  EXPECT_EQ(day_of({kMin}), -106'752);
}

TEST(ParseDuration, AddsItsParts) {
  const Parsed cases[] = {{"250ms", 250'000'000},          {"90s", 90 * kSecond}, {"15m", 15 * kMinute}, {"1h30m", 90 * kMinute},
                          {"7d", 7 * kDay},                {"2w", 14 * kDay},     {"60", 60 * kSecond},  {"1d1ms", kDay + 1'000'000},
                          {"106751d", 106'751 * kDay}, {"1.5h", 90 * kMinute}, {"0.25d", 6 * kHour}, {"106752d", kMax}, {"18446744073709551615ms", kMax}};
  for (const auto& [text, ns] : cases) {
    const auto duration = parse_duration(text);
    ASSERT_TRUE(duration) << text;
    EXPECT_EQ(*duration, ns) << text;
  }
  for (const std::string_view text : {"", "0", "0s", "-1s", "h", "1h30", "1.h", ".5h", "1.5", "1 h", "5y", "1H", "99999999999999999999s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(ParseQueryTime, KnowsNowAndDistancesFromIt) {
  const Timestamp now{kNoon};
  EXPECT_EQ(parse_query_time("now", now)->ns, kNoon);
  EXPECT_EQ(parse_query_time("now-15m", now)->ns, kNoon - 15 * kMinute);
  EXPECT_EQ(parse_query_time("now+1h30m", now)->ns, kNoon + 90 * kMinute);
  EXPECT_EQ(parse_query_time("2026-11-20T13:33:00Z", {0})->ns, kNoon);
  EXPECT_EQ(parse_query_time("1795181580", {0})->ns, kNoon);
  for (const std::string_view text : {"nowhere", "now-", "now-0s", "now*2h", "now--1h", "Now", "", "now-1.h", "now-.5h", "now-1.5", "now-1.5M", "now/", "now/x", "now/dd", "now-M", "now-1M1d"}) {
    const auto time = parse_query_time(text, now);
    ASSERT_FALSE(time) << text;
    EXPECT_EQ(time.error().code, ErrorCode::invalid_timestamp) << text;
  }
  EXPECT_EQ(parse_query_time("now+1d", {kMax})->ns, kMax);
  EXPECT_LT(parse_query_time("now-200000d", now)->ns, kMin / 2) << "as far back as a distance can be told";
}

}  // namespace
}  // namespace penstock
