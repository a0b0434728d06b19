// Reading what providers and tokens say as JSON. Of the insides of what begins with oidc_ here.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace penstock::auth {

// An object without a name twice: two readers could take it for different things. Nesting is bounded.
std::optional<nlohmann::json> parse_object(std::string_view text);
// nullopt when there is none of that name, or it is no text.
std::optional<std::string> text_member(const nlohmann::json& object, const char* name);
// Refuses, unlike the decoder alone, what no encoder writes: other lengths, bits that belong to nothing.
std::optional<std::string> strict_base64url(std::string_view text);

}  // namespace penstock::auth
