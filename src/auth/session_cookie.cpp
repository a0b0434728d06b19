#include "auth/session_cookie.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/base64.hpp"

namespace penstock::auth {
namespace {

bool same_host(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return to_lower(x) == to_lower(y); });
}

// "https://logs.example.com:8443" → "logs.example.com:8443", without a port that goes without saying. Empty: it is no such origin ("null").
std::string_view host_of_origin(std::string_view origin) {
  std::string_view usual_port;
  if (origin.starts_with("https://")) usual_port = ":443";
  else if (origin.starts_with("http://")) usual_port = ":80";
  else return {};
  origin.remove_prefix(origin.find("//") + 2);
  if (origin.ends_with(usual_port)) origin.remove_suffix(usual_port.size());
  return origin;
}

}  // namespace

std::optional<std::string_view> session_of(std::string_view header) { return cookie_of(header, kSessionCookie); }

std::optional<std::string_view> cookie_of(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const std::size_t end = std::min(header.find(';'), header.size());
    std::string_view pair = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    while (pair.starts_with(' ') || pair.starts_with('\t')) pair.remove_prefix(1);
    while (pair.ends_with(' ') || pair.ends_with('\t')) pair.remove_suffix(1);
    if (!pair.starts_with(name)) continue;
    pair.remove_prefix(name.size());
    if (pair.size() > 1 && pair.front() == '=') return pair.substr(1);
  }
  return std::nullopt;
}

std::string session_cookie(std::string_view secret, std::int64_t seconds) {
  std::string text(kSessionCookie);
  text += '=';
  text += secret;
  text += "; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(secret.empty() ? 0 : seconds);
  return text;
}

std::string log_in_cookie(std::string_view binding, std::int64_t seconds) {
  return std::string(kLogInCookie) + '=' + std::string(binding) + "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(seconds);
}

std::string told_cookie(std::string_view json) { return std::string(kToldCookie) + '=' + to_base64url(json) + "; Path=/; Secure; SameSite=Lax; Max-Age=60"; }

Result<void> check_own_page(std::string_view method, std::string_view host, std::string_view origin, std::string_view fetch_site, bool must_tell) {
  if (method == "GET" || method == "HEAD" || method == "OPTIONS") return {};
  const Error foreign{ErrorCode::forbidden, "A page of another site may not do that. If this is no browser, use a token, or send the header Origin.", ""};
  if (!fetch_site.empty()) return fetch_site == "same-origin" ? Result<void>() : Result<void>(foreign);
  if (origin.empty()) return must_tell ? Result<void>(foreign) : Result<void>();
  const std::string_view from = host_of_origin(origin);
  if (from.empty()) return foreign;
  // A browser leaves the usual port out of Host as well; whoever does not means the same.
  for (const std::string_view usual : {":443", ":80"}) {
    if (host.ends_with(usual)) host.remove_suffix(usual.size());
  }
  return same_host(from, host) ? Result<void>() : Result<void>(foreign);
}

Result<void> check_no_foreign_page(std::string_view host, std::string_view origin, std::string_view fetch_site) {
  if (fetch_site == "none") return {};
  return check_own_page("POST", host, origin, fetch_site, false);
}

}  // namespace penstock::auth
