#include "auth/oidc_options.hpp"

#include "auth/oidc_settings.hpp"
#include "base/secret_file.hpp"
#include "http/outward.hpp"

namespace penstock::auth {
namespace {

constexpr std::size_t kMostSecretBytes = 1000;

Error wrong_option(const std::string& option, const std::string& why) { return {ErrorCode::config_error, "oidc." + option + ": " + why, "oidc." + option}; }

}  // namespace

Result<std::string> check_oidc_options(const OidcOptions& options) {
  if (!options.public_url.empty()) {
    if (auto base = oidc_base(options.public_url); !base) return wrong_option("public_url", base.error().message);
  }
  if (auto networks = http::OutwardPolicy::parse(options.allow_cidrs, "oidc.allow_cidrs"); !networks) return networks.error();
  if (options.provider.issuer.empty()) return std::string();
  if (auto fits = check_provider(options.provider); !fits) return wrong_option(fits.error().field, fits.error().message);
  if (options.client_secret_file.empty()) return options.client_secret;
  if (!options.client_secret.empty()) return wrong_option("client_secret_file", "Give the client's secret or the file that holds it, not both.");
  const auto read = read_secret_file(options.client_secret_file, kMostSecretBytes + 1);
  std::string secret = read && *read ? **read : std::string();
  while (secret.ends_with('\n') || secret.ends_with('\r')) secret.pop_back();
  if (secret.empty() || secret.size() > kMostSecretBytes) {
    return wrong_option("client_secret_file", "\"" + options.client_secret_file + "\" cannot be read, is empty, or holds more than 1,000 bytes.");
  }
  return secret;
}

}  // namespace penstock::auth
