// `penstock token create`
#pragma once

#include "config/config.hpp"

namespace penstock::app {

int create_token(const config::Config& config);

}  // namespace penstock::app
