// Tokens that tell by themselves who brings them: signed ones of an identity provider.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "auth/token_digest.hpp"
#include "penstock/ports/authenticator.hpp"

namespace penstock::auth {

// Thread-safe.
class BearerSource {
 public:
  virtual ~BearerSource() = default;
  // Without blocking: whether this could be one of its tokens, by its looks.
  virtual bool may_be(std::string_view token) const = 0;
  // Without blocking: whose token this is, which was looked up before; nullopt: look_up() alone can tell.
  virtual std::optional<PrincipalPtr> find(const TokenDigest& digest) = 0;
  // Calls `done` once, from any thread. Null: it is none of this source's. Errors as of Authenticator.
  virtual void look_up(std::string token, std::function<void(Result<PrincipalPtr>)> done) = 0;
  // As TokenSource::still_valid().
  virtual bool still_valid(const Principal& principal) = 0;
};

}  // namespace penstock::auth
