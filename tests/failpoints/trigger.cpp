#include "failpoints/trigger.hpp"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>

#include "base/failpoint.hpp"
#include "failpoints/table.hpp"

namespace penstock::failpoints {
namespace {

Trigger armed;
std::atomic<std::uint64_t> passed{0};

void pass(const char* name) {
  if (armed.name != name) return;
  const std::uint64_t now = passed.fetch_add(1) + 1;
  if (armed.action == Trigger::Action::slow) {
    if (now >= armed.passing) poll(nullptr, 0, static_cast<int>(armed.delay.count()));
  } else if (now == armed.passing) {
    kill(getpid(), armed.action == Trigger::Action::kill ? SIGKILL : SIGSTOP);
  }
}

Error wrong(std::string_view text, const char* why) {
  return Error{ErrorCode::config_error, "FAILPOINT=" + std::string(text) + ": " + why, ""};
}

bool read_number(std::string_view text, std::uint64_t& number) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc() && end == text.data() + text.size() && number > 0;
}

}  // namespace

Result<Trigger> parse_trigger(std::string_view text) {
  const std::size_t first = text.find(':'), last = text.rfind(':');
  if (first == last) return wrong(text, "write NAME:PASSING:ACTION.");
  Trigger trigger;
  trigger.name = text.substr(0, first);
  const auto points = table();
  if (std::none_of(points.begin(), points.end(), [&](const Point& point) { return point.name == trigger.name; })) {
    return wrong(text, "there is no such failpoint; --list names them.");
  }
  if (!read_number(text.substr(first + 1, last - first - 1), trigger.passing)) return wrong(text, "which passing?");
  const std::string_view action = text.substr(last + 1);
  if (action == "stop") {
    trigger.action = Trigger::Action::stop;
  } else if (action.starts_with("slow-") && action.ends_with("ms")) {
    trigger.action = Trigger::Action::slow;
    std::uint64_t delay = 0;
    if (!read_number(action.substr(5, action.size() - 7), delay)) return wrong(text, "how slow?");
    trigger.delay = std::chrono::milliseconds(delay);
  } else if (action != "kill") {
    return wrong(text, "the action is kill, stop or slow-200ms.");
  }
  return trigger;
}

void arm(const Trigger& trigger) {
  armed = trigger;
  failpoint_hook.store(&pass);
}

}  // namespace penstock::failpoints
