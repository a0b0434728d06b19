// Lines that belong together; the traces are what the languages print.
#include "agent/line_joiner.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace penstock::test {
namespace {

using agent::LineJoiner;
using agent::LineOptions;
using agent::LogLine;
using agent::Multiline;
using testing::ElementsAre;

constexpr Timestamp kReadingTime{1'795'181'580 * kSecond};

std::vector<std::string> joined(const std::vector<std::string>& lines, Multiline multiline = Multiline::traces) {
  LineOptions options;
  options.multiline = multiline;
  LineJoiner joiner(options);
  std::uint64_t number = 0;
  for (const std::string& line : lines) {
    joiner.add(line, number, number + 1, kReadingTime);
    ++number;
  }
  joiner.finish();
  std::vector<LogLine> taken;
  std::uint64_t upto = 0;
  EXPECT_TRUE(joiner.take(taken, upto));
  EXPECT_EQ(upto, number);
  std::vector<std::string> texts;
  for (const LogLine& line : taken) texts.push_back(line.text);
  return texts;
}

// The whole is one record, and what comes before and after it another.
void is_one(const std::vector<std::string>& lines) {
  std::vector<std::string> input{"2026-11-20 13:32:59 INFO before"};
  input.insert(input.end(), lines.begin(), lines.end());
  input.emplace_back("2026-11-20 13:33:01 INFO after");
  EXPECT_EQ(joined(input).size(), 3u) << lines.at(0);
}

// Reading may begin at any line that was not yet given.
TEST(LineJoiner, AnEmptyLineBeginsNothing) {
  for (const Multiline multiline : {Multiline::traces, Multiline::time}) {
    EXPECT_THAT(joined({R"({"message":"whole"})", "", "no time"}, multiline), ElementsAre(R"({"message":"whole"})", "no time"));
    EXPECT_THAT(joined({"", "no time"}, multiline), ElementsAre("no time"));
  }
}

TEST(LineJoiner, JoinsTheTracesOfLanguages) {
  is_one({"2026-11-20 13:33:00,123 ERROR [main] c.e.Shop - failed", "java.lang.IllegalStateException: cart is empty", "\tat com.example.Shop.pay(Shop.java:42)",
          "\tat com.example.Main.main(Main.java:7)", "Caused by: java.io.IOException: broken pipe", "\tat java.base/sun.nio.ch.Net.write(Net.java:1)", "\t... 12 more",
          "\tSuppressed: java.lang.RuntimeException: close"});
  is_one({"Exception in thread \"main\" java.lang.NullPointerException", "\tat A.b(A.java:1)"});
  is_one({"ERROR:root:failed", "Traceback (most recent call last):", "  File \"a.py\", line 3, in <module>", "    pay()", "ValueError: cart is empty", "",
          "During handling of the above exception, another exception occurred:", "", "Traceback (most recent call last):", "  File \"a.py\", line 5, in <module>",
          "    raise RuntimeError", "RuntimeError"});
  is_one({"panic: runtime error: index out of range [3] with length 3", "", "goroutine 1 [running]:", "main.pay(0x1)", "\t/src/main.go:8 +0x1d", "main.main()",
          "\t/src/main.go:4 +0x1f", "exit status 2"});
  is_one({"TypeError: Cannot read properties of undefined (reading 'x')", "    at pay (/app/shop.js:3:9)", "    at Object.<anonymous> (/app/shop.js:9:1) {", "  code: 'E1'", "}"});
  is_one({"Unhandled exception. System.InvalidOperationException: cart is empty", " ---> System.IO.IOException: broken pipe", "   at Shop.Pay() in /app/Shop.cs:line 8",
          "   --- End of inner exception stack trace ---", "   at Shop.Main()"});
  is_one({"shop.rb:3:in `pay': cart is empty (RuntimeError)", "\tfrom shop.rb:9:in `<main>'"});
  is_one({"PHP Fatal error:  Uncaught Exception: cart is empty in /app/shop.php:3", "Stack trace:", "#0 /app/shop.php(9): pay()", "#1 {main}", "  thrown in /app/shop.php on line 3"});
  is_one({"thread 'main' panicked at src/main.rs:2:5:", "cart is empty", "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace"});
}

TEST(LineJoiner, LeavesApartWhatOnlyLooksRelated) {
  EXPECT_EQ(joined({"one", "two", "three"}).size(), 3u);
  EXPECT_EQ(joined({"attic is warm", "noted: nothing", "error in cart.Error of a kind"}).size(), 3u);
  EXPECT_EQ(joined({R"({"message":"a"})", "  indented"}).size(), 2u) << "an object is whole";
  EXPECT_THAT(joined({"{", "  \"message\": \"pretty\"", "}", "next"}), ElementsAre("{\n  \"message\": \"pretty\"\n}", "next"));
  EXPECT_THAT(joined({"", "", "a", "", "b"}), ElementsAre("a", "b"));
  EXPECT_EQ(joined({"a", "\tb"}, Multiline::off).size(), 2u);
}

TEST(LineJoiner, ByTimeWhateverHasNoneBelongsToTheLineBefore) {
  EXPECT_THAT(joined({"2026-11-20 13:33:00 a", "b", "c", "Nov 20 13:33:01 host d", "e"}, Multiline::time),
              ElementsAre("2026-11-20 13:33:00 a\nb\nc", "Nov 20 13:33:01 host d\ne"));
}

TEST(LineJoiner, WhatIsJoinedIsBounded) {
  std::vector<std::string> lines{"start"};
  for (int i = 0; i < 300; ++i) lines.push_back("\t" + std::string(1'000, 'x'));
  std::size_t bytes = 0;
  for (const std::string& text : joined(lines)) {
    EXPECT_LE(text.size(), LineJoiner::kMostLines + 1'100);
    bytes += text.size();
  }
  EXPECT_GE(bytes, 300'000u);
}

TEST(LineJoiner, GivesUpOnPartsThatNeverEnd) {
  LineOptions options;
  LineJoiner joiner(options);
  const std::string part = "2026-11-20T13:33:00.123456789Z stdout P " + std::string(16 << 10, 'x');
  std::uint64_t place = 0;
  std::size_t bytes = 0;
  for (int i = 0; i < 300; ++i) {
    joiner.add(part, place, place + 1, kReadingTime);
    ++place;
    std::vector<LogLine> taken;
    std::uint64_t upto = 0;
    if (!joiner.take(taken, upto)) continue;
    for (const LogLine& line : taken) bytes += line.text.size();
  }
  EXPECT_GE(bytes, std::size_t{3} << 20);
}

// Whoever begins again at the place that take() told gets every line once, wherever it stopped.
TEST(LineJoiner, ThePlaceItTellsIsSafe) {
  const std::string stdout_head = "2026-11-20T13:33:00.123456789Z stdout ", stderr_head = "2026-11-20T13:33:00.123456789Z stderr ";
  const std::vector<std::string> lines = {stdout_head + "F a", stdout_head + "P b1 ", stderr_head + "F c", stderr_head + "F \tat d", stdout_head + "P b2 ",
                                          stderr_head + "P e1 ", stdout_head + "F b3", stderr_head + "F e2", stdout_head + "F f", "g"};
  for (const Multiline multiline : {Multiline::off, Multiline::traces}) {
    LineOptions options;
    options.multiline = multiline;
    for (std::size_t stop = 0; stop <= lines.size(); ++stop) {
      std::string all;
      std::uint64_t place = 0;
      const auto run = [&](std::size_t to, bool end) {
        LineJoiner joiner(options);
        std::vector<LogLine> taken;
        for (std::size_t i = place; i < to; ++i) joiner.add(lines[i], i, i + 1, kReadingTime);
        if (end) joiner.finish();
        std::uint64_t upto = place;
        if (joiner.take(taken, upto)) place = upto;
        for (const LogLine& line : taken) all += line.text + "|";
      };
      run(stop, false);
      run(lines.size(), true);
      for (const char* text : {"a|", "b1 b2 b3|", "c", "\tat d", "e1 e2|", "f|", "g|"}) {
        const std::size_t found = all.find(text);
        ASSERT_NE(found, std::string::npos) << text << " in " << all << " stopped at " << stop;
        EXPECT_EQ(all.find(text, found + 1), std::string::npos) << text << " twice in " << all << " stopped at " << stop;
      }
    }
  }
}

}  // namespace
}  // namespace penstock::test
