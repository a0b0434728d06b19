#include "auth/password.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>

namespace penstock::auth {
namespace {

constexpr ScryptCost kCheap{4, 1, 1};

TEST(Password, IsKnownByItsHashWhichTellsItsParameters) {
  const auto hash = hash_password("correct horse battery", kCheap);
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->starts_with("$scrypt$ln=4,r=1,p=1$")) << *hash;
  EXPECT_EQ(hash->find("horse"), std::string::npos);
  EXPECT_TRUE(check_password("correct horse battery", *hash, kCheap).right);
  EXPECT_FALSE(check_password("correct horse batterz", *hash, kCheap).right);
  EXPECT_FALSE(check_password("", *hash, kCheap).right);
  EXPECT_NE(*hash, *hash_password("correct horse battery", kCheap)) << "each has its own salt";
}

// RFC 7914, section 12: scrypt("pleaseletmein", "SodiumChloride", 2^14, 8, 1), the first 32 bytes.
TEST(Password, IsScryptAsItIsWritten) {
  const char* hash = "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046_2o-7qQT44-qbVD9lRdofI";
  EXPECT_TRUE(check_password("pleaseletmein", hash).right);
  EXPECT_FALSE(check_password("pleaseletmeout", hash).right);
}

TEST(Password, OfAnotherCostIsRightAndOutdated) {
  const auto old = hash_password("correct horse battery", kCheap);
  EXPECT_FALSE(check_password("correct horse battery", *old, kCheap).outdated);
  const auto checked = check_password("correct horse battery", *old, {5, 1, 1});
  EXPECT_TRUE(checked.right);
  EXPECT_TRUE(checked.outdated);
  EXPECT_FALSE(check_password("wrong", *old, {5, 1, 1}).outdated);
}

TEST(Password, WhatIsNoHashIsNeverRight) {
  for (const char* hash : {"", "$scrypt$", "plain", "$scrypt$ln=4,r=1,p=1$", "$scrypt$ln=4,r=1,p=1$c2FsdA$", "$scrypt$ln=40,r=8,p=1$c2FsdA$a2V5",
                           "$scrypt$ln=4,r=1,p=1$c2FsdA$a2V5", "$scrypt$ln=-4,r=1,p=1$c2FsdA$a2V5"}) {
    EXPECT_FALSE(check_password("", hash, kCheap).right) << hash;
    EXPECT_FALSE(check_password("plain", hash, kCheap).right) << hash;
  }
}

TEST(Password, AnUnknownUserCostsTheSameTime) {
  const ScryptCost cost{12, 8, 1};
  const auto hash = hash_password("correct horse battery", cost);
  const auto time = [&](const std::string& stored) {
    auto best = std::chrono::nanoseconds::max();
    for (int i = 0; i < 5; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      EXPECT_FALSE(check_password("wrong", stored, cost).right);
      best = std::min<std::chrono::nanoseconds>(best, std::chrono::steady_clock::now() - begin);
    }
    return static_cast<double>(best.count());
  };
  const double known = time(*hash), unknown = time("");
  EXPECT_GT(unknown, known / 2);
  EXPECT_LT(unknown, known * 2);
}

TEST(Password, ThatIsEasilyGuessedIsRefusedWithWhatToDo) {
  for (const char* bad : {"", "short", "aaaaaaaaaaaa", "Ann.Miller@example.com", "ann.miller2026", "!ANN.MILLER!1", "Password123", "P@ssw0rd-2026", "Passw0rd1234", "qwertyuiop", "1234567890",
                          "0987654321", "12345678910", "1q2w3e4r5t", "1qaz2wsx3edc", "abcabcabcabc", "1212121212", "passwordpassword", "Welcome2026!", "changeme!!", "iloveyou123",
                          "administrator", "123qwertyuiop", "letmein-2027", "Penstock123", "12345qwert", "trustno1111"}) {
    const auto checked = check_new_password(bad, "ann.miller@example.com");
    ASSERT_FALSE(checked) << bad;
    EXPECT_EQ(checked.error().field, "password");
  }
  EXPECT_FALSE(check_new_password(std::string(1025, 'a') + "b", "ann"));
  for (const char* good : {"correct horse battery", "another long password", "a lot of apples", "xk7Qm2vTz9", "password of the boat", "123 blue kettle", "ann is at the sea", "2026-11-rain"}) {
    EXPECT_TRUE(check_new_password(good, "ann")) << good;
  }
  EXPECT_TRUE(check_new_password("Пароль из слов", "ann"));
}

}  // namespace
}  // namespace penstock::auth
