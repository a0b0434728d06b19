// Damage on a resting disk: exact loss, quarantine, and reading that goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "journal/inspect.hpp"
#include "journal/segment_format.hpp"
#include "journal_rig.hpp"
#include "support/amount.hpp"

namespace penstock::test {
namespace {

constexpr std::uint32_t kCount = 3;

struct FrameAt {
  std::size_t offset, size;
  journal::FrameHeader header;
};

// Closed in good order, several segments of several frames each.
struct RotRig : JournalRig {
  RotRig() {
    options.keep_consumed_bytes = 1u << 30;
    EXPECT_TRUE(open());
    for (int i = 0; i < 40; ++i) EXPECT_TRUE(commit(1, 600 + static_cast<std::size_t>(i * 131 % 1500), kCount));
    close();
    EXPECT_GE(segment_paths().size(), 3u);
  }

  std::vector<FrameAt> frames(const std::string& path) const {
    const auto name = journal::parse_segment_file_name(path.substr(path.rfind('/') + 1));
    const std::string bytes = fs.content(path);
    std::vector<FrameAt> all;
    for (std::size_t at = journal::kSegmentHeaderBytes;;) {
      const auto header = journal::decode_frame_header(std::string_view(bytes).substr(std::min(at, bytes.size())), {name->id, at});
      if (!header) return all;
      const auto size = static_cast<std::size_t>(journal::frame_bytes(header->payload_bytes));
      if (header->count != 0) all.push_back({at, size, *header});
      at += size;
    }
  }

  void edit(const std::string& path, const std::function<void(std::string&)>& change) {
    std::string bytes = fs.content(path);
    change(bytes);
    fs.put_content(path, bytes);
  }

  // Opens, reads everything twice, and judges.
  void expect_lost(std::uint64_t records) {
    ASSERT_TRUE(open());
    EXPECT_EQ(journal->durable_end(), 1u + 40 * kCount);
    EXPECT_EQ(read_all(), 40 * kCount - records);
    EXPECT_EQ(read_all(), 40 * kCount - records);
    EXPECT_EQ(read_parts(), 40 * kCount - records);
    EXPECT_EQ(journal->stats().lost_records, records) << "counted once, however often it is met";
    EXPECT_EQ(metric("penstock_journal_lost_records_total"), static_cast<double>(records));
    EXPECT_EQ(ledger.complaints().size(), records / kCount) << "each lost batch is missed by the ledger, and nothing else is wrong";
    const auto quarantined = fs.list(std::string(kDirectory) + "/quarantine");
    EXPECT_EQ(quarantined->empty(), records == 0);
    EXPECT_TRUE(commit());
  }
};

TEST(JournalRot, ABitFlipAnywhereInAFrameLosesThatFrameAndNoOther) {
  RotRig probe;
  const auto path = probe.segment_paths().at(1);
  const FrameAt frame = probe.frames(path).at(2);
  for (std::size_t at = 0; at < journal::kFrameHeaderBytes + frame.header.payload_bytes; at += at < 80 ? 3 : 97) {
    SCOPED_TRACE("byte " + std::to_string(at) + " of the frame");
    RotRig rig;
    rig.edit(rig.segment_paths().at(1), [&](std::string& b) { b[frame.offset + at] ^= 0x10; });
    rig.expect_lost(kCount);
    if (HasFailure()) return;
  }
}

TEST(JournalRot, ABitFlipAnywhereLosesAtMostTheFrameItIsIn) {
  RotRig rig;
  rig.ledger.forget_stored();
  std::map<std::string, std::string> good;
  std::map<std::string, std::vector<FrameAt>> frames;
  for (const std::string& path : rig.segment_paths()) {
    good[path] = rig.fs.content(path);
    frames[path] = rig.frames(path);
  }
  const std::vector<std::string> paths = rig.segment_paths();
  rig.sealer.trust(true);
  const std::uint64_t flips = amount("BIT_FLIPS", 10'000);
  std::mt19937_64 random(seed("BIT_FLIP_SEED"));
  for (std::uint64_t flip = 0; flip < flips; ++flip) {
    const std::string& path = paths[random() % paths.size()];
    const std::size_t at = random() % good[path].size();
    const char bit = static_cast<char>(1u << (random() % 8));
    SCOPED_TRACE("flip " + std::to_string(flip) + ": byte " + std::to_string(at) + " of " + path);
    std::uint64_t hit = 0;
    for (const FrameAt& frame : frames[path]) {
      hit += at >= frame.offset && at < frame.offset + journal::kFrameHeaderBytes + frame.header.payload_bytes ? kCount : 0;
    }
    for (const auto& [name, bytes] : good) rig.fs.put_content(name, bytes);
    rig.edit(path, [&](std::string& b) { b[at] = static_cast<char>(b[at] ^ bit); });
    ASSERT_TRUE(rig.open());
    EXPECT_EQ(rig.journal->durable_end(), 1u + 40 * kCount);
    EXPECT_EQ(rig.read_all(), 40 * kCount - hit);
    EXPECT_EQ(rig.journal->stats().lost_records, hit);
    EXPECT_EQ(rig.ledger.complaints().size(), hit / kCount) << "the ledger misses the lost batch, and nothing else is wrong";
    rig.ledger.forget_stored();
    rig.close();
    for (const std::string& made : rig.segment_paths()) {
      if (good.contains(made)) continue;
      ASSERT_TRUE(rig.fs.remove(made));
    }
    const std::string quarantine = std::string(JournalRig::kDirectory) + "/quarantine";
    const auto quarantined = rig.fs.list(quarantine);
    for (const std::string& name : *quarantined) ASSERT_TRUE(rig.fs.remove(quarantine + "/" + name));
    if (HasFailure()) return;
  }
}

TEST(JournalRot, AZeroedSectorLosesTheFramesItTouches) {
  RotRig probe;
  const auto path = probe.segment_paths().at(1);
  const auto frames = probe.frames(path);
  const std::size_t size = probe.fs.content(path).size();
  for (std::size_t sector = 0; sector * 512 < size; ++sector) {
    SCOPED_TRACE("sector " + std::to_string(sector));
    RotRig rig;
    const std::size_t from = sector * 512, to = std::min(size, from + 512);
    rig.edit(rig.segment_paths().at(1), [&](std::string& b) { b.replace(from, to - from, to - from, '\0'); });
    std::uint64_t touched = 0;
    for (const FrameAt& f : frames) {
      const std::size_t end = f.offset + journal::kFrameHeaderBytes + f.header.payload_bytes;
      if (f.offset < to && end > from) touched += kCount;
    }
    rig.expect_lost(touched);
    if (HasFailure()) return;
  }
}

TEST(JournalRot, ATruncatedSegmentLosesItsEndOnly) {
  RotRig rig;
  const auto path = rig.segment_paths().at(0);
  const auto frames = rig.frames(path);
  rig.edit(path, [&](std::string& b) { b.resize(frames.at(frames.size() - 2).offset + 90); });
  rig.expect_lost(2 * kCount);
}

TEST(JournalRot, BytesAppendedToASegmentChangeNothing) {
  RotRig rig;
  const auto path = rig.segment_paths().at(0);
  rig.edit(path, [](std::string& b) { b.append(b.substr(64, 5000)).append(300, '#'); });
  rig.expect_lost(0);
}

TEST(JournalRot, SwappedFramesAreBothRefused) {
  RotRig rig;
  const auto path = rig.segment_paths().at(1);
  const auto frames = rig.frames(path);
  const FrameAt a = frames.at(1), b = frames.at(2);
  rig.edit(path, [&](std::string& bytes) {
    const std::string first = bytes.substr(a.offset, a.size), second = bytes.substr(b.offset, b.size);
    bytes.replace(a.offset, a.size + b.size, second + first);
  });
  rig.expect_lost(2 * kCount);
}

TEST(JournalRot, AFrameOfAnotherSegmentIsRefused) {
  RotRig rig;
  const auto paths = rig.segment_paths();
  const FrameAt target = rig.frames(paths.at(1)).at(0);
  const std::string stranger = rig.fs.content(paths.at(0)).substr(target.offset, target.size);
  rig.edit(paths.at(1), [&](std::string& b) { b.replace(target.offset, target.size, stranger); });
  rig.expect_lost(kCount);
}

TEST(JournalRot, ADeletedSegmentInTheMiddleIsCountedExactly) {
  RotRig rig;
  const auto paths = rig.segment_paths();
  const auto lost = rig.frames(paths.at(1)).size() * kCount;
  rig.fs.erase(paths.at(1));
  ASSERT_TRUE(rig.open());
  EXPECT_EQ(rig.read_all(), 40 * kCount - lost);
  EXPECT_EQ(rig.metric("penstock_journal_lost_records_total"), static_cast<double>(lost));
}

TEST(JournalRot, DamageInTheMiddleOfTheNewestSegmentIsNotATornTail) {
  RotRig rig;
  const auto path = rig.segment_paths().back();
  const auto frames = rig.frames(path);
  ASSERT_GE(frames.size(), 2u);
  rig.edit(path, [&](std::string& b) { b.replace(frames[0].offset, 80, 80, '\xff'); });
  rig.expect_lost(kCount);
  EXPECT_EQ(rig.metric("penstock_journal_torn_bytes_total"), 0);
}

TEST(JournalRot, ADamagedHeaderCostsNothing) {
  RotRig rig;
  for (const auto& path : rig.segment_paths()) {
    rig.edit(path, [](std::string& b) { b.replace(0, 64, 64, '\0'); });
  }
  rig.expect_lost(0);
}

TEST(JournalRot, DamageFoundWhileTheJournalIsOpenIsSurvivedToo) {
  RotRig rig;
  ASSERT_TRUE(rig.open());
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(rig.commit(1, 1500));
  const auto paths = rig.segment_paths();
  const auto path = paths.at(paths.size() - 2);
  const auto frames = rig.frames(path);
  ASSERT_GE(frames.size(), 2u);
  rig.edit(path, [&](std::string& b) { b[frames[0].offset + 100] ^= 1; });
  rig.read_all();
  EXPECT_EQ(rig.journal->stats().lost_records, kCount);
  EXPECT_TRUE(rig.commit());
}

TEST(JournalRot, AStrictStartRefusesDamageAndTakesATornTail) {
  RotRig rig;
  rig.options.strict = true;
  ASSERT_TRUE(rig.open());
  ASSERT_TRUE(rig.commit());
  rig.crash(3);
  ASSERT_TRUE(rig.open()) << "a crash is no damage";
  rig.close();
  const auto path = rig.segment_paths().at(0);
  const auto frames = rig.frames(path);
  rig.edit(path, [&](std::string& b) { b[frames[0].offset + 100] ^= 1; });
  const auto refused = rig.open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::corrupt);
}

TEST(JournalRot, AnUnreadableSectorIsDamageAfterSomePatience) {
  RotRig rig;
  const auto path = rig.segment_paths().at(1);
  const FrameAt frame = rig.frames(path).at(2);
  ASSERT_TRUE(rig.open());
  rig.fs.spoil_sector(path, frame.offset / 512 + 1);
  const auto reader = rig.journal->reader(frame.header.first);
  int errors = 0;
  for (;; ++errors) {
    const auto next = reader->next();
    if (!next) continue;
    ASSERT_TRUE(*next);
    EXPECT_GT((*next)->first, frame.header.first) << "reading goes on behind it";
    break;
  }
  EXPECT_EQ(errors, 8);
  // Damage is given up in blocks of 4 KiB, so neighbours may go with the frame.
  EXPECT_GE(rig.journal->stats().lost_records, kCount);
  EXPECT_LE(rig.journal->stats().lost_records, 8u * kCount);
}

TEST(JournalRot, AReadErrorThatPassesIsNoLoss) {
  RotRig rig;
  ASSERT_TRUE(rig.open());
  rig.fs.fail(FileOp::read, 1, FileFailure::io_error, true);
  const auto reader = rig.journal->reader(1);
  EXPECT_FALSE(reader->next());
  EXPECT_FALSE(reader->next());
  rig.fs.heal();
  const auto frame = reader->next();
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->first, 1u);
  EXPECT_EQ(rig.journal->stats().lost_records, 0u) << "an error that passes is no loss";
}

}  // namespace
}  // namespace penstock::test
