// Ids, labels, severities, values, errors: the small words.
#include <cmath>
#include <limits>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "core/system_clock.hpp"
#include "penstock/core/error.hpp"
#include "penstock/core/ids.hpp"
#include "penstock/core/labels.hpp"
#include "penstock/core/names.hpp"
#include "penstock/core/record.hpp"
#include "penstock/core/severity.hpp"
#include "support/fake_clock.hpp"

namespace penstock {
namespace {

TEST(RecordId, HasOneSpelling) {
  EXPECT_EQ(to_string(RecordId{{1}, 1}), "0000000000001-1");
  EXPECT_EQ(to_string(RecordId{{std::numeric_limits<std::int64_t>::max()}, std::numeric_limits<std::uint64_t>::max()}), "1y2p0ij32e8e7-3w5e11264sgsf");
  EXPECT_EQ(parse_record_id("1y2p0ij32e8e7-4f"), (RecordId{{std::numeric_limits<std::int64_t>::max()}, 4 * 36 + 15}));
  for (const std::string_view text : {"", "-", "0000000000001", "0000000000001-", "0000000000001-01", "0000000000001-0", "000000000001-1", "00000000000001-1",
                                      "0000000000000-1", "1Y2P0IJ32E8E7-4f", "1y2p0ij32e8e8-1", "zzzzzzzzzzzzz-1", "0000000000001-3w5e11264sgsg",
                                      "0000000000001-zzzzzzzzzzzzzz", "0000000000001-1 ", " 0000000000001-1", "0000000000001_1", "00000000000.1-1"}) {
    EXPECT_FALSE(parse_record_id(text)) << text;
  }
}

TEST(RecordId, ReadsBackWhateverIsWritten) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 10'000; ++i) {
    const RecordId id{{static_cast<std::int64_t>(random() >> (1 + random() % 63)) | 1}, (random() >> (random() % 64)) | 1};
    EXPECT_EQ(parse_record_id(to_string(id)), id);
  }
}

TEST(Labels, AreSortedAndTheLastOfEqualNamesWins) {
  const Labels labels = Labels::from({{"b", "1"}, {"a", "2"}, {"b", "3"}, {"c", ""}, {"a", "4"}});
  EXPECT_EQ(labels.pairs, (std::vector<std::pair<std::string, std::string>>{{"a", "4"}, {"b", "3"}, {"c", ""}}));
  EXPECT_EQ(labels.get("b"), "3");
  EXPECT_EQ(labels.get("bb"), "");
  EXPECT_EQ(labels.get(""), "");
  EXPECT_TRUE(Labels::from({}).pairs.empty());
  EXPECT_EQ(labels_to_json(labels), "{\"a\":\"4\",\"b\":\"3\",\"c\":\"\"}");
  EXPECT_EQ(labels_to_json(Labels::from({{"q\"", "\n"}})), "{\"q\\\"\":\"\\n\"}");
  EXPECT_EQ(labels_to_json({}), "{}");
}

TEST(SeriesId, NeverChangesBecauseItIsStored) {
  // Computed by calling libxxhash's XXH3_64bits from Python on the bytes that labels.hpp describes.
  EXPECT_EQ(series_id("shop", "cpu.usage", Labels::from({{"source", "pi-3"}})), 11260878846233822307u);
  EXPECT_EQ(series_id("", "", {}), 3685390413631870213u);
}

TEST(SeriesId, TellsApartWhatReadsTheSameWhenRunTogether) {
  std::set<SeriesId> ids;
  ids.insert(series_id("ab", "c", {}));
  ids.insert(series_id("a", "bc", {}));
  ids.insert(series_id("abc", "", {}));
  ids.insert(series_id("a", "b", Labels::from({{"c", ""}})));
  ids.insert(series_id("a", "b", Labels::from({{"", "c"}})));
  ids.insert(series_id("a", "b", Labels::from({{"c", "d"}, {"e", "f"}})));
  ids.insert(series_id("a", "b", Labels::from({{"c", "e"}, {"d", "f"}})));
  ids.insert(series_id("a", std::string(2000, 'x'), {}));
  EXPECT_EQ(ids.size(), 8u);
  EXPECT_EQ(series_id("a", "b", Labels::from({{"x", "1"}, {"y", "2"}})), series_id("a", "b", Labels::from({{"y", "2"}, {"x", "1"}})));
}

TEST(Severity, IsReadInItsUsualSpellings) {
  const std::pair<std::string_view, Severity> cases[] = {
      {"TRACE", Severity::trace}, {"debug", Severity::debug}, {"Info", Severity::info},        {"NOTICE", Severity::notice}, {"WARN", Severity::warn},
      {"Warning", Severity::warn}, {"ERROR", Severity::error}, {"err", Severity::error},       {"FATAL", Severity::fatal},   {"crit", Severity::fatal},
      {"CRITICAL", Severity::fatal}, {"emerg", Severity::fatal}, {"panic", Severity::fatal},   {"alert", Severity::fatal},   {"verbose", Severity::trace},
      {"Informational", Severity::info}, {"information", Severity::info}, {"0", Severity::fatal}, {"3", Severity::error},    {"4", Severity::warn},
      {"5", Severity::notice},    {"6", Severity::info},      {"7", Severity::debug},          {"W", Severity::warn}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(parse_severity(text), expected) << text;
  for (const std::string_view text : {"", "8", "-1", "70", "15", "007", "99999999999999999999", "loud", "informationally", "in\0fo", "[]", " ", "\x1b[", "\x1b[31m", "m", "+2", "ERROR+",
                                      "ERROR+100", "loud+2", "INFO0", "INFO25", "2x", "true", "P1"}) EXPECT_FALSE(parse_severity(text)) << text;
  for (std::size_t i = 0; i < kSeverityCount; ++i) EXPECT_EQ(parse_severity(severity_name(static_cast<Severity>(i))), static_cast<Severity>(i));
  EXPECT_EQ(severity_from_syslog(2), Severity::fatal);
  EXPECT_FALSE(severity_from_syslog(-1));
  EXPECT_FALSE(severity_from_syslog(8));
}

std::string text_of(const FieldValue& value) {
  std::string out;
  append_text(out, value);
  return out;
}
std::string json_of(const FieldValue& value) {
  std::string out;
  append_json(out, value);
  return out;
}

TEST(Severity, IsReadAsLoggersDressItUp) {
  const std::pair<std::string_view, Severity> cases[] = {
      {" INFO ", Severity::info}, {"warn ", Severity::warn}, {"[error]", Severity::error}, {"<Warning>:", Severity::warn}, {"\"INFO\"", Severity::info},
      {"\x1b[32minfo\x1b[39m", Severity::info}, {"\x1b[1m\x1b[31m[ERROR]\x1b[0m", Severity::error}, {"ERROR+2", Severity::error}, {"INFO+2", Severity::notice},
      {"DEBUG-4", Severity::trace}, {"WARN+1", Severity::warn}, {"ERRO", Severity::error}, {"DEBU", Severity::debug}, {"FATA", Severity::fatal},
      {"DEFAULT", Severity::info}, {"High", Severity::error}, {"medium", Severity::warn}, {"Low", Severity::notice}, {"INFO2", Severity::info},
      {"D1", Severity::debug}, {"D5", Severity::debug}, {"10", Severity::trace}, {"30", Severity::info}, {"60", Severity::fatal}, {"100", Severity::debug},
      {"250", Severity::notice}, {"400", Severity::error}, {"600", Severity::fatal}, {"<3>", Severity::error}, {"Success", Severity::notice}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(parse_severity(text), expected) << text;
}

TEST(Severity, NumbersHaveTheirLoggersScale) {
  EXPECT_EQ(severity_from_python(10), Severity::debug);
  EXPECT_EQ(severity_from_python(20), Severity::info);
  EXPECT_EQ(severity_from_python(25), Severity::notice);
  EXPECT_EQ(severity_from_python(30), Severity::warn);
  EXPECT_EQ(severity_from_python(40), Severity::error);
  EXPECT_EQ(severity_from_python(50), Severity::fatal);
  EXPECT_EQ(severity_from_python(5), Severity::trace);
  EXPECT_FALSE(severity_from_python(0));
  EXPECT_EQ(severity_from_opentelemetry(1), Severity::trace);
  EXPECT_EQ(severity_from_opentelemetry(9), Severity::info);
  EXPECT_EQ(severity_from_opentelemetry(13), Severity::warn);
  EXPECT_EQ(severity_from_opentelemetry(17), Severity::error);
  EXPECT_EQ(severity_from_opentelemetry(24), Severity::fatal);
  EXPECT_FALSE(severity_from_opentelemetry(25));
  EXPECT_FALSE(severity_from_opentelemetry(0));
}

TEST(DeploymentName, IsAnyThatAPathCanName) {
  for (const std::string_view name : {"a", "shop", "A-z_0.9", "...", ".a", "a..", "-"}) EXPECT_TRUE(is_deployment_name(name)) << name;
  EXPECT_TRUE(is_deployment_name(std::string(64, 'x')));
  EXPECT_FALSE(is_deployment_name(std::string(65, 'x')));
  for (const std::string_view name : {"", ".", "..", "a b", "a/b", "a\n", "\xC3\xA9", "a%"}) EXPECT_FALSE(is_deployment_name(name)) << name;
}

TEST(FieldValue, IsSpelledAsTextAndAsJson) {
  struct Case {
    FieldValue value;
    std::string_view text, json;
  };
  const Case cases[] = {{FieldValue::of(std::string_view("a\"b")), "a\"b", "\"a\\\"b\""},
                        {FieldValue::of_json("[1,{\"x\":2}]"), "[1,{\"x\":2}]", "[1,{\"x\":2}]"},
                        {FieldValue::of(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808", "-9223372036854775808"},
                        {FieldValue::of(0.1), "0.1", "0.1"},
                        {FieldValue::of(1e300), "1e+300", "1e+300"},
                        {FieldValue::of(true), "true", "true"},
                        {FieldValue::of(false), "false", "false"},
                        {FieldValue::none(), "null", "null"},
                        {FieldValue::of(std::nan("")), "nan", "null"}};
  for (const Case& item : cases) {
    EXPECT_EQ(text_of(item.value), item.text);
    EXPECT_EQ(json_of(item.value), item.json);
  }
}

TEST(FieldValue, ComparesByTypeAndValueAndRealsByTheirBits) {
  EXPECT_TRUE(FieldValue::of(std::nan("")) == FieldValue::of(std::nan("")));
  EXPECT_FALSE(FieldValue::of(0.0) == FieldValue::of(-0.0));
  EXPECT_FALSE(FieldValue::of(1.0) == FieldValue::of(std::int64_t{1}));
  EXPECT_FALSE(FieldValue::of(std::string_view("1")) == FieldValue::of_json("1"));
  EXPECT_TRUE(FieldValue::of(std::string_view("x")) == FieldValue::of(std::string_view("x")));
  EXPECT_TRUE(FieldValue::none() == FieldValue::none());
}

TEST(JsonString, EscapesWhatJsonAsksFor) {
  std::string out;
  append_json_string(out, std::string_view("plain \xc3\xa9 \" \\ \b\f\n\r\t \x01\x1f\0 /", 24));
  EXPECT_EQ(out, "\"plain \xc3\xa9 \\\" \\\\ \\b\\f\\n\\r\\t \\u0001\\u001f\\u0000 /\"");
}

TEST(ErrorName, IsDifferentForEveryCode) {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) names.insert(error_name(static_cast<ErrorCode>(code)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(ErrorCode::internal) + 1);
  EXPECT_EQ(error_name(ErrorCode::invalid_timestamp), "invalid_timestamp");
}

TEST(Clock, TheFakeMovesOnlyWhenTold) {
  test::FakeClock clock;
  EXPECT_EQ(format_rfc3339(clock.now()), "2026-11-20T13:33:00Z");
  const auto steady = clock.steady_now();
  clock.advance(std::chrono::seconds(2));
  clock.set_wall({0});
  EXPECT_EQ(clock.now().ns, 0);
  EXPECT_EQ(clock.steady_now() - steady, std::chrono::seconds(2));
}

TEST(Clock, TheMachinesIsPast2020) { EXPECT_GT(SystemClock().now().ns, 1'577'836'800 * kSecond); }

}  // namespace
}  // namespace penstock
