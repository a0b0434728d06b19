#include <limits>

#include <gtest/gtest.h>

#include "base/log_format.hpp"
#include "base/log_limiter.hpp"

namespace penstock::log {
namespace {

using namespace std::chrono_literals;

Line line_of(std::string_view message, std::span<const Field> fields = {}) {
  return {std::chrono::system_clock::time_point(1795181580123ms), "info", "journal", message, fields};
}

TEST(LogText, HasTimeLevelRoomMessageAndFields) {
  const std::string path = "/var/lib/my data";
  const Field fields[] = {{"segments", 3}, {"path", path}, {"ratio", 0.25}, {"ok", true}, {"name", "x-1"}, {"big", std::uint64_t{18446744073709551615u}}};
  EXPECT_EQ(format_text(line_of("Started", fields)),
            "2026-11-20T13:33:00.123Z info journal Started segments=3 path=\"/var/lib/my data\" ratio=0.25 ok=true name=x-1 big=18446744073709551615");
}

TEST(LogText, NobodysTextCanStartALineOrSteerATerminal) {
  const Field fields[] = {{"a", "x\ny"},           {"b", "\x1b[31mred"}, {"c", "say \"hi\" \\"}, {"d", ""},
                          {"e", "gr\xc3\xbc\xc3\x9f"}, {"f", "bad\xff"},    {"g", "\xc2\x9b" "31m"},   {"h", "k=v"}};
  const std::string text = format_text(line_of("a\nb", fields));
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_EQ(text.substr(text.find("journal ")),
            "journal a\\nb a=\"x\\ny\" b=\\x1b[31mred c=\"say \\\"hi\\\" \\\\\" d=\"\" e=gr\xc3\xbc\xc3\x9f f=bad\\xff g=\\xc2\\x9b31m h=\"k=v\"");
}

TEST(LogJson, IsOneObjectWithTypedFields) {
  const Field fields[] = {{"n", 3}, {"ok", false}, {"text", "a\"b\n\xff"}, {"nan", std::numeric_limits<double>::quiet_NaN()}};
  EXPECT_EQ(format_json(line_of("Started", fields)),
            "{\"time\":\"2026-11-20T13:33:00.123Z\",\"level\":\"info\",\"room\":\"journal\",\"message\":\"Started\","
            "\"n\":3,\"ok\":false,\"text\":\"a\\\"b\\u000a\xef\xbf\xbd\",\"nan\":\"nan\"}");
}

TEST(LogLimiter, LetsTenLinesAMinuteThroughAndTellsHowManyItHeldBack) {
  Limiter limiter;
  const Limiter::Time start(1000s);
  int written = 0;
  for (int i = 0; i < 25; ++i) written += limiter.allow("http", "Refused", start + 1s * i) ? 1 : 0;
  EXPECT_EQ(written, 10);
  EXPECT_TRUE(limiter.allow("http", "Another", start));
  EXPECT_TRUE(limiter.allow("journal", "Refused", start));
  EXPECT_TRUE(limiter.due(start + 59s).empty());

  const auto due = limiter.due(start + 61s);
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].room, "http");
  EXPECT_EQ(due[0].message, "Refused");
  EXPECT_EQ(due[0].lines, 15u);
  EXPECT_TRUE(limiter.due(start + 200s).empty());
  EXPECT_TRUE(limiter.allow("http", "Refused", start + 200s));
}

TEST(LogLimiter, ANewWindowOpensWithTheFirstLineAfterTheOldOne) {
  Limiter limiter;
  const Limiter::Time start(1000s);
  for (int i = 0; i < 12; ++i) limiter.allow("r", "m", start);
  EXPECT_TRUE(limiter.allow("r", "m", start + 60s));
  const auto due = limiter.due(start + 60s);
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].lines, 2u);
}

TEST(LogLimiter, ForgetsNothingItHeldBackWhenItsTableIsFull) {
  Limiter limiter;
  const Limiter::Time start(1000s);
  for (int i = 0; i < 13; ++i) limiter.allow("r", "first", start);
  for (std::size_t i = 0; i < Limiter::kMaxKeys; ++i) EXPECT_TRUE(limiter.allow("r", std::to_string(i), start));
  const auto due = limiter.due(start);
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].lines, 3u);
}

}  // namespace
}  // namespace penstock::log
