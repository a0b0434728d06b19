// `penstock selftest`: what this machine gives, and what that means.
#pragma once

#include "config/config.hpp"

namespace penstock::app {

// Takes about three seconds, leaves nothing behind, works beside a running server. 1 when the server could not do its work here; what is
// only slow or small is told and is 0.
int selftest(const config::Config& config);

}  // namespace penstock::app
