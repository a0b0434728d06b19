#include "auth/oidc_roles.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "auth/oidc_json.hpp"

namespace penstock::auth {
namespace {

using nlohmann::json;

// A name may hold dots of its own, so it is tried whole first.
const json* find_claim(const json& object, std::string_view path) {
  const auto whole = object.find(std::string(path));
  if (whole != object.end()) return &*whole;
  const std::size_t dot = path.find('.');
  if (dot == std::string_view::npos) return nullptr;
  const auto inner = object.find(std::string(path.substr(0, dot)));
  return inner == object.end() || !inner->is_object() ? nullptr : find_claim(*inner, path.substr(dot + 1));
}

std::set<std::string> values_of(const json& claim, const std::string& name) {
  std::set<std::string> values;
  if (claim.is_array()) {
    for (const json& one : claim) {
      if (one.is_string()) values.insert(one.get<std::string>());
    }
  } else if (claim.is_string()) {
    const std::string text = claim.get<std::string>();
    // These two are lists in one text (RFC 8693, 4.2); in others a blank is a part of the name.
    const bool list = name == "scope" || name == "scp";
    for (std::size_t begin = 0; list && begin <= text.size();) {
      const std::size_t end = std::min(text.find(' ', begin), text.size());
      if (end > begin) values.insert(text.substr(begin, end - begin));
      begin = end + 1;
    }
    if (!list) values.insert(text);
  }
  return values;
}

}  // namespace

OidcRoles roles_of(const OidcClaims& claims, const std::string& name, const std::vector<ProviderRule>& rules) {
  OidcRoles found;
  const auto payload = parse_object(claims.json);
  if (!payload) return found;
  const json* const claim = find_claim(*payload, name);
  const auto values = claim == nullptr ? std::set<std::string>() : values_of(*claim, name);
  std::set<HeldRole> roles;
  for (const ProviderRule& rule : rules) {
    if (rule.value.empty() || values.contains(rule.value)) roles.insert(rule.held);
  }
  found.roles.assign(roles.begin(), roles.end());
  // Entra ID: past 200 groups only a hint where to ask for them.
  const auto elsewhere = payload->find("_claim_names");
  found.too_many_groups = claim == nullptr && elsewhere != payload->end() && elsewhere->is_object() && elsewhere->contains(name);
  return found;
}

bool has_claim(const OidcClaims& claims, const std::string& name) {
  const auto payload = parse_object(claims.json);
  return payload && find_claim(*payload, name) != nullptr;
}

}  // namespace penstock::auth
