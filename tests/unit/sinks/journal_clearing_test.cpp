#include "sinks/store/journal_clearing.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "sink_test_tools.hpp"

namespace penstock::sinks::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr JournalId kHere{1'000'000'007}, kElsewhere{8};

class FakeReceipts final : public DeletionReceipts {
 public:
  Result<std::optional<DeletionReceipt>> receipt(std::int64_t) override { return std::optional<DeletionReceipt>(); }
  Result<std::vector<DeletionReceipt>> receipts(std::size_t) override { return std::vector<DeletionReceipt>(); }
  Result<std::vector<Deletion>> waiting_for(JournalId) override {
    if (away) return Error{ErrorCode::unavailable, "away", ""};
    std::vector<Deletion> waiting;
    for (const Deletion& deletion : closed) {
      if (std::find(left.begin(), left.end(), deletion.id) == left.end()) waiting.push_back(deletion);
    }
    return waiting;
  }
  Result<void> left_journal(std::int64_t deletion, JournalId) override {
    left.push_back(deletion);
    return {};
  }

  std::vector<Deletion> closed;
  std::vector<std::int64_t> left;
  bool away = false;
};

Deletion deletion_of(std::int64_t id, JournalId journal, Sequence before) {
  return {id, "shop", Timestamp{0}, kNow, "{}", journal, before, kNow};
}

struct JournalClearingTest : ::testing::Test {
  JournalClearingTest() {
    for (int i = 0; i < 9; ++i) journal.append(logs({"line"}), 1);
  }
  FakeJournal journal{kHere};
  FakeReceipts receipts;
};

TEST_F(JournalClearingTest, WhatWasDeletedIsAskedToGoAndIsNotedOnceItHas) {
  JournalClearing clearing(receipts, journal);
  ASSERT_TRUE(clearing.look_once());
  EXPECT_EQ(journal.retired(), 0u) << "nothing was deleted";
  receipts.closed = {deletion_of(1, kHere, 4), deletion_of(2, kHere, 6)};
  ASSERT_TRUE(clearing.look_once());
  EXPECT_EQ(journal.retired(), 6u);
  EXPECT_THAT(receipts.left, IsEmpty());
  journal.drop_below(4);
  ASSERT_TRUE(clearing.look_once());
  EXPECT_THAT(receipts.left, ElementsAre(1));
  journal.drop_below(6);
  ASSERT_TRUE(clearing.look_once());
  EXPECT_THAT(receipts.left, ElementsAre(1, 2));
}

TEST_F(JournalClearingTest, AnothersDeletionIsAboutAllThatCameHereBeforeItWasCarriedOut) {
  JournalClearing clearing(receipts, journal);
  receipts.closed = {deletion_of(1, kElsewhere, 1'000)};
  ASSERT_TRUE(clearing.look_once());
  EXPECT_EQ(journal.retired(), 10u);
  journal.append(logs({"later"}), 1);
  journal.drop_below(9);
  ASSERT_TRUE(clearing.look_once());
  EXPECT_THAT(receipts.left, IsEmpty());
  journal.drop_below(10);
  ASSERT_TRUE(clearing.look_once());
  EXPECT_THAT(receipts.left, ElementsAre(1)) << "what came later need not go";
}

TEST_F(JournalClearingTest, WithTheStoreAwayNothingIsTakenForGone) {
  JournalClearing clearing(receipts, journal);
  receipts.closed = {deletion_of(1, kHere, 4)};
  receipts.away = true;
  journal.drop_below(9);
  EXPECT_FALSE(clearing.look_once());
  EXPECT_THAT(receipts.left, IsEmpty());
}

}  // namespace
}  // namespace penstock::sinks::test
