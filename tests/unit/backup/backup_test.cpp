// The parts of a backup: copies that equal their source, a manifest that shows every change, and a hold on segments that go.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstring>
#include <filesystem>
#include <thread>

#include "backup/backup.hpp"
#include "backup/copy.hpp"
#include "backup/journal_hold.hpp"
#include "backup/manifest.hpp"
#include "backup/restore.hpp"
#include "base/sha256.hpp"
#include "journal/posix_file_system.hpp"
#include "journal/segment_format.hpp"
#include "support/fake_clock.hpp"
#include "support/golden_text.hpp"

namespace penstock::backup {
namespace {

namespace fs = std::filesystem;
using test::read_file;
using test::write_file;
using testing::ElementsAre;

struct BackupParts : testing::Test {
  BackupParts() {
    std::string name = testing::TempDir() + "penstock-backup-XXXXXX";
    work = mkdtemp(name.data());
  }
  ~BackupParts() override { fs::remove_all(work); }

  std::string segment(Sequence first) {
    const std::string name = journal::segment_file_name({first, first << 32});
    write_file(work + "/" + name, "frames from " + std::to_string(first));
    return name;
  }

  std::string work;
  journal::PosixFileSystem files;
};

TEST_F(BackupParts, ACopyEqualsItsSourceAndZerosTakeNoRoom) {
  std::string bytes(5u << 20, '\0');
  bytes.replace(3u << 20, 5, "hello");
  bytes += "end";
  bytes.append(700'000, '\0');
  write_file(work + "/a", bytes);
  const auto copied = copy_file(files, work + "/a", work + "/b");
  ASSERT_TRUE(copied) << copied.error().message;
  EXPECT_EQ(read_file(work + "/b"), bytes);
  EXPECT_EQ(copied->bytes, bytes.size());
  EXPECT_EQ(copied->sha256, sha256_hex(bytes));
  EXPECT_EQ(*content_of(files, work + "/b"), *copied);
  struct stat there {};
  ASSERT_EQ(stat((work + "/b").c_str(), &there), 0);
  EXPECT_LT(there.st_blocks * 512, 2 << 20);
  EXPECT_FALSE(copy_file(files, work + "/a", work + "/b")) << "never over another file";
  EXPECT_EQ(copy_file(files, work + "/a", work + "/c", 3u << 20 | 5)->bytes, 3u << 20 | 5);
  EXPECT_EQ(read_file(work + "/c"), bytes.substr(0, 3u << 20 | 5));
}

// A file of which some bytes cannot be read.
class BadDisk final : public File {
 public:
  BadDisk(std::string bytes, std::vector<journal::ByteRange> bad) : bytes_(std::move(bytes)), bad_(std::move(bad)) {}
  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> into) const override {
    const std::size_t got = offset >= bytes_.size() ? 0 : std::min<std::size_t>(into.size(), bytes_.size() - offset);
    for (const auto& [from, count] : bad_) {
      if (offset < from + count && from < offset + got) return Error{ErrorCode::io_error, "Input/output error", ""};
    }
    std::memcpy(into.data(), bytes_.data() + offset, got);
    return got;
  }
  Result<std::uint64_t> size() const override { return bytes_.size(); }
  Result<void> write_at(std::uint64_t, std::span<const std::byte>) override { return {}; }
  Result<void> sync_data() override { return {}; }
  Result<void> allocate(std::uint64_t) override { return {}; }
  Result<void> truncate(std::uint64_t) override { return {}; }

 private:
  std::string bytes_;
  std::vector<journal::ByteRange> bad_;
};

TEST_F(BackupParts, WhatCannotBeReadIsNamedAndTheRestIsCopied) {
  std::string bytes;
  for (std::size_t i = 0; i < 700'000; ++i) bytes += static_cast<char>('a' + i % 23);
  const BadDisk disk(bytes, {{10'000, 1}, {12'288, 4096}, {300'000, 10}, {699'990, 10}});
  EXPECT_FALSE(copy_file(files, disk, work + "/a", UINT64_MAX, nullptr));
  std::vector<journal::ByteRange> unreadable;
  const auto copied = copy_file(files, disk, work + "/b", UINT64_MAX, &unreadable);
  ASSERT_TRUE(copied) << copied.error().message;
  EXPECT_THAT(unreadable, ElementsAre(journal::ByteRange{8192, 8192}, journal::ByteRange{299'008, 4096}, journal::ByteRange{696'320, 3680}));
  for (const auto& [offset, count] : unreadable) bytes.replace(offset, count, count, '\0');
  EXPECT_EQ(read_file(work + "/b"), bytes);
  EXPECT_EQ(*content_of(files, work + "/b"), *copied);
}

Manifest some_manifest() {
  Manifest manifest;
  manifest.made_at = {1'795'181'580 * kSecond};
  manifest.version = "0.1.0";
  manifest.journal = {77};
  manifest.end = 42;
  manifest.files = {{"postgres.dump", {3, sha256_hex("abc")}}, {"files/a name with blanks", {0, sha256_hex("")}}};
  return manifest;
}

TEST(Manifest, SaysTheSameAfterItWasWritten) {
  const Manifest manifest = some_manifest();
  const auto read = parse_manifest(to_text(manifest));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->made_at, manifest.made_at);
  EXPECT_EQ(read->version, manifest.version);
  EXPECT_EQ(read->journal, manifest.journal);
  EXPECT_EQ(read->end, manifest.end);
  EXPECT_EQ(read->files, manifest.files);
  EXPECT_TRUE(read->whole());
}

TEST(Manifest, SaysWhatIsNotInTheBackup) {
  Manifest manifest = some_manifest();
  manifest.left_out = {"files/gone"};
  manifest.unreadable = {{"journal/a b", {8192, 4096}}};
  manifest.lost = {{"journal/a b", 7, 9}};
  const auto read = parse_manifest(to_text(manifest));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_FALSE(read->whole());
  EXPECT_EQ(read->left_out, manifest.left_out);
  EXPECT_EQ(read->unreadable, manifest.unreadable);
  EXPECT_EQ(read->lost, manifest.lost);
  EXPECT_THAT(shortcomings(*read), ElementsAre("files/gone: could not be opened, and is left out",
                                               "journal/a b: bytes 8192 to 12287 could not be read, and are zeros",
                                               "journal/a b: 2 records lost, from 7 to 8"));
}

TEST(Manifest, AChangedByteAndAMissingEndAreSeen) {
  const std::string text = to_text(some_manifest());
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] ^= 1;
    EXPECT_FALSE(parse_manifest(changed)) << "byte " << i;
    EXPECT_FALSE(parse_manifest(text.substr(0, i))) << "first " << i;
  }
}

TEST(Manifest, APathThatLeadsOutIsRefused) {
  for (const char* path : {"/etc/passwd", "../a", "files/../../a", "files/.."}) {
    Manifest manifest = some_manifest();
    manifest.files[0].path = path;
    EXPECT_FALSE(parse_manifest(to_text(manifest))) << path;
  }
}

TEST_F(BackupParts, EveryFileOfABackupIsVerified) {
  fs::create_directories(work + "/files");
  write_file(work + "/postgres.dump", "abc");
  write_file(work + "/files/a name with blanks", "");
  EXPECT_EQ(verify_backup(files, work).error().code, ErrorCode::not_found);
  write_file(work + "/MANIFEST", to_text(some_manifest()));
  EXPECT_TRUE(verify_backup(files, work));
  write_file(work + "/postgres.dump", "abd");
  EXPECT_EQ(verify_backup(files, work).error().code, ErrorCode::corrupt);
  write_file(work + "/postgres.dump", "abc");
  fs::remove(work + "/files/a name with blanks");
  const auto missing = verify_backup(files, work);
  EXPECT_EQ(missing.error().code, ErrorCode::corrupt);
  EXPECT_THAT(missing.error().message, testing::HasSubstr("a name with blanks is missing"));
}

TEST_F(BackupParts, SegmentsThatGoAreHeldAndNewOnesToo) {
  const std::string first = segment(1), second = segment(100);
  auto hold = JournalHold::begin(files, work);
  ASSERT_TRUE(hold) << hold.error().message;
  fs::remove(work + "/" + first);
  const std::string third = segment(200);
  // Held by the thread, not only by the last look.
  while (!files.exists((*hold)->folder() + "/" + third)) std::this_thread::yield();
  fs::remove(work + "/" + third);
  const std::string fourth = segment(300);
  const auto held = (*hold)->finish();
  ASSERT_TRUE(held);
  EXPECT_THAT(*held, ElementsAre(first, second, third, fourth));
  EXPECT_EQ(read_file((*hold)->folder() + "/" + first), "frames from 1");
  EXPECT_EQ(read_file((*hold)->folder() + "/" + third), "frames from 200");
  hold->reset();
  EXPECT_FALSE(fs::exists(work + "/hold-for-backup"));
  EXPECT_EQ(read_file(work + "/" + second), "frames from 100");
}

TEST_F(BackupParts, OneBackupHoldsAJournalAndAKilledOneLeavesNothingInTheWay) {
  fs::create_directories(work + "/hold-for-backup");
  const std::string stale = journal::segment_file_name({7, 7});
  write_file(work + "/hold-for-backup/" + stale, "of a backup that was killed");
  const std::string name = segment(100);
  auto hold = JournalHold::begin(files, work);
  ASSERT_TRUE(hold);
  EXPECT_EQ(JournalHold::begin(files, work).error().code, ErrorCode::conflict);
  EXPECT_THAT(*(*hold)->finish(), ElementsAre(name));
}

TEST_F(BackupParts, ARestoreTouchesNothingWhenTheBackupOrTheTargetIsNotRight) {
  fs::create_directories(work + "/backup/files");
  write_file(work + "/backup/postgres.dump", "abc");
  write_file(work + "/backup/files/a name with blanks", "");
  write_file(work + "/backup/MANIFEST", to_text(some_manifest()));
  bool opened = false;
  const WithDatabase database = [&](const std::string&, const auto&) -> Result<void> {
    opened = true;
    return Error{ErrorCode::unavailable, "no database in this test", ""};
  };
  RestoreOptions options{work + "/backup", work + "/data", ""};
  fs::create_directories(work + "/data");
  write_file(work + "/data/mine", "stays");
  EXPECT_EQ(restore_backup(files, options, database).error().code, ErrorCode::conflict);
  EXPECT_EQ(read_file(work + "/data/mine"), "stays");
  fs::remove_all(work + "/data");
  write_file(work + "/backup/postgres.dump", "abd");
  EXPECT_EQ(restore_backup(files, options, database).error().code, ErrorCode::corrupt);
  EXPECT_FALSE(opened);
  EXPECT_FALSE(fs::exists(work + "/data") || fs::exists(work + "/data.restoring"));
  write_file(work + "/backup/postgres.dump", "abc");
  EXPECT_EQ(restore_backup(files, options, database).error().code, ErrorCode::unavailable);
  EXPECT_TRUE(opened);
  EXPECT_FALSE(fs::exists(work + "/data")) << "half a restore never has the name asked for";
  EXPECT_FALSE(fs::exists(work + "/data.restoring")) << "the next attempt finds its place free";
}

}  // namespace
}  // namespace penstock::backup
