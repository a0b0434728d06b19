// Writes a journal and chunks as this build makes them, with what they hold: penstock-golden FOLDER makes FOLDER/journal and
// FOLDER/chunk. For a new version below tests/data/golden; see the README there.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <functional>
#include <memory>
#include <random>
#include <span>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include "chunk/log_chunk_builder.hpp"
#include "chunk/metric_chunk_builder.hpp"
#include "journal/cursor_file.hpp"
#include "journal/file_journal.hpp"
#include "journal/posix_file_system.hpp"
#include "journal/record_text.hpp"
#include "journal/segment_format.hpp"
#include "journal/segment_walker.hpp"
#include "metrics/registry.hpp"
#include "support/fake_clock.hpp"
#include "support/golden_text.hpp"

namespace penstock::test {
namespace {

namespace fs = std::filesystem;

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

// One of every kind of field, text that needs escapes, and what compresses.
void add_log(const std::function<void(const LogView&)>& take, int i) {
  const std::string message = i % 7 == 0 ? "größer \"quoted\"\n\t\\ 😀 " + std::to_string(i)
                                         : "GET /cart/" + std::to_string(i % 13) + " took " + std::to_string(i * 37 % 900) + " ms";
  const std::string user = "user-" + std::to_string(i % 5);
  std::vector<FieldView> fields = {{"user.name", FieldValue::of(std::string_view(user))}};
  if (i % 2 == 0) fields.push_back({"order", FieldValue::of(std::int64_t{i} * 1'000'000'007)});
  if (i % 3 == 0) fields.push_back({"ratio", FieldValue::of(i / 7.0)});
  if (i % 4 == 0) fields.push_back({"gift", FieldValue::of(i % 8 == 0)});
  if (i % 5 == 0) fields.push_back({"nothing", FieldValue::none()});
  if (i % 6 == 0) fields.push_back({"tags", FieldValue::of_json("[1,\"a\",{\"b\":null}]")});
  const Timestamp time{FakeClock::kStart.ns + (i % 11 == 0 ? -i : i) * 1'234'567'890LL};
  take({time, Timestamp{FakeClock::kStart.ns + i}, i % 9 == 0 ? "other" : "shop", "checkout-" + std::to_string(i % 3),
        static_cast<Severity>(i % 7), message, fields});
}

void add_point(BatchWriter& writer, int i) {
  const std::string room = "room " + std::to_string(i % 4);
  const LabelView labels[] = {{"kind", "π"}, {"room", room}};
  const SampleView samples[] = {{"cpu.usage", i * 0.25}, {"net.in", i * 1e9 + 1}, {"tiny", std::ldexp(1.0, -1074)}};
  writer.add(PointView{{FakeClock::kStart.ns + i * kSecond}, {FakeClock::kStart.ns + i}, "shop", "pi-3",
                       std::span(labels).first(i % 3 == 0 ? 0u : 2u), samples});
}

class JournalMaker {
 public:
  explicit JournalMaker(fs::path folder) : folder_(std::move(folder)) {
    fs::create_directories(folder_ / "files");
    options_.directory = (folder_ / "work").string();
    options_.segment_bytes = 16u << 10;
    options_.free_reserve_bytes = 0;
    options_.reserve_file_bytes = 0;
    options_.compress_above = 1024;
    options_.random = [this] { return random_(); };
    open();
  }

  void run() {
    for (int i = 0; i < 24; ++i) commit(i, 1 + i % 3);
    journal_->stop();
    journal_.reset();
    open();
    for (int i = 24; i < 32; ++i) commit(i, 2);
    JournalId id = journal_->id();
    (void)must(journal::CursorFile::open(files_, options_.directory + "/sink.cursor", id, 17));
    must(must(journal::CursorFile::open(files_, options_.directory + "/sink.cursor", id, 1)).store(42));
    // As a power cut leaves it: not closed, and with a piece of a commit that nobody was told of.
    for (const auto& entry : fs::directory_iterator(options_.directory)) {
      const std::string name = entry.path().filename();
      if (name == "lock" || !entry.is_regular_file() || name.ends_with(".tmp")) continue;
      fs::copy_file(entry.path(), folder_ / "files" / name);
    }
    write_file((folder_ / "logs.ndjson").string(), logs_);
    write_file((folder_ / "metrics.ndjson").string(), points_);
    write_file((folder_ / "facts").string(),
               "journal " + std::to_string(id.value) + "\nend " + std::to_string(journal_->durable_end()) +
                   "\ncursor 42\nkeys 32\nnow " + std::to_string(clock_.now().ns) + "\n");
    tear();
    journal_->stop();
    fs::remove_all(options_.directory);
  }

 private:
  void open() {
    registry_ = std::make_unique<metrics::Registry>();
    journal_ = must(journal::FileJournal::open(options_, files_, clock_, sealer_, *registry_));
    journal_->set_cursor("sink", 1);
  }

  // One frame of `batches` batches; the first carries the idempotency key (7, i).
  void commit(int i, int batches) {
    for (int b = 0; b < batches; ++b) {
      BatchWriter writer;
      for (int k = 0; k < (i % 8 == 0 ? 40 : 3); ++k) {
        add_log([&](const LogView& log) { writer.add(log); }, number_++);
        if (k % 2 == 0) add_point(writer, number_++);
      }
      if (b == 0) writer.set_idempotency({7, static_cast<std::uint64_t>(i), 8, 9, "200{\"accepted\":" + std::to_string(i) + "}"});
      Submission submission;
      submission.count = static_cast<std::uint32_t>(writer.record_count());
      submission.min_time = writer.min_time();
      submission.max_time = writer.max_time();
      submission.batch = writer.take();
      expect(submission.batch);
      submission.done = [](Result<Sequence> stored) { (void)must(std::move(stored)); };
      must(journal_->submit(std::move(submission)));
    }
    if (!journal_->commit_once()) throw std::runtime_error("nothing was committed");
    clock_.advance(std::chrono::seconds(3));
  }

  void expect(const std::string& batch) {
    BatchReader reader(batch);
    RecordView record;
    while (reader.next(record)) {
      std::string& text = record.kind == RecordKind::log ? logs_ : points_;
      journal::append_sendable(text, record);
      text += '\n';
    }
  }

  void tear() {
    std::vector<std::string> segments;
    for (const auto& entry : fs::directory_iterator(folder_ / "files")) {
      if (journal::parse_segment_file_name(entry.path().filename().string())) segments.push_back(entry.path().string());
    }
    std::sort(segments.begin(), segments.end());
    const auto name = journal::parse_segment_file_name(fs::path(segments.back()).filename().string());
    const auto file = must(files_.open_read(segments.back()));
    journal::SegmentWalker walker(*file, name->id);
    while (must(walker.next(UINT64_MAX)).found) continue;
    std::string bytes = read_file(segments.back());
    bytes.replace(walker.offset(), 24, std::string("PSF1\x01\0\0\0torn and not whole", 24));
    write_file(segments.back(), bytes);
  }

  const fs::path folder_;
  journal::Options options_;
  journal::PosixFileSystem files_;
  FakeClock clock_;
  PlainSealer sealer_;
  std::mt19937_64 random_{1};
  std::unique_ptr<metrics::Registry> registry_;
  std::unique_ptr<journal::FileJournal> journal_;
  int number_ = 0;
  std::string logs_, points_;
};

void make_chunks(const std::string& folder) {
  fs::create_directories(folder);
  PlainSealer sealer;
  chunk::WriteOptions options;
  options.group_rows = 64;
  const std::int32_t day = day_of(FakeClock::kStart);
  chunk::LogChunkBuilder logs("shop", JournalId{7}, day);
  std::vector<std::pair<std::pair<std::int64_t, Sequence>, std::string>> lines;
  for (int i = 0; i < 300; ++i) {
    add_log([&](const LogView& log) {
      const auto sequence = static_cast<Sequence>(1000 + i);
      logs.add(log, sequence);
      lines.push_back({{log.timestamp.ns, sequence}, golden_line(sequence, log)});
    }, i);
  }
  std::sort(lines.begin(), lines.end());
  std::string expected;
  for (const auto& line : lines) expected += line.second;
  write_golden_chunk(folder, "log", must(logs.finish(sealer, options)));
  write_file(folder + "/log.expected", expected);

  chunk::MetricChunkBuilder metrics("shop", JournalId{7}, day);
  const SeriesId series[] = {3, 0x7fff'ffff'ffff'ffffu, 0xf000'0000'0000'0001u};
  std::mt19937_64 random(5);
  std::vector<std::vector<double>> values(3);
  for (int i = 0; i < 150; ++i) {
    const Timestamp time{FakeClock::kStart.ns + i * 10 * kSecond};
    const double now[] = {i / 4.0, i % 50 == 0 ? -0.0 : 1e300 / (i + 1), static_cast<double>(random() % 1000)};
    std::vector<chunk::SeriesSample> samples;
    for (std::size_t s = 0; s < 3; ++s) {
      samples.push_back({series[s], now[s]});
      values[s].push_back(now[s]);
    }
    metrics.add(static_cast<Sequence>(i + 1), time, Timestamp{time.ns + i}, samples);
  }
  expected.clear();
  for (std::size_t s = 0; s < 3; ++s) {
    for (std::size_t i = 0; i < values[s].size(); ++i) {
      const std::int64_t time = FakeClock::kStart.ns + static_cast<std::int64_t>(i) * 10 * kSecond;
      expected += golden_line(series[s], {time}, {time + static_cast<std::int64_t>(i)}, values[s][i]);
    }
  }
  write_golden_chunk(folder, "metric", must(metrics.finish(sealer, options)));
  write_file(folder + "/metric.expected", expected);
}

}  // namespace
}  // namespace penstock::test

int main(int argc, char** argv) {
  if (argc != 2 || std::filesystem::exists(argv[1])) {
    std::cerr << "usage: penstock-golden FOLDER, which must not exist\n";
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  penstock::test::JournalMaker(folder / "journal").run();
  penstock::test::make_chunks((folder / "chunk").string());
  return 0;
}
