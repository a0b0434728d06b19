// A log-in by way of an identity provider: code flow with PKCE (RFC 6749, 7636, 9207, 9700; OpenID Connect Core 3.1). No routes: those
// send the browser where begin() says, and hand what it brings back to finish().
#pragma once

#include <chrono>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "auth/oidc_fetch.hpp"
#include "auth/oidc_key_cache.hpp"
#include "auth/oidc_provider.hpp"
#include "auth/token_digest.hpp"
#include "penstock/core/result.hpp"

namespace penstock::auth {

// What the operator agreed on with a provider.
struct OidcClient {
  std::string provider_id;   // our name for it, unique among several
  std::string client_id, client_secret;  // the secret may be empty: a public client
  std::string redirect_uri;  // exactly as it is registered
  std::string scope = "openid profile email";
  std::string claim = {};    // that roles come from: asked for at the userinfo endpoint when the ID token is without it
};

// Where a browser may be sent after a log-in: a path of this server, with query and fragment; "/" for all else that was asked for, so that
// nobody is sent to another host.
std::string safe_return_path(std::string_view wanted);

// Log-ins that have begun. Any thread. Kept in memory: one that is under way when the server restarts begins anew.
class OidcLogins {
 public:
  explicit OidcLogins(const Clock& clock, std::size_t at_most = 1000, std::chrono::seconds patience = std::chrono::minutes(10))
      : clock_(clock), at_most_(at_most), patience_(patience) {}

  struct Begun {
    std::string url;      // of the provider, for the browser to go to
    std::string binding;  // a secret for a cookie of this browser alone: finish() wants it back
  };
  struct Browser {
    std::string binding = {};  // the cookie that it has of a log-in before: kept, so that two pages do not end each other's; empty: none
    std::string address = {};  // past the number that is kept, the address with the most log-ins loses its oldest
  };
  Result<Begun> begin(const OidcClient& client, const OidcProvider& provider, std::string_view return_to, const Browser& browser);
  Result<Begun> begin(const OidcClient& client, const OidcProvider& provider, std::string_view return_to) { return begin(client, provider, return_to, {}); }

  // What a browser brought to the redirect_uri: the query's parameters, and the cookie.
  struct Returned {
    std::string state, code, issuer, error, error_description;
    std::string binding;
  };
  struct Login {
    std::string nonce, verifier, return_to;
    std::string code;
  };
  // The log-in that this is the answer to, once: it is forgotten, whatever comes of it. unauthorized when there is none, or it was begun by
  // another browser (then the field is "state"), with another provider, or the provider says no.
  Result<Login> take(const OidcClient& client, const OidcProvider& provider, const Returned& returned);

  std::size_t size() const;

 private:
  struct Pending {
    std::string state, nonce, verifier, provider_id, return_to, address;
    TokenDigest binding_digest{};
    std::chrono::steady_clock::time_point began;
  };
  void forget_old(std::chrono::steady_clock::time_point now);
  void make_room();

  const Clock& clock_;
  const std::size_t at_most_;
  const std::chrono::seconds patience_;
  mutable std::mutex mutex_;
  std::list<Pending> pending_;  // oldest first
};

struct OidcIdentity {
  OidcClaims claims;
  std::string id_token;  // for a log-out at the provider (id_token_hint)
};

// Exchanges the code, and verifies the ID token that comes for it. Blocks. Errors: unauthorized (the code or the token is refused), unavailable
// (the provider cannot be reached or answers nonsense); an operator can act on their texts.
Result<OidcIdentity> finish_login(const OidcClient& client, const OidcProvider& provider, const OidcLogins::Login& login, OidcFetch& fetch, OidcKeyCache& keys);

// Where to send a browser that logs out, so that the provider's session ends too (RP-initiated log-out); nullopt when it offers none.
std::optional<std::string> log_out_url(const OidcClient& client, const OidcProvider& provider, const std::string& id_token, const std::string& back_to);

// The code_challenge of a verifier (S256).
std::string pkce_challenge(std::string_view verifier);

}  // namespace penstock::auth
