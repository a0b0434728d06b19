// What a caller may not see is as if it were not there: each answer is the answer of a server that holds only what the grants cover.
#include <gtest/gtest.h>

#include <memory>
#include <regex>
#include <string>
#include <vector>

#include "metric_world.hpp"
#include "query/deletion_filter.hpp"
#include "query/json.hpp"
#include "query/tail_subscriber.hpp"

namespace penstock::query::test {
namespace {

// What an administrator declared: orders.* everywhere, in the bank cpu.usage too.
const std::shared_ptr<const MetricDeclarations>& declared_here() {
  static const auto declared = MetricDeclarations::make({{.id = 1, .name = "orders.*", .unit = "orders"}, {.id = 2, .deployment = "bank", .name = "cpu.usage", .unit = "cores", .description = "Of the mainframe"}}, {});
  return declared;
}

Grant grant(const char* deployment, Rights rights, std::vector<std::string> sources = {}, std::vector<std::string> custom = {}) {
  const bool all = std::string_view(deployment) == "*";
  return {.all_deployments = all, .deployment = all ? "" : deployment, .rights = rights, .sources = std::move(sources), .custom_metrics = std::move(custom)};
}

Scope scope_of_grants(std::vector<Grant> grants) { return {.grants = std::make_shared<const Grants>(std::move(grants)), .declared = declared_here()}; }

const Rights kAll = kDeploymentRights;

std::vector<Scope> scopes() {
  std::vector<Scope> all;
  all.push_back(scope_of_grants({}));
  all.push_back(scope_of_grants({grant("*", kAll)}));
  all.push_back(scope_of_grants({grant("shop", kAll)}));
  all.push_back(scope_of_grants({grant("shop", kAll, {"web-*"})}));
  all.push_back(scope_of_grants({grant("shop", kAll, {"web-*"}), grant("shop", kAll, {"db"}), grant("bank", kAll)}));
  all.push_back(scope_of_grants({grant("*", kAll, {"web-?"})}));
  all.push_back(scope_of_grants({grant("*", kAll, {"db"}), grant("shop", kAll, {"web-1"})}));
  all.push_back(scope_of_grants({grant("shop", Right::logs_read, {"db"}), grant("shop", Right::logs_delete, {"web-*"}), grant("bank", Right::metrics_read)}));
  all.push_back(scope_of_grants({grant("bank", Right::custom_metrics_read, {}, {"orders.open"}), grant("shop", Right::metrics_read)}));
  all.push_back(scope_of_grants({grant("not-there", kAll)}));
  all.push_back(scope_of_grants({grant("*", Rights(Right::logs_read) | Right::metrics_read)}));
  all.push_back(scope_of_grants({grant("*", Right::custom_metrics_read)}));
  all.push_back(scope_of_grants({grant("*", Right::custom_metrics_read, {"web-*"}, {"cpu.*", "orders.l?st"}), grant("bank", Right::metrics_read)}));
  return all;
}

std::vector<LogRow> some_rows(int from, int to) {
  std::vector<LogRow> rows;
  const char* deployments[] = {"shop", "bank"};
  const char* sources[] = {"web-1", "web-2", "web-10", "db", "w\"eb*"};
  for (int i = from; i < to; ++i) {
    LogRow row = log_row((i % 3 == 0 ? "paid order " : "lost order ") + std::to_string(i), (1000 - i) * kSecond, deployments[i % 2], sources[i % 5],
                         i % 7 == 0 ? Severity::error : Severity::info);
    row.fields.push_back(text_field(i % 4 == 0 ? "user" : "customer", "u" + std::to_string(i % 6)));
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<Sample> some_samples(int from, int to) {
  std::vector<Sample> samples;
  const char* names[] = {"cpu.usage", "orders.open", "orders.lost"};
  const char* sources[] = {"web-1", "web-10", "db"};
  for (int i = from; i < to; ++i) {
    samples.push_back({make_series(names[i % 3], sources[(i / 3) % 3], i % 2 == 0 ? "shop" : "bank", {{"rack", "r" + std::to_string(i % 2)}}), kNow.ns - (600 - i) * kSecond, double(i)});
  }
  return samples;
}

// Half in the store, half in the journal alone; of it, what `keep` says.
template <class KeepRow, class KeepSample>
void fill(MetricWorld& world, KeepRow keep_row, KeepSample keep_sample) {
  for (const auto& [from, to] : {std::pair(0, 150), std::pair(150, 300)}) {
    std::vector<LogRow> rows = some_rows(from, to);
    std::erase_if(rows, [&](const LogRow& row) { return !keep_row(row); });
    if (!rows.empty()) world.ingest(rows);
    std::vector<Sample> samples = some_samples(from, to);
    std::erase_if(samples, [&](const Sample& sample) { return !keep_sample(sample.series); });
    if (!samples.empty()) world.ingest_samples(samples);
    if (from > 0) continue;
    // Both sinks' work, in one commit each; the cursor moves with the second.
    const Sequence cursor = world.store.cursor_of(world.journal.id());
    std::vector<LogRow> fresh;
    for (const LogRow& row : world.all) {
      if (row.id.sequence >= cursor) fresh.push_back(row);
    }
    for (Chunk& chunk : world.chunks_of(world.journal.id(), fresh, 40)) world.store.put(std::move(chunk));
    world.flush_samples();
  }
}

bool may_see(const Scope& scope, const LogRow& row, Right right = Right::logs_read) { return scope.grants->may(right, {row.deployment, row.source}); }
bool may_see(const Scope& scope, const Series& series) {
  const bool custom = series.name.starts_with("orders.") || (series.deployment == "bank" && series.name == "cpu.usage");
  const Right right = custom ? Right::custom_metrics_read : Right::metrics_read;
  return scope.grants->may(right, {series.deployment, series.labels.get("source"), series.name});
}

// Without what a query cost; record ids differ between worlds.
std::string comparable(const std::string& json) {
  static const std::regex stats(R"("stats":\{[^}]*\})"), id(R"("id":"[^"]*")");
  return std::regex_replace(std::regex_replace(json, stats, ""), id, "");
}

// Who may read all there is, where the same is declared.
Scope everything() {
  Scope scope = Scope::everything();
  scope.declared = declared_here();
  return scope;
}

std::vector<std::string> answers(MetricWorld& world, const Scope& scope) {
  std::vector<std::string> all;
  const auto add = [&all](const auto& answer) { all.push_back(answer ? comparable(to_json(*answer)) : answer.error().message); };
  for (const char* q : {"", "paid", "-paid", "source:db OR paid", "deployment:bank", "/order 1.*/", "user:u1"}) {
    LogQuery query = world.query(q);
    query.limit = 1000;
    auto page = world.engine.logs(scope, query, world.go);
    if (page) page->cursor.clear();
    add(page);
    add(world.engine.histogram(scope, query, kMinute, world.go));
    for (const char* field : {"source", "deployment", "customer", "severity"}) add(world.engine.facets(scope, query, field, 100, world.go));
    add(world.engine.fields(scope, query, world.go));
    query.sources = {"db", "web-10"};
    add(world.engine.histogram(scope, query, kMinute, world.go));
  }
  const auto overview = world.engine.overview(scope, {.from = Timestamp{kNow.ns - kHour}, .to = Timestamp{kNow.ns + kHour}, .step_ns = kMinute}, world.go);
  all.push_back(overview ? comparable(to_json(*overview, std::nullopt)) : overview.error().message);
  add(world.engine.metrics(scope, {}, world.go));
  add(world.engine.series(scope, {}, world.go));
  for (const char* name : {"cpu.usage", "orders.open", "orders.lost"}) {
    RangeQuery range;
    range.name = name;
    range.from = Timestamp{kNow.ns - kHour};
    range.to = Timestamp{kNow.ns + kHour};
    range.step_ns = kMinute;
    range.aggregates = {Aggregate::sum, Aggregate::count};
    add(world.engine.range(scope, range, world.go));
    range.by = std::vector<std::string>{};
    add(world.engine.range(scope, range, world.go));
  }
  add(world.engine.latest(scope, {.names = {"cpu.usage", "orders.open", "orders.lost"}}, world.go));
  return all;
}

TEST(Rights, EveryAnswerIsThatOfAServerThatHoldsOnlyWhatTheGrantsCover) {
  for (const Scope& scope : scopes()) {
    MetricWorld whole, part;
    fill(whole, [](const LogRow&) { return true; }, [](const Series&) { return true; });
    fill(part, [&](const LogRow& row) { return may_see(scope, row); }, [&](const Series& series) { return may_see(scope, series); });
    const auto seen = answers(whole, scope), expected = answers(part, everything());
    ASSERT_EQ(seen.size(), expected.size());
    for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], expected[i]) << "answer " << i;
  }
}

TEST(Rights, HowMuchWasLookedThroughIsToldOnlyToWhoReadsEverything) {
  MetricWorld world;
  fill(world, [](const LogRow&) { return true; }, [](const Series&) { return true; });
  EXPECT_GT(world.engine.logs(Scope::everything(), world.query(), world.go)->stats.records_scanned, 0u);
  for (const Scope& scope : {Scope::of({"shop"}), Scope::of({"not-there"})}) {
    const Stats stats = world.engine.logs(scope, world.query(), world.go)->stats;
    EXPECT_EQ(stats.records_scanned + stats.bytes_read + stats.chunks_read, 0u);
  }
}

TEST(Rights, WhoDoesNotReadDeclaredMetricsIsNotToldHowMuchWasLookedThrough) {
  MetricWorld world;
  fill(world, [](const LogRow&) { return true; }, [](const Series&) { return true; });
  const auto looked = [&](const Scope& scope) {
    const Stats stats = world.engine.latest(scope, {.names = {"cpu.usage"}}, world.go)->stats;
    return stats.records_scanned + stats.bytes_read + stats.chunks_read;
  };
  EXPECT_GT(looked(everything()), 0u);
  Scope plain = scope_of_grants({grant("*", Rights(Right::logs_read) | Right::metrics_read)});
  EXPECT_EQ(looked(plain), 0u);
  plain.declared = nullptr;
  EXPECT_GT(looked(plain), 0u) << "where nothing is declared there is nothing to hide";
  EXPECT_EQ(looked(scope_of_grants({grant("*", kAll, {}, {"orders.open"})})), 0u);
}

TEST(Rights, ADeclarationHidesWhatIsStoredAlreadyAndItsRemovalShowsItAgain) {
  MetricWorld world;
  fill(world, [](const LogRow&) { return false; }, [](const Series&) { return true; });
  Scope plain = scope_of_grants({grant("*", Right::metrics_read)});
  const auto names = [&](const Scope& scope) {
    std::vector<std::string> all;
    const auto listed = world.engine.metrics(scope, {}, world.go);
    for (const MetricInfo& metric : listed->metrics) all.push_back(metric.name + ":" + std::to_string(metric.series) + metric.unit);
    return all;
  };
  plain.declared = nullptr;
  const auto before = names(plain);
  ASSERT_EQ(before.size(), 3u);
  plain.declared = declared_here();
  const auto hidden = names(plain);
  ASSERT_EQ(hidden.size(), 1u);
  EXPECT_TRUE(hidden.front().starts_with("cpu.usage:") && hidden.front().ends_with("%")) << "the bank's unit is the bank's: " << hidden.front();
  plain.declared = nullptr;
  EXPECT_EQ(names(plain), before);
}

TEST(Rights, ARecordHasItsContextOnlyForWhomMayReadItAndOfWhatTheyMayRead) {
  for (const Scope& scope : scopes()) {
    MetricWorld world;
    fill(world, [](const LogRow&) { return true; }, [](const Series&) { return false; });
    for (std::size_t i = 0; i < world.all.size(); i += 17) {
      const LogRow& row = world.all[i];
      const auto context = world.engine.context(scope, {.id = row.id, .before = 5, .after = 5, .same_source = false}, world.go);
      ASSERT_EQ(context.has_value(), may_see(scope, row)) << row.deployment << ' ' << row.source;
      if (!context) {
        EXPECT_EQ(context.error().code, ErrorCode::not_found);
        continue;
      }
      for (const auto* side : {&context->before, &context->after}) {
        for (const LogRow& near : *side) EXPECT_TRUE(may_see(scope, near)) << near.source;
      }
    }
  }
}

TEST(Rights, ADeletionTakesWhatMayBeDeletedAndNothingElse) {
  for (const Scope& scope : scopes()) {
    MetricWorld world;
    fill(world, [](const LogRow&) { return true; }, [](const Series&) { return false; });
    std::size_t taken = 0;
    std::vector<std::string> left;
    for (auto row = world.all.rbegin(); row != world.all.rend(); ++row) {
      const bool goes = row->message.starts_with("paid") && may_see(scope, *row, Right::logs_delete);
      if (goes) ++taken;
      else left.push_back(row->message);
    }
    const auto removed = world.engine.remove(scope, world.query("paid"), world.go);
    ASSERT_TRUE(removed) << removed.error().message;
    EXPECT_EQ(removed->count, taken);
    LogQuery query = world.query();
    query.limit = 1000;
    EXPECT_EQ(world.messages(query), left);
    world.store.set_away(true);
    EXPECT_LE(world.messages(query).size(), left.size()) << "what is remembered of deletions is as narrow";
  }
}

TEST(Rights, AStoredDeletionKeepsTheSourcesItWasGrantedFor) {
  LogQuery query;
  query.source_patterns = {"web-*", "d\"b"};
  const auto back = parse_deletion_filter(deletion_filter_json(query));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->source_patterns, query.source_patterns);
  EXPECT_TRUE(parse_deletion_filter(deletion_filter_json(LogQuery{}))->source_patterns.empty());
}

TEST(Rights, ATailIsOfferedWhatItMayShowAndNothingElse) {
  for (const Scope& scope : scopes()) {
    const Deployments within = resolve_deployments(scope, Right::logs_read, {});
    auto matcher = Matcher::compile({}, kTailRegexBytes, &within);
    ASSERT_TRUE(matcher);
    const TailSubscriber tail(within, std::move(*matcher), 0, [](TailEvent, RecordId, std::string) { return true; });
    std::vector<FieldView> scratch;
    for (const LogRow& row : some_rows(0, 30)) EXPECT_EQ(tail.asks_for(1, row.view(scratch)), may_see(scope, row)) << row.deployment << ' ' << row.source;
  }
}

}  // namespace
}  // namespace penstock::query::test
