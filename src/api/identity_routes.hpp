// All resources of identities, for the server and for commands that do without one.
#pragma once

#include "api/access_rights.hpp"
#include "api/audit_view.hpp"
#include "api/custom_metrics.hpp"
#include "api/session.hpp"
#include "api/tokens.hpp"
#include "api/users.hpp"

namespace penstock::api {

class IdentityRoutes {
 public:
  explicit IdentityRoutes(const IdentityDesk& desk) : users_(desk), tokens_(desk), rights_(desk), metrics_(desk), audit_(desk), session_(desk) {}

  void add_routes(RouteTable& table) {
    users_.add_routes(table);
    tokens_.add_routes(table);
    rights_.add_routes(table);
    metrics_.add_routes(table);
    audit_.add_routes(table);
    session_.add_routes(table);
  }

 private:
  Users users_;
  Tokens tokens_;
  AccessRights rights_;
  CustomMetrics metrics_;
  AuditView audit_;
  Session session_;
};

}  // namespace penstock::api
