// Log-ins by way of OpenID providers, from the button to the session.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/attempts.hpp"
#include "auth/identity_service.hpp"
#include "auth/oidc_fetch.hpp"
#include "auth/oidc_flow.hpp"
#include "auth/oidc_issuer.hpp"
#include "auth/oidc_options.hpp"
#include "auth/plan_providers.hpp"
#include "penstock/ports/audit_log.hpp"
#include "penstock/ports/metrics.hpp"
#include "penstock/ports/sealer.hpp"

namespace penstock::auth {

// What an administrator is told of a provider that is being set up.
struct OidcReport {
  OidcProvider provider;
  std::size_t keys = 0;
};

// Thread-safe. What takes a provider's answer or the store blocks: for workers of its own, as a provider may be slow.
class OidcSignIn {
 public:
  // How many threads there are to be for it.
  static constexpr std::size_t kWorkers = 8;
  // The references outlive it. `secret`: of the provider of the configuration.
  OidcSignIn(IdentityService& identities, AuditLog& audit, Sealer& sealer, OidcFetch& fetch, const Clock& clock, MetricsRegistry& metrics, OidcOptions options,
             std::string secret);

  // Those that are switched on, that of the configuration first. Does not block.
  std::vector<StoredProvider> providers() const;
  std::optional<StoredProvider> find(const std::string& id) const;
  // Whether any of them has tokens that are taken on the API. Does not block.
  bool takes_tokens() const;
  // The one of the configuration, which nobody changes here; null: there is none.
  const StoredProvider* configured() const { return options_.provider.issuer.empty() ? nullptr : &options_.provider; }
  const std::string& public_url() const { return options_.public_url; }

  // `base`: the server's own address (oidc_base). not_found: no such provider; unavailable: it cannot be reached, or is of no use.
  Result<OidcLogins::Begun> begin(const std::string& id, const std::string& base, std::string_view return_to, const OidcLogins::Browser& browser);

  struct SignedIn {
    OpenedSession session;
    std::string return_to;
  };
  // What a browser brought back. Errors are sentences for whoever sits there; they are in the audit log and the own log too.
  Result<SignedIn> finish(const std::string& id, const std::string& base, const OidcLogins::Returned& returned, const std::string& address);

  // Where to go so that the provider's session ends as well; empty: it came by none, or that offers nothing of the kind.
  std::string log_out_url(const Principal& principal, const std::string& base);
  // A provider says that a session ended there (OpenID Connect Back-Channel Logout 1.0).
  Result<void> ended_there(const std::string& id, const std::string& logout_token, const std::string& address);

  // `secret`: nullopt: as before; empty: none.
  Result<void> put(const Caller& caller, const StoredProvider& wish, const std::optional<std::string>& secret);
  Result<void> remove(const Caller& caller, const std::string& id);
  // Asks the provider now.
  Result<OidcReport> test(const std::string& id);

  // For tokens of a provider.
  Result<OidcClaims> verify(const StoredProvider& provider, std::string_view token, const OidcExpectation& expected);
  std::shared_ptr<const Directory> known() const { return identities_.known(); }

 private:
  // One log-in step at a provider that may be slow: it has a part of the workers only, so that others have the rest.
  class Step;
  Result<StoredProvider> provider(const std::string& id) const;
  Result<std::string> secret_of(const StoredProvider& provider);
  Result<SignedIn> finish_known(const StoredProvider& provider, const std::string& base, const OidcLogins::Returned& returned, const std::string& address, bool& ours);
  void keep_id_token(const std::string& session, std::string id_token);
  std::string take_id_token(const std::string& session);

  IdentityService& identities_;
  AuditLog& audit_;
  Sealer& sealer_;
  OidcFetch& fetch_;
  const Clock& clock_;
  const OidcOptions options_;
  const std::string configured_secret_;
  OidcIssuers issuers_;
  OidcLogins logins_;
  AttemptLimits attempts_;
  Counter &done_, &refused_, &unavailable_;
  std::mutex mutex_;
  std::map<std::string, int> steps_;  // under way, by provider
  std::deque<std::pair<std::string, std::string>> id_tokens_;  // by session, the newest last; bounded
};

}  // namespace penstock::auth
