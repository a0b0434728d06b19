#include "penstock/core/batch.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <set>

#include <gtest/gtest.h>

namespace penstock {
namespace {

// A record with its own memory.
struct OwnedField {
  std::string name;
  FieldValue value;
  std::string text;
};
struct OwnedRecord {
  RecordKind kind = RecordKind::log;
  Timestamp timestamp, received_at;
  std::string deployment, source, message;
  Severity severity = Severity::info;
  std::vector<OwnedField> fields;
  std::vector<std::pair<std::string, std::string>> labels;
  std::vector<std::pair<std::string, double>> samples;
};

void add(BatchWriter& writer, const OwnedRecord& record) {
  if (record.kind == RecordKind::log) {
    std::vector<FieldView> fields;
    for (const OwnedField& field : record.fields) {
      FieldValue value = field.value;
      value.text = field.text;
      fields.push_back({field.name, value});
    }
    writer.add(LogView{record.timestamp, record.received_at, record.deployment, record.source, record.severity, record.message, fields});
    return;
  }
  std::vector<LabelView> labels;
  for (const auto& [name, value] : record.labels) labels.push_back({name, value});
  std::vector<SampleView> samples;
  for (const auto& [name, value] : record.samples) samples.push_back({name, value});
  writer.add(PointView{record.timestamp, record.received_at, record.deployment, record.source, labels, samples});
}

void expect_same(const OwnedRecord& expected, const RecordView& got) {
  ASSERT_EQ(got.kind, expected.kind);
  if (expected.kind == RecordKind::log) {
    EXPECT_EQ(got.log.timestamp, expected.timestamp);
    EXPECT_EQ(got.log.received_at, expected.received_at);
    EXPECT_EQ(got.log.deployment, expected.deployment);
    EXPECT_EQ(got.log.source, expected.source);
    EXPECT_EQ(got.log.severity, expected.severity);
    EXPECT_EQ(got.log.message, expected.message);
    ASSERT_EQ(got.log.fields.size(), expected.fields.size());
    for (std::size_t i = 0; i < expected.fields.size(); ++i) {
      FieldValue value = expected.fields[i].value;
      value.text = expected.fields[i].text;
      EXPECT_EQ(got.log.fields[i].name, expected.fields[i].name);
      EXPECT_TRUE(got.log.fields[i].value == value) << "field " << i << " type " << static_cast<int>(value.type);
    }
    return;
  }
  EXPECT_EQ(got.point.timestamp, expected.timestamp);
  EXPECT_EQ(got.point.received_at, expected.received_at);
  EXPECT_EQ(got.point.deployment, expected.deployment);
  EXPECT_EQ(got.point.source, expected.source);
  ASSERT_EQ(got.point.labels.size(), expected.labels.size());
  for (std::size_t i = 0; i < expected.labels.size(); ++i) {
    EXPECT_EQ(got.point.labels[i].name, expected.labels[i].first);
    EXPECT_EQ(got.point.labels[i].value, expected.labels[i].second);
  }
  ASSERT_EQ(got.point.samples.size(), expected.samples.size());
  for (std::size_t i = 0; i < expected.samples.size(); ++i) {
    EXPECT_EQ(got.point.samples[i].name, expected.samples[i].first);
    EXPECT_EQ(std::bit_cast<std::uint64_t>(got.point.samples[i].value), std::bit_cast<std::uint64_t>(expected.samples[i].second));
  }
}

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  OwnedRecord record() {
    OwnedRecord out;
    out.kind = pick(3) == 0 ? RecordKind::metric : RecordKind::log;
    out.timestamp = time();
    out.received_at = pick(2) == 0 ? received_ : time();
    received_ = out.received_at;
    out.deployment = name(3);
    out.source = name(20);
    if (out.kind == RecordKind::log) {
      out.severity = static_cast<Severity>(pick(kSeverityCount));
      out.message = text();
      for (std::size_t n = pick(8); n > 0; --n) out.fields.push_back(field());
    } else {
      for (std::size_t n = pick(5); n > 0; --n) out.labels.emplace_back(name(10), text());
      for (std::size_t n = pick(7); n > 0; --n) out.samples.emplace_back(name(400), real());
    }
    return out;
  }
  std::size_t pick(std::size_t below) { return static_cast<std::size_t>(random_() % below); }

 private:
  OwnedField field() {
    OwnedField out{name(30), {}, {}};
    switch (pick(6)) {
      case 0: out.value.type = FieldType::string; out.text = text(); break;
      case 1: out.value = FieldValue::of(static_cast<std::int64_t>(random_() >> pick(64))); break;
      case 2: out.value = FieldValue::of(real()); break;
      case 3: out.value = FieldValue::of(pick(2) == 0); break;
      case 4: out.value = FieldValue::none(); break;
      default: out.value.type = FieldType::json; out.text = "[1,2,3]";
    }
    return out;
  }
  std::string name(std::size_t different) {
    const std::string number = std::to_string(pick(different));
    // Some are longer than what the batch numbers, some are empty.
    return pick(50) == 0 ? std::string(pick(600), 'n') + number : pick(50) == 0 ? std::string() : "name." + number;
  }
  std::string text() {
    std::string out(pick(20) == 0 ? pick(5000) : pick(80), '\0');
    for (char& c : out) c = static_cast<char>(1 + pick(0x7F));
    if (pick(3) == 0) out += "\xC3\xA9\xF0\x9F\x98\x80";
    return out;
  }
  double real() {
    if (pick(20) == 0) return std::numeric_limits<double>::infinity();
    return std::bit_cast<double>(random_());
  }
  Timestamp time() {
    if (pick(30) == 0) return {static_cast<std::int64_t>(random_())};
    return {1'795'181'580 * kSecond + static_cast<std::int64_t>(random_() % (kHour * 2)) - kHour};
  }

  std::mt19937_64 random_;
  Timestamp received_;
};

TEST(Batch, ReadsBackExactlyWhatWasWritten) {
  BatchWriter writer;  // one for all rounds: what a batch leaves behind in the writer must not show in the next
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    Generator generator(seed);
    std::vector<OwnedRecord> records(generator.pick(seed % 10 == 0 ? 400 : 20));
    Timestamp min{std::numeric_limits<std::int64_t>::max()}, max{std::numeric_limits<std::int64_t>::min()};
    for (OwnedRecord& record : records) {
      record = generator.record();
      add(writer, record);
      min = std::min(min, record.timestamp);
      max = std::max(max, record.timestamp);
    }
    EXPECT_EQ(writer.record_count(), records.size());
    EXPECT_EQ(writer.min_time(), min);
    EXPECT_EQ(writer.max_time(), max);
    const std::size_t size = writer.size_bytes();
    const std::string batch = writer.take();
    EXPECT_EQ(batch.size(), size);
    EXPECT_EQ(writer.record_count(), 0u);

    BatchReader reader(batch);
    ASSERT_EQ(reader.error(), nullptr);
    EXPECT_EQ(reader.record_count(), records.size());
    EXPECT_EQ(reader.min_time(), min);
    EXPECT_EQ(reader.max_time(), max);
    RecordView view;
    for (std::size_t i = 0; i < records.size(); ++i) {
      ASSERT_TRUE(reader.next(view)) << "seed " << seed << " record " << i;
      EXPECT_EQ(view.index, i);
      expect_same(records[i], view);
      if (::testing::Test::HasFailure()) FAIL() << "seed " << seed << " record " << i;
    }
    EXPECT_FALSE(reader.next(view));
    EXPECT_EQ(reader.error(), nullptr);
    EXPECT_FALSE(*BatchReader::idempotency(batch));
  }
}

TEST(Batch, CarriesItsIdempotencyEntry) {
  BatchWriter writer;
  writer.add(LogView{{1}, {2}, "d", "s", Severity::info, "m", {}});
  const IdempotencyEntry entry{1, 2, 3, ~std::uint64_t{0}, "200{\"accepted\":1}"};
  writer.set_idempotency(entry);
  const std::string batch = writer.take();
  const auto read = BatchReader::idempotency(batch);
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((*read)->key_hi, 1u);
  EXPECT_EQ((*read)->key_lo, 2u);
  EXPECT_EQ((*read)->body_hi, 3u);
  EXPECT_EQ((*read)->body_lo, ~std::uint64_t{0});
  EXPECT_EQ((*read)->answer, entry.answer);
  BatchReader reader(batch);
  RecordView view;
  EXPECT_TRUE(reader.next(view));
  EXPECT_FALSE(reader.next(view));
  EXPECT_EQ(reader.error(), nullptr);

  writer.add(LogView{{1}, {2}, "d", "s", Severity::info, "m", {}});
  EXPECT_FALSE(*BatchReader::idempotency(writer.take())) << "the entry of the batch before is gone";
}

TEST(Batch, WritesARepeatedStringOnce) {
  BatchWriter writer;
  const std::string name(100, 'x');
  const FieldView fields[] = {{name, FieldValue::of(std::int64_t{1})}};
  const LogView log{{1}, {1}, "a-deployment", "a-source", Severity::info, "", fields};
  writer.add(log);
  const std::size_t first = writer.size_bytes();
  for (int i = 0; i < 100; ++i) writer.add(log);
  EXPECT_LT(writer.size_bytes(), first + 100 * 8);
}

TEST(Batch, ManyMoreStringsThanItNumbersSurvive) {
  BatchWriter writer;
  constexpr int count = 70'000;
  for (int i = 0; i < count; ++i) {
    const std::string name = "metric." + std::to_string(i);
    const SampleView samples[] = {{name, static_cast<double>(i)}};
    writer.add(PointView{{i}, {0}, "d", "s", {}, samples});
  }
  const std::string batch = writer.take();
  BatchReader reader(batch);
  RecordView view;
  std::set<std::string, std::less<>> names;
  while (reader.next(view)) names.emplace(view.point.samples[0].name);
  EXPECT_EQ(reader.error(), nullptr);
  EXPECT_EQ(names.size(), static_cast<std::size_t>(count));
}

std::string sample_batch() {
  BatchWriter writer;
  Generator generator(99);
  for (int i = 0; i < 12; ++i) add(writer, generator.record());
  writer.set_idempotency({1, 2, 3, 4, "200{}"});
  return writer.take();
}

// Reads everything; whether the bytes were a batch.
bool read_all(std::string_view bytes) {
  BatchReader reader(bytes);
  RecordView view;
  std::size_t touched = 0;
  while (reader.next(view)) touched += view.log.message.size() + view.point.samples.size();
  const bool entry = BatchReader::idempotency(bytes).has_value();
  return reader.error() == nullptr && entry && touched != static_cast<std::size_t>(-1);
}

TEST(Batch, CutOffAnywhereIsAnError) {
  const std::string batch = sample_batch();
  ASSERT_TRUE(read_all(batch));
  for (std::size_t size = 0; size < batch.size(); ++size) {
    // Exactly so many bytes on the heap, so that a read past them is seen by the sanitizer.
    const std::vector<char> bytes(batch.begin(), batch.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(read_all({bytes.data(), bytes.size()})) << size;
  }
  EXPECT_FALSE(read_all(batch + "x"));
}

TEST(Batch, DamagedBytesNeverReadOutside) {
  const std::string batch = sample_batch();
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::vector<char> bytes(batch.begin(), batch.end());
    for (std::size_t n = 1 + random() % 3; n > 0; --n) bytes[random() % bytes.size()] = static_cast<char>(random());
    read_all({bytes.data(), bytes.size()});
  }
}

TEST(Batch, ForeignBytesAndNewerVersionsAreTold) {
  std::string batch = sample_batch();
  batch[2] = 2;
  EXPECT_EQ(BatchReader(batch).error()->code, ErrorCode::unsupported_version);
  batch[2] = 1;
  batch[0] = 'X';
  EXPECT_EQ(BatchReader(batch).error()->code, ErrorCode::corrupt);
  EXPECT_EQ(BatchReader::idempotency(batch).error().code, ErrorCode::corrupt);
  EXPECT_EQ(BatchReader("").error()->code, ErrorCode::corrupt);
}

TEST(Batch, AnEmptyOneIsABatch) {
  BatchWriter writer;
  const std::string batch = writer.take();
  EXPECT_TRUE(read_all(batch));
  BatchReader reader(batch);
  EXPECT_EQ(reader.record_count(), 0u);
}

TEST(Batch, AMovedWriterGoesOn) {
  BatchWriter first;
  first.add(LogView{{1}, {1}, "d", "s", Severity::info, "m", {}});
  BatchWriter second(std::move(first));
  second.add(LogView{{2}, {1}, "d", "s", Severity::info, "m", {}});
  const std::string batch = second.take();
  EXPECT_EQ(BatchReader(batch).record_count(), 2u);
}

#ifndef NDEBUG
TEST(BatchDeathTest, TextThatWasNotRepairedIsNoticedBeforeItIsStored) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const std::string bad = "a\xFF";
  const FieldView bad_name[] = {{bad, FieldValue::of(true)}}, bad_value[] = {{"x", FieldValue::of(std::string_view(bad))}};
  const LabelView bad_label[] = {{"x", bad}};
  const SampleView samples[] = {{"x", 1}}, bad_sample[] = {{std::string_view("a\0", 2), 1}};
  const auto log = [](std::string_view source, std::string_view message, std::span<const FieldView> fields) {
    BatchWriter().add(LogView{{}, {}, "d", source, Severity::info, message, fields});
  };
  log("s", "m", {});
  EXPECT_DEATH(log(bad, "m", {}), "is_clean");
  EXPECT_DEATH(log("s", bad, {}), "is_clean");
  EXPECT_DEATH(log("s", "m", bad_name), "is_clean");
  EXPECT_DEATH(log("s", "m", bad_value), "is_clean");
  EXPECT_DEATH(BatchWriter().add(PointView{{}, {}, "d", "s", bad_label, samples}), "is_clean");
  EXPECT_DEATH(BatchWriter().add(PointView{{}, {}, "d", "s", {}, bad_sample}), "is_clean");
}
#endif

}  // namespace
}  // namespace penstock
