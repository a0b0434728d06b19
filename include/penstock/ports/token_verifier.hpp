// Who is asking. The bootstrap token today; users, OIDC and grants behind the same port.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

struct Principal {
  std::string name;                      // for the audit and for idempotency keys
  bool admin = false;
  bool all_deployments = false;
  std::vector<std::string> deployments;  // when not all
  std::string default_deployment;        // of records that name none; may be empty
  bool may_read = true;                  // logs and metrics of those deployments
  bool may_ingest = true;
};

// Thread-safe, does not block.
class TokenVerifier {
 public:
  virtual ~TokenVerifier() = default;
  // nullopt: not known, expired or revoked. Compares in constant time.
  virtual std::optional<Principal> verify(std::string_view token) = 0;
};

}  // namespace penstock
