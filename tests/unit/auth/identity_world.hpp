// Users, tokens and sessions on a store in memory, for tests of who may do what.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "auth/forward_clock.hpp"
#include "auth/identity_cache.hpp"
#include "auth/identity_service.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_identity_store.hpp"

namespace penstock::auth {

inline Grant grant(const std::string& deployment, Rights rights, std::vector<std::string> sources = {}) {
  Grant one;
  one.all_deployments = deployment == "*";
  if (!one.all_deployments) one.deployment = deployment;
  one.rights = rights;
  one.sources = std::move(sources);
  return one;
}

class TellingLog final : public AuditLog {
 public:
  void tell(AuditEntry entry) override { entries.push_back(std::move(entry)); }
  std::vector<AuditEntry> entries;
};

class IdentityTest : public ::testing::Test {
 protected:
  // Cheap to log in.
  void add_user(const std::string& name, std::vector<HeldRole> roles = {}, std::vector<Grant> grants = {}) {
    UserWish wish;
    wish.password_hash = *hash_password("correct horse battery", {4, 1, 1});
    wish.roles = std::move(roles);
    wish.grants = std::move(grants);
    const auto done = service.change(admin, [&](const PlanScene& scene) { return plan_new_user(scene, name, wish); });
    ASSERT_TRUE(done) << done.error().message;
  }
  void change_user(const std::string& name, const UserWish& wish) {
    const auto done = service.change(admin, [&](const PlanScene& scene) { return plan_user_change(scene, name, wish); });
    ASSERT_TRUE(done) << done.error().message;
  }
  MadeToken make_token(std::vector<Grant> grants, const std::string& owner = "", std::optional<std::int64_t> ttl = {}) {
    TokenWish wish;
    wish.name = "test";
    wish.owner = owner;
    wish.grants = std::move(grants);
    wish.ttl_ns = ttl;
    auto made = service.create_token(admin, wish);
    EXPECT_TRUE(made) << made.error().message;
    return *made;
  }
  PrincipalPtr token(const std::string& secret) { return cache.tokens().find(digest_of(secret)).value_or(nullptr); }
  PrincipalPtr session(const std::string& secret) { return cache.sessions().find(digest_of(secret)).value_or(nullptr); }
  OpenedSession log_in(const std::string& name, const std::string& before = "") {
    auto opened = service.log_in({name, "correct horse battery", "192.0.2.1"}, before);
    EXPECT_TRUE(opened) << opened.error().message;
    return *opened;
  }

  test::FakeClock wall;
  ForwardClock clock{wall};
  test::FakeIdentityStore store;
  IdentityCache cache{store, clock, {}};
  TellingLog told;
  IdentityService service{store, cache, told, clock};
  const Caller admin{"admin", "192.0.2.9", "", true};
};

}  // namespace penstock::auth
