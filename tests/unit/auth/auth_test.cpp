#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "auth/bootstrap_token.hpp"
#include "auth/credentials.hpp"
#include "auth/head_authenticator.hpp"
#include "base/secret_file.hpp"

namespace penstock::auth {
namespace {

TEST(Credentials, TokensAreFoundInTheFormsThatAgentsSend) {
  const std::pair<std::string_view, std::optional<std::string_view>> cases[] = {
      {"Bearer pst_abc", "pst_abc"},
      {"bearer pst_abc", "pst_abc"},
      {"BEARER \t pst_abc  ", "pst_abc"},
      {"  Bearer pst_abc", "pst_abc"},
      {"Token pst_abc", "pst_abc"},
      {"Token user:pst_abc", "pst_abc"},
      {"Splunk pst_abc", "pst_abc"},
      {"splunk pst_abc", "pst_abc"},
      {"Basic dXNlcjpwc3RfYWJj", "pst_abc"},      // user:pst_abc
      {"basic dXNlcjphOmI=", "a:b"},              // user:a:b
      {"Basic OnBzdF9hYmM=", "pst_abc"},          // :pst_abc
      {"Basic cHN0X2FiYzo=", "pst_abc"},          // pst_abc:
      {"Basic cHN0X2FiYzo", "pst_abc"},           // without padding
      {"Basic cHN0X2FiYw==", "pst_abc"},          // pst_abc
      {"Basic Og==", std::nullopt},               // :
      {"Basic !!!!", std::nullopt},
      {"Basic A", std::nullopt},
      {"Basic ====", std::nullopt},
      {"Basic ", std::nullopt},
      {"Bearer", std::nullopt},
      {"Bearer ", std::nullopt},
      {"Bearer a b", std::nullopt},
      {"Token :", std::nullopt},
      {"Digest username=x", std::nullopt},
      {"Bearerpst_abc", std::nullopt},
      {"pst_abc", std::nullopt},
      {"", std::nullopt},
  };
  for (const auto& [header, expected] : cases) {
    std::string room;
    EXPECT_EQ(token_from_authorization(header, room), expected) << header;
  }
}

TEST(TokenDigest, IsSha256) {
  EXPECT_EQ(to_hex(digest_of("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-4
  EXPECT_EQ(digest_from_hex(to_hex(digest_of("abc"))), digest_of("abc"));
  EXPECT_FALSE(digest_from_hex("ba78"));
  EXPECT_FALSE(digest_from_hex(std::string(64, 'g')));
  EXPECT_FALSE(same_digest(digest_of("abc"), digest_of("abd")));
}

PrincipalPtr principal_of(TokenSource&& source, std::string_view token) { return source.find(digest_of(token)).value(); }
PrincipalPtr principal_of(TokenSource& source, std::string_view token) { return principal_of(std::move(source), token); }

class Bootstrap : public ::testing::Test {
 protected:
  Bootstrap() {
    std::string pattern = (std::filesystem::temp_directory_path() / "penstock-auth-XXXXXX").string();
    dir_ = ::mkdtemp(pattern.data());
  }
  ~Bootstrap() override { std::filesystem::remove_all(dir_); }
  Result<BootstrapToken> open(std::string environment = {}) {
    auto opened = BootstrapToken::open({dir_, std::move(environment), "default"});
    if (opened) { EXPECT_TRUE(opened->save()); }
    return opened;
  }
  std::string file() const { return dir_ + "/admin-token.sha256"; }
  std::string content() const {
    std::ifstream in(file());
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::string dir_;
};

TEST_F(Bootstrap, TheFirstStartMakesATokenThatIsToldOnce) {
  auto first = open();
  ASSERT_TRUE(first);
  const std::string token = first->new_token();
  EXPECT_EQ(token.size(), 4u + 43u);
  EXPECT_EQ(token.substr(0, 4), "pst_");
  EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), std::string::npos);
  auto second = open();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->new_token(), "");
  for (BootstrapToken* opened : {&*first, &*second}) {
    const auto principal = principal_of(*opened, token);
    ASSERT_TRUE(principal);
    EXPECT_TRUE(principal->grants.may_somewhere(Right::admin));
    EXPECT_TRUE(principal->grants.reach(Right::logs_delete).everywhere());
    EXPECT_EQ(principal->default_deployment, "default");
    EXPECT_FALSE(principal_of(*opened, token + "x"));
    EXPECT_FALSE(principal_of(*opened, token.substr(1)));
    EXPECT_FALSE(principal_of(*opened, ""));
  }
}

TEST_F(Bootstrap, TheFileHoldsTheDigestAloneAndOnlyItsOwnerMayReadIt) {
  auto opened = open();
  ASSERT_TRUE(opened);
  EXPECT_EQ(content(), to_hex(digest_of(opened->new_token())) + "\n");
  struct stat status {};
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(dir_)) ++files;
  EXPECT_EQ(files, 1u);
}

TEST_F(Bootstrap, AReplacedOrRevokedTokenCountsNoMoreOnceTheFileWasReadAgain) {
  auto running = open();
  ASSERT_TRUE(running);
  const std::string first = running->new_token();
  auto made = BootstrapToken::replace({dir_, "", "default"});
  ASSERT_TRUE(made && made->save());
  running->reload();
  EXPECT_FALSE(principal_of(*running, first));
  EXPECT_TRUE(principal_of(*running, made->new_token()));
  std::filesystem::remove(file());
  running->reload();
  EXPECT_FALSE(principal_of(*running, made->new_token()));
}

TEST_F(Bootstrap, WhatACheckSaysMakesNothing) {
  EXPECT_TRUE(BootstrapToken::check({dir_, "", ""}));
  EXPECT_TRUE(std::filesystem::is_empty(dir_));
  EXPECT_EQ(BootstrapToken::check({dir_, "short", ""}).error().code, ErrorCode::config_error);
  std::ofstream(file()) << "no digest\n";
  EXPECT_EQ(BootstrapToken::check({dir_, "", ""}).error().code, ErrorCode::corrupt);
  EXPECT_EQ(content(), "no digest\n");
}

TEST_F(Bootstrap, ATokenThatWasNeverShownIsNotKept) {
  const auto failed_start = BootstrapToken::open({dir_, "", "default"});
  ASSERT_TRUE(failed_start);
  EXPECT_FALSE(std::filesystem::exists(file()));
  auto next = open();
  EXPECT_NE(next->new_token(), "");
  EXPECT_NE(next->new_token(), failed_start->new_token());
  const auto not_shown = BootstrapToken::replace({dir_, "", "default"});
  EXPECT_TRUE(principal_of(*open(), next->new_token())) << "the old one stays until the new one is saved";
}

TEST_F(Bootstrap, EveryTokenIsAnother) {
  std::set<std::string> tokens;
  for (int i = 0; i < 50; ++i) {
    std::filesystem::remove(file());
    tokens.insert(open()->new_token());
  }
  EXPECT_EQ(tokens.size(), 50u);
}

TEST_F(Bootstrap, TheTokenFromTheEnvironmentReplacesTheKeptOne) {
  const std::string made = open()->new_token();
  auto given = open("a-token-of-my-own");
  ASSERT_TRUE(given);
  EXPECT_EQ(given->new_token(), "");
  EXPECT_TRUE(principal_of(*given, "a-token-of-my-own"));
  EXPECT_FALSE(principal_of(*given, made));
  auto later = open();
  ASSERT_TRUE(later);
  EXPECT_TRUE(principal_of(*later, "a-token-of-my-own"));
  EXPECT_EQ(content().find("a-token"), std::string::npos);
}

TEST_F(Bootstrap, RefusesATokenThatCannotBeSent) {
  for (const char* bad : {"short", "sixteen chars ok", "a-token:of-my-own", "a-token-of-my-\xc3\xa9", "a-token\nof-my-own"}) {
    const auto opened = open(bad);
    ASSERT_FALSE(opened) << bad;
    EXPECT_EQ(opened.error().code, ErrorCode::config_error);
  }
  EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(Bootstrap, ADamagedFileIsAnErrorAndStaysAsItIs) {
  std::ofstream(file()) << "nonsense";
  EXPECT_EQ(open().error().code, ErrorCode::corrupt);
  EXPECT_EQ(content(), "nonsense");
  EXPECT_TRUE(open("a-token-of-my-own"));
}

TEST_F(Bootstrap, AFolderThatIsMissingIsAnError) {
  EXPECT_EQ(BootstrapToken::open({dir_ + "/missing", "", ""})->save().error().code, ErrorCode::io_error);
  EXPECT_EQ(BootstrapToken::open({dir_ + "/missing", "a-token-of-my-own", ""}).error().code, ErrorCode::io_error);
}

TEST_F(Bootstrap, WhatAnInterruptedWriteLeftIsReplacedAndALinkIsNotFollowed) {
  const std::string target = dir_ + "/target";
  std::ofstream(target) << "precious";
  std::filesystem::create_symlink(target, file() + ".new");
  ASSERT_TRUE(open());
  EXPECT_EQ(std::filesystem::file_size(target), 8u);
  EXPECT_FALSE(std::filesystem::exists(file() + ".new"));
}

TEST_F(Bootstrap, WhatAReplacedTokenGaveIsNoLongerValid) {
  auto running = open();
  ASSERT_TRUE(running);
  const PrincipalPtr first = principal_of(*running, running->new_token());
  running->reload();
  EXPECT_TRUE(running->still_valid(*first)) << "the file holds what it held";
  EXPECT_TRUE(running->still_valid(Principal{.kind = PrincipalKind::configured, .name = "agent"})) << "another's";
  auto made = BootstrapToken::replace({dir_, "", "default"});
  ASSERT_TRUE(made && made->save());
  running->reload();
  EXPECT_FALSE(running->still_valid(*first));
  EXPECT_TRUE(running->still_valid(*principal_of(*running, made->new_token())));
}

TEST_F(Bootstrap, AHeadIsAuthenticatedByWhicheverSourceKnowsItsToken) {
  auto admin = open("the-admins-token-1");
  ASSERT_TRUE(admin);
  HeadAuthenticator heads;
  const auto name_of = [&heads](const Credentials& credentials) -> std::string {
    const auto identity = heads.authenticate(credentials);
    if (!identity) return "ask the store";
    return *identity ? (**identity)->name : std::string(error_name(identity->error().code));
  };
  EXPECT_EQ(name_of({.authorization = "Bearer the-admins-token-1"}), "unauthorized");
  heads.add(*admin);
  heads.add("agents-token", Principal{.kind = PrincipalKind::configured, .name = "agent"});
  heads.add("", Principal{.kind = PrincipalKind::configured, .name = "nobody"});
  EXPECT_EQ(name_of({.authorization = "Bearer the-admins-token-1"}), "admin");
  EXPECT_EQ(name_of({.authorization = "Basic OmFnZW50cy10b2tlbg=="}), "agent");
  EXPECT_EQ(name_of({.authorization = {}, .token = "agents-token"}), "agent");
  EXPECT_EQ(name_of({.authorization = "Bearer another", .token = "agents-token"}), "unauthorized") << "the header counts where there is one";
  EXPECT_EQ(name_of({.authorization = "Bearer "}), "unauthorized");
  EXPECT_EQ(name_of({.authorization = {}}), "unauthorized");
}

// Knows one token, and only after it asked.
class SlowSource final : public TokenSource {
 public:
  std::optional<PrincipalPtr> find(const TokenDigest&) override { return std::nullopt; }
  void look_up(const TokenDigest& digest, std::function<void(Result<PrincipalPtr>)> done) override {
    if (digest == digest_of("of-a-store-away")) return done(Error{ErrorCode::unavailable, "The store is away.", ""});
    done(digest == digest_of("kept") ? std::make_shared<const Principal>(Principal{.kind = PrincipalKind::token, .name = "kept"}) : nullptr);
  }
  bool still_valid(const Principal&) override { return true; }
};

TEST_F(Bootstrap, WhatOnlyTheStoreKnowsIsAskedOfItAndNothingElse) {
  auto admin = open("the-admins-token-1");
  ASSERT_TRUE(admin);
  SlowSource store;
  HeadAuthenticator heads;
  heads.add(store);
  heads.add(*admin);
  EXPECT_TRUE(heads.authenticate({.authorization = "Bearer the-admins-token-1"})) << "known at once, whatever the store would say";
  const auto told = [&heads](const char* header) {
    EXPECT_FALSE(heads.authenticate({.authorization = header}));
    std::string said;
    heads.look_up({.authorization = header}, [&said](const Identity& identity) { said = identity ? (*identity)->name : std::string(error_name(identity.error().code)); });
    return said;
  };
  EXPECT_EQ(told("Bearer kept"), "kept");
  EXPECT_EQ(told("Bearer another"), "unauthorized");
  EXPECT_EQ(told("Bearer of-a-store-away"), "unavailable");
}

}  // namespace
}  // namespace penstock::auth
