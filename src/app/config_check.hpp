// `penstock config check`: tries what a configuration names, as serve would, and changes nothing.
#pragma once

#include "config/config.hpp"
#include "penstock/core/result.hpp"

namespace penstock::app {

// config_error: plain HTTP on an address that others reach, and nobody said that this is meant.
Result<void> check_plain_http(const config::Config& config);

// Tells all that would keep a server from working, on standard error; 1 when there is anything, else 0.
int check_config(const config::Config& config);

}  // namespace penstock::app
