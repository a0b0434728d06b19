// What log files write at the front of their lines.
#include "agent/line_time.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <string>

namespace penstock::test {
namespace {

constexpr Timestamp kNow{1'795'181'580 * kSecond};  // 2026-11-20T13:33:00Z

class LineTime : public testing::Test {
 protected:
  // An hour ahead of Greenwich, two in summer.
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
  static std::string time_of(std::string_view line) {
    const auto time = agent::line_time(line, kNow);
    return time ? format_rfc3339(*time) : "none";
  }
};

TEST_F(LineTime, IsReadInTheFormsThatProgramsWrite) {
  struct Case {
    const char* line;
    const char* time;
  };
  const Case cases[] = {
      {"2026-11-20T13:33:00Z started", "2026-11-20T13:33:00Z"},
      {"2026-11-20T13:33:00.123456789+01:00 x", "2026-11-20T12:33:00.123456789Z"},
      {"2026-11-20 13:33:00 status installed vim:amd64", "2026-11-20T12:33:00Z"},
      {"2026-07-20 13:33:00 in summer", "2026-07-20T11:33:00Z"},
      {"2026-11-20 13:33:00,250 INFO worker", "2026-11-20T12:33:00.250Z"},
      {"2026-11-20 13:33:00.250 +0000 INFO", "2026-11-20T13:33:00.250Z"},
      {"[2026-11-20 13:33:00] local.ERROR: x", "2026-11-20T12:33:00Z"},
      {"2026/11/20 13:33:00 [error] 7#7: *1 open() failed", "2026-11-20T12:33:00Z"},
      {"2026-11-20_13:33:00 x", "2026-11-20T12:33:00Z"},
      {"2026-11-20 13:33:00 Zebra crossed", "2026-11-20T12:33:00Z"},
      {"2026-11-20 13:33:00 -5 degrees", "2026-11-20T12:33:00Z"},
      {"2026-11-20T13:33:00.1234567891234Z", "2026-11-20T13:33:00.123456789Z"},
      {"Nov 20 13:33:00 host sshd[1]: x", "2026-11-20T12:33:00Z"},
      {"Nov  2 13:33:00 host sshd[1]: x", "2026-11-02T12:33:00Z"},
      {"<34>Nov 20 13:33:00 host su: x", "2026-11-20T12:33:00Z"},
      {"<165>2026-11-20T13:33:00Z host app", "2026-11-20T13:33:00Z"},
      {"Dec 31 23:59:59 host x", "2025-12-31T22:59:59Z"},  // nothing is logged a month ahead
      {"Feb  1 00:00:00 host x", "2026-01-31T23:00:00Z"},
      {"Jun  1 00:00:00 host x", "2026-05-31T22:00:00Z"},
      {"10.0.0.1 - bob [20/Nov/2026:13:33:00 +0100] \"GET / HTTP/1.1\" 200 5", "2026-11-20T12:33:00Z"},
      {"[a] [19/Nov/2026:13:33:00 -0230] x", "2026-11-19T16:03:00Z"},
      {"[20/Nov/2026:13:33:00] x", "2026-11-20T12:33:00Z"},
      {"10.0.0.1:56000 [20/Nov/2026:13:33:00.123] http-in", "2026-11-20T12:33:00.123Z"},
      {"2026-11-20 13:33 without seconds", "2026-11-20T12:33:00Z"},
      {"2026-11-20 13:33:00 UTC [123] LOG:  x", "2026-11-20T13:33:00Z"},
      {"2026-11-20 13:33:00.123 CET [123] LOG:  x", "2026-11-20T12:33:00.123Z"},
      {"<165>1 2026-11-20T13:33:00.003Z host app 123 ID47 - x", "2026-11-20T13:33:00.003Z"},
      {"[Fri Nov 20 13:33:00.123456 2026] [core:notice] [pid 1] x", "2026-11-20T12:33:00.123456Z"},
      {"[pid: 1|app: 0|req: 1/1] 10.0.0.1 () {34 vars} [Fri Nov 20 13:33:00 2026] GET /", "2026-11-20T12:33:00Z"},
      {"I1120 13:32:59.000001   12345 controller.go:100] x", "2026-11-20T12:32:59.000001Z"},
      {"11-20 13:33:00.123  1702  2395 D WindowManager: x", "2026-11-20T12:33:00.123Z"},
      {"26/11/20 13:33:00 INFO storage.BlockManager: x", "2026-11-20T12:33:00Z"},
      {"081109 203615 148 INFO dfs.DataNode$PacketResponder: x", "2008-11-09T19:36:15Z"},
      {"1795181580.123    45 10.0.0.1 TCP_MISS/200", "2026-11-20T13:33:00.123Z"},
      {"[1795181580] SERVICE ALERT: x", "2026-11-20T13:33:00Z"},
      {"[1108999999] SERVICE ALERT: old", "2005-02-21T15:33:19Z"},
      {"1795181580 x", "2026-11-20T13:33:00Z"},
      {"- 1117838570 2005.06.03 R02-M1 x", "none"},
      {"INFO  [main] 2026-11-20 13:33:00,123 File.java:12 - x", "2026-11-20T12:33:00.123Z"},
      {"INFO  [2026-11-20 13:33:00,123] io.dropwizard: x", "2026-11-20T12:33:00.123Z"},
      {"[INFO] 2026-11-20 13:33:00 x", "2026-11-20T12:33:00Z"},
      {"I, [2026-11-20T13:33:00.123456 #1234]  INFO -- : x", "2026-11-20T12:33:00.123456Z"},
      {"1234:M 20 Nov 2026 13:33:00.123 * Ready to accept connections", "2026-11-20T12:33:00.123Z"},
      {"time=\"2026-11-20T13:33:00Z\" level=info msg=x", "2026-11-20T13:33:00Z"},
      {"level=info ts=2026-11-20T13:33:00.25Z caller=main.go:1 msg=x", "2026-11-20T13:33:00.250Z"},
      {"ts=1795181580.5 level=info", "2026-11-20T13:33:00.500Z"},
      {"type=SYSCALL msg=audit(1795181580.123:456): arch=c000003e", "2026-11-20T13:33:00.123Z"},
      {"*Nov 20 13:33:00.123 UTC: %SYS-5-CONFIG_I: x", "2026-11-20T13:33:00.123Z"},
  };
  for (const Case& one : cases) EXPECT_EQ(time_of(one.line), one.time) << one.line;
}

TEST_F(LineTime, IsNoneWhereALineTellsNone) {
  for (const char* line :
       {"", " ", "hello", "2026", "2026-11-20", "2026-11-20 13:", "2026-13-20 13:33:00", "2026-02-29 00:00:00", "2026-11-20 24:00:00",
        "2026-11/20 13:33:00", "12026-11-20 13:33:00", "Nov", "Nov 20", "Nove 20 13:33:00", "Nov 31 13:33:00 x", "<1234>Nov 20 13:33:00",
        "2026-11-20 13:33:00 IST of which country", "2026-11-20 14:39:00 ahead", "1073741824 bytes (1.1 GB, 1.0 GiB) copied", "9999999999 x", "cost=5 wait=time=",
        "x [2026-11-20 13:33:00] of something else", "x 2026-11-20 13:33:00", "a [20/Nov/2026:13:33:00", "a 20/Nov/2026:13:33:00 +0000]", "9999-12-31 00:00:00 past what nanoseconds tell"}) {
    EXPECT_EQ(time_of(line), "none") << line;
  }
  EXPECT_EQ(time_of(std::string(300, 'x') + "[20/Nov/2026:13:33:00 +0000]"), "none") << "too far behind";
}

TEST_F(LineTime, ShortLinesAreNone) {
  for (const char* line : {"2:", "2: ", "12:M", "12:M ", "<", "<1", "<1>", "[", "- ", "I", "t=", "ts="}) {
    EXPECT_EQ(time_of(line), "none") << line;
  }
}

}  // namespace
}  // namespace penstock::test
