#include <gmock/gmock.h>

#include "query/csv.hpp"
#include "query/deletion_filter.hpp"
#include "query/json.hpp"
#include "query/json_text.hpp"
#include "query/page_cursor.hpp"
#include "query_world.hpp"

namespace penstock::query::test {
namespace {

TEST(Json, ALogRecordHasTheDocumentedShape) {
  LogRow row = log_row("say \"hi\"\n", 0, "shop", "web-1", Severity::warn);
  row.id = {JournalId{36}, 37};
  row.fields =
      {integer_field("order", 8841), real_field("ms", 12.5), text_field("user.name", "Ada"), text_field("twice", "a"),
       text_field("twice", "b")};
  std::string out;
  append_log_json(out, row);
  EXPECT_EQ(out, "{\"id\":\"" + to_string(row.id) +
                     R"(","timestamp":"2026-11-20T13:33:00Z","received_at":"2026-11-20T13:33:00Z","deployment":"shop","source":"web-1",)"
                     R"("severity":"WARN","message":"say \"hi\"\n","fields":{"order":8841,"ms":12.5,"user.name":"Ada","twice":["a","b"]}})");
}

TEST(Json, ResultsHaveTheDocumentedShapes) {
  LogPage page;
  EXPECT_EQ(
      to_json(page),
          R"({"records":[],"cursor":null,"stats":{"chunks_read":0,"bytes_read":0,"records_scanned":0,"elapsed_ms":0,"partial":false}})");
  LogHistogram histogram{Timestamp{0}, Timestamp{kMinute}, kMinute, {{Timestamp{0}, {0, 0, 3, 0, 0, 1, 0}}}, {}};
  EXPECT_EQ(to_json(histogram).substr(0, 160),
            R"({"from":"1970-01-01T00:00:00Z","to":"1970-01-01T00:01:00Z","step_ms":60000,"buckets":[{"time":"1970-01-01T00:00:00Z","total":4,"counts":{"INFO":3,"ERROR":1}}],")");
  EXPECT_EQ(to_json(Removed{}), R"({"deleted":0,"receipts":[]})");
  EXPECT_EQ(to_json(Removed{7, {{3, "sh\"op", 4}, {4, "web", 3}}}),
            R"({"deleted":7,"receipts":[{"id":3,"deployment":"sh\"op","deleted":4},{"id":4,"deployment":"web","deleted":3}]})");
  EXPECT_EQ(gap_json(7), R"({"skipped":7})");
  RangeResult range;
  range.name = "cpu.usage";
  range.step_ns = kSecond;
  range.grid = {0, kSecond, 2, nullptr};
  range.aggregates = {Aggregate::avg};
  range.series.push_back({"shop", Labels::from({{"source", "pi"}}), {{1.5, std::nullopt}}, std::nullopt});
  range.series_total = 1;
  EXPECT_THAT(to_json(range), testing::StartsWith(
            R"({"name":"cpu.usage","agg":"avg","aggs":["avg"],"from":"1970-01-01T00:00:00Z","to":"1970-01-01T00:00:00Z","step_ms":1000,)"
            R"("series":[{"deployment":"shop","labels":{"source":"pi"},"points":[[0,1.5],[1000,null]]}],"series_total":1,"stats":)"));
  range.aggregates = {Aggregate::avg, Aggregate::max};
  range.series[0].by_aggregate.push_back({2.5, std::nullopt});
  range.series[0].rank = 1.5;
  range.series_total = 3;
  range.rest = RangeResult::Rest{2, {0.5, std::nullopt}, {1, std::nullopt}};
  EXPECT_THAT(to_json(range), testing::HasSubstr(
            R"("labels":{"source":"pi"},"rank":1.5,"points":[[0,1.5],[1000,null]],"aggregates":{"avg":[1.5,null],"max":[2.5,null]}}],)"
            R"("series_total":3,"rest":{"series":2,"min":[0.5,null],"max":[1,null]},"stats":)"));
}

TEST(Json, AnOverviewTellsDeploymentsSourcesAndTheNewestPoints) {
  Overview overview;
  overview.step_ns = kMinute;
  Overview::Counts counts;
  counts.by_severity = {0, 0, 4, 0, 0, 1, 0};
  overview.deployments.push_back({"shop", counts, 1});
  overview.sources.push_back({"shop", "web-1", counts});
  overview.sources_total = 1;
  EXPECT_THAT(to_json(overview, std::nullopt), testing::StartsWith(
            R"({"from":"1970-01-01T00:00:00Z","to":"1970-01-01T00:00:00Z","step_ms":60000,"buckets":[],)"
            R"("deployments":[{"deployment":"shop","sources":1,"records":5,"counts":{"INFO":4,"ERROR":1},"last":"1970-01-01T00:00:00Z"}],)"
            R"("sources":[{"deployment":"shop","source":"web-1","records":5,"counts":{"INFO":4,"ERROR":1},"last":"1970-01-01T00:00:00Z"}],)"
            R"("sources_total":1,"approximate":false,"stats":)"));
  EXPECT_THAT(to_json(overview, LatestResult{}), testing::HasSubstr(R"("latest":{"metrics":{},"from":)"));
}

TEST(Csv, FormulasAndQuotesAreMadeHarmless) {
  const auto cell = [](std::string_view text) {
    std::string out;
    append_csv_cell(out, text);
    return out;
  };
  EXPECT_EQ(cell("plain"), "plain");
  EXPECT_EQ(cell("a,b"), "\"a,b\"");
  EXPECT_EQ(cell("say \"x\"\n"), "\"say \"\"x\"\"\n\"");
  for (const char* number : {"-1", "+1", "-0.5", "+3.2e4", "-1e-9"}) EXPECT_EQ(cell(number), number);
  for (const char* bad : {"=1+1", "+1+1", "-1-x", "-", "--1", "+-1", "@x", "\tx", "-cmd()"}) EXPECT_EQ(cell(bad), "\"'" + std::string(bad) + "\"");
  std::string raw;
  append_csv_cell(raw, "=1+1", CsvText::raw);
  EXPECT_EQ(raw, "=1+1");
  LogRow row = log_row("=cmd()", 0, "shop", "-web");
  row.fields = {integer_field("n", 1)};
  std::string out;
  append_csv(out, row);
  EXPECT_EQ(out, "2026-11-20T13:33:00Z,2026-11-20T13:33:00Z,shop,\"'-web\",INFO,\"'=cmd()\",\"{\"\"n\"\":1}\"," +
            to_string(row.id) + "\r\n");
}

TEST(DeletionFilter, TheFiltersSurviveTheWayThroughTheStore) {
  LogQuery query;
  query.min_severity = Severity::error;
  query.sources = {"a\"b", "ü"};
  query.q = "x \"y\\\" z\" OR /a\nb/";
  query.fields = {{"n", "1"}, {"user.name", "Ada"}};
  const auto back = parse_deletion_filter(deletion_filter_json(query));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->min_severity, query.min_severity);
  EXPECT_EQ(back->sources, query.sources);
  EXPECT_EQ(back->q, query.q);
  EXPECT_EQ(back->fields, query.fields);
  EXPECT_EQ(parse_deletion_filter(R"( { "q" : "\u00fc\ud83d\ude00" , "sources" : [ ] } )")->q, "ü😀");
  for (const char* bad : {"", "[]", "{", "{\"q\":5}", "{\"other\":\"x\"}", "{\"q\":\"x\"} y", "{\"fields\":[[\"a\"]]}",
                          "{\"min_severity\":\"odd\"}", "{\"q\":\"\\ud800\"}"}) {
    EXPECT_EQ(parse_deletion_filter(bad).error().code, ErrorCode::corrupt) << bad;
  }
}

// Deletions that were stored while field.source meant the record's source must go on to delete what they did.
TEST(DeletionFilter, AStoredOneKeepsItsMeaning) {
  std::vector<FieldView> scratch;
  const auto drops = [&](const LogQuery& query, const LogRow& row) {
    const auto matcher = Matcher::compile(query);
    return matcher && matcher->matches(row.view(scratch));
  };
  const auto old = parse_deletion_filter(R"({"sources":[],"q":"","fields":[["source","web-1"],["severity","INFO"]]})");
  ASSERT_TRUE(old.has_value());
  LogRow inner = log_row("x", 0, "shop", "other");
  inner.fields = {text_field("source", "web-1")};
  EXPECT_TRUE(drops(*old, log_row("x")));
  EXPECT_FALSE(drops(*old, inner));
  LogQuery query;
  query.fields = {{"source", "web-1"}};
  const auto back = parse_deletion_filter(deletion_filter_json(query));
  ASSERT_TRUE(back.has_value());
  EXPECT_FALSE(drops(*back, log_row("x")));
  EXPECT_TRUE(drops(*back, inner));
}

TEST(DeletionFilter, CoversOnlyWhatIsOlderThanTheDeletion) {
  Deletion deletion{1, "shop", Timestamp{kNow.ns - kHour}, Timestamp{kNow.ns + 1}, "{\"q\":\"card\"}", JournalId{7},
                    100, Timestamp{kNow.ns + 1}};
  const auto filter = DeletionFilter::compile(deletion);
  ASSERT_TRUE(filter.has_value());
  std::vector<FieldView> scratch;
  const LogRow row = log_row("a card");
  const LogView view = row.view(scratch);
  EXPECT_TRUE(filter->drops({JournalId{7}, 99}, view));
  EXPECT_FALSE(filter->drops({JournalId{7}, 100}, view));
  EXPECT_TRUE(filter->drops({JournalId{8}, 100}, view));
  EXPECT_TRUE((*compile_deletion(deletion))(view));
  EXPECT_FALSE((*compile_deletion(deletion))(log_row("a purse").view(scratch)));
  LogView other = view;
  other.received_at = Timestamp{kNow.ns + 1};
  EXPECT_FALSE(filter->drops({JournalId{8}, 100}, other));
  other = view;
  other.deployment = "bank";
  EXPECT_FALSE(filter->drops({JournalId{7}, 99}, other));
  other = view;
  other.timestamp = deletion.to;
  EXPECT_FALSE(filter->drops({JournalId{7}, 99}, other));
  deletion.filter_json = "{\"q\":\"(\"}";
  EXPECT_FALSE(compile_deletion(deletion).has_value());
}

TEST(PageCursor, GivesBackWhatWasPutIn) {
  LogQuery query;
  query.q = "card";
  const RowKey key{Timestamp{-5}, JournalId{1'000'000'007}, 42};
  EXPECT_EQ(*decode_cursor(query, encode_cursor(query, key)), key);
  LogQuery other = query;
  other.sources = {"x"};
  EXPECT_FALSE(decode_cursor(other, encode_cursor(query, key)).has_value());
}

}  // namespace
}  // namespace penstock::query::test
