// Random records in chunks of several journals, in live frames, some deleted; the engine's answers against a plain loop
// over all of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <tuple>

#include "query_world.hpp"

namespace penstock::query::test {
namespace {

using Condition = std::function<bool(const LogRow&)>;

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::int64_t below(std::int64_t n) { return std::uniform_int_distribution<std::int64_t>(0, n - 1)(engine_); }
  template <class T>
  const T& of(const std::vector<T>& items) {
    return items[static_cast<std::size_t>(below(static_cast<std::int64_t>(items.size())))];
  }

 private:
  std::mt19937_64 engine_;
};

// As they are written, and as they are asked for.
const std::vector<std::string> kWords = {"alpha", "Beta", "gamma", "delta", "timeout", "card", "ÄRGER", "cafe\u0301", "接続", "tag:alpha", "n=7"};
const std::vector<std::string> kAsked = {"alpha", "BETA", "gamma", "delta", "timeout", "card", "ärger", "CAFÉ", "続", "tag:alpha", "n=7"};
// What may stand between words.
const std::vector<std::string> kBetween = {" ", " ", " ", ", ", "” “", "—", "\u00a0", "🔥", "\x1b[31m", "\x1b[0m ", "\xef\xbf\xbd"};
const std::vector<std::string> kDeployments = {"shop", "bank", "lab"};
const std::vector<std::string> kSources = {"web-1", "web-2", "db"};

// Each of kWords stands in a text as it is written there, and none is part of another; "alpha" is a word of "tag:alpha" too.
bool has_word(const std::string& text, std::size_t word) {
  return text.find(kWords[word]) != std::string::npos;
}

// The field of this name or, without it, the only one whose name differs in its case.
bool any_value(const LogRow& row, const std::string& name, const std::string& other, const std::function<bool(const LogField&)>& is) {
  const auto has = [&](const std::string& called) {
    return std::any_of(row.fields.begin(), row.fields.end(), [&](const LogField& f) { return f.name == called; });
  };
  const std::string& called = has(name) ? name : other;
  return std::any_of(row.fields.begin(), row.fields.end(), [&](const LogField& f) { return f.name == called && is(f); });
}

bool holds_word(const LogRow& row, std::size_t word) {
  return has_word(row.message, word) || std::any_of(row.fields.begin(), row.fields.end(), [&](const LogField& f) {
           return (f.type == FieldType::string || f.type == FieldType::json) && has_word(f.text, word);
         });
}

LogRow random_row(Random& random) {
  LogRow row;
  for (int i = 0; i < 4; ++i) row.message += (i > 0 ? random.of(kBetween) : "") + random.of(kWords);
  // Few distinct times, so that ties are decided by journal and sequence.
  row.timestamp = Timestamp{kNow.ns - random.below(400) * 20 * kMinute};
  row.received_at = kNow;
  row.deployment = random.of(kDeployments);
  row.source = random.of(kSources);
  row.severity = static_cast<Severity>(random.below(7));
  if (random.below(2) == 0) row.fields.push_back(integer_field("n", random.below(20)));
  if (random.below(3) == 0) row.fields.push_back(real_field("n", static_cast<double>(random.below(20)) + 0.5));
  if (random.below(3) == 0) row.fields.push_back(text_field("tag", random.of(kWords)));
  if (random.below(4) == 0) row.fields.push_back(text_field("Tag", random.of(kWords)));
  if (random.below(3) == 0) {
    row.fields.push_back({"list", FieldType::json, "[\"" + random.of(kWords) + "\",[\"" + random.of(kWords) + "\"],5.0]", 0, 0});
  }
  return row;
}

std::vector<LogRow> random_rows(Random& random, std::int64_t count) {
  std::vector<LogRow> rows;
  for (std::int64_t i = 0; i < count; ++i) rows.push_back(random_row(random));
  return rows;
}

// A query text and the same condition in plain C++.
std::pair<std::string, Condition> random_condition(Random& random, int depth) {
  switch (random.below(depth > 0 ? 10 : 6)) {
    case 0:
    case 1: {
      const auto word = static_cast<std::size_t>(random.below(static_cast<std::int64_t>(kWords.size())));
      if (kWords[word] == "tag:alpha") {
        return {kAsked[word], [word](const LogRow& row) {
                  return has_word(row.message, word) || any_value(row, "tag", "Tag", [](const LogField& f) { return f.text == "alpha"; });
                }};
      }
      if (kWords[word] == "n=7") {
        return {kAsked[word], [word](const LogRow& row) {
                  return holds_word(row, word) || any_value(row, "n", "N", [](const LogField& f) { return f.type == FieldType::integer && f.integer == 7; });
                }};
      }
      return {kAsked[word], [word](const LogRow& row) { return holds_word(row, word); }};
    }
    case 2: {
      const auto n = random.below(20);
      return {"n:>" + std::to_string(n), [n](const LogRow& row) {
                return std::any_of(row.fields.begin(), row.fields.end(), [&](const LogField& f) {
                  return f.name == "n" &&
                      (f.type == FieldType::integer ? static_cast<double>(f.integer) : f.real) > static_cast<double>(n);
                });
              }};
    }
    case 3: {
      const auto tag = static_cast<std::size_t>(random.below(8));
      if (random.below(3) == 0) {
        return {"list:" + kAsked[tag], [tag](const LogRow& row) {
                  return any_value(row, "list", "List", [&](const LogField& f) { return f.text.find('"' + kWords[tag] + '"') != std::string::npos; });
                }};
      }
      if (random.below(2) == 0) {
        return {"TAG:" + kAsked[tag], [tag](const LogRow& row) {
                  std::vector<std::string> names;
                  bool is = false;
                  for (const LogField& f : row.fields) {
                    if (f.name != "tag" && f.name != "Tag") continue;
                    names.push_back(f.name);
                    is = is || f.text == kWords[tag];
                  }
                  return (names.size() == 1 && is) || (kWords[tag] == "alpha" && row.message.find("tag:alpha") != std::string::npos);
                }};
      }
      return {"tag:" + kAsked[tag], [tag](const LogRow& row) {
                return any_value(row, "tag", "Tag", [&](const LogField& f) { return f.text == kWords[tag]; }) ||
                       (kWords[tag] == "alpha" && row.message.find("tag:alpha") != std::string::npos);
              }};
    }
    case 4: {
      const auto n = random.below(20);
      return {"n:" + std::to_string(n), [n](const LogRow& row) {
                return std::any_of(row.fields.begin(), row.fields.end(),
                                   [&](const LogField& f) { return f.name == "n" && f.type == FieldType::integer &&
                                                           f.integer == n; });
              }};
    }
    case 5: {
      const std::string word = random.of(std::vector<std::string>(kWords.begin(), kWords.begin() + 6));
      return {"message:/" + word + "$/", [word](const LogRow& row) { return row.message.ends_with(word); }};
    }
    default: break;
  }
  auto [a, is_a] = random_condition(random, depth - 1);
  auto [b, is_b] = random_condition(random, depth - 1);
  switch (random.below(3)) {
    case 0: return {"(" + a + " " + b + ")",
                    [is_a = is_a, is_b = is_b](const LogRow& r) { return is_a(r) && is_b(r); }};
    case 1: return {"(" + a + " OR " + b + ")",
                    [is_a = is_a, is_b = is_b](const LogRow& r) { return is_a(r) || is_b(r); }};
    default: return {"-" + a, [is_a = is_a](const LogRow& r) { return !is_a(r); }};
  }
}

bool holds(const LogQuery& query, const LogRow& row) {
  return row.timestamp >= query.from && row.timestamp < query.to &&
      (!query.min_severity || row.severity >= *query.min_severity) &&
         (query.deployments.empty() ||
          std::count(query.deployments.begin(), query.deployments.end(), row.deployment) > 0) &&
         (query.sources.empty() || std::count(query.sources.begin(), query.sources.end(), row.source) > 0);
}

auto key(const LogRow& row) { return std::tuple(row.timestamp, row.id.journal, row.id.sequence); }

LogQuery random_query(Random& random, World& world, Condition& condition) {
  auto [text, is] = random_condition(random, 2);
  LogQuery query = world.query(random.below(4) == 0 ? "" : text);
  condition = query.q.empty() ? Condition([](const LogRow&) { return true; }) : is;
  query.from = Timestamp{kNow.ns - random.below(500) * 20 * kMinute};
  query.to = Timestamp{kNow.ns + 1 - random.below(100) * 20 * kMinute};
  if (query.from > query.to) std::swap(query.from, query.to);
  if (random.below(3) == 0) query.min_severity = static_cast<Severity>(random.below(7));
  if (random.below(3) == 0) query.deployments = {random.of(kDeployments)};
  if (random.below(4) == 0) query.sources = {random.of(kSources)};
  query.ascending = random.below(2) == 0;
  query.limit = static_cast<std::uint32_t>(1 + random.below(40));
  return query;
}

class LogOracle : public ::testing::TestWithParam<int> {};

TEST_P(LogOracle, EveryAnswerEqualsAPlainLoop) {
  Random random(static_cast<std::uint64_t>(GetParam()));
  World world;
  std::vector<std::pair<LogQuery, Condition>> deletions;
  std::vector<std::size_t> deleted_up_to;  // records that existed at each deletion
  world.store_foreign(JournalId{77}, random_rows(random, 300), 90);
  world.store_foreign(JournalId{2'000'000'000'000}, random_rows(random, 200), 70);
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 5; ++j) {
      world.ingest(random_rows(random, 1 + random.below(60)));
      if (random.below(8) == 0) world.journal.forget_times();
    }
    world.clock.advance(std::chrono::seconds(1));
    if (i < 3) world.flush(static_cast<std::size_t>(20 + random.below(100)));
    if (i == 1 || i == 3) {
      Condition is;
      LogQuery query = random_query(random, world, is);
      std::uint64_t expected = 0;
      const auto gone = [&](const LogRow& row, std::size_t at) {
        for (std::size_t d = 0; d < deletions.size(); ++d) {
          if (at < deleted_up_to[d] && holds(deletions[d].first, row) && deletions[d].second(row)) return true;
        }
        return false;
      };
      for (std::size_t r = 0; r < world.all.size(); ++r) {
        expected += holds(query, world.all[r]) && is(world.all[r]) && !gone(world.all[r], r) ? 1 : 0;
      }
      const auto removed = world.engine.remove(Scope::everything(), query, world.go);
      ASSERT_TRUE(removed.has_value()) << removed.error().message;
      EXPECT_EQ(removed->count, expected) << query.q;
      deletions.emplace_back(query, is);
      deleted_up_to.push_back(world.all.size());
      world.clock.advance(std::chrono::seconds(1));
    }
  }
  std::vector<LogRow> left;
  for (std::size_t r = 0; r < world.all.size(); ++r) {
    bool gone = false;
    for (std::size_t d = 0; d < deletions.size(); ++d) {
      gone = gone ||
          (r < deleted_up_to[d] && holds(deletions[d].first, world.all[r]) && deletions[d].second(world.all[r]));
    }
    if (!gone) left.push_back(world.all[r]);
  }
  for (int round = 0; round < 40; ++round) {
    Condition is;
    LogQuery query = random_query(random, world, is);
    std::vector<LogRow> expected;
    std::copy_if(left.begin(), left.end(), std::back_inserter(expected),
                 [&](const LogRow& row) { return holds(query, row) && is(row); });
    std::sort(expected.begin(), expected.end(),
              [&](const LogRow& a, const LogRow& b) { return query.ascending ? key(a) < key(b) : key(b) < key(a); });
    std::vector<LogRow> got;
    for (int pages = 0; pages < 1000; ++pages) {
      auto page = world.engine.logs(Scope::everything(), query, world.go);
      ASSERT_TRUE(page.has_value()) << page.error().message << " in " << query.q;
      ASSERT_LE(page->records.size(), query.limit);
      got.insert(got.end(), page->records.begin(), page->records.end());
      if (page->cursor.empty()) break;
      ASSERT_EQ(page->records.size(), query.limit);
      query.cursor = page->cursor;
    }
    ASSERT_EQ(got.size(), expected.size()) << query.q;
    for (std::size_t i = 0; i < got.size(); ++i) {
      ASSERT_EQ(got[i].id, expected[i].id) << query.q << " at " << i;
      ASSERT_EQ(got[i].message, expected[i].message);
      ASSERT_EQ(got[i].fields.size(), expected[i].fields.size());
    }
    query.cursor.clear();
    auto histogram = world.engine.histogram(Scope::everything(), query, 6 * kHour, world.go);
    ASSERT_TRUE(histogram.has_value()) << histogram.error().message;
    std::uint64_t counted = 0;
    for (const auto& bucket : histogram->buckets) {
      for (std::size_t s = 0; s < kSeverityCount; ++s) {
        const auto in =
            static_cast<std::uint64_t>(std::count_if(expected.begin(), expected.end(), [&](const LogRow& row) {
          return static_cast<std::size_t>(row.severity) == s && row.timestamp >= bucket.time &&
              row.timestamp.ns < bucket.time.ns + 6 * kHour;
        }));
        ASSERT_EQ(bucket.counts[s], in) << query.q;
        counted += in;
      }
    }
    EXPECT_EQ(counted, expected.size());
  }
  EXPECT_EQ(world.engine.memory_used(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, LogOracle, ::testing::Range(1, 4));

}  // namespace
}  // namespace penstock::query::test
