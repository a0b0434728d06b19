// Absolute http and https URLs, as the client is given them. Pure.
#pragma once

#include <string>
#include <string_view>

#include "penstock/core/result.hpp"

namespace penstock::http {

struct ClientUrl {
  bool secure = false;
  std::string host;    // a name or address, IPv6 without brackets
  std::string port;    // digits
  std::string host_field;  // as the Host header spells it: without the scheme's own port, IPv6 in brackets
  std::string target;  // path and query, begins with '/'
};

// invalid_request on another scheme, user information, a bad port, or characters that do not belong: a host is ASCII, without escapes. A
// fragment is left out.
Result<ClientUrl> parse_client_url(std::string_view url);

}  // namespace penstock::http
