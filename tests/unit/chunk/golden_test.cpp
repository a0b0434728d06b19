// Chunks that earlier builds wrote (tests/data/golden) give the same records for ever.
#include <gtest/gtest.h>

#include <filesystem>

#include "chunk/log_chunk_reader.hpp"
#include "chunk/metric_chunk_reader.hpp"
#include "support/golden_text.hpp"

namespace penstock::chunk {
namespace {

std::vector<std::string> versions() {
  std::vector<std::string> folders;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(PENSTOCK_SOURCE_DIR) + "/tests/data/golden/chunk")) {
    folders.push_back(entry.path().string());
  }
  return folders;
}

std::string logs_of(const Chunk& chunk) {
  PlainSealer sealer;
  auto reader = LogChunkReader::open(chunk, payload_in_memory(chunk.payload), sealer);
  if (!reader) return reader.error().message;
  std::string text;
  LogRow row;
  for (std::size_t g = 0; g < (*reader)->group_count(); ++g) {
    auto group = (*reader)->read(g, ColumnSelection::everything());
    if (!group) return group.error().message;
    for (std::size_t i = 0; i < group->rows(); ++i) {
      group->row(i, row);
      text += test::golden_line(row.sequence, row.log);
    }
  }
  return text;
}

TEST(GoldenChunk, LogsOfEveryVersionAreRead) {
  ASSERT_FALSE(versions().empty());
  for (const std::string& folder : versions()) {
    const Chunk chunk = test::read_golden_chunk(folder, "log");
    EXPECT_EQ(logs_of(chunk), test::read_file(folder + "/log.expected")) << folder;
    PlainSealer sealer;
    auto reader = LogChunkReader::open(chunk, payload_in_memory(chunk.payload), sealer);
    ASSERT_TRUE(reader);
    EXPECT_TRUE((*reader)->may_have_field("user.name", "user-1")) << folder;
    EXPECT_FALSE((*reader)->may_have_field("user.name", "nobody")) << folder << ": the filter is of use";
    // What they hold is found by the words of this build, whatever the filter was made for.
    for (const char* word : {"größer", "quoted", "took", "😀", "checkout"}) EXPECT_TRUE((*reader)->filter().may_contain_all_tokens(word)) << folder << word;
    for (const char* element : {"1", "a", "{\"b\":null}"}) EXPECT_TRUE((*reader)->may_have_field("tags", element)) << folder << element;
  }
}

TEST(GoldenChunk, SamplesOfEveryVersionAreRead) {
  for (const std::string& folder : versions()) {
    const Chunk chunk = test::read_golden_chunk(folder, "metric");
    PlainSealer sealer;
    auto reader = MetricChunkReader::open(chunk, payload_in_memory(chunk.payload), sealer);
    ASSERT_TRUE(reader) << reader.error().message;
    std::string text;
    ASSERT_TRUE((*reader)->read_all({INT64_MIN}, {INT64_MAX}, [&](const SeriesSamples& samples) {
      for (std::size_t i = 0; i < samples.values.size(); ++i) {
        text += test::golden_line(samples.series, {samples.timestamps[i]}, {samples.received_at[i]}, samples.values[i]);
      }
      return true;
    }));
    EXPECT_EQ(text, test::read_file(folder + "/metric.expected")) << folder;
  }
}

}  // namespace
}  // namespace penstock::chunk
