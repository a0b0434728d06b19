// Access tokens of OpenID providers, which are taken on the API.
#pragma once

#include <cstring>
#include <mutex>
#include <unordered_map>

#include "auth/bearer_source.hpp"
#include "auth/oidc_sign_in.hpp"
#include "base/worker_pool.hpp"

namespace penstock::auth {

// A token whose signature was good is kept by its digest until it ends; what its roles come to follows roles, rules and users as they are now.
class OidcBearer final : public BearerSource {
 public:
  // The references outlive it. Signatures are checked on `pool`, which may ask a provider for keys.
  OidcBearer(OidcSignIn& providers, WorkerPool& pool, const Clock& clock) : providers_(providers), pool_(pool), clock_(clock) {}

  bool may_be(std::string_view token) const override;
  std::optional<PrincipalPtr> find(const TokenDigest& digest) override;
  void look_up(std::string token, std::function<void(Result<PrincipalPtr>)> done) override;
  bool still_valid(const Principal& principal) override;

 private:
  struct Known {
    std::shared_ptr<const StoredProvider> provider;  // as it was when the token was checked
    std::string subject;
    std::vector<HeldRole> roles;
    Timestamp ends;
    PrincipalPtr principal;  // null: disabled here
  };

  struct BySomeBytes {
    std::size_t operator()(const TokenDigest& digest) const {
      std::size_t hash = 0;
      std::memcpy(&hash, digest.data(), sizeof hash);
      return hash;
    }
  };
  Result<PrincipalPtr> check(const std::string& token);
  Result<PrincipalPtr> admit(const StoredProvider& provider, const TokenDigest& digest, const OidcClaims& claims);
  PrincipalPtr principal_of(const Known& known, const TokenDigest& digest) const;

  OidcSignIn& providers_;
  WorkerPool& pool_;
  const Clock& clock_;
  std::mutex mutex_;
  std::unordered_map<TokenDigest, Known, BySomeBytes> known_;
};

}  // namespace penstock::auth
