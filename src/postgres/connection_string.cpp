#include "postgres/connection_string.hpp"

#include <libpq-fe.h>

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock::postgres {

void append_setting(std::string& out, const char* key, const std::string& value) {
  if (!out.empty()) out += ' ';
  out += key;
  out += "='";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  out += '\'';
}

Result<std::string> connection_string(const ConnectionOptions& options) {
  auto open = connection_string_without_password(options);
  if (!open) return open.error();
  if (!open->password.empty()) append_setting(open->text, "password", open->password);
  return std::move(open->text);
}

Result<OpenConnectionString> connection_string_without_password(const ConnectionOptions& options) {
  char* complaint = nullptr;
  using Parsed = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;
  const Parsed parsed(PQconninfoParse(options.url.c_str(), &complaint), &PQconninfoFree);
  if (!parsed) {
    // The complaint may repeat the url, and with it a password.
    PQfreemem(complaint);
    return Error{ErrorCode::config_error,
                 "database.url is not a connection string: write postgresql://user@host:port/database or key=value "
                 "pairs.", "database.url"};
  }
  std::vector<std::pair<const char*, std::string>> ours = {
      {"application_name", "penstock"},
      {"client_encoding", "UTF8"},
      {"connect_timeout", std::to_string(options.connect_timeout.count())},
      {"tcp_user_timeout", std::to_string(options.network_timeout.count())},
      {"keepalives_idle", "10"},
      {"keepalives_interval", "5"},
      {"keepalives_count", "3"},
  };
  OpenConnectionString open;
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    std::erase_if(ours, [&](const auto& entry) { return std::string_view(entry.first) == option->keyword; });
    if (std::string_view(option->keyword) == "password") {
      open.password = option->val;
    } else {
      append_setting(open.text, option->keyword, option->val);
    }
  }
  for (const auto& [key, value] : ours) append_setting(open.text, key, value);
  return open;
}

std::string session_settings(const ConnectionOptions& options) {
  return "SET synchronous_commit = on; SET timezone = 'UTC'; SET bytea_output = 'hex'; SET jit = off; "
         "SET statement_timeout = " + std::to_string(options.statement_timeout.count()) +
         "; SET lock_timeout = " + std::to_string(options.lock_timeout.count()) +
         "; SET idle_in_transaction_session_timeout = 300000";
}

}  // namespace penstock::postgres
