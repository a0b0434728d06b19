#include "auth/identity_settings.hpp"

#include <algorithm>

namespace penstock::auth {
namespace {

constexpr std::int64_t kLongest = 36'500 * kDay;

}  // namespace

const std::vector<SettingRule>& setting_rules() {
  static const std::vector<SettingRule> rules = {
      {"token.ttl_default", "365d", "How long a new token is valid when its maker does not say; 0: for ever", kMinute, kLongest, true,
       &IdentitySettings::token_ttl_default},
      {"token.ttl_max", "0", "The longest that a new token may be valid; 0: no limit", kMinute, kLongest, true, &IdentitySettings::token_ttl_max},
      {"session.idle", "30m", "A session ends when it was not used for so long", kMinute, 30 * kDay, false, &IdentitySettings::session_idle},
      {"session.absolute", "12h", "A session ends this long after its log-in in any case", kMinute, 90 * kDay, false,
       &IdentitySettings::session_absolute},
  };
  return rules;
}

Result<std::int64_t> read_setting(std::string_view key, std::string_view value) {
  const auto& rules = setting_rules();
  const auto rule = std::find_if(rules.begin(), rules.end(), [key](const SettingRule& one) { return one.key == key; });
  if (rule == rules.end()) {
    std::string known;
    for (const SettingRule& one : rules) known += (known.empty() ? "" : ", ") + std::string(one.key);
    return Error{ErrorCode::invalid_request, "There is no such setting; there are " + known + '.', std::string(key)};
  }
  if (rule->may_be_zero && value == "0") return std::int64_t{0};
  const auto duration = parse_duration(value);
  if (!duration || *duration < rule->least || *duration > rule->most) {
    return Error{ErrorCode::invalid_request, "This must be a time of a minute or more, such as 30m, 12h or 90d" +
                                                 std::string(rule->may_be_zero ? ", or 0." : "."), std::string(key)};
  }
  return *duration;
}

IdentitySettings read_settings(const std::map<std::string, std::string>& stored) {
  IdentitySettings settings;
  for (const SettingRule& rule : setting_rules()) {
    const auto found = stored.find(std::string(rule.key));
    if (found == stored.end()) continue;
    if (const auto value = read_setting(rule.key, found->second)) settings.*rule.place = *value;
  }
  return settings;
}

}  // namespace penstock::auth
