// What an administrator sets about tokens, sessions and passwords while the server runs.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/core/result.hpp"
#include "penstock/core/time.hpp"

namespace penstock::auth {

struct IdentitySettings {
  std::int64_t token_ttl_default = 365 * kDay;  // 0: a token never ends unless its maker says so
  std::int64_t token_ttl_max = 0;               // 0: no limit
  std::int64_t session_idle = 30 * kMinute;
  std::int64_t session_absolute = 12 * kHour;
};

struct SettingRule {
  std::string_view key, unset;  // as it is in force when it was not set
  std::string_view description;
  std::int64_t least, most;     // nanoseconds
  bool may_be_zero;             // "0": none
  std::int64_t IdentitySettings::*place;
};
const std::vector<SettingRule>& setting_rules();

// invalid_request: there is no such setting (field "key"), or it cannot be that.
Result<std::int64_t> read_setting(std::string_view key, std::string_view value);
// What is stored and not understood is left at its default.
IdentitySettings read_settings(const std::map<std::string, std::string>& stored);

}  // namespace penstock::auth
