// `penstock migrate up|down|status`
#pragma once

#include "config/config.hpp"

namespace penstock::app {

int migrate_up(const config::Config& config);
int migrate_down(const config::Config& config, int steps);
int migrate_status(const config::Config& config);

}  // namespace penstock::app
