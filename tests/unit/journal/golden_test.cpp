// Journals that earlier builds wrote (tests/data/golden) are read, opened and gone on with by this one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <sstream>

#include "base/log.hpp"
#include "journal/cursor_file.hpp"
#include "journal/file_journal.hpp"
#include "journal/inspect.hpp"
#include "journal/posix_file_system.hpp"
#include "journal/record_text.hpp"
#include "metrics/registry.hpp"
#include "support/fake_clock.hpp"
#include "support/golden_text.hpp"

namespace penstock::test {
namespace {

namespace fs = std::filesystem;

class GoldenJournal : public testing::TestWithParam<std::string> {
 protected:
  // A copy, because opening changes it.
  GoldenJournal() {
    log::set_level("off");
    std::string name = testing::TempDir() + "penstock-golden-XXXXXX";
    work = mkdtemp(name.data());
    fs::copy(GetParam() + "/files", work, fs::copy_options::recursive);
    std::istringstream lines(read_file(GetParam() + "/facts"));
    std::int64_t value = 0;
    for (std::string key; lines >> key >> value;) facts[key] = value;
    clock.set_wall({facts.at("now")});
    options.directory = work;
    options.segment_bytes = 64u << 10;
    options.free_reserve_bytes = 0;
    options.reserve_file_bytes = 0;
  }
  ~GoldenJournal() override { fs::remove_all(work); }

  Sequence end() const { return static_cast<Sequence>(facts.at("end")); }

  // Both kinds, as exported; `lost` counts what the walk missed.
  std::pair<std::string, std::string> walked() {
    std::pair<std::string, std::string> text;
    journal::Visitor visitor;
    visitor.frame = [&](const journal::WalkedFrame& frame) -> Result<void> {
      for (const auto& batch : frame.frame.batches) add(batch, text);
      return {};
    };
    visitor.lost = [&](Sequence from, Sequence to) { ADD_FAILURE() << "lost " << from << ".." << to; };
    EXPECT_TRUE(journal::walk(files, work, sealer, 1, UINT64_MAX, visitor));
    return text;
  }

  static void add(const Frame::Batch& batch, std::pair<std::string, std::string>& text) {
    BatchReader reader(batch.bytes);
    RecordView record;
    while (reader.next(record)) {
      std::string& out = record.kind == RecordKind::log ? text.first : text.second;
      journal::append_sendable(out, record);
      out += '\n';
    }
    EXPECT_EQ(reader.error(), nullptr);
  }

  Result<std::unique_ptr<journal::FileJournal>> open() {
    registry = std::make_unique<metrics::Registry>();
    auto opened = journal::FileJournal::open(options, files, clock, sealer, *registry);
    if (opened) (*opened)->set_cursor("sink", 1);
    return opened;
  }

  std::string work;
  std::map<std::string, std::int64_t> facts;
  FakeClock clock;
  PlainSealer sealer;
  journal::PosixFileSystem files;
  journal::Options options;
  std::unique_ptr<metrics::Registry> registry;
};

TEST_P(GoldenJournal, ExportsWhatWasPutIn) {
  const auto [logs, points] = walked();
  EXPECT_EQ(logs, read_file(GetParam() + "/logs.ndjson"));
  EXPECT_EQ(points, read_file(GetParam() + "/metrics.ndjson"));
  const auto report = journal::inspect(files, work, &sealer);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->damage.empty());
  EXPECT_GT(report->torn_bytes, 0u);
  EXPECT_EQ(report->journal.value, facts.at("journal"));
}

TEST_P(GoldenJournal, IsOpenedReadAndGoneOnWith) {
  auto opened = open();
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ((*opened)->id().value, facts.at("journal"));
  EXPECT_EQ((*opened)->durable_end(), end());
  const auto reader = (*opened)->reader(1);
  std::pair<std::string, std::string> text;
  for (;;) {
    const auto frame = reader->next();
    ASSERT_TRUE(frame) << frame.error().message;
    if (!*frame) break;
    for (const auto& batch : (*frame)->batches) add(batch, text);
  }
  EXPECT_EQ(text.first, read_file(GetParam() + "/logs.ndjson"));
  EXPECT_EQ(text.second, read_file(GetParam() + "/metrics.ndjson"));

  BatchWriter writer;
  writer.add(LogView{clock.now(), clock.now(), "shop", "pi", Severity::info, "written by a later build", {}});
  Submission submission{writer.take(), 1, clock.now(), clock.now(), {}};
  Sequence stored = 0;
  submission.done = [&](Result<Sequence> sequence) { stored = sequence ? *sequence : 0; };
  ASSERT_TRUE((*opened)->submit(std::move(submission)));
  ASSERT_TRUE((*opened)->commit_once());
  EXPECT_EQ(stored, end());
  (*opened)->stop();
  opened->reset();
  EXPECT_THAT(walked().first, testing::HasSubstr("written by a later build"));
  auto again = open();
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->durable_end(), end() + 1);
}

TEST_P(GoldenJournal, KnowsTheIdempotencyKeysOfBefore) {
  auto opened = open();
  ASSERT_TRUE(opened);
  for (std::int64_t i = 0; i < facts.at("keys"); ++i) {
    const auto found = (*opened)->find(7, static_cast<std::uint64_t>(i));
    ASSERT_TRUE(found) << i;
    EXPECT_EQ(found->answer, "200{\"accepted\":" + std::to_string(i) + "}");
    EXPECT_EQ(found->body_lo, 9u);
  }
}

TEST_P(GoldenJournal, ReadsItsCursorFile) {
  auto cursor = journal::CursorFile::open(files, work + "/sink.cursor", JournalId{facts.at("journal")}, 1);
  ASSERT_TRUE(cursor);
  EXPECT_EQ(cursor->position(), static_cast<Sequence>(facts.at("cursor")));
}

std::vector<std::string> versions() {
  std::vector<std::string> folders;
  for (const auto& entry : fs::directory_iterator(std::string(PENSTOCK_SOURCE_DIR) + "/tests/data/golden/journal")) {
    folders.push_back(entry.path().string());
  }
  return folders;
}

INSTANTIATE_TEST_SUITE_P(EveryVersion, GoldenJournal, testing::ValuesIn(versions()),
                         [](const auto& version) { return fs::path(version.param).filename().string(); });

}  // namespace
}  // namespace penstock::test
