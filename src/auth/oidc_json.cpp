#include "auth/oidc_json.hpp"

#include <set>
#include <vector>

#include "base/base64.hpp"

namespace penstock::auth {
namespace {

constexpr int kDeepest = 16;

}  // namespace

std::optional<nlohmann::json> parse_object(std::string_view text) {
  using Event = nlohmann::json::parse_event_t;
  std::vector<std::set<std::string>> names;
  bool sound = true;
  const auto watch = [&](int depth, Event event, nlohmann::json& value) {
    sound = sound && depth < kDeepest;
    if (event == Event::object_start) names.emplace_back();
    if (event == Event::object_end && !names.empty()) names.pop_back();
    if (event == Event::key && !names.empty()) sound = names.back().insert(value.get<std::string>()).second && sound;
    return true;
  };
  nlohmann::json object = nlohmann::json::parse(text, watch, false);
  if (!sound || !object.is_object()) return std::nullopt;
  return object;
}

std::optional<std::string> text_member(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::optional<std::string> strict_base64url(std::string_view text) {
  auto bytes = from_base64url(text);
  if (!bytes || to_base64url(*bytes) != text) return std::nullopt;
  return bytes;
}

}  // namespace penstock::auth
