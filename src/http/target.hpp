// Request targets: percent-decoding, path normalisation, query strings (RFC 3986, application/x-www-form-urlencoded).
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock::http {

using QueryParameters = std::vector<std::pair<std::string, std::string>>;

// %XX decoded; nullopt on a bad escape. `plus_is_space` as in query strings and forms.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

// "a=1&b=x%20y&flag" → pairs in order; a name without '=' has an empty value. nullopt on a bad escape or over
// `max_parameters`. Serves query strings and form bodies.
std::optional<QueryParameters> parse_query(std::string_view text, std::size_t max_parameters = 1000);

struct Target {
  std::string path;
  QueryParameters query;
};

// Origin form ("/a/b?c=d"), absolute form (http://host/a) and "*". The path is decoded once, then dot segments are
// resolved; a decoded NUL or control character, or ".." past the root, makes it malformed (nullopt). A fragment is
// malformed too.
std::optional<Target> parse_target(std::string_view text);

// Everything but unreserved characters (RFC 3986) as %XX.
std::string percent_encode(std::string_view text);

}  // namespace penstock::http
