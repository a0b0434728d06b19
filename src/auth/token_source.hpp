// Some of the tokens that are known: the bootstrap token, those of the configuration, those of the store.
#pragma once

#include <functional>
#include <optional>

#include "auth/token_digest.hpp"
#include "penstock/ports/authenticator.hpp"

namespace penstock::auth {

// Thread-safe.
class TokenSource {
 public:
  virtual ~TokenSource() = default;
  // Without blocking: whose token this is; null: none of this source's; nullopt: look_up() alone can tell.
  virtual std::optional<PrincipalPtr> find(const TokenDigest& digest) = 0;
  // As Authenticator::look_up(). A source whose find() always knows is never asked.
  virtual void look_up(const TokenDigest& digest, std::function<void(Result<PrincipalPtr>)> done) {
    const auto found = find(digest);
    done(found ? *found : PrincipalPtr());
  }
  // False of a principal that this source gave out and would not give out now; true of all others. Without blocking.
  virtual bool still_valid(const Principal& principal) = 0;
};

}  // namespace penstock::auth
