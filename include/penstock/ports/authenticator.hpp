// From the head of a request to who sent it.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "penstock/core/principal.hpp"
#include "penstock/core/result.hpp"

namespace penstock {

// What a head says about its sender, as it was sent; empty: nothing. The views are the caller's.
struct Credentials {
  std::string_view authorization;     // the header's value
  std::string_view token = {};        // a bare one, where a route takes it in the query
  std::string_view cookie = {};       // the header's value
  std::string_view certificate = {};  // SHA-256 of a client certificate that TLS has verified, in hex
  std::string_view peer = {};         // the client's address, for attempt limits
  // By which a page of another site is told from our own.
  std::string_view method = {}, host = {}, origin = {}, fetch_site = {};

  bool empty() const { return authorization.empty() && token.empty() && cookie.empty() && certificate.empty(); }
};

// Who it is; or unauthorized (not known, expired, revoked), forbidden (a page of another site), invalid_request (two kinds of
// credentials at once), overloaded (too many attempts), unavailable (the store alone knows, and is away).
using Identity = Result<PrincipalPtr>;

// Thread-safe. Secrets are compared in constant time, or by digests that nobody can choose.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // At once, without blocking, on io threads. nullopt: only the store can tell, ask look_up().
  virtual std::optional<Identity> authenticate(const Credentials& credentials) = 0;
  // Asks the store. Calls `done` once, from any thread and perhaps before it returns, within some seconds: unavailable when the store does
  // not answer. Copies what it needs of the credentials.
  virtual void look_up(const Credentials& credentials, std::function<void(Identity)> done) = 0;
  // Whether a principal that this gave out would be given out now, the same rights included. Cheap, without blocking: whoever serves somebody for
  // long asks once a second.
  virtual bool still_valid(const Principal& principal) = 0;
};

}  // namespace penstock
