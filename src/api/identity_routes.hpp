// All resources of identities, for the server and for commands that do without one.
#pragma once

#include "api/access_rights.hpp"
#include "api/audit_view.hpp"
#include "api/custom_metrics.hpp"
#include "api/oidc_log_in.hpp"
#include "api/providers.hpp"
#include "api/session.hpp"
#include "api/tokens.hpp"
#include "api/users.hpp"

namespace penstock::api {

class IdentityRoutes {
 public:
  explicit IdentityRoutes(const IdentityDesk& desk) : users_(desk), tokens_(desk), rights_(desk), metrics_(desk), audit_(desk), session_(desk),
        providers_(desk), oidc_(desk), comes_by_providers_(desk.oidc != nullptr) {}

  void add_routes(RouteTable& table) {
    users_.add_routes(table);
    tokens_.add_routes(table);
    rights_.add_routes(table);
    metrics_.add_routes(table);
    audit_.add_routes(table);
    session_.add_routes(table);
    if (!comes_by_providers_) return;
    providers_.add_routes(table);
    oidc_.add_routes(table);
  }

 private:
  Users users_;
  Tokens tokens_;
  AccessRights rights_;
  CustomMetrics metrics_;
  AuditView audit_;
  Session session_;
  Providers providers_;
  OidcLogIn oidc_;
  const bool comes_by_providers_;
};

}  // namespace penstock::api
