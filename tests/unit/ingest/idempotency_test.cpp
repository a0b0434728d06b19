#include "ingest/idempotency.hpp"

#include <atomic>
#include <map>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "ingest/admission.hpp"

namespace penstock::ingest {
namespace {

RequestKey key_of(std::string_view who, std::string_view key, std::string_view body, std::string_view route = "/api/v1/logs") {
  return *hash_request(who, key, route, body);
}

// What a journal would know.
class Entries {
 public:
  std::optional<IdempotencyEntry> find(std::uint64_t hi, std::uint64_t lo) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find({hi, lo});
    return found == entries_.end() ? std::nullopt : std::optional(found->second);
  }
  void store(const IdempotencyEntry& entry) {
    const std::lock_guard lock(mutex_);
    entries_[{entry.key_hi, entry.key_lo}] = entry;
  }
  IdempotencyGate gate() {
    return IdempotencyGate([this](std::uint64_t hi, std::uint64_t lo) { return find(hi, lo); });
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, IdempotencyEntry> entries_;
};

TEST(RequestKey, DependsOnWhoAskedTheKeyTheRouteAndTheBody) {
  const RequestKey key = key_of("ann", "k1", "body");
  EXPECT_EQ(key, key_of("ann", "k1", "body"));
  const RequestKey other_who = key_of("bob", "k1", "body"), other_key = key_of("ann", "k2", "body"), split = key_of("annk", "1", "body");
  for (const RequestKey& other : {other_who, other_key, split}) {
    EXPECT_NE(other.key_hi, key.key_hi);
    EXPECT_EQ(other.body_hi, key.body_hi);
  }
  const RequestKey other_body = key_of("ann", "k1", "Body"), other_route = key_of("ann", "k1", "body", "/api/v1/metrics");
  for (const RequestKey& other : {other_body, other_route}) {
    EXPECT_EQ(other.key_hi, key.key_hi);
    EXPECT_EQ(other.key_lo, key.key_lo);
    EXPECT_NE(other.body_hi, key.body_hi);
  }
}

TEST(RequestKey, RefusesKeysThatAreNone) {
  const std::string longest(255, 'k'), too_long(256, 'k');
  EXPECT_TRUE(hash_request("a", longest, "/", ""));
  EXPECT_TRUE(hash_request("a", "with blank ~", "/", ""));
  for (const std::string_view bad : {std::string_view(), std::string_view(too_long), std::string_view("a\nb"), std::string_view("\xc3\xa9"), std::string_view("a\x7f")}) {
    const auto key = hash_request("a", bad, "/", "");
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code, ErrorCode::invalid_request);
  }
}

TEST(KnownAnswer, SurvivesItsEntry) {
  const KnownAnswer answer{422, "{\"accepted\":0}"};
  const auto back = answer_of(entry_of(key_of("a", "k", "b"), answer));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->status, 422);
  EXPECT_EQ(back->body, answer.body);
  for (const char* bad : {"", "20", "2x0{}", "-20{}", "099"}) {
    IdempotencyEntry entry;
    entry.answer = bad;
    EXPECT_FALSE(answer_of(entry)) << bad;
  }
}

TEST(IdempotencyGate, GivesTheFirstAnswerToARetry) {
  Entries entries;
  IdempotencyGate gate = entries.gate();
  const RequestKey key = key_of("ann", "k", "body");
  {
    auto passed = gate.enter(key);
    ASSERT_TRUE(passed);
    EXPECT_FALSE(passed->answer);
    entries.store(entry_of(key, {200, "first"}));
  }
  auto again = gate.enter(key);
  ASSERT_TRUE(again);
  ASSERT_TRUE(again->answer);
  EXPECT_EQ(again->answer->body, "first");
}

TEST(IdempotencyGate, ARequestThatStoredNothingMayBeTriedAgain) {
  Entries entries;
  IdempotencyGate gate = entries.gate();
  const RequestKey key = key_of("ann", "k", "body");
  { ASSERT_TRUE(gate.enter(key)); }
  const auto again = gate.enter(key);
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->answer);
}

TEST(IdempotencyGate, TheSameRequestTwiceAtOnceIsToldToComeBack) {
  Entries entries;
  IdempotencyGate gate = entries.gate();
  const RequestKey key = key_of("ann", "k", "body");
  auto first = gate.enter(key);
  ASSERT_TRUE(first);
  EXPECT_EQ(gate.enter(key).error().code, ErrorCode::overloaded);
  EXPECT_EQ(gate.enter(key_of("ann", "k", "another body")).error().code, ErrorCode::conflict);
  EXPECT_TRUE(gate.enter(key_of("bob", "k", "body")));
  IdempotencyGate::Ticket moved = std::move(first->ticket);
  EXPECT_EQ(gate.enter(key).error().code, ErrorCode::overloaded);
  { const IdempotencyGate::Ticket gone = std::move(moved); }
  EXPECT_TRUE(gate.enter(key));
}

TEST(IdempotencyGate, AKeyUsedWithAnotherBodyIsAConflictAndIsNotHeld) {
  Entries entries;
  IdempotencyGate gate = entries.gate();
  entries.store(entry_of(key_of("ann", "k", "body"), {200, "first"}));
  EXPECT_EQ(gate.enter(key_of("ann", "k", "other")).error().code, ErrorCode::conflict);
  EXPECT_TRUE(gate.enter(key_of("ann", "k", "body")));
  IdempotencyEntry broken = entry_of(key_of("ann", "k2", "body"), {200, ""});
  broken.answer = "?";
  entries.store(broken);
  EXPECT_EQ(gate.enter(key_of("ann", "k2", "body")).error().code, ErrorCode::corrupt);
}

TEST(IdempotencyGate, ManyThreadsWithOneKeyStoreOnce) {
  Entries entries;
  IdempotencyGate gate = entries.gate();
  for (int round = 0; round < 200; ++round) {
    const RequestKey key = key_of("ann", std::to_string(round), "body");
    std::atomic<int> stored{0}, answered{0};
    {
      std::vector<std::jthread> threads;
      for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
          for (;;) {
            auto passed = gate.enter(key);
            if (!passed) continue;  // under way: the client asks again
            if (passed->answer) {
              ++answered;
            } else {
              ++stored;
              entries.store(entry_of(key, {200, "x"}));
            }
            return;
          }
        });
      }
    }
    ASSERT_EQ(stored, 1);
    ASSERT_EQ(answered, 3);
  }
}

TEST(Admission, RefusesWhileDrainingOrWhileTheJournalCannotTakeRecords) {
  std::optional<Error> storage;
  Admission admission([&storage] { return storage; });
  EXPECT_TRUE(admission.check());
  storage = Error{ErrorCode::storage_full, "full", ""};
  EXPECT_EQ(admission.check().error().code, ErrorCode::storage_full);
  storage.reset();
  EXPECT_TRUE(admission.check());
  admission.drain();
  EXPECT_EQ(admission.check().error().code, ErrorCode::draining);
}

}  // namespace
}  // namespace penstock::ingest
