// Fetches from identity providers over the guarded client of the http room.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "auth/oidc_fetch.hpp"
#include "penstock/core/result.hpp"

namespace penstock::auth {

struct OidcHttpOptions {
  std::vector<std::string> allow_cidrs;  // networks of providers that are not public: a company's own
  std::string ca_file;                   // PEM, of who signs their certificates; empty: the system's
  std::chrono::milliseconds timeout{10'000};
  std::size_t max_answer_bytes = 1 << 20;
  std::function<bool()> given_up = {};        // true ends what is under way, as when the server stops
};

// config_error when a network is none.
Result<std::unique_ptr<OidcFetch>> make_oidc_http_fetch(const OidcHttpOptions& options);

}  // namespace penstock::auth
