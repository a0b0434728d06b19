// Who is asking.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "penstock/core/grants.hpp"
#include "penstock/core/time.hpp"

namespace penstock {

enum class PrincipalKind { stranger, bootstrap, configured, token, user, provider, certificate };

// A snapshot: whoever holds it asks Authenticator::still_valid() now and then when holding it for long.
struct Principal {
  PrincipalKind kind = PrincipalKind::stranger;
  std::string name;  // for people, for the audit log, and for idempotency keys: no two principals share one
  std::string id = {};       // the store's, of a user or token
  std::string session = {};  // of a user who logged in, or of a provider's token; no secret
  std::string provider = {};  // the identity provider that told who this is; empty: none
  Grants grants = {};
  std::string default_deployment = {};        // of records that name none; may be empty
  std::optional<Timestamp> expires = {};      // from then on it is not valid
  std::uint64_t version = 0;                  // of the identities that it was made from
};

// Never null where it stands for a caller: strangers are stranger().
using PrincipalPtr = std::shared_ptr<const Principal>;

// Somebody who gave no credentials: no name, and no rights.
const PrincipalPtr& stranger();

}  // namespace penstock
