// Users, tokens, rights and the audit log, put together: for the server, and for commands that do without one.
#pragma once

#include "api/identity_routes.hpp"
#include "auth/audit_trail.hpp"
#include "auth/forward_clock.hpp"
#include "auth/identity_cache.hpp"
#include "auth/identity_service.hpp"
#include "base/log.hpp"
#include "base/worker_pool.hpp"
#include "postgres/pg_identity_store.hpp"

namespace penstock::app {

struct Identity {
  // `wall` and `metrics` outlive it.
  Identity(const postgres::Options& options, const Clock& wall, const auth::IdentityCache::Options& cache_options, MetricsRegistry& metrics)
      : clock(wall), store(options), audit(store, clock, metrics), cache(store, clock, cache_options), service(store, cache, audit, clock),
        routes(desk()) {}

  // When the schema is there: users and tokens are known when it returns, unless the database went away again.
  void start() {
    if (const auto known = cache.refresh(); !known) log::warn("auth", "users and tokens cannot be read yet", {{"error", full_text(known.error())}});
    cache.start();
    audit.start();
  }
  api::IdentityDesk desk() { return {service, store, pool, passwords, clock}; }
  void stop() {
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
  api::IdentityRoutes routes;
};

}  // namespace penstock::app
