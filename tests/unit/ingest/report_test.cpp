// What a request is told: the report, the debug view.
#include "ingest/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/debug_view.hpp"
#include "penstock/core/batch.hpp"

namespace penstock::ingest {
namespace {

using ::testing::HasSubstr;

constexpr Timestamp kTaken{1'795'181'580 * kSecond};  // 2026-11-20T13:33:00Z

TEST(Report, TellsEveryRejectedRecordWhenAskedTo) {
  IngestReport report;
  for (std::size_t index = 0; index < 300; ++index) report.reject(index, {ErrorCode::invalid_json, "broken", ""}, 100);
  EXPECT_EQ(to_json(report).find("rejected_indexes"), std::string::npos);
  IngestReport all;
  all.lists_rejected = true;
  EXPECT_THAT(to_json(all), HasSubstr("\"rejected_indexes\":[]"));
  for (std::size_t index = 0; index < 300; ++index) all.reject(index, {ErrorCode::invalid_json, "broken", ""}, 100);
  all.reject(305, {ErrorCode::invalid_json, "broken", ""}, 100);
  EXPECT_EQ(all.errors.size(), 100u);
  EXPECT_EQ(all.rejected, 301u);
  EXPECT_THAT(to_json(all), HasSubstr("\"rejected_indexes\":[[0,299],[305,305]]"));
  for (std::size_t index = 400; index < 100'000; index += 2) all.reject(index, {ErrorCode::invalid_json, "broken", ""}, 100);
  EXPECT_EQ(all.rejected_runs.size(), IngestReport::kMostRuns) << "who alternates must not take memory without end";
}

TEST(Report, IsSpelledAsTheInterfaceSays) {
  IngestReport report;
  report.accepted = 998;
  report.rejected = 2;
  report.errors = {{17, {ErrorCode::invalid_timestamp, "say \"when\"", "timestamp"}}, {18, {ErrorCode::invalid_json, "broken", ""}}};
  report.warnings = {{3, {ErrorCode::invalid_timestamp, "no time", "time"}}};
  EXPECT_EQ(to_json(report),
            "{\"accepted\":998,\"rejected\":2,\"errors\":[{\"index\":17,\"field\":\"timestamp\",\"code\":\"invalid_timestamp\",\"message\":\"say "
            "\\\"when\\\"\"},{\"index\":18,\"code\":\"invalid_json\",\"message\":\"broken\"}],"
            "\"warnings\":[{\"index\":3,\"field\":\"time\",\"code\":\"invalid_timestamp\",\"message\":\"no time\"}]}");
}

TEST(DebugView, ShowsRecordsAsTheyWouldBeStored) {
  BatchWriter writer;
  const FieldView fields[] = {{"order", FieldValue::of(std::int64_t{8841})}, {"gift", FieldValue::of(true)}};
  writer.add(LogView{kTaken, {kTaken.ns + 1}, "shop", "c-1", Severity::warn, "say \"hi\"", fields});
  const LabelView labels[] = {{"room", "attic"}};
  const SampleView samples[] = {{"cpu.usage", 12.5}};
  writer.add(PointView{kTaken, kTaken, "shop", "pi-3", labels, samples});
  IngestReport report;
  report.accepted = 2;
  const std::string batch = writer.take();
  EXPECT_EQ(debug_json(batch, report),
            "{\"accepted\":2,\"rejected\":0,\"errors\":[],\"warnings\":[],\"truncated\":false,\"records\":["
            "{\"kind\":\"log\",\"timestamp\":\"2026-11-20T13:33:00Z\",\"received_at\":\"2026-11-20T13:33:00.000000001Z\",\"deployment\":\"shop\",\"source\":\"c-1\","
            "\"severity\":\"WARN\",\"message\":\"say \\\"hi\\\"\",\"fields\":{\"order\":8841,\"gift\":true}},"
            "{\"kind\":\"metric\",\"timestamp\":\"2026-11-20T13:33:00Z\",\"received_at\":\"2026-11-20T13:33:00Z\",\"deployment\":\"shop\",\"source\":\"pi-3\","
            "\"labels\":{\"room\":\"attic\"},\"metrics\":{\"cpu.usage\":12.5}}]}");
  EXPECT_THAT(debug_json(batch, report, 250), HasSubstr("\"truncated\":true,\"records\":[{\"kind\":\"log\""));
  EXPECT_THAT(debug_json(batch, report, 10), HasSubstr("\"truncated\":true,\"records\":[]}"));
}

}  // namespace
}  // namespace penstock::ingest
