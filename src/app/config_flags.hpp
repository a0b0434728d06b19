// The configuration of a command: a file, the environment, and every option as a flag.
#pragma once

#include <functional>

#include "config/config.hpp"

namespace CLI {
class App;
}

namespace penstock::app {

// Makes `command` take the options of a configuration. When it is chosen, `action` runs with them and `exit_code` becomes what it
// returns; 2, and all errors printed, when the configuration is not good. `exit_code` must outlive the parsing.
void configured(CLI::App& command, int& exit_code, std::function<int(const config::Config&)> action);

}  // namespace penstock::app
