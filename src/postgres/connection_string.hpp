// The connection string that libpq and libpqxx both take.
#pragma once

#include <string>

#include "penstock/core/result.hpp"
#include "postgres/options.hpp"

namespace penstock::postgres {

// "key='value' …" from the url, completed with our timeouts and keepalives where the url does not say otherwise.
// config_error when the url is malformed.
Result<std::string> connection_string(const ConnectionOptions& options);

// The same without the password, which goes beside it (empty: there is none): for programs whose arguments others may see.
struct OpenConnectionString {
  std::string text, password;
};
Result<OpenConnectionString> connection_string_without_password(const ConnectionOptions& options);

// Appends key='value', quoted as libpq wants it.
void append_setting(std::string& out, const char* key, const std::string& value);

// What every session sets after it has connected: durability of commits, timeouts, UTC.
std::string session_settings(const ConnectionOptions& options);

}  // namespace penstock::postgres
