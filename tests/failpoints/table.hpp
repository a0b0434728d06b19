// Every failpoint of the program, and what makes a server pass it.
#pragma once

#include <span>
#include <string_view>

namespace penstock::failpoints {

struct Point {
  std::string_view name;       // as in the call, failpoint("…"), somewhere under src
  std::string_view situation;  // which of the situations of tests/integration/test_failpoints.py reaches it
  int passing;                 // the passing that the crash test chooses: late enough for some load to be stored before it
};

std::span<const Point> table();

}  // namespace penstock::failpoints
