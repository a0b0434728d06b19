#include "auth/oidc_settings.hpp"

#include <algorithm>

#include "auth/oidc_provider.hpp"
#include "base/ascii.hpp"
#include "http/client_url.hpp"
#include "penstock/core/names.hpp"

namespace penstock::auth {
namespace {

constexpr std::size_t kMostIdBytes = 32, kMostSettingBytes = 1000, kMostRules = 500;

std::string_view without_blanks(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

bool is_printable(std::string_view text, bool blanks) {
  return std::all_of(text.begin(), text.end(), [blanks](char c) { return static_cast<unsigned char>(c) > (blanks ? 0x1f : 0x20) && c != 0x7f; });
}

Error wrong_member(std::string why, std::string member) { return {ErrorCode::invalid_request, std::move(why), std::move(member)}; }

bool is_loopback_host(std::string_view host) { return host == "localhost" || host == "::1" || host.starts_with("127."); }

Result<void> check_rules(const std::vector<ProviderRule>& rules) {
  if (rules.size() > kMostRules) return wrong_member("A provider has at most 500 rules.", "rules");
  for (const ProviderRule& rule : rules) {
    if (rule.value.size() > kMostSettingBytes) return wrong_member("A value is at most 1,000 bytes.", "rules");
    if (rule.held.deployment != "*" && !is_deployment_name(rule.held.deployment)) return wrong_member(std::string(kDeploymentNameRule), "rules");
  }
  return {};
}

}  // namespace

std::string oidc_callback(const std::string& base, const std::string& provider_id) { return base + "/api/v1/oidc/" + provider_id + "/callback"; }

Result<std::string> oidc_base(std::string_view url) {
  const auto parsed = http::parse_client_url(url);
  if (!parsed || parsed->target != "/" || url.find_first_of("?#") != std::string_view::npos || (!parsed->secure && !is_loopback_host(parsed->host))) {
    return Error{ErrorCode::config_error, "This must be the address by which browsers reach this server, such as https://logs.example.com (http:// for localhost only).", ""};
  }
  return std::string(parsed->secure ? "https://" : "http://") + parsed->host_field;
}

Result<void> check_provider(const StoredProvider& provider) {
  const bool plain_id = std::all_of(provider.id.begin(), provider.id.end(), [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-'; });
  if (provider.id.empty() || provider.id.size() > kMostIdBytes || !plain_id) {
    return wrong_member("A provider's id is 1 to 32 lower-case letters, digits and dashes: it is a part of the redirect URI.", "id");
  }
  if (!is_name(provider.title, 64)) return wrong_member("Say what stands on the button: 1 to 64 bytes.", "title");
  if (auto url = discovery_url(provider.issuer); !url) return wrong_member(url.error().message, "issuer");
  if (provider.client_id.empty() || provider.client_id.size() > kMostSettingBytes || !is_printable(provider.client_id, true)) {
    return wrong_member("Give the client id that the provider knows this server by.", "client_id");
  }
  if (!is_printable(provider.scope, true) || provider.scope.size() > kMostSettingBytes || (" " + provider.scope + " ").find(" openid ") == std::string::npos) {
    return wrong_member("The scope is a list with blanks between, and holds openid: \"openid profile email\".", "scope");
  }
  if (provider.claim.empty() || provider.claim.size() > kMostSettingBytes || !is_printable(provider.claim, false)) {
    return wrong_member("Give the claim that holds the groups, such as groups or realm_access.roles.", "claim");
  }
  if (provider.audience.size() > kMostSettingBytes || !is_printable(provider.audience, false)) {
    return wrong_member("The audience is what the provider's access tokens call this API (aud); leave it out when they are not to be taken.", "audience");
  }
  if (!provider.redirect_uri.empty()) {
    const std::string ours = oidc_callback("", provider.id);
    const bool fits = provider.redirect_uri.ends_with(ours);
    if (!fits || !oidc_base(std::string_view(provider.redirect_uri).substr(0, provider.redirect_uri.size() - ours.size()))) {
      return wrong_member("The redirect URI is this server's address, as browsers reach it, with " + ours + " behind it.", "redirect_uri");
    }
  }
  return check_rules(provider.rules);
}

OidcClient oidc_client(const StoredProvider& provider, std::string secret, const std::string& base) {
  const bool asks_for_groups = std::any_of(provider.rules.begin(), provider.rules.end(), [](const ProviderRule& rule) { return !rule.value.empty(); });
  return {provider.id, provider.client_id, std::move(secret), provider.redirect_uri.empty() ? oidc_callback(base, provider.id) : provider.redirect_uri,
          provider.scope, asks_for_groups ? provider.claim : std::string()};
}

std::string oidc_secret_place(const StoredProvider& provider) {
  std::string place = "identity provider";
  for (const std::string* text : {&provider.id, &provider.issuer, &provider.client_id}) place.append(1, '\0').append(*text);
  return place;
}

HeldRole held_role(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return {std::string(text), "*"};
  return {std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

Result<std::vector<ProviderRule>> parse_provider_rules(std::string_view text) {
  std::vector<ProviderRule> rules;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view one = without_blanks(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (one.empty()) continue;
    const std::size_t equals = one.rfind('=');
    const std::string_view value = equals == std::string_view::npos ? std::string_view() : without_blanks(one.substr(0, equals));
    const HeldRole held = equals == std::string_view::npos ? HeldRole() : held_role(without_blanks(one.substr(equals + 1)));
    if (value.empty() || held.role.empty() || (held.deployment != "*" && !is_deployment_name(held.deployment))) {
      return Error{ErrorCode::config_error, "\"" + std::string(one) + "\" is no rule: write GROUP=ROLE or GROUP=ROLE:DEPLOYMENT, and * for everybody.", ""};
    }
    rules.push_back({value == "*" ? std::string() : std::string(value), held});
  }
  std::sort(rules.begin(), rules.end());
  rules.erase(std::unique(rules.begin(), rules.end()), rules.end());
  return rules;
}

std::string format_provider_rules(const std::vector<ProviderRule>& rules) {
  std::string text;
  for (const ProviderRule& rule : rules) {
    text += (text.empty() ? "" : ",") + (rule.value.empty() ? std::string("*") : rule.value) + "=" + rule.held.role + (rule.held.deployment == "*" ? "" : ":" + rule.held.deployment);
  }
  return text;
}

}  // namespace penstock::auth
