// Log-ins, sessions and passwords, on a store in memory.
#include "identity_world.hpp"

namespace penstock::auth {
namespace {

using SessionTest = IdentityTest;

TEST_F(SessionTest, ASessionEndsWhenIdleAfterItsTimeAndAtLogOut) {
  add_user("ann", {{"viewer", "*"}});
  const std::string secret = log_in("ANN").secret;
  for (int i = 0; i < 20; ++i) {
    wall.advance(std::chrono::minutes(29));
    EXPECT_TRUE(session(secret)) << "in use";
  }
  wall.advance(std::chrono::minutes(30));
  EXPECT_FALSE(session(secret)) << "idle";

  const std::string other = log_in("ann").secret;
  for (int i = 0; i < 23; ++i) {
    wall.advance(std::chrono::minutes(30) - std::chrono::seconds(1));
    EXPECT_TRUE(session(other));
  }
  wall.advance(std::chrono::minutes(30));
  EXPECT_FALSE(session(other)) << "after twelve hours in any case";

  const std::string first = log_in("ann").secret, second = log_in("ann").secret, third = log_in("ann").secret;
  const auto who = session(first);
  EXPECT_EQ(who->session.find(first), std::string::npos) << "a principal holds no secret";
  ASSERT_TRUE(service.log_out({"user:ann", "", "ann", false}, *who, false));
  EXPECT_FALSE(session(first));
  EXPECT_FALSE(cache.sessions().still_valid(*who));
  EXPECT_TRUE(session(second));
  ASSERT_TRUE(service.log_out({"user:ann", "", "ann", false}, *session(second), true));
  EXPECT_FALSE(session(third)) << "everywhere";
}

TEST_F(SessionTest, ALogInHasANewIdAndTheOneBeforeEnds) {
  add_user("ann");
  const std::string first = log_in("ann").secret;
  const TokenDigest digest = digest_of(first);
  const std::string second = log_in("ann", {reinterpret_cast<const char*>(digest.data()), digest.size()}).secret;
  EXPECT_NE(first, second);
  EXPECT_FALSE(session(first));
  EXPECT_TRUE(session(second));
}

TEST_F(SessionTest, AWrongLogInIsToldAndLimitedAndTellsNothing) {
  add_user("ann");
  Error known, unknown;
  for (int i = 0; i < 10; ++i) known = service.log_in({"ann", "wrong", "192.0.2.1"}, "").error();
  unknown = service.log_in({"nobody", "wrong", "192.0.2.2"}, "").error();
  EXPECT_EQ(known.code, ErrorCode::unauthorized);
  EXPECT_EQ(known.message, unknown.message);
  EXPECT_EQ(told.entries.size(), 11u);
  EXPECT_EQ(told.entries[0].outcome, "refused");
  EXPECT_EQ(told.entries[0].address, "192.0.2.1");
  const auto blocked = service.log_in({"ann", "correct horse battery", "192.0.2.1"}, "");
  ASSERT_FALSE(blocked);
  EXPECT_EQ(blocked.error().code, ErrorCode::too_many_attempts);
  wall.advance(std::chrono::minutes(2));
  EXPECT_TRUE(service.log_in({"ann", "correct horse battery", "192.0.2.1"}, ""));
}

TEST_F(SessionTest, StrangersDoNotLockTheOwnerOutWhereTheOwnerHasLoggedInBeforeARestartToo) {
  add_user("ann");
  log_in("ann");
  IdentityService restarted(store, cache, told, clock);
  const auto tries = [&](const std::string& password, const std::string& address) { return restarted.log_in({"ann", password, address}, ""); };
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(tries("wrong", "198.51.100." + std::to_string(i)));
  EXPECT_EQ(tries("correct horse battery", "203.0.113.9").error().code, ErrorCode::too_many_attempts) << "from elsewhere";
  EXPECT_TRUE(tries("correct horse battery", "192.0.2.1"));
}

TEST_F(SessionTest, ALogInMakesAnOldHashANewOne) {
  add_user("ann");
  ASSERT_TRUE(store.load(wall.now())->users.at("ann").password.starts_with("$scrypt$ln=4,"));
  log_in("ann");
  const StoredUser ann = store.load(wall.now())->users.at("ann");
  EXPECT_TRUE(ann.password.starts_with("$scrypt$ln=14,r=8,p=5$"));
  EXPECT_EQ(ann.last_login, wall.now());
  log_in("ann");
}

TEST_F(SessionTest, ANewPasswordEndsAllSessionsButTheNewOne) {
  add_user("ann");
  const std::string first = log_in("ann").secret, second = log_in("ann").secret;
  const Caller ann{"user:ann", "192.0.2.1", "ann", false};
  EXPECT_EQ(service.change_password(ann, "ann", "wrong", "another long password").error().code, ErrorCode::unauthorized);
  EXPECT_EQ(service.change_password(ann, "ann", "correct horse battery", "short").error().field, "password");
  EXPECT_TRUE(session(first));
  const auto opened = service.change_password(ann, "ann", "correct horse battery", "another long password");
  ASSERT_TRUE(opened);
  EXPECT_FALSE(session(first));
  EXPECT_FALSE(session(second));
  EXPECT_TRUE(session(opened->secret));
  EXPECT_FALSE(service.log_in({"ann", "correct horse battery", "192.0.2.1"}, ""));
  EXPECT_TRUE(service.log_in({"ann", "another long password", "192.0.2.1"}, ""));
}

}  // namespace
}  // namespace penstock::auth
