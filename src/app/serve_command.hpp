// `penstock serve`
#pragma once

#include "config/config.hpp"

namespace penstock::app {

// Runs until SIGTERM or SIGINT; SIGHUP reads the TLS certificate again.
int serve(const config::Config& config);

}  // namespace penstock::app
