// The token in an Authorization header, in the forms that agents send.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace penstock::auth {

// "Bearer T", "Token T" (also InfluxDB 1's "Token user:T"), "Splunk T", and "Basic base64(user:T)", where the password is the token,
// or the user when the password is empty. Schemes in any case; blanks around the token are cut. nullopt: no token in it. Pure.
// The view is into the header, or into `room` where the token had to be unpacked: most requests cost no memory.
std::optional<std::string_view> token_from_authorization(std::string_view header, std::string& room);

}  // namespace penstock::auth
