// Files as agents send them, and what is found in them. To renew after a wanted change: PENSTOCK_RENEW_GOLDEN=1.
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "body_case.hpp"

namespace penstock::test {
namespace {

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void expect_golden(const std::string& name, const DecodeOptions& options) {
  const std::string folder = std::string(PENSTOCK_SOURCE_DIR) + "/tests/data/decode/";
  const std::string found = decode_text(read(folder + name), options) + "\n";
  if (std::getenv("PENSTOCK_RENEW_GOLDEN") != nullptr) std::ofstream(folder + name + ".golden") << found;
  EXPECT_EQ(found, read(folder + name + ".golden"));
}

TEST(JsonGolden, LogsOfUsualAgents) { expect_golden("logs.ndjson", {}); }

TEST(JsonGolden, AnArrayOfASloppyProducer) { expect_golden("sloppy.json", {}); }

TEST(JsonGolden, MetricPoints) {
  DecodeOptions options;
  options.kind = RecordKind::metric;
  expect_golden("metrics.json", options);
}

}  // namespace
}  // namespace penstock::test
