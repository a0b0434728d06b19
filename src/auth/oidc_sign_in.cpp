#include "auth/oidc_sign_in.hpp"

#include <algorithm>

#include "auth/oidc_roles.hpp"
#include "auth/oidc_settings.hpp"
#include "auth/plan_parts.hpp"
#include "base/log.hpp"

namespace penstock::auth {
namespace {

// Of those who log out the provider wants to see the token that it gave them. Without one it asks the person, which is no harm.
constexpr std::size_t kMostIdTokens = 500, kMostIdTokenBytes = 512 * 1024;

// Of the kWorkers that run at once.
constexpr int kMostStepsOfOne = 6;

// Whoever comes is told by the address: any number of one account, as accounts are the provider's to guard.
AttemptLimits::Options by_address() {
  AttemptLimits::Options options;
  options.per_account = 1e9;
  return options;
}

Error no_such_provider() { return {ErrorCode::not_found, "There is no such provider, or it is switched off.", ""}; }

Result<OidcClient> client_of(const StoredProvider& provider, std::string secret, const std::string& base) {
  if (provider.redirect_uri.empty() && base.empty()) {
    return Error{ErrorCode::config_error, "The server does not know by which address browsers reach it: an operator must set oidc.public_url, or the provider's redirect URI.", ""};
  }
  return oidc_client(provider, std::move(secret), base);
}

Counter& outcome_counter(MetricsRegistry& metrics, const char* outcome) {
  return metrics.counter("penstock_oidc_logins_total", "Log-ins by way of OpenID providers.", {{"outcome", outcome}});
}

}  // namespace

class OidcSignIn::Step {
 public:
  Step(OidcSignIn& of, std::string id) : of_(of), id_(std::move(id)) {
    const std::lock_guard lock(of_.mutex_);
    may_ = ++of_.steps_[id_] <= kMostStepsOfOne;
  }
  ~Step() {
    const std::lock_guard lock(of_.mutex_);
    if (--of_.steps_[id_] == 0) of_.steps_.erase(id_);
  }
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;
  Result<void> may() const {
    if (may_) return {};
    return Error{ErrorCode::unavailable, "Many log-ins by this provider are under way, and it answers slowly; try again in a moment.", ""};
  }

 private:
  OidcSignIn& of_;
  const std::string id_;
  bool may_ = false;
};

OidcSignIn::OidcSignIn(IdentityService& identities, AuditLog& audit, Sealer& sealer, OidcFetch& fetch, const Clock& clock, MetricsRegistry& metrics,
                       OidcOptions options, std::string secret)
    : identities_(identities),
      audit_(audit),
      sealer_(sealer),
      fetch_(fetch),
      clock_(clock),
      options_(std::move(options)),
      configured_secret_(std::move(secret)),
      issuers_(fetch, clock),
      logins_(clock),
      attempts_(by_address()),
      done_(outcome_counter(metrics, "done")),
      refused_(outcome_counter(metrics, "refused")),
      unavailable_(outcome_counter(metrics, "unavailable")) {}

std::vector<StoredProvider> OidcSignIn::providers() const {
  std::vector<StoredProvider> all;
  if (configured() != nullptr) all.push_back(options_.provider);
  const auto seen = identities_.known();
  if (seen == nullptr) return all;
  for (const auto& [id, one] : seen->identities().providers) {
    if (one.enabled && (configured() == nullptr || options_.provider.id != id)) all.push_back(one);
  }
  return all;
}

bool OidcSignIn::takes_tokens() const {
  if (configured() != nullptr && !options_.provider.audience.empty()) return true;
  const auto seen = identities_.known();
  if (seen == nullptr) return false;
  const auto& all = seen->identities().providers;
  return std::any_of(all.begin(), all.end(), [](const auto& one) { return one.second.enabled && !one.second.audience.empty(); });
}

std::optional<StoredProvider> OidcSignIn::find(const std::string& id) const {
  if (configured() != nullptr && options_.provider.id == id) return options_.provider;
  const auto seen = identities_.known();
  if (seen == nullptr) return std::nullopt;
  const auto found = seen->identities().providers.find(id);
  if (found == seen->identities().providers.end() || !found->second.enabled) return std::nullopt;
  return found->second;
}

Result<StoredProvider> OidcSignIn::provider(const std::string& id) const {
  auto found = find(id);
  if (found) return std::move(*found);
  if (identities_.known() == nullptr) return Error{ErrorCode::unavailable, "Providers cannot be read now, the database is away; try again.", ""};
  return no_such_provider();
}

Result<std::string> OidcSignIn::secret_of(const StoredProvider& provider) {
  if (configured() != nullptr && options_.provider.id == provider.id) return configured_secret_;
  if (provider.secret.empty()) return std::string();
  auto opened = sealer_.open(provider.secret_key, oidc_secret_place(provider), provider.secret);
  if (opened || opened.error().code == ErrorCode::unavailable) return opened;
  return Error{ErrorCode::unavailable, "The client secret of the provider \"" + provider.id + "\" cannot be opened, an administrator must set it again: " + opened.error().message, ""};
}

Result<OidcLogins::Begun> OidcSignIn::begin(const std::string& id, const std::string& base, std::string_view return_to, const OidcLogins::Browser& browser) {
  const auto found = provider(id);
  if (!found) return found.error();
  const Step step(*this, id);
  if (auto may = step.may(); !may) return may.error();
  const auto described = issuers_.of(found->issuer)->described();
  if (!described) {
    unavailable_.add();
    return described.error();
  }
  const auto client = client_of(*found, "", base);
  if (!client) return client.error();
  return logins_.begin(*client, *described->provider, return_to, browser);
}

Result<OidcSignIn::SignedIn> OidcSignIn::finish_known(const StoredProvider& provider, const std::string& base, const OidcLogins::Returned& returned,
                                                      const std::string& address, bool& ours) {
  auto described = issuers_.of(provider.issuer)->described();
  if (!described) return described.error();
  auto secret = secret_of(provider);
  if (!secret) return secret.error();
  const auto client = client_of(provider, std::move(*secret), base);
  if (!client) return client.error();
  auto login = logins_.take(*client, *described->provider, returned);
  ours = login || login.error().field != "state";
  if (!login) return login.error();
  auto identity = finish_login(*client, *described->provider, *login, fetch_, *described->keys);
  if (!identity) return identity.error();
  const OidcClaims& claims = identity->claims;
  OidcRoles roles = roles_of(claims, provider.claim, provider.rules);
  const ProviderVisit visit{provider.id, claims.issuer, claims.subject, claims.name, claims.full_name, std::move(roles.roles)};
  auto opened = identities_.open_visit({"provider:" + provider.id, address, "", false}, visit, claims.session_id);
  if (!opened) {
    Error error = opened.error();
    if (error.code == ErrorCode::forbidden && roles.too_many_groups) {
      error.message += " The provider left your groups out of the token as they are too many: it should send only those assigned to this application, or roles of the application.";
    }
    if (error.code == ErrorCode::forbidden) error.field = claims.name;
    return error;
  }
  keep_id_token(to_hex(digest_of(opened->secret)), std::move(identity->id_token));
  return SignedIn{std::move(*opened), std::move(login->return_to)};
}

Result<OidcSignIn::SignedIn> OidcSignIn::finish(const std::string& id, const std::string& base, const OidcLogins::Returned& returned, const std::string& address) {
  if (const auto wait = attempts_.begin(address, address, clock_.steady_now())) {
    return Error{ErrorCode::too_many_attempts, "There were too many log-ins that failed: wait " + std::to_string(wait->count()) + " s and try again.", ""};
  }
  const auto found = provider(id);
  if (!found) return found.error();
  const Step step(*this, id);
  if (auto may = step.may(); !may) return may.error();
  bool ours = false;  // an answer to a log-in that began here: what strangers make up is not worth a row for ever
  auto signed_in = finish_known(*found, base, returned, address, ours);
  if (signed_in) {
    attempts_.succeeded(address, address, clock_.steady_now());
    done_.add();
    log::info("auth", "logged in by a provider", {{"provider", id}, {"user", signed_in->session.user}});
    return signed_in;
  }
  Error error = signed_in.error();
  const std::string who = error.code == ErrorCode::forbidden ? std::exchange(error.field, "") : std::string();
  (error.code == ErrorCode::unavailable ? unavailable_ : refused_).add();
  log::warn("auth", "a log-in by a provider failed", {{"provider", id}, {"address", address}, {"error", error.message}});
  if (ours) {
    AuditDetail detail;
    detail.text("reason", error.message);
    if (!who.empty()) detail.text("name", who);
    audit_.tell({clock_.now(), "provider:" + id, "session.login", "provider:" + id, "refused", address, detail.take()});
  }
  return error;
}

void OidcSignIn::keep_id_token(const std::string& session, std::string id_token) {
  const std::lock_guard lock(mutex_);
  id_tokens_.emplace_back(session, std::move(id_token));
  std::size_t bytes = 0;
  for (const auto& [key, token] : id_tokens_) bytes += token.size();
  while (id_tokens_.size() > kMostIdTokens || bytes > kMostIdTokenBytes) {
    bytes -= id_tokens_.front().second.size();
    id_tokens_.pop_front();
  }
}

std::string OidcSignIn::take_id_token(const std::string& session) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(id_tokens_.begin(), id_tokens_.end(), [&](const auto& one) { return one.first == session; });
  if (found == id_tokens_.end()) return {};
  std::string token = std::move(found->second);
  id_tokens_.erase(found);
  return token;
}

std::string OidcSignIn::log_out_url(const Principal& principal, const std::string& base) {
  const auto found = principal.provider.empty() ? std::nullopt : find(principal.provider);
  if (!found) return {};
  const std::string id_token = take_id_token(principal.session);
  const auto described = issuers_.of(found->issuer)->described(WhileFetched::give_up);
  if (!described) return {};
  const std::string& redirect = found->redirect_uri;
  const std::string home = redirect.empty() ? base : redirect.substr(0, redirect.size() - oidc_callback("", found->id).size());
  return auth::log_out_url(oidc_client(*found, "", base), *described->provider, id_token, home + "/").value_or("");
}

Result<void> OidcSignIn::ended_there(const std::string& id, const std::string& logout_token, const std::string& address) {
  const auto found = provider(id);
  if (!found) return found.error();
  const auto claims = verify(*found, logout_token, {OidcExpectation::Kind::logout_token, found->issuer, found->client_id, ""});
  if (!claims) return claims.error();
  return identities_.change({"provider:" + id, address, "", false}, [&](const PlanScene& scene) { return plan_provider_log_out(scene, *found, claims->subject, claims->session_id); });
}

Result<void> OidcSignIn::put(const Caller& caller, const StoredProvider& wish, const std::optional<std::string>& secret) {
  if (configured() != nullptr && options_.provider.id == wish.id) {
    return Error{ErrorCode::conflict, "The provider \"" + wish.id + "\" is that of the configuration (oidc.id): change it there, or take another id.", "id"};
  }
  if (auto fits = check_provider(wish); !fits) return fits;
  std::optional<SealedSecret> sealed;
  if (secret) sealed.emplace();
  if (secret && !secret->empty()) {
    const auto key = sealer_.key_for("identity/");
    if (!key) return key.error();
    auto bytes = sealer_.seal(*key, oidc_secret_place(wish), *secret);
    if (!bytes) return bytes.error();
    sealed = SealedSecret{*key, std::move(*bytes)};
  }
  return identities_.change(caller, [&](const PlanScene& scene) { return plan_provider(scene, wish, sealed); });
}

Result<void> OidcSignIn::remove(const Caller& caller, const std::string& id) {
  if (configured() != nullptr && options_.provider.id == id) return Error{ErrorCode::conflict, "This provider is that of the configuration (oidc.issuer): take it out there.", ""};
  return identities_.change(caller, [&id](const PlanScene& scene) { return plan_provider_removal(scene, id); });
}

Result<OidcReport> OidcSignIn::test(const std::string& id) {
  auto found = configured() != nullptr && options_.provider.id == id ? std::optional(options_.provider) : std::nullopt;
  if (!found) {
    const auto seen = identities_.look();
    if (!seen) return seen.error();
    const auto stored = (*seen)->identities().providers.find(id);
    if (stored == (*seen)->identities().providers.end()) return no_such("provider", id);
    found = stored->second;  // also one that is switched off still
  }
  auto described = issuers_.ask_now(found->issuer);
  if (!described) return described.error();
  const auto keys = issuers_.count_keys_now(*described);
  if (!keys) return keys.error();
  if (auto secret = secret_of(*found); !secret) return secret.error();
  return OidcReport{std::move(*described), *keys};
}

Result<OidcClaims> OidcSignIn::verify(const StoredProvider& provider, std::string_view token, const OidcExpectation& expected) {
  const auto described = issuers_.of(provider.issuer)->described(WhileFetched::give_up);
  if (!described) return described.error();
  return described->keys->verify(token, expected, WhileFetched::give_up);
}

}  // namespace penstock::auth
