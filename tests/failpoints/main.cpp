// The server with its failpoints live. Everything is as in `penstock`, but FAILPOINT=NAME:PASSING:ACTION in the environment is
// acted on, and FAILPOINT_CLOCK moves the clock. `penstock-failpoints --list` prints name, situation and passing of each point.
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "app/command_line.hpp"
#include "failpoints/table.hpp"
#include "failpoints/trigger.hpp"

int main(int argc, char** argv) {
  using namespace penstock;
  if (argc == 2 && std::string_view(argv[1]) == "--list") {
    for (const failpoints::Point& point : failpoints::table()) {
      std::cout << point.name << ' ' << point.situation << ' ' << point.passing << '\n';
    }
    return 0;
  }
  if (const char* text = std::getenv("FAILPOINT")) {
    const auto trigger = failpoints::parse_trigger(text);
    if (!trigger) {
      std::cerr << trigger.error().message << '\n';
      return 2;
    }
    failpoints::arm(*trigger);
  }
  return app::run(argc, argv);
}
