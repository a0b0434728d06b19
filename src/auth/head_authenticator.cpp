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

Error not_known(std::string_view certificate = {}) {
  std::string text = "Give a valid token (Authorization: Bearer TOKEN), or log in.";
  if (!certificate.empty()) text += " Nothing was granted to this client's certificate (SHA-256 " + std::string(certificate) + ").";
  return {ErrorCode::unauthorized, std::move(text), ""};
}

Identity known_or_not(PrincipalPtr principal, std::string_view certificate = {}) {
  if (!principal) return not_known(certificate);
  return principal;
}

// `to`, told of a principal, or of none.
std::function<void(Result<PrincipalPtr>)> telling(std::function<void(Identity)> to, std::string_view certificate = {}) {
  return [to = std::move(to), certificate = std::string(certificate)](Result<PrincipalPtr> principal) {
    to(principal ? known_or_not(std::move(*principal), certificate) : Identity(std::move(principal).error()));
  };
}

}  // namespace

// What is to be looked for, and where; null: among the tokens of all sources.
struct HeadAuthenticator::Given {
  TokenDigest digest{};
  TokenSource* where = nullptr;
  std::string_view certificate = {};  // if it is that
  std::string bearer = {};            // the token itself, where a BearerSource may know it
};

// A cookie that comes with a token would have two people ask at once; a page of another site makes a browser send the cookie, and nothing else.
// A certificate comes with every request of its connection, so it stands behind both: with it alone a client says who it is, and with a token it
// says that it may come at all.
Result<HeadAuthenticator::Given> HeadAuthenticator::given_in(const Credentials& credentials) const {
  const auto session = sessions_ != nullptr ? session_of(credentials.cookie) : std::nullopt;
  if (session) {
    if (!credentials.authorization.empty() || !credentials.token.empty()) {
      return Error{ErrorCode::invalid_request, "A request is either a session's (Cookie) or a token's (Authorization): send one of the two.", "Authorization"};
    }
    if (auto own = check_own_page(credentials.method, credentials.host, credentials.origin, credentials.fetch_site, true); !own) return own.error();
    return Given{digest_of(*session), sessions_};
  }
  std::string room;
  if (const auto token = token_from_authorization(credentials.authorization, room)) {
    const bool bearer = bearers_ != nullptr && bearers_->may_be(*token);
    return Given{.digest = digest_of(*token), .bearer = bearer ? std::string(*token) : std::string()};
  }
  if (!credentials.token.empty()) return Given{digest_of(credentials.token)};
  const auto certificate = certificates_ != nullptr ? digest_from_hex(credentials.certificate) : std::nullopt;
  if (!certificate || !credentials.authorization.empty()) return not_known();
  if (auto own = check_no_foreign_page(credentials.host, credentials.origin, credentials.fetch_site); !own) return own.error();
  return Given{*certificate, certificates_, credentials.certificate};
}

void HeadAuthenticator::add(TokenSource& source) { sources_.push_back(&source); }

void HeadAuthenticator::add(std::string_view token, Principal principal) {
  if (token.empty()) return;
  own_.push_back(std::make_unique<FixedToken>(digest_of(token), std::move(principal)));
  add(*own_.back());
}

// Every source is asked, so that the time does not tell which one knew the token.
std::optional<Identity> HeadAuthenticator::authenticate(const Credentials& credentials) {
  const auto given = given_in(credentials);
  if (!given) return given.error();
  if (!given->bearer.empty()) {
    if (auto found = bearers_->find(given->digest)) return known_or_not(std::move(*found));
  }
  if (given->where != nullptr) {
    auto found = given->where->find(given->digest);
    if (!found) return std::nullopt;
    return known_or_not(std::move(*found), given->certificate);
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
  if (!known && (store_knows || !given->bearer.empty())) return std::nullopt;
  return known_or_not(std::move(known));
}

void HeadAuthenticator::look_up(const Credentials& credentials, std::function<void(Identity)> done) {
  const auto given = given_in(credentials);
  if (!given) return done(given.error());
  if (given->where != nullptr) return given->where->look_up(given->digest, telling(std::move(done), given->certificate));
  if (given->bearer.empty()) return look_up_by_digest(given->digest, std::move(done));
  bearers_->look_up(given->bearer, [this, digest = given->digest, done = std::move(done)](Result<PrincipalPtr> found) {
    if (found && !*found) return look_up_by_digest(digest, done);
    telling(done)(std::move(found));
  });
}

void HeadAuthenticator::look_up_by_digest(const TokenDigest& digest, std::function<void(Identity)> done) {
  for (TokenSource* const source : sources_) {
    const auto found = source->find(digest);
    if (found && !*found) continue;
    if (found) return done(*found);
    return source->look_up(digest, telling(std::move(done)));
  }
  done(not_known());
}

bool HeadAuthenticator::still_valid(const Principal& principal) {
  for (TokenSource* const source : sources_) {
    if (!source->still_valid(principal)) return false;
  }
  if (bearers_ != nullptr && !bearers_->still_valid(principal)) return false;
  return (sessions_ == nullptr || sessions_->still_valid(principal)) && (certificates_ == nullptr || certificates_->still_valid(principal));
}

}  // namespace penstock::auth
