// SIGTERM and SIGINT as a flag, for commands that loop.
#pragma once

#include "base/stop_flag.hpp"

namespace penstock::app {

// Set when the process is asked to end. Installs the handlers at the first call.
const StopFlag& stop_on_signals();

}  // namespace penstock::app
