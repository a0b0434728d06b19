// One table describes every option: its key, what it means, how its text is read and written. The configuration file,
// the environment and the command line all go through it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "penstock/core/result.hpp"

namespace penstock::config {

struct Option {
  std::string
      key;  // "journal.disk_budget"; PENSTOCK_JOURNAL_DISK_BUDGET in the environment, --journal.disk_budget as a flag
  std::string description;  // with its unit and bounds
  bool secret = false;      // never printed
  std::function<Result<void>(Config&, std::string_view)> set;
  std::function<std::string(const Config&)> get;
};

// In the order in which `config print` shows them. Static storage.
const std::vector<Option>& options();
const Option* find_option(std::string_view key);
std::string environment_name(std::string_view key);

}  // namespace penstock::config
