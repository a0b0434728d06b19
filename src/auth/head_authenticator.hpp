// Tells from a request's head who sent it, with the help of several sources of tokens.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "auth/bearer_source.hpp"
#include "auth/token_source.hpp"
#include "penstock/ports/authenticator.hpp"

namespace penstock::auth {

// Thread-safe after the last add().
class HeadAuthenticator final : public Authenticator {
 public:
  // `source` outlives this.
  void add(TokenSource& source);
  // A token that is valid for as long as this lives, and whom it stands for. An empty one is never taken.
  void add(std::string_view token, Principal principal);
  // Knows people who logged in by the digest of what their cookie holds. Outlives this; null, as at first: there are none.
  void set_sessions(TokenSource* sessions) { sessions_ = sessions; }
  // Likewise knows TLS clients by the fingerprints of their certificates, which count where neither a token nor a session was sent.
  void set_certificates(TokenSource* certificates) { certificates_ = certificates; }
  // Knows tokens that tell by themselves who brings them. Outlives this; null, as at first: there are none.
  void set_bearers(BearerSource* bearers) { bearers_ = bearers; }

  std::optional<Identity> authenticate(const Credentials& credentials) override;
  void look_up(const Credentials& credentials, std::function<void(Identity)> done) override;
  bool still_valid(const Principal& principal) override;

 private:
  struct Given;
  Result<Given> given_in(const Credentials& credentials) const;
  void look_up_by_digest(const TokenDigest& digest, std::function<void(Identity)> done);

  std::vector<std::unique_ptr<TokenSource>> own_;
  std::vector<TokenSource*> sources_;
  TokenSource* sessions_ = nullptr;
  TokenSource* certificates_ = nullptr;
  BearerSource* bearers_ = nullptr;
};

}  // namespace penstock::auth
