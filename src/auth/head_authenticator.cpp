#include "auth/head_authenticator.hpp"

#include <string>
#include <utility>

#include "auth/credentials.hpp"

namespace penstock::auth {
namespace {

class FixedToken final : public TokenSource {
 public:
  FixedToken(const TokenDigest& digest, Principal principal) : digest_(digest), principal_(std::make_shared<const Principal>(std::move(principal))) {}

  std::optional<PrincipalPtr> find(const TokenDigest& digest) override { return same_digest(digest_, digest) ? principal_ : nullptr; }
  bool still_valid(const Principal&) override { return true; }

 private:
  const TokenDigest digest_;
  const PrincipalPtr principal_;
};

Error not_known() { return {ErrorCode::unauthorized, "Give a valid token: Authorization: Bearer TOKEN.", ""}; }

Identity known_or_not(PrincipalPtr principal) {
  if (!principal) return not_known();
  return principal;
}

std::optional<TokenDigest> token_of(const Credentials& credentials) {
  if (const auto token = token_from_authorization(credentials.authorization)) return digest_of(*token);
  if (!credentials.token.empty()) return digest_of(credentials.token);
  return std::nullopt;
}

}  // namespace

void HeadAuthenticator::add(TokenSource& source) { sources_.push_back(&source); }

void HeadAuthenticator::add(std::string_view token, Principal principal) {
  if (token.empty()) return;
  own_.push_back(std::make_unique<FixedToken>(digest_of(token), std::move(principal)));
  add(*own_.back());
}

// Every source is asked, so that the time does not tell which one knew the token.
std::optional<Identity> HeadAuthenticator::authenticate(const Credentials& credentials) {
  const auto digest = token_of(credentials);
  if (!digest) return not_known();
  PrincipalPtr known;
  bool store_knows = false;
  for (TokenSource* const source : sources_) {
    auto found = source->find(*digest);
    if (!found) {
      store_knows = true;
    } else if (*found && !known) {
      known = std::move(*found);
    }
  }
  if (!known && store_knows) return std::nullopt;
  return known_or_not(std::move(known));
}

void HeadAuthenticator::look_up(const Credentials& credentials, std::function<void(Identity)> done) {
  const auto digest = token_of(credentials);
  if (!digest) return done(not_known());
  for (TokenSource* const source : sources_) {
    const auto found = source->find(*digest);
    if (found && !*found) continue;
    if (found) return done(*found);
    return source->look_up(*digest, [done = std::move(done)](Result<PrincipalPtr> principal) {
      done(principal ? known_or_not(std::move(*principal)) : Identity(std::move(principal).error()));
    });
  }
  done(not_known());
}

bool HeadAuthenticator::still_valid(const Principal& principal) {
  for (TokenSource* const source : sources_) {
    if (!source->still_valid(principal)) return false;
  }
  return true;
}

}  // namespace penstock::auth
