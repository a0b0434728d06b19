#include "auth/head_authenticator.hpp"

#include <string>
#include <utility>

#include "auth/credentials.hpp"
#include "auth/session_cookie.hpp"

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

Error not_known() { return {ErrorCode::unauthorized, "Give a valid token (Authorization: Bearer TOKEN), or log in.", ""}; }

Identity known_or_not(PrincipalPtr principal) {
  if (!principal) return not_known();
  return principal;
}

// What is to be looked for, and where.
struct Given {
  TokenDigest digest{};
  bool session = false;
};

// A cookie that comes with a token would have two people ask at once; a page of another site makes a browser send the cookie, and nothing else.
Result<Given> given_in(const Credentials& credentials, bool has_sessions) {
  const auto token = token_from_authorization(credentials.authorization);
  const auto session = has_sessions ? session_of(credentials.cookie) : std::nullopt;
  if (!session) {
    if (token) return Given{digest_of(*token), false};
    if (!credentials.token.empty()) return Given{digest_of(credentials.token), false};
    return not_known();
  }
  if (!credentials.authorization.empty() || !credentials.token.empty()) {
    return Error{ErrorCode::invalid_request, "A request is either a session's (Cookie) or a token's (Authorization): send one of the two.", "Authorization"};
  }
  if (auto own = check_own_page(credentials.method, credentials.host, credentials.origin, credentials.fetch_site, true); !own) return own.error();
  return Given{digest_of(*session), true};
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
  const auto given = given_in(credentials, sessions_ != nullptr);
  if (!given) return given.error();
  if (given->session) {
    auto found = sessions_->find(given->digest);
    if (!found) return std::nullopt;
    return known_or_not(std::move(*found));
  }
  PrincipalPtr known;
  bool store_knows = false;
  for (TokenSource* const source : sources_) {
    auto found = source->find(given->digest);
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
  const auto given = given_in(credentials, sessions_ != nullptr);
  if (!given) return done(given.error());
  const auto tell = [](std::function<void(Identity)> to) {
    return [to = std::move(to)](Result<PrincipalPtr> principal) {
      to(principal ? known_or_not(std::move(*principal)) : Identity(std::move(principal).error()));
    };
  };
  if (given->session) return sessions_->look_up(given->digest, tell(std::move(done)));
  for (TokenSource* const source : sources_) {
    const auto found = source->find(given->digest);
    if (found && !*found) continue;
    if (found) return done(*found);
    return source->look_up(given->digest, tell(std::move(done)));
  }
  done(not_known());
}

bool HeadAuthenticator::still_valid(const Principal& principal) {
  for (TokenSource* const source : sources_) {
    if (!source->still_valid(principal)) return false;
  }
  return sessions_ == nullptr || sessions_->still_valid(principal);
}

}  // namespace penstock::auth
