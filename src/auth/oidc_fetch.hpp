// How documents of an identity provider are fetched. A port of this room, so that its rules need no network.
#pragma once

#include <string>

#include "penstock/core/result.hpp"

namespace penstock::auth {

struct OidcAnswer {
  int status = 0;
  std::string body;
};

// Any thread, several at a time; blocks, and has a deadline and a limit of bytes of its own. Follows no redirect.
class OidcFetch {
 public:
  virtual ~OidcFetch() = default;
  virtual Result<OidcAnswer> get(const std::string& url) = 0;
  // With that access token as bearer.
  virtual Result<OidcAnswer> get_as(const std::string& url, const std::string& access_token) = 0;
  // application/x-www-form-urlencoded. `basic`: the value of Authorization, or empty.
  virtual Result<OidcAnswer> post_form(const std::string& url, const std::string& body, const std::string& basic) = 0;
};

}  // namespace penstock::auth
