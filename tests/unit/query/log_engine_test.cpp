#include <gtest/gtest.h>

#include "query/json.hpp"
#include "query_world.hpp"

namespace penstock::query::test {
namespace {

using Call = penstock::test::FakeChunkStore::Call;

TEST(Engine, FacetsCountTheElementsOfArrays) {
  World world;
  for (int i = 0; i < 4; ++i) {
    LogRow row = log_row("x");
    row.fields = {{"tags", FieldType::json, i % 2 == 0 ? "[\"red\",\"red\",[7]]" : "[\"blue\",7.0]", 0, 0}};
    world.ingest({row});
    if (i == 1) world.flush();
  }
  world.ingest({log_row("without")});
  const auto facets = world.engine.facets(Scope::everything(), world.query(), "tags", 10, world.go);
  ASSERT_TRUE(facets.has_value()) << facets.error().message;
  std::vector<std::pair<std::string, std::uint64_t>> counts;
  for (const auto& value : facets->values) counts.emplace_back(value.value, value.count);
  EXPECT_EQ(counts, (std::vector<std::pair<std::string, std::uint64_t>>{{"7", 4}, {"blue", 2}, {"red", 2}}));
  EXPECT_EQ(facets->missing, 1u);
}

TEST(Engine, WithoutTheStoreItAnswersFromTheJournalAndSaysPartial) {
  World world;
  world.store_foreign(JournalId{5}, {log_row("elsewhere", kMinute)});
  world.ingest({log_row("stored", 3 * kSecond)});
  world.flush();
  world.ingest({log_row("live", 2 * kSecond)});
  world.store.set_away(true);
  auto page = world.engine.logs(Scope::everything(), world.query(), world.go);
  ASSERT_TRUE(page.has_value());
  EXPECT_TRUE(page->stats.partial);
  EXPECT_EQ(page->records.size(), 2u);
  EXPECT_EQ(world.engine.remove(Scope::everything(), world.query(), world.go).error().code, ErrorCode::unavailable);
  world.store.set_away(false);
  page = world.engine.logs(Scope::everything(), world.query(), world.go);
  ASSERT_TRUE(page.has_value());
  EXPECT_FALSE(page->stats.partial);
  EXPECT_EQ(page->records.size(), 3u);
}

class EngineBacklog : public testing::TestWithParam<bool> {};

// Whether the journal knows the times of its parts, or has to look at them first.
INSTANTIATE_TEST_SUITE_P(Times, EngineBacklog, testing::Bool());

TEST_P(EngineBacklog, OnlyThePartsThatCanChangeTheAnswerAreRead) {
  World world;
  world.store.set_away(true);
  for (int second = 1000; second > 0; --second) {
    world.ingest({log_row("at " + std::to_string(second), second * kSecond), log_row("beside it", second * kSecond)});
  }
  world.ingest({log_row("came late", 500 * kSecond + 1)});

  if (!GetParam()) world.journal.forget_times();
  auto query = world.query();
  query.limit = 4;
  auto page = world.engine.logs(Scope::everything(), query, world.go);
  ASSERT_TRUE(page.has_value());
  ASSERT_EQ(page->records.size(), 4u);
  EXPECT_EQ(page->records[1].message, "at 1");
  EXPECT_LE(page->stats.records_scanned, 10u) << "the newest parts of the journal were enough";

  query.ascending = true;
  page = world.engine.logs(Scope::everything(), query, world.go);
  ASSERT_TRUE(page.has_value());
  ASSERT_EQ(page->records.size(), 4u);
  EXPECT_EQ(page->records[0].message, "at 1000");
  EXPECT_LE(page->stats.records_scanned, 10u);

  query.from = Timestamp{kNow.ns - 501 * kSecond};
  query.to = Timestamp{kNow.ns - 499 * kSecond};
  query.limit = 100;
  page = world.engine.logs(Scope::everything(), query, world.go);
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->records.size(), 5u) << "what came late too";
  EXPECT_EQ(page->stats.records_scanned, 5u);
  const auto histogram = world.engine.histogram(Scope::everything(), query, kSecond, world.go);
  ASSERT_TRUE(histogram.has_value());
  EXPECT_EQ(histogram->stats.records_scanned, 5u);
}

TEST(Engine, TheStoreGoingAwayInTheMiddleOfAQueryGivesAPartialAnswerToo) {
  World world;
  world.ingest({log_row("stored", 3 * kSecond)});
  world.flush();
  world.store.fail(Call::read_payload, Error{ErrorCode::unavailable, "gone", ""});
  const auto page = world.engine.logs(Scope::everything(), world.query(), world.go);
  ASSERT_TRUE(page.has_value());
  EXPECT_TRUE(page->stats.partial);
  EXPECT_EQ(page->records.size(), 1u);
}

TEST(Engine, DeletedRecordsStayHiddenWhileTheStoreIsAway) {
  World world;
  world.ingest({log_row("secret", 3 * kSecond), log_row("open", 2 * kSecond)});
  ASSERT_EQ((world.engine.remove(Scope::everything(), world.query("secret"), world.go))->count, 1u);
  EXPECT_EQ(world.messages(world.query()), std::vector<std::string>{"open"});
  world.store.set_away(true);
  EXPECT_EQ(world.messages(world.query()), std::vector<std::string>{"open"});
  world.ingest({log_row("secret", kSecond)});  // newer than the deletion
  EXPECT_EQ(world.messages(world.query()), (std::vector<std::string>{"secret", "open"}));
}

TEST(Engine, AScopeHidesOtherDeploymentsInEveryAnswer) {
  World world;
  world.ingest({log_row("mine", kSecond, "shop"), log_row("theirs", kSecond, "bank")});
  world.flush();
  world.ingest({log_row("mine too", 0, "shop"), log_row("theirs too", 0, "bank")});
  const Scope shop = Scope::of({"shop"});
  EXPECT_EQ(world.messages(world.query(), shop), (std::vector<std::string>{"mine too", "mine"}));
  LogQuery query = world.query();
  query.deployments = {"bank"};
  EXPECT_TRUE(world.messages(query, shop).empty());
  EXPECT_TRUE(world.messages(world.query("deployment:bank"), shop).empty());
  EXPECT_TRUE(world.messages(world.query(), Scope{}).empty());
  const auto facets = world.engine.facets(shop, world.query(), "deployment", 10, world.go);
  ASSERT_EQ(facets->values.size(), 1u);
  EXPECT_EQ(facets->values[0].value, "shop");
  EXPECT_EQ(world.engine.fields(shop, world.query(), world.go)->fields[0].count, 2u);
  EXPECT_EQ(world.engine.context(shop, {.id = world.all[1].id}, world.go).error().code, ErrorCode::not_found);
  EXPECT_EQ((world.engine.remove(shop, query, world.go))->count, 0u);
  EXPECT_EQ(world.messages(query).size(), 2u);
}

TEST(Engine, ACursorIsRefusedWhenItIsNotOfThisQuery) {
  World world;
  world.ingest({log_row("a"), log_row("b"), log_row("c")});
  LogQuery query = world.query();
  query.limit = 1;
  const auto page = world.engine.logs(Scope::everything(), query, world.go);
  ASSERT_FALSE(page->cursor.empty());
  query.cursor = page->cursor;
  query.to = Timestamp{query.to.ns + kHour};  // the range may move on
  EXPECT_TRUE(world.engine.logs(Scope::everything(), query, world.go).has_value());
  query.ascending = true;
  EXPECT_EQ(world.engine.logs(Scope::everything(), query, world.go).error().code, ErrorCode::invalid_request);
  for (const char* bad : {"x", "!!!!", "AAAA", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
    query.cursor = bad;
    EXPECT_EQ(world.engine.logs(Scope::everything(), query, world.go).error().field, "cursor") << bad;
  }
}

TEST(Engine, LimitsAndRangesAreChecked) {
  World world;
  LogQuery query = world.query();
  for (const std::uint32_t limit : {0u, kMaxLimit + 1}) {
    query.limit = limit;
    EXPECT_EQ(world.engine.logs(Scope::everything(), query, world.go).error().field, "limit");
  }
  query = world.query();
  std::swap(query.from, query.to);
  EXPECT_EQ(world.engine.logs(Scope::everything(), query, world.go).error().field, "from");
  EXPECT_EQ(world.engine.histogram(Scope::everything(), world.query(), 1, world.go).error().field, "step");
  query = world.query("(");
  EXPECT_EQ(world.engine.facets(Scope::everything(), query, "source", 5, world.go).error().code,
            ErrorCode::invalid_query);
}

TEST(Engine, HugeRowsMakeShortPagesAndNothingIsLost) {
  World world({.memory_bytes = 4u << 20, .concurrent = 4});
  for (int i = 0; i < 30; ++i) {
    world.ingest({log_row(std::string(100'000, 'x') + " " + std::to_string(i), i * kSecond)});
  }
  LogQuery query = world.query();
  query.limit = 30;
  std::size_t total = 0, pages = 0;
  do {
    const auto page = world.engine.logs(Scope::everything(), query, world.go);
    ASSERT_TRUE(page.has_value()) << page.error().message;
    ASSERT_LE(world.engine.memory_used(), 1u << 20 | 256u << 10);
    ASSERT_FALSE(page->records.empty());
    total += page->records.size();
    query.cursor = page->cursor;
    ++pages;
  } while (!query.cursor.empty());
  EXPECT_EQ(total, 30u);
  EXPECT_GT(pages, 2u);
  EXPECT_EQ(world.engine.memory_used(), 0u);
}

TEST(Engine, WantOfMemoryIsAnAnswer) {
  World world({.memory_bytes = 64u << 10, .concurrent = 1});
  world.ingest({log_row(std::string(500'000, 'x'))});
  world.flush();
  const auto page = world.engine.logs(Scope::everything(), world.query(), world.go);
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code, ErrorCode::overloaded);
  EXPECT_EQ(world.engine.memory_used(), 0u);
  EXPECT_EQ(world.metrics.value("penstock_query_overloaded_total"), 1.0);
}

// Answers that their clients have not taken hold memory. A short query that finds none left goes on among the long ones, and a long one never
// takes what is kept for the short.
TEST(Engine, NoQueryFailsForWhatTheOtherKindHolds) {
  World world({.memory_bytes = 4u << 20, .concurrent = 4});
  for (int i = 0; i < 30; ++i) world.ingest({log_row(std::string(100'000, 'x') + " " + std::to_string(i), i * kSecond)});
  LogQuery query = world.query();
  query.limit = 8;
  std::vector<LogPage> held;
  std::size_t before = 0;
  while (world.engine.memory_used() < 2u << 20) {
    auto page = world.engine.logs(Scope::everything(), query, world.go);
    ASSERT_TRUE(page.has_value()) << page.error().message << " at " << world.engine.memory_used();
    held.push_back(std::move(*page));
    ASSERT_GT(world.engine.memory_used(), before);
    before = world.engine.memory_used();
  }
  EXPECT_GT(held.size(), 2u);
  int streamed = 0;
  const auto stats = world.engine.stream_logs(Scope::everything(), world.query("nothing"), [&](const LogRow&) { return ++streamed > 0; }, world.go);
  EXPECT_TRUE(stats.has_value()) << stats.error().message;
  held.clear();
  EXPECT_EQ(world.engine.memory_used(), 0u);
}

TEST(Engine, ACanceledQueryEnds) {
  World world;
  world.ingest({log_row("a")});
  world.flush();
  StopFlag gone{true};
  EXPECT_EQ(world.engine.logs(Scope::everything(), world.query(), gone).error().code, ErrorCode::canceled);
  StopFlag later{false};
  for (int i = 0; i < 20; ++i) world.ingest({log_row("b")});
  int seen = 0;
  const auto stats =
      world.engine.stream_logs(Scope::everything(), world.query(),
                               [&](const LogRow&) { return later.store(++seen == 3), true; }, later);
  EXPECT_EQ(stats.error().code, ErrorCode::canceled);
  EXPECT_EQ(seen, 3);
}

TEST(Engine, AStreamGivesEveryRowOnceInOrder) {
  World world({.stream_page = 7});
  for (int i = 0; i < 50; ++i) world.ingest({log_row(std::to_string(i), (50 - i) * kSecond)});
  world.flush(20);
  for (int i = 50; i < 60; ++i) world.ingest({log_row(std::to_string(i))});
  LogQuery query = world.query();
  query.ascending = true;
  int next = 0;
  const auto stats = world.engine.stream_logs(Scope::everything(), query, [&](const LogRow& row) {
    EXPECT_EQ(row.message, std::to_string(next++));
    return true;
  }, world.go);
  ASSERT_TRUE(stats.has_value());
  EXPECT_EQ(next, 60);
  next = 0;
  ASSERT_TRUE(world.engine.stream_logs(Scope::everything(), query, [&](const LogRow&) { return ++next < 5; },
                                       world.go).has_value());
  EXPECT_EQ(next, 5);
}

TEST(Engine, TheNewestRowsNeedNoLookAtOldChunks) {
  World world;
  for (int day = 0; day < 20; ++day) {
    for (int i = 0; i < 10; ++i) world.ingest({log_row("x", day * kDay + i * kSecond)});
    world.flush();
  }
  LogQuery query = world.query();
  query.limit = 5;
  const auto page = world.engine.logs(Scope::everything(), query, world.go);
  ASSERT_EQ(page->records.size(), 5u);
  EXPECT_EQ(page->stats.chunks_read, 1u);
  query.ascending = true;
  EXPECT_EQ(world.engine.logs(Scope::everything(), query, world.go)->stats.chunks_read, 1u);
}

TEST(Engine, ARareWordIsFoundByReadingOnlyItsChunk) {
  World world;
  for (int i = 0; i < 30; ++i) {
    world.ingest({log_row("common words of every day " + std::to_string(i), i * kMinute),
                  log_row(i == 13 ? "the needle77" : "hay", i * kMinute)});
    world.flush();
  }
  const auto page = world.engine.logs(Scope::everything(), world.query("NEEDLE77"), world.go);
  ASSERT_EQ(page->records.size(), 1u);
  EXPECT_LE(page->stats.chunks_read, 2u);
}

TEST(Engine, ANumberIsFoundHoweverItIsSpelled) {
  World world;
  LogRow real = log_row("real"), whole = log_row("whole"), text = log_row("text"), large = log_row("large");
  real.fields = {real_field("n", 100000.0)};
  whole.fields = {integer_field("n", 100000)};
  text.fields = {text_field("n", "100000")};
  large.fields = {integer_field("n", 9'007'199'254'740'993)};
  for (const auto& row : {real, whole, text, large}) {
    world.ingest({row});
    world.flush();
  }
  EXPECT_EQ(world.messages(world.query("n:100000")), (std::vector<std::string>{"text", "whole", "real"}));
  EXPECT_EQ(world.messages(world.query("n:1e5")), (std::vector<std::string>{"whole", "real"}));
  EXPECT_EQ(world.messages(world.query("n:100000.0")), (std::vector<std::string>{"whole", "real"}));
  EXPECT_EQ(world.messages(world.query("n:+100000")), (std::vector<std::string>{"whole", "real"}));
  EXPECT_EQ(world.messages(world.query("n:9007199254740993")), std::vector<std::string>{"large"});
  EXPECT_EQ(world.messages(world.query("n:>100000")), std::vector<std::string>{"large"});
}

TEST(Engine, FacetsAndFieldsCountWhatMatches) {
  World world;
  LogRow a = log_row("a", kSecond), b = log_row("b", kSecond, "shop", "web-2", Severity::error), c = log_row("c");
  a.fields = {text_field("user", "ada"), integer_field("n", 1)};
  b.fields = {text_field("user", "bob"), real_field("n", 1.5)};
  c.fields = {text_field("user", "ada")};
  world.ingest({a, b});
  world.flush();
  world.ingest({c, log_row("d")});
  const auto users = world.engine.facets(Scope::everything(), world.query(), "user", 1, world.go);
  ASSERT_EQ(users->values.size(), 1u);
  EXPECT_EQ(users->values[0].value, "ada");
  EXPECT_EQ(users->values[0].count, 2u);
  EXPECT_EQ(users->other, 1u);
  EXPECT_EQ(users->missing, 1u);
  const auto numbers = world.engine.facets(Scope::everything(), world.query(), "n", 5, world.go);
  EXPECT_EQ(
      to_json(*numbers).substr(0, 100).find(
          R"({"field":"n","values":[{"value":"1","count":1},{"value":"1.5","count":1}])"), 0u);
  const auto severities = world.engine.facets(Scope::everything(), world.query(), "severity", 5, world.go);
  EXPECT_EQ(severities->values[0].count, 3u);
  const auto fields = world.engine.fields(Scope::everything(), world.query(), world.go);
  ASSERT_EQ(fields->fields.size(), 5u);
  EXPECT_EQ(fields->fields[0].count, 4u);
  EXPECT_EQ(fields->fields[3].name, "n");
  EXPECT_EQ(fields->fields[3].types, (std::vector<FieldType>{FieldType::integer, FieldType::real}));
  EXPECT_EQ(fields->fields[4].count, 3u);
}

TEST(Engine, AFieldCalledLikeAMemberIsListedAndCountedApart) {
  World world;
  LogRow stored = log_row("stored", kSecond), live = log_row("live");
  stored.fields = {text_field("source", "inner"), text_field("message", "m")};
  live.fields = {text_field("source", "inner"), integer_field("severity", 3)};
  world.ingest({stored});
  world.flush();
  world.ingest({live, log_row("plain")});
  const auto fields = world.engine.fields(Scope::everything(), world.query(), world.go);
  std::vector<std::pair<std::string, std::uint64_t>> listed;
  for (const auto& field : fields->fields) listed.emplace_back(field.name, field.count);
  EXPECT_EQ(listed, (std::vector<std::pair<std::string, std::uint64_t>>{{"source", 3}, {"severity", 3}, {"deployment", 3},
                        {"fields.message", 1}, {"fields.severity", 1}, {"fields.source", 2}}));
  // Each listed name can be counted and asked for.
  const auto facet = world.engine.facets(Scope::everything(), world.query(), "fields.source", 5, world.go);
  ASSERT_EQ(facet->values.size(), 1u);
  EXPECT_EQ(facet->values[0].value, "inner");
  EXPECT_EQ(facet->values[0].count, 2u);
  EXPECT_EQ(facet->missing, 1u);
  EXPECT_EQ(world.messages(world.query("fields.source:inner")).size(), 2u);
  EXPECT_EQ(world.messages(world.query("fields.source:inner OR fields.severity:>2")).size(), 2u);
  LogQuery query = world.query();
  query.fields = {{"source", "inner"}};
  EXPECT_EQ(world.messages(query).size(), 2u);
  query.fields = {{"source", "web-1"}};
  EXPECT_TRUE(world.messages(query).empty());
}

TEST(Engine, AFacetOfManyValuesKeepsTheFrequentOnes) {
  World world({.distinct_values = 100});
  std::vector<LogRow> rows;
  for (int i = 0; i < 1000; ++i) rows.push_back(log_row("x", 0, "shop", i % 2 == 0 ? "busy" : "s" + std::to_string(i)));
  world.ingest(rows);
  const auto facets = world.engine.facets(Scope::everything(), world.query(), "source", 3, world.go);
  EXPECT_TRUE(facets->approximate);
  EXPECT_EQ(facets->values[0].value, "busy");
  EXPECT_EQ(facets->values[0].count, 500u);
  std::uint64_t total = facets->other;
  for (const auto& value : facets->values) total += value.count;
  EXPECT_EQ(total, 1000u);
}

TEST(Engine, ContextGivesTheNeighboursOfARecord) {
  World world;
  for (int i = 0; i < 20; ++i) {
    world.ingest(
        {log_row(std::to_string(i), (20 - i) * kSecond), log_row("other", (20 - i) * kSecond, "shop", "web-2")});
    if (i == 11) world.flush();
  }
  for (const int at : {3, 10, 12, 15}) {
    const auto context =
        world.engine.context(Scope::everything(),
                             {.id = world.all[static_cast<std::size_t>(at) * 2].id, .before = 2, .after = 2}, world.go);
    ASSERT_TRUE(context.has_value()) << context.error().message;
    EXPECT_EQ(context->record.message, std::to_string(at));
    ASSERT_EQ(context->before.size(), 2u);
    ASSERT_EQ(context->after.size(), 2u);
    EXPECT_EQ(context->before[0].message, std::to_string(at - 2));
    EXPECT_EQ(context->before[1].message, std::to_string(at - 1));
    EXPECT_EQ(context->after[0].message, std::to_string(at + 1));
    EXPECT_EQ(context->after[1].message, std::to_string(at + 2));
  }
  const auto all =
      world.engine.context(Scope::everything(), {.id = world.all[0].id, .before = 5, .after = 3, .same_source = false},
                           world.go);
  EXPECT_TRUE(all->before.empty());
  EXPECT_EQ(all->after[0].message, "other");
  EXPECT_EQ(world.engine.context(Scope::everything(), {.id = {JournalId{9}, 9}}, world.go).error().code,
            ErrorCode::not_found);
}

TEST(Overview, CountsEverySourceOfWhatTheCallerMayReadStoredAndLive) {
  World world;
  for (int round = 0; round < 2; ++round) {
    for (const char* deployment : {"shop", "bank"}) {
      for (int i = 0; i < 6; ++i) {
        const std::string source = "web-" + std::to_string(i % 2);
        world.ingest({log_row("x", (round + 1) * kMinute + i * kSecond, deployment, source, i == 4 ? Severity::error : Severity::info)});
      }
    }
    if (round == 0) world.flush(4);
  }
  const OverviewQuery query{{}, Timestamp{kNow.ns - kHour}, Timestamp{kNow.ns + kMinute}, kMinute, {}, 3};
  const auto all = world.engine.overview(Scope::everything(), query, world.go);
  ASSERT_TRUE(all.has_value()) << all.error().message;
  ASSERT_EQ(all->deployments.size(), 2u);
  EXPECT_EQ(all->deployments[0].name, "bank");
  EXPECT_EQ(all->deployments[0].counts.total(), 12u);
  EXPECT_EQ(all->deployments[0].counts.errors(), 2u);
  EXPECT_EQ(all->deployments[0].counts.last.ns, kNow.ns - kMinute);
  EXPECT_EQ(all->deployments[0].sources, 2u);
  EXPECT_EQ(all->sources_total, 4u);
  ASSERT_EQ(all->sources.size(), 3u);
  EXPECT_EQ(all->sources[0].deployment + all->sources[0].source, "bankweb-0");
  EXPECT_EQ(all->sources[1].deployment + all->sources[1].source, "shopweb-0");
  EXPECT_EQ(all->sources[2].counts.errors(), 0u);
  EXPECT_EQ(all->sources[2].counts.total(), 6u);
  std::uint64_t total = 0;
  for (const auto& bucket : all->buckets) {
    for (const auto count : bucket.counts) total += count;
  }
  EXPECT_EQ(total, 24u);
  const auto one = world.engine.overview(Scope::of({"shop"}), query, world.go);
  ASSERT_EQ(one->deployments.size(), 1u);
  EXPECT_EQ(one->deployments[0].name, "shop");
  EXPECT_EQ(one->sources_total, 2u);
  EXPECT_TRUE(world.engine.overview(Scope::of({}), query, world.go)->deployments.empty());
}

TEST(Overview, ASourceTooManyCountsForItsDeployment) {
  World world({.distinct_values = 3});
  for (int i = 0; i < 5; ++i) world.ingest({log_row("x", kSecond, "shop", "web-" + std::to_string(i))});
  const OverviewQuery query{{}, Timestamp{kNow.ns - kHour}, kNow, 0, {}, 100};
  for (int stored = 0; stored < 2; ++stored) {
    const auto got = world.engine.overview(Scope::everything(), query, world.go);
    EXPECT_TRUE(got->approximate);
    EXPECT_EQ(got->sources.size(), 3u);
    EXPECT_EQ(got->deployments.at(0).counts.total(), 5u);
    world.flush();
  }
}

}  // namespace
}  // namespace penstock::query::test
