// Carries out what is wished of users, roles, grants, tokens and settings, and logs people in.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/attempts.hpp"
#include "auth/identity_cache.hpp"
#include "auth/identity_plan.hpp"
#include "auth/password.hpp"
#include "auth/plan_providers.hpp"
#include "penstock/ports/audit_log.hpp"
#include "penstock/ports/clock.hpp"
#include "penstock/ports/identity_store.hpp"

namespace penstock::auth {

struct MadeToken {
  StoredToken token;   // as it is kept
  std::string secret;  // the token itself, which is nowhere kept; empty: a certificate stands in its place
};

struct LogIn {
  std::string name, password, address;
};

struct OpenedSession {
  std::string user, secret;  // what the cookie holds
  Timestamp expires_at;
};

// "pst_" and 256 random bits in base64url, with its readable beginning.
struct DrawnToken {
  std::string secret, id, prefix, digest;
};
Result<DrawnToken> draw_token();

// Thread-safe; everything blocks: for workers, and what takes a password for the one worker that hashes.
class IdentityService {
 public:
  using Plan = std::function<Planned(const PlanScene&)>;

  // The references outlive it.
  IdentityService(IdentityStore& store, IdentityCache& cache, AuditLog& audit, const Clock& clock)
      : store_(store), cache_(cache), audit_(audit), clock_(clock) {}

  // Makes a plan from what there is and carries it out as one; anew when somebody else changed something meanwhile. When it returns, this server
  // goes by it. An empty plan does nothing.
  Result<void> change(const Caller& caller, const Plan& plan);
  Result<MadeToken> create_token(const Caller& caller, const TokenWish& wish);
  // As they are in the store now.
  Result<std::shared_ptr<const Directory>> look() { return cache_.refresh(); }
  // As this server knows them; null before the first look.
  std::shared_ptr<const Directory> known() const { return cache_.directory(); }

  // unauthorized when name or password are wrong (after the same time for either), too_many_attempts with how long to wait.
  // The session `before` (a digest, may be empty), which the caller has already, ends.
  Result<OpenedSession> log_in(const LogIn& wish, const std::string& before);
  // For whom a provider sent: the user with the roles of now, and a session. forbidden: no role, so that sessions from before end; or disabled.
  // `provider_session`: what the provider calls its own; may be empty.
  Result<OpenedSession> open_visit(const Caller& caller, const ProviderVisit& visit, const std::string& provider_session);
  // Ends it, or all of the user.
  Result<void> log_out(const Caller& caller, const Principal& principal, bool everywhere);
  // Checks the old one like a log-in, ends all sessions of the user, and opens a new one.
  Result<OpenedSession> change_password(const Caller& caller, const std::string& user, const std::string& old_password, const std::string& new_password);

 private:
  Result<OpenedSession> open_session(const Caller& caller, const std::string& user, const std::string& action, const std::string& new_hash,
                                     const std::function<void(IdentityPlan&)>& add);
  std::optional<std::chrono::seconds> begin_try(const std::string& user, const std::string& address);
  Result<PasswordCheck> check(const std::string& user, const std::string& password, const std::string& address, const std::string& action);

  IdentityStore& store_;
  IdentityCache& cache_;
  AuditLog& audit_;
  const Clock& clock_;
  AttemptLimits attempts_;
  std::atomic<std::chrono::steady_clock::rep> recall_at_{std::numeric_limits<std::chrono::steady_clock::rep>::min()};  // when log-ins are looked up again
};

}  // namespace penstock::auth
