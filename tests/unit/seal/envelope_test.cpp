// Keys under keys: what is made at the first start, what a wrong or missing key says, what a rotation cut off anywhere leaves, and that what
// is destroyed stays closed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <string>
#include <sys/stat.h>

#include "base/failpoint.hpp"
#include "base/secret_file.hpp"
#include "seal/envelope_sealer.hpp"
#include "seal/opening.hpp"
#include "seal/random.hpp"
#include "seal/rotation.hpp"
#include "support/fake_data_keys.hpp"

namespace penstock::seal {
namespace {

namespace fs = std::filesystem;

class SealedFolder : public ::testing::Test {
 protected:
  SealedFolder() {
    std::string pattern = (fs::temp_directory_path() / "penstock-seal-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~SealedFolder() override { fs::remove_all(folder_); }

  Result<Opened> open(Options options = {}, Missing missing = Missing::make, std::vector<KeyId> needed = {}) {
    return open_folder(options, {folder_, nullptr, std::move(needed)}, missing);
  }
  std::string key_path() const { return folder_ + "/seal.key"; }
  std::string read(const std::string& path) const { return read_secret_file(path, 1u << 20)->value_or(""); }
  void write(const std::string& path, const std::string& text) const { ASSERT_TRUE(write_secret_file(path, text)); }
  KeySource source() const { return KeySource::of({}, folder_, nullptr); }

  std::string folder_;
  test::FakeDataKeys store_;
};

TEST_F(SealedFolder, IsMadeAtTheFirstStartAndOpensAtTheNext) {
  auto first = open();
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE(first->made_key);
  struct stat status {};
  ASSERT_EQ(::stat(key_path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0400u);
  const KeyId key = *first->sealer->key_for("journal/1");
  EXPECT_NE(key, 0u);
  const std::string sealed = *first->sealer->seal(key, "place", "text");

  auto second = open({}, Missing::make, {key});
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_FALSE(second->made_key);
  EXPECT_EQ(*second->sealer->open(key, "place", sealed), "text");
}

TEST_F(SealedFolder, WhatIsNotSealedIsReadAsItIs) {
  auto opened = open();
  EXPECT_EQ(*opened->sealer->open(0, "place", "plain"), "plain");
}

TEST_F(SealedFolder, CommandsMakeNothing) {
  auto opened = open({}, Missing::leave);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->envelope, nullptr);
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(SealedFolder, WithoutSealingNothingNewIsSealedAndTheOldOpens) {
  Options none;
  none.cipher = "none";
  ASSERT_EQ(open(none)->envelope, nullptr);
  EXPECT_TRUE(fs::is_empty(folder_));

  auto on = open();
  const KeyId key = *on->sealer->key_for("journal/1");
  const std::string sealed = *on->sealer->seal(key, "", "text");
  auto off = open(none);
  EXPECT_EQ(*off->sealer->key_for("journal/2"), 0u);
  EXPECT_EQ(*off->sealer->open(key, "", sealed), "text");
}

TEST_F(SealedFolder, EachSegmentHasAKeyOfItsOwn) {
  auto opened = open();
  const KeyId key = *opened->sealer->key_for("journal/1");
  const std::string one = *opened->sealer->seal(key, "", "text"), again = *opened->sealer->seal(key, "", "text");
  ASSERT_TRUE(opened->sealer->key_for("journal/2"));
  const std::string other = *opened->sealer->seal(key, "", "text");
  EXPECT_EQ(one.substr(1, sizeof(Salt)), again.substr(1, sizeof(Salt)));
  EXPECT_NE(one.substr(1, sizeof(Salt)), other.substr(1, sizeof(Salt)));
}

void expect_refused(const Result<Opened>& opened, const std::string& named) {
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::key_mismatch) << opened.error().message;
  EXPECT_NE(opened.error().message.find(named), std::string::npos) << opened.error().message;
}

// The same ring and the same keys of the store, in every place that the folder may go on in.
TEST_F(SealedFolder, NoKeyMeetsASaltAndNonceTwiceOverRestartsAndCopiesOfTheFolder) {
  const std::string copy = folder_ + "-copy";
  struct Removed {
    std::string path;
    ~Removed() { fs::remove_all(path); }
  } removed{copy};
  ASSERT_TRUE(open());
  fs::copy(folder_, copy);
  std::set<std::string> seen;
  constexpr std::size_t kPair = sizeof(Salt) + 12;
  for (int restart = 0; restart < 5; ++restart) {
    for (const std::string& place : {folder_, copy}) {
      Options options;
      options.cipher = "aes-256-gcm";
      auto opened = open_folder(options, {place, nullptr, {}}, Missing::make);
      ASSERT_TRUE(opened) << opened.error().message;
      opened->envelope->use_store(store_);
      for (const char* scope : {"journal/1", "journal/1", "chunk/shop/1", "dead-letter/shop"}) {
        const auto key = opened->sealer->key_for(scope);
        ASSERT_TRUE(key);
        for (int i = 0; i < 50; ++i) {
          const std::string sealed = *opened->sealer->seal(*key, "place", "text");
          EXPECT_TRUE(seen.insert(std::to_string(*key) + sealed.substr(1, kPair)).second);
        }
      }
    }
  }
  EXPECT_EQ(seen.size(), 2000u);
}

TEST_F(SealedFolder, AMissingOuterKeyIsNamedAndNoneIsMadeInItsPlace) {
  ASSERT_TRUE(open());
  fs::rename(key_path(), folder_ + "/kept");
  const std::string ring = read(ring_path(folder_));
  expect_refused(open(), key_path());
  EXPECT_FALSE(fs::exists(key_path()));
  EXPECT_EQ(read(ring_path(folder_)), ring);
  fs::rename(folder_ + "/kept", key_path());
  EXPECT_TRUE(open());
}

TEST_F(SealedFolder, AWrongOuterKeyIsNamedByBothFingerprints) {
  ASSERT_TRUE(open());
  const auto right = OuterKeys::read(source());
  const OuterKey wrong(random_key());
  fs::remove(key_path());
  write(key_path(), to_key_text(wrong.key));
  expect_refused(open(), wrong.fingerprint);
  expect_refused(open(), (**right).current().fingerprint);
}

TEST_F(SealedFolder, AMissingRingIsNamedWhereTheJournalNeedsIt) {
  const KeyId key = *open()->sealer->key_for("journal/1");
  fs::remove(ring_path(folder_));
  EXPECT_TRUE(open({}, Missing::make, {key})) << "its copy is there";
  EXPECT_TRUE(fs::exists(ring_path(folder_)));
  fs::remove(ring_path(folder_));
  fs::remove(ring_path(folder_) + ".copy");
  expect_refused(open({}, Missing::make, {key}), ring_path(folder_));
  expect_refused(open({}, Missing::leave, {key}), ring_path(folder_));
  ASSERT_TRUE(open()) << "an empty folder gets a new one";
  expect_refused(open({}, Missing::make, {key}), ring_path(folder_));
}

TEST_F(SealedFolder, ADamagedRingIsReadFromItsCopy) {
  ASSERT_TRUE(open());
  std::string text = read(ring_path(folder_));
  for (std::size_t at = 0; at < text.size(); at += 7) {
    std::string damaged = text;
    damaged[at] = static_cast<char>(damaged[at] ^ 2);
    write(ring_path(folder_), damaged);
    const auto opened = open();
    // A damaged first line may read as that of a newer version.
    ASSERT_TRUE(opened || opened.error().code == ErrorCode::unsupported_version) << at << " " << opened.error().message;
  }
  write(ring_path(folder_), "x");
  write(ring_path(folder_) + ".copy", "y");
  const auto opened = open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::corrupt);
}

TEST_F(SealedFolder, AKeyOfAnOptionWinsAndHoldsEarlierOnesBehindIt) {
  Options options;
  const OuterKey first(random_key()), second(random_key());
  options.key = to_key_text(first.key);
  ASSERT_TRUE(open(options));
  EXPECT_FALSE(fs::exists(key_path()));
  options.key = to_key_text(second.key) + " " + to_key_text(first.key);
  EXPECT_TRUE(open(options));
  options.key = to_key_text(second.key);
  expect_refused(open(options), first.fingerprint);
  options.key = "pk1_tooshort";
  const auto refused = open(options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::config_error);
}

TEST_F(SealedFolder, ASystemdCredentialIsTakenWhereThereIsOne) {
  fs::create_directory(folder_ + "/credentials");
  write(folder_ + "/credentials/penstock-seal-key", to_key_text(random_key()));
  auto opened = open_folder({}, {folder_, (folder_ + "/credentials").c_str(), {}}, Missing::make);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->source.kind, KeySource::Kind::credential);
  EXPECT_FALSE(fs::exists(key_path()));
}

TEST_F(SealedFolder, KeysOfTheStoreOpenInAnotherServerWithTheSameOuterKey) {
  auto one = open();
  one->envelope->use_store(store_);
  ASSERT_TRUE(one->envelope->check_store());
  const KeyId key = *one->sealer->key_for("chunk/shop/20000");
  EXPECT_EQ(*one->sealer->key_for("chunk/shop/20000"), key);
  EXPECT_NE(*one->sealer->key_for("chunk/shop/20001"), key);
  EXPECT_NE(*one->sealer->key_for("chunk/other/20000"), key);
  const std::string sealed = *one->sealer->seal(key, "place", "text");

  auto other = open();
  other->envelope->use_store(store_);
  EXPECT_EQ(*other->sealer->key_for("chunk/shop/20000"), key);
  EXPECT_EQ(*other->sealer->open(key, "place", sealed), "text");
  auto reader = open();
  reader->envelope->use_store(store_);
  EXPECT_EQ(*reader->sealer->open(key, "place", sealed), "text");
  EXPECT_EQ(store_.lookups(), 1) << "the others of the deployment came along";
}

TEST_F(SealedFolder, WithTheStoreAwayTheJournalGoesOnAndChunksWait) {
  auto opened = open();
  opened->envelope->use_store(store_);
  const KeyId known = *opened->sealer->key_for("chunk/shop/1");
  store_.go_away(true);
  EXPECT_TRUE(opened->sealer->key_for("journal/1"));
  EXPECT_EQ(*opened->sealer->key_for("chunk/shop/1"), known);
  const auto waiting = opened->sealer->key_for("chunk/shop/2");
  ASSERT_FALSE(waiting);
  EXPECT_EQ(waiting.error().code, ErrorCode::unavailable);
}

TEST_F(SealedFolder, AStoreUnderAnotherOuterKeyIsRefused) {
  auto one = open();
  one->envelope->use_store(store_);
  ASSERT_TRUE(one->envelope->check_store());
  ASSERT_TRUE(one->sealer->key_for("chunk/shop/1"));
  fs::remove_all(folder_);
  fs::create_directory(folder_);
  auto other = open();
  other->envelope->use_store(store_);
  const auto refused = other->envelope->check_store();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::key_mismatch);
  EXPECT_FALSE(other->sealer->key_for("chunk/shop/2"));
  EXPECT_EQ(store_.size(), 1u);
}

TEST_F(SealedFolder, WhatADestroyedKeySealedIsClosedForGoodAndOthersStayOpen) {
  auto opened = open();
  opened->envelope->use_store(store_);
  const KeyId shop = *opened->sealer->key_for("chunk/shop/1"), letters = *opened->sealer->key_for("dead-letter/shop"),
              other = *opened->sealer->key_for("chunk/other/1");
  const std::string of_shop = *opened->sealer->seal(shop, "", "text"), of_letters = *opened->sealer->seal(letters, "", "text"),
                    of_other = *opened->sealer->seal(other, "", "text");
  EXPECT_EQ(*opened->envelope->destroy("shop"), 2u);
  auto later = open();
  later->envelope->use_store(store_);
  for (Sealer* sealer : {opened->sealer.get(), later->sealer.get()}) {
    EXPECT_EQ(sealer->open(shop, "", of_shop).error().code, ErrorCode::key_mismatch);
    EXPECT_EQ(sealer->open(letters, "", of_letters).error().code, ErrorCode::key_mismatch);
    EXPECT_EQ(*sealer->open(other, "", of_other), "text");
  }
  EXPECT_NE(*opened->sealer->key_for("chunk/shop/1"), shop) << "what comes later has a new key";
}

// Thrown at a failpoint: what a kill there leaves.
struct Killed {};
std::string kill_at;
void kill_hook(const char* name) {
  if (name == kill_at) throw Killed();
}

class Rotation : public SealedFolder {
 protected:
  Rotation() { failpoint_hook = kill_hook; }
  ~Rotation() override { failpoint_hook = nullptr; }
};

TEST_F(Rotation, CutOffAnywhereOpensEverythingAndIsFinishedByTheNext) {
  for (const char* point : {"", "seal.rotate.both_keys", "seal.ring.written", "seal.rotate.ring", "seal.rotate.store_done"}) {
    SCOPED_TRACE(point);
    kill_at.clear();
    auto running = open();
    running->envelope->use_store(store_);
    ASSERT_TRUE(running->envelope->check_store());
    const std::string old_file = read(key_path());
    const KeyId journal = *running->sealer->key_for("journal/1"), chunk = *running->sealer->key_for("chunk/shop/1");
    const std::string frame = *running->sealer->seal(journal, "", "frame"), block = *running->sealer->seal(chunk, "", "block");

    const auto expect_open = [&](const char* when) {
      SCOPED_TRACE(when);
      auto fresh = open({}, Missing::make, {journal});
      ASSERT_TRUE(fresh) << fresh.error().message;
      fresh->envelope->use_store(store_);
      ASSERT_TRUE(fresh->envelope->check_store()) << fresh->envelope->check_store().error().message;
      EXPECT_EQ(*fresh->sealer->open(journal, "", frame), "frame");
      EXPECT_EQ(*fresh->sealer->open(chunk, "", block), "block");
      EXPECT_TRUE(fresh->sealer->key_for("chunk/" + std::string(when) + "/1"));
    };
    kill_at = point;
    try {
      const auto done = rotate(source(), folder_, faster_cipher(), store_);
      EXPECT_TRUE(kill_at.empty());
      EXPECT_TRUE(done) << done.error().message;
    } catch (const Killed&) {
      EXPECT_FALSE(kill_at.empty());
    }
    const bool cut_off = !kill_at.empty();
    kill_at.clear();
    expect_open("between");
    EXPECT_TRUE(running->sealer->key_for("chunk/shop/2")) << "the running server goes on";
    EXPECT_TRUE(running->sealer->key_for("journal/2"));
    if (cut_off) {
      const auto again = rotate(source(), folder_, faster_cipher(), store_);
      ASSERT_TRUE(again) << again.error().message;
      EXPECT_TRUE(again->resumed);
    }
    expect_open("after");
    EXPECT_EQ((**OuterKeys::read(source())).all().size(), 1u);
    EXPECT_NE(read(key_path()), old_file);
    // The old key opens nothing any more, neither of the ring and its copy nor of the store.
    const auto old = OuterKeys::parse(old_file, "old");
    for (const std::string& path : {ring_path(folder_), ring_path(folder_) + ".copy"}) {
      EXPECT_EQ(KeyRing::parse(read(path), *old, path).error().code, ErrorCode::key_mismatch);
    }
    ASSERT_TRUE(store_.each([&](const WrappedKey& key) -> Result<void> {
      EXPECT_FALSE(unwrap(*old, data_key_place(key), key.wrapped, "store"));
      return {};
    }));
    // The running server's next data key is under the new outer key.
    EXPECT_TRUE(running->sealer->key_for("chunk/shop/3"));
    EXPECT_EQ(*running->sealer->open(journal, "", frame), "frame");
  }
}

TEST_F(Rotation, WithTheStoreAwayIsFinishedLater) {
  auto running = open();
  running->envelope->use_store(store_);
  const KeyId chunk = *running->sealer->key_for("chunk/shop/1");
  const std::string block = *running->sealer->seal(chunk, "", "block");
  store_.go_away(true);
  EXPECT_EQ(rotate(source(), folder_, faster_cipher(), store_).error().code, ErrorCode::unavailable);
  EXPECT_EQ((**OuterKeys::read(source())).all().size(), 2u);
  store_.go_away(false);
  EXPECT_TRUE(rotate(source(), folder_, faster_cipher(), store_));
  auto fresh = open();
  fresh->envelope->use_store(store_);
  EXPECT_EQ(*fresh->sealer->open(chunk, "", block), "block");
}

TEST_F(Rotation, NewSegmentsOfARunningServerHaveTheNewRoot) {
  auto running = open();
  const KeyId before = *running->sealer->key_for("journal/1");
  ASSERT_TRUE(rotate(source(), folder_, faster_cipher(), store_));
  const KeyId after = *running->sealer->key_for("journal/2");
  EXPECT_NE(after, before);
  EXPECT_TRUE(open({}, Missing::make, {before, after}));
}

TEST_F(Rotation, OfAKeyThatWeDoNotKeepNeedsTheNewOneBeforeTheOld) {
  const OuterKey first(random_key()), second(random_key());
  Options options;
  options.key = to_key_text(first.key);
  ASSERT_TRUE(open(options));
  EXPECT_EQ(rotate(KeySource::of(options, folder_, nullptr), folder_, faster_cipher(), store_).error().code, ErrorCode::config_error);
  options.key = to_key_text(second.key) + "\n" + to_key_text(first.key);
  const auto done = rotate(KeySource::of(options, folder_, nullptr), folder_, faster_cipher(), store_);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_TRUE(done->old_key_to_remove);
  options.key = to_key_text(second.key);
  EXPECT_TRUE(open(options));
}

TEST(KeyText, AllowsRemarksAndSpaceAndNothingElse) {
  const std::string key = to_key_text(random_key()), other = to_key_text(random_key());
  EXPECT_EQ(OuterKeys::parse("# mine\n  " + key + "\n\n# old\n" + other + "\r\n", "f")->all().size(), 2u);
  EXPECT_EQ(OuterKeys::parse(key + " " + key, "f")->all().size(), 1u);
  for (const std::string& text : {std::string(), std::string("# nothing"), std::string("pk1_"), key + "x", std::string("password"), key.substr(4)}) {
    const auto parsed = OuterKeys::parse(text, "the file");
    ASSERT_FALSE(parsed) << text;
    EXPECT_NE(parsed.error().message.find("the file"), std::string::npos);
  }
}

}  // namespace
}  // namespace penstock::seal
