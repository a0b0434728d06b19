// Users, tokens, rights and the audit log, put together: for the server, and for commands that do without one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "api/identity_routes.hpp"
#include "auth/audit_trail.hpp"
#include "auth/forward_clock.hpp"
#include "auth/identity_cache.hpp"
#include "auth/identity_service.hpp"
#include "auth/oidc_bearer.hpp"
#include "auth/oidc_options.hpp"
#include "auth/oidc_sign_in.hpp"
#include "base/log.hpp"
#include "base/worker_pool.hpp"
#include "postgres/pg_identity_store.hpp"

namespace penstock::app {

// What log-ins by OpenID providers need beside.
struct OidcParts {
  Sealer& sealer;  // outlives them
  std::unique_ptr<auth::OidcFetch> fetch;
  auth::OidcOptions options;
  std::string secret;  // of the provider of the configuration
};

// Log-ins by OpenID providers, and their tokens.
struct Oidc {
  Oidc(OidcParts parts, auth::IdentityService& service, AuditLog& audit, const Clock& clock, MetricsRegistry& metrics)
      : fetch(std::move(parts.fetch)), sign_in(service, audit, parts.sealer, *fetch, clock, metrics, std::move(parts.options), std::move(parts.secret)),
        bearer(sign_in, tokens, clock) {}
  void stop() {
    pool.stop();
    tokens.stop();
  }

  std::unique_ptr<auth::OidcFetch> fetch;
  WorkerPool pool{"oidc", auth::OidcSignIn::kWorkers, 64};
  WorkerPool tokens{"oidc-tokens", 2, 256};
  auth::OidcSignIn sign_in;
  auth::OidcBearer bearer;
};

struct Identity {
  // `wall` and `metrics` outlive it.
  Identity(const postgres::Options& options, const Clock& wall, const auth::IdentityCache::Options& cache_options, MetricsRegistry& metrics,
           std::optional<OidcParts> parts = {})
      : clock(wall), store(options), audit(store, clock, metrics), cache(store, clock, cache_options), service(store, cache, audit, clock),
        oidc(parts ? std::make_unique<Oidc>(std::move(*parts), service, audit, clock, metrics) : nullptr), routes(desk()) {}

  // When the schema is there: users and tokens are known when it returns, unless the database went away again.
  void start() {
    if (const auto known = cache.refresh(); !known) log::warn("auth", "users and tokens cannot be read yet", {{"error", full_text(known.error())}});
    cache.start();
  }
  api::IdentityDesk desk() { return {service, store, pool, passwords, clock, oidc ? &oidc->sign_in : nullptr, oidc ? &oidc->pool : nullptr}; }
  void stop() {
    if (oidc) oidc->stop();
    passwords.stop();
    pool.stop();
    cache.stop();
    audit.stop();
  }

  auth::ForwardClock clock;
  postgres::PgIdentityStore store;
  auth::AuditTrail audit;
  auth::IdentityCache cache;
  auth::IdentityService service;
  WorkerPool pool{"identity", 1, 64};
  WorkerPool passwords{"password", 1, 16};  // a hash takes 16 MiB: one at a time
  std::unique_ptr<Oidc> oidc;               // null: none, as in commands
  api::IdentityRoutes routes;
};

}  // namespace penstock::app
