// Dead letters are looked at, replayed without loss or doubles, and let go.
#include "sinks/store/dead_letter_desk.hpp"

#include <gmock/gmock.h>

#include <map>

#include "penstock/ports/dead_letter_store.hpp"
#include "sink_test_tools.hpp"
#include "sinks/store/dead_letters.hpp"
#include "support/fake_sealer.hpp"

namespace penstock::sinks::test {
namespace {

using penstock::test::FakeSealer;
using testing::ElementsAre;

constexpr JournalId kOld{77};

class MemoryLetters final : public DeadLetterStore {
 public:
  Result<std::vector<KeptDeadLetter>> list(RecordId after, std::size_t count, std::size_t) override {
    std::vector<KeptDeadLetter> some;
    for (auto at = letters.upper_bound(after); at != letters.end() && some.size() < count; ++at) some.push_back({at->second, kNow});
    return some;
  }
  Result<KeptDeadLetter> find(RecordId id) override {
    const auto found = letters.find(id);
    if (found == letters.end()) return Error{ErrorCode::not_found, "none", "id"};
    return KeptDeadLetter{found->second, kNow};
  }
  Result<void> take(RecordId id, const AuditEntry&, const std::function<Result<void>(const DeadLetter&)>& use) override {
    const auto found = letters.find(id);
    if (found == letters.end()) return Error{ErrorCode::not_found, "none", "id"};
    if (auto used = use(found->second); !used) return used;
    if (lose_connection) return Error{ErrorCode::unavailable, "the connection was lost", ""};
    letters.erase(found);
    return {};
  }

  std::map<RecordId, DeadLetter> letters;
  bool lose_connection = false;
};

struct DeadLetterDeskTest : testing::Test {
  RecordId add(Sequence sequence, std::string batch) {
    DeadLetter letter{kOld, sequence, "invalid_value", "why", std::move(batch)};
    EXPECT_TRUE(seal_dead_letter(sealer, letter));
    store.letters[{kOld, sequence}] = letter;
    return {kOld, sequence};
  }

  // Messages and points of all that the journal has; keys it has go into `keys`, as they do in the real one.
  std::vector<std::string> journaled() {
    std::vector<std::string> found;
    const auto reader = journal.reader(1);
    for (auto frame = reader->next(); *frame; frame = reader->next()) {
      for (const auto& batch : (*frame)->batches) {
        BatchReader records(batch.bytes);
        RecordView record;
        while (records.next(record)) found.push_back(std::string(record.kind == RecordKind::log ? record.log.message : record.point.source));
      }
    }
    return found;
  }

  std::optional<IdempotencyEntry> find_key(std::uint64_t hi, std::uint64_t lo) {
    const auto reader = journal.reader(1);
    for (auto frame = reader->next(); *frame; frame = reader->next()) {
      for (const auto& batch : (*frame)->batches) {
        const auto entry = BatchReader::idempotency(batch.bytes);
        if (entry && *entry && (*entry)->key_hi == hi && (*entry)->key_lo == lo) return **entry;
      }
    }
    return std::nullopt;
  }

  MemoryLetters store;
  FakeSealer sealer;
  FakeJournal journal;
  DeadLetterDesk desk{store, sealer, journal, [this](std::uint64_t hi, std::uint64_t lo) { return find_key(hi, lo); }};
};

TEST_F(DeadLetterDeskTest, ListsThemWithTheirRecords) {
  add(1, logs({"first"}));
  add(2, point("pi", {{"cpu", 1.0}}));
  add(3, logs({"third"}));
  const auto letters = desk.list({kOld, 1}, 10);
  ASSERT_TRUE(letters);
  ASSERT_EQ(letters->size(), 2u);
  EXPECT_EQ(letters->at(0).id, (RecordId{kOld, 2}));
  EXPECT_EQ(letters->at(1).reason, "invalid_value");
  EXPECT_EQ(letters->at(1).batch, logs({"third"}));
}

TEST_F(DeadLetterDeskTest, TheLettersOfADeploymentThatAreNotSealedGoWithIt) {
  PlainSealer plain;
  const auto add_plain = [&](Sequence sequence, std::string batch) {
    DeadLetter letter{kOld, sequence, "invalid_value", "why", std::move(batch)};
    ASSERT_TRUE(seal_dead_letter(plain, letter));
    store.letters[{kOld, sequence}] = letter;
  };
  add_plain(1, logs({"first"}));
  add_plain(2, logs({"other"}, "other"));
  add_plain(3, point("pi", {{"cpu", 1.0}}));
  add_plain(4, "");
  add(5, logs({"sealed: its key goes"}));
  ASSERT_TRUE(desk.discard_plain("shop"));
  std::vector<Sequence> left;
  for (const auto& [id, letter] : store.letters) left.push_back(id.sequence);
  EXPECT_THAT(left, ElementsAre(2, 4, 5));
}

TEST_F(DeadLetterDeskTest, AReplayedRecordIsInTheJournalAndItsLetterGone) {
  const RecordId log = add(1, logs({"again"}));
  const RecordId sample = add(2, point("pi", {{"cpu", 1.0}}));
  ASSERT_TRUE(desk.replay(log));
  ASSERT_TRUE(desk.replay(sample));
  EXPECT_THAT(journaled(), ElementsAre("again", "pi"));
  EXPECT_TRUE(store.letters.empty());
  EXPECT_EQ(desk.replay(log).error().code, ErrorCode::not_found);
  EXPECT_THAT(journaled(), ElementsAre("again", "pi"));
}

TEST_F(DeadLetterDeskTest, ALetterStaysUntilTheJournalHasItsRecordOnDisk) {
  const RecordId id = add(1, logs({"again"}));
  journal.fail_commits(Error{ErrorCode::storage_failed, "no disk", ""});
  EXPECT_EQ(desk.replay(id).error().code, ErrorCode::storage_failed);
  EXPECT_EQ(store.letters.size(), 1u);
  journal.fail_commits(std::nullopt);
  journal.fail_submissions(Error{ErrorCode::storage_full, "full", ""});
  EXPECT_EQ(desk.replay(id).error().code, ErrorCode::storage_full);
  EXPECT_EQ(store.letters.size(), 1u);
  journal.fail_submissions(std::nullopt);
  EXPECT_TRUE(desk.replay(id));
  EXPECT_THAT(journaled(), ElementsAre("again"));
}

TEST_F(DeadLetterDeskTest, AReplayThatWasCutOffDoublesNothingWhenAskedForAgain) {
  const RecordId id = add(1, logs({"again"}));
  store.lose_connection = true;
  EXPECT_EQ(desk.replay(id).error().code, ErrorCode::unavailable);
  EXPECT_EQ(desk.replay(id).error().code, ErrorCode::unavailable);
  EXPECT_EQ(store.letters.size(), 1u);
  store.lose_connection = false;
  EXPECT_TRUE(desk.replay(id));
  EXPECT_THAT(journaled(), ElementsAre("again"));
  EXPECT_TRUE(store.letters.empty());
}

TEST_F(DeadLetterDeskTest, EqualRecordsOfTwoLettersAreBothReplayed) {
  const RecordId one = add(1, logs({"same"})), two = add(2, logs({"same"}));
  ASSERT_TRUE(desk.replay(one));
  ASSERT_TRUE(desk.replay(two));
  EXPECT_THAT(journaled(), ElementsAre("same", "same"));
}

TEST_F(DeadLetterDeskTest, ALetterWithoutAReadableRecordIsToldAndStaysUntilDiscarded) {
  const RecordId hopeless = add(1, "");
  const RecordId broken = add(2, logs({"x"}));
  store.letters[broken].batch.back() ^= 1;
  EXPECT_EQ(desk.replay(hopeless).error().code, ErrorCode::corrupt);
  EXPECT_EQ(desk.replay(broken).error().code, ErrorCode::corrupt);
  EXPECT_EQ(store.letters.size(), 2u);
  EXPECT_FALSE(desk.find(broken)->unreadable.empty());
  EXPECT_TRUE(desk.find(hopeless)->batch.empty());
  EXPECT_TRUE(desk.discard(hopeless));
  EXPECT_TRUE(desk.discard(broken));
  EXPECT_EQ(desk.discard(broken).error().code, ErrorCode::not_found);
  EXPECT_TRUE(journaled().empty());
}

}  // namespace
}  // namespace penstock::sinks::test
