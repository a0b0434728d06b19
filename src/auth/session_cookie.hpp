// The cookie of a log-in, and whose page sent a request.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "penstock/core/result.hpp"

namespace penstock::auth {

// The prefix makes browsers take it over a safe connection alone (or from this very machine), for this host alone and for all its paths.
inline constexpr std::string_view kSessionCookie = "__Host-penstock";

// Of a log-in by way of a provider that is under way: goes along when the provider, another site, sends the browser back.
inline constexpr std::string_view kLogInCookie = "__Host-penstock-login";
// What the page is told after such a log-in; its script reads it once. No link can carry it, so nobody else's words stand there.
inline constexpr std::string_view kToldCookie = "__Host-penstock-told";

// Of a Cookie header; not empty.
std::optional<std::string_view> cookie_of(std::string_view cookie_header, std::string_view name);
std::string log_in_cookie(std::string_view binding, std::int64_t seconds);
std::string told_cookie(std::string_view json);

// Of a Cookie header. nullopt: no session in it.
std::optional<std::string_view> session_of(std::string_view cookie_header);
// Set-Cookie's value: until the browser closes, or at the latest after `seconds`. An empty secret takes the cookie away.
std::string session_cookie(std::string_view secret, std::int64_t seconds);

// Whether a request that changes something came from our own page, told by Sec-Fetch-Site (same-origin), else by Origin against Host. forbidden: it did
// not, or tells neither and `must_tell`. Methods that change nothing always pass.
Result<void> check_own_page(std::string_view method, std::string_view host, std::string_view origin, std::string_view fetch_site, bool must_tell);

// For what a browser sends along whoever's page asks, and SameSite does not hold back (a certificate): whatever the method, a request of another
// site's page is forbidden. What no page sent passes, an address that somebody typed too.
Result<void> check_no_foreign_page(std::string_view host, std::string_view origin, std::string_view fetch_site);

}  // namespace penstock::auth
