// rooms: agent
// Any line of a log file: it tells a time or none, and one that is put before it is found whatever follows.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/line_time.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace penstock;
  constexpr Timestamp now{1'795'181'580 * kSecond};
  const std::string line(reinterpret_cast<const char*>(data), size);
  // What is found is never ahead of the reading by more than a server takes.
  if (const auto time = agent::line_time(line, now); time && time->ns > now.ns + 5 * kMinute) std::abort();
  if (agent::line_time("2026-11-20T13:33:00Z " + line, now) != now) std::abort();
  if (agent::line_time("<165>1 2026-11-20T13:33:00Z " + line, now) != now) std::abort();
  if (agent::line_time("[20/Nov/2026:14:33:00 +0100] " + line, now) != now) std::abort();
  return 0;
}
