// Configuration from a TOML file, then the environment (PENSTOCK_…), then flags; later ones win. All errors at once.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.hpp"
#include "penstock/core/result.hpp"

namespace penstock::config {

struct Sources {
  std::string file;                                              // empty: none
  std::vector<std::pair<std::string, std::string>> environment;  // all variables; those that begin with PENSTOCK_ count
  std::vector<std::pair<std::string, std::string>> flags;        // key, value
};

struct Loaded {
  Config config;
  std::vector<Error> errors;  // each names its source; when there are any, the config must not be used
};

Loaded load(const Sources& sources);
// "key = value" lines as a TOML file that would give this configuration; secrets as "***".
std::string print(const Config& config);

}  // namespace penstock::config
