#include "auth/credentials.hpp"

#include <algorithm>

#include "base/base64.hpp"

namespace penstock::auth {
namespace {

// (find_first_of() of two characters would call memchr for each byte of the token.)
std::size_t find_blank(std::string_view text) {
  const auto found = std::find_if(text.begin(), text.end(), [](char c) { return c == ' ' || c == '\t'; });
  return found == text.end() ? std::string_view::npos : static_cast<std::size_t>(found - text.begin());
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_scheme(std::string_view text, std::string_view lower_case) {
  return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + ('a' - 'A')) : a) == b; });
}

// Either alphabet of RFC 4648, padding optional.
std::optional<std::string> decode_base64(std::string_view text) {
  const std::size_t padding = text.size() - std::min(text.size(), text.find_last_not_of('=') + 1);
  if (padding > 2) return std::nullopt;
  text.remove_suffix(padding);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string url(text);
  std::replace(url.begin(), url.end(), '+', '-');
  std::replace(url.begin(), url.end(), '/', '_');
  return from_base64url(url);
}

std::optional<std::string_view> not_empty(std::string_view token) {
  if (token.empty()) return std::nullopt;
  return token;
}

std::optional<std::string_view> token_from_basic(std::string_view encoded, std::string& room) {
  auto pair = decode_base64(encoded);
  if (!pair) return std::nullopt;
  room = std::move(*pair);
  const std::string_view text(room);
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return not_empty(text);
  const std::string_view password = text.substr(colon + 1);
  return not_empty(password.empty() ? text.substr(0, colon) : password);
}

}  // namespace

std::optional<std::string_view> token_from_authorization(std::string_view header, std::string& room) {
  header = trimmed(header);
  const std::size_t blank = find_blank(header);
  if (blank == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = header.substr(0, blank);
  const std::string_view rest = trimmed(header.substr(blank));
  if (find_blank(rest) != std::string_view::npos) return std::nullopt;
  if (is_scheme(scheme, "bearer") || is_scheme(scheme, "splunk")) return not_empty(rest);
  if (is_scheme(scheme, "token")) {
    const std::size_t colon = rest.find(':');
    return not_empty(colon == std::string_view::npos ? rest : rest.substr(colon + 1));
  }
  if (is_scheme(scheme, "basic")) return token_from_basic(rest, room);
  return std::nullopt;
}

}  // namespace penstock::auth
