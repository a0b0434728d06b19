// What is to happen at which failpoint, read from text.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/core/result.hpp"

namespace penstock::failpoints {

struct Trigger {
  enum class Action { kill, stop, slow };

  std::string name;
  std::uint64_t passing = 1;             // kill and stop: at this one alone; slow: at this one and all after it
  Action action = Action::kill;
  std::chrono::milliseconds delay{0};  // of slow
};

// "NAME:PASSING:ACTION", where ACTION is kill (SIGKILL), stop (SIGSTOP) or slow-200ms, and NAME is in the table.
Result<Trigger> parse_trigger(std::string_view text);

// From now on this process acts on `trigger`. Once, before there are other threads.
void arm(const Trigger& trigger);

}  // namespace penstock::failpoints
