#include "api/query_parameters.hpp"

#include <gmock/gmock.h>

namespace penstock::api {
namespace {

using testing::ElementsAre;
using testing::Pair;

constexpr Timestamp kNow{1'795'181'580 * kSecond};

http::RequestHead head_of(std::string_view target) {
  http::RequestHead head;
  EXPECT_TRUE(head.set_target(target));
  return head;
}

TEST(Parameters, ALogQueryIsReadWhole) {
  const auto head = head_of(
      "/api/v1/"
      "logs?deployment=a&deployment=b&from=now-15m&to=now&severity=warn&source=pi&q=card%20-declined&field.order=8841&"
      "limit=7"
      "&order=asc&cursor=xyz");
  Parameters parameters(head, kNow);
  const query::LogQuery query = read_log_query(parameters);
  EXPECT_FALSE(parameters.error().has_value());
  EXPECT_THAT(query.deployments, ElementsAre("a", "b"));
  EXPECT_EQ(query.from.ns, kNow.ns - 15 * kMinute);
  EXPECT_EQ(query.to.ns, kNow.ns);
  EXPECT_EQ(query.min_severity, Severity::warn);
  EXPECT_THAT(query.sources, ElementsAre("pi"));
  EXPECT_EQ(query.q, "card -declined");
  EXPECT_THAT(query.fields, ElementsAre(Pair("order", "8841")));
  EXPECT_EQ(query.limit, 7u);
  EXPECT_TRUE(query.ascending);
  EXPECT_EQ(query.cursor, "xyz");
}

TEST(Parameters, WithoutATimeTheLastHourIsAsked) {
  const auto head = head_of("/api/v1/logs");
  Parameters parameters(head, kNow);
  const query::LogQuery query = read_log_query(parameters);
  EXPECT_EQ(query.from.ns, kNow.ns - kHour);
  EXPECT_GE(query.to.ns, kNow.ns);
  EXPECT_EQ(query.limit, 100u);
}

TEST(Parameters, WithoutAnEndMetricsToAreAskedAsFarAheadAsTheyMayBe) {
  const auto logs = head_of("/l"), range = head_of("/m?name=a"), ended = head_of("/m?name=a&to=now");
  Parameters first(logs, kNow, kHour), second(range, kNow, kHour), third(ended, kNow, kHour);
  const query::RangeQuery open = read_range_query(second);
  EXPECT_EQ(open.to, read_log_query(first).to);
  EXPECT_GT(open.to.ns, kNow.ns + kHour) << "the last that may be accepted is asked too";
  EXPECT_EQ(open.full_to, kNow);
  EXPECT_FALSE(second.error().has_value());
  const query::RangeQuery closed = read_range_query(third);
  EXPECT_EQ(closed.to, kNow);
  EXPECT_FALSE(closed.full_to.has_value());
}

// A + that was not escaped arrives as a blank.
TEST(Parameters, ABlankInThePlaceOfASignIsThatSign) {
  const std::pair<const char*, std::int64_t> cases[] = {
      {"now+5m", kNow.ns + 5 * kMinute}, {"now%2B5m", kNow.ns + 5 * kMinute}, {"now%205m", kNow.ns + 5 * kMinute},
      {"2026-11-26T06:16:09+01:00", parse_timestamp("2026-11-26T06:16:09+01:00")->ns},
      {"2026-11-26T06:16:09.5+0100", parse_timestamp("2026-11-26T06:16:09.5+01:00")->ns},
      {"2026-11-26+06:16:09+01:00", parse_timestamp("2026-11-26T06:16:09+01:00")->ns},
      {"2026-11-26+06:16:09", parse_timestamp("2026-11-26T06:16:09Z")->ns}};
  for (const auto& [text, ns] : cases) {
    const auto head = head_of(std::string("/l?from=") + text + "&to=2100-01-01T00:00:00Z");
    Parameters parameters(head, kNow);
    EXPECT_EQ(read_log_query(parameters).from.ns, ns) << text;
    EXPECT_FALSE(parameters.error().has_value()) << text;
  }
  for (const char* text : {"+now", "now++5m", "now+", "2026-11-26T06:16:09+", "2026-11-26T06:16+01:00", "now+-5m"}) {
    const auto head = head_of(std::string("/l?from=") + text);
    Parameters parameters(head, kNow);
    read_log_query(parameters);
    ASSERT_TRUE(parameters.error().has_value()) << text;
    EXPECT_EQ(parameters.error()->field, "from") << text;
  }
}

TEST(Parameters, AStreamMayBeAsLongAsOneLikes) {
  const auto limit_of = [](const char* target, std::string accept = "") {
    auto head = head_of(target);
    if (!accept.empty()) head.add_header("Accept", accept);
    Parameters parameters(head, kNow);
    parameters.text("format", "");
    const query::LogQuery query = read_log_query(parameters);
    const auto error = parameters.error();
    return !error && query::validate(query) ? query.limit : 0;
  };
  EXPECT_EQ(limit_of("/l?limit=20000&format=ndjson"), 20'000u);
  EXPECT_EQ(limit_of("/l?limit=20000&format=csv"), 20'000u);
  EXPECT_EQ(limit_of("/l?limit=20000", "application/x-ndjson"), 20'000u);
  EXPECT_EQ(limit_of("/l?limit=20000", "text/csv"), 20'000u);
  EXPECT_GT(limit_of("/l?limit=99999999999&format=csv"), 1'000'000'000u);
  EXPECT_EQ(limit_of("/l?limit=0&format=csv"), 0u);
  EXPECT_EQ(limit_of("/l?limit=20000&format=json", "text/csv"), 0u);
  EXPECT_EQ(limit_of("/l?limit=20000"), 0u);
  EXPECT_EQ(limit_of("/l?limit=10000"), 10'000u);
}

struct Wrong {
  const char* target;
  const char* field;
};

TEST(Parameters, EachMistakeNamesItsParameter) {
  const Wrong cases[] = {{"/l?limit=0", "limit"},
                         {"/l?limit=1e3", "limit"},
                         {"/l?limit=5&limit=6", "limit"},
                         {"/l?from=soon", "from"},
                         {"/l?to=", "to"},
                         {"/l?order=up", "order"},
                         {"/l?severity=LOUD", "severity"},
                         {"/l?colour=blue", "colour"},
                         {"/l?from=now&to=now-1s", "from"},
                         {"/l?field.=x", "field."}};
  for (const Wrong& wrong : cases) {
    const auto head = head_of(wrong.target);
    Parameters parameters(head, kNow);
    read_log_query(parameters);
    const auto error = parameters.error();
    ASSERT_TRUE(error.has_value()) << wrong.target;
    EXPECT_EQ(error->field, wrong.field) << wrong.target;
    EXPECT_FALSE(error->message.empty());
  }
}

// A shell variable that was not set must never mean "all".
TEST(Parameters, AFilterGivenEmptyIsRefusedByItsName) {
  const auto refused = [](std::string_view target, auto&& read) {
    const auto head = head_of(target);
    Parameters parameters(head, kNow);
    read(parameters);
    const auto error = parameters.error();
    return error ? error->field : "";
  };
  for (const char* field : {"deployment", "source", "q", "severity", "from", "to", "order", "limit", "field.user"}) {
    for (const char* value : {"", "%20", "%09+"}) {
      if (field == std::string_view("field.user") && value != std::string_view()) continue;  // blanks are a value of a field
      EXPECT_EQ(refused(std::string("/l?") + field + "=" + value, [](Parameters& p) { read_log_query(p); }), field) << value;
    }
    EXPECT_EQ(refused(std::string("/l?") + field, [](Parameters& p) { read_log_query(p); }), field);
  }
  EXPECT_EQ(refused("/l?deployment=a&deployment=", [](Parameters& p) { read_log_query(p); }), "deployment");
  EXPECT_EQ(refused("/l?source=&source=a", [](Parameters& p) { read_log_query(p); }), "source");
  for (const char* field : {"deployment", "name", "label.room", "limit"}) {
    EXPECT_EQ(refused(std::string("/s?") + field + "=", read_series_query), field);
  }
  EXPECT_EQ(refused("/s?names=,,", read_series_query), "names");
  for (const char* field : {"deployment", "name", "label.room", "from", "to", "step", "agg"}) {
    const std::string others = field == std::string_view("name") ? "" : "&name=cpu";
    EXPECT_EQ(refused(std::string("/r?") + field + "=" + others, read_range_query), field);
  }
  EXPECT_EQ(refused("/r?name=cpu&by=,", read_range_query), "by");
  for (const char* field : {"deployment", "names", "label.room", "from", "n"}) {
    const std::string others = field == std::string_view("names") ? "" : "&names=cpu";
    EXPECT_EQ(refused(std::string("/t?") + field + "=" + others, read_latest_query), field);
  }
}

TEST(Parameters, AZoneIsADistanceFromUtcOrAName) {
  const auto zone = [](std::string_view text) -> std::optional<ZoneName> {
    const auto head = head_of("/l?tz=" + std::string(text));
    Parameters parameters(head, kNow);
    ZoneName found = parameters.zone("tz");
    return parameters.error() ? std::nullopt : std::optional(std::move(found));
  };
  EXPECT_EQ(zone("Z"), ZoneName{});
  for (const char* text : {"%2B02:00", "+02:00", "%2B0200", "%2B02", "%2B2"}) EXPECT_EQ(zone(text), ZoneName{2 * kHour}) << text;
  EXPECT_EQ(zone("-03:30"), ZoneName{-(3 * kHour + 30 * kMinute)});
  EXPECT_EQ(zone("Europe/Berlin"), (ZoneName{0, "Europe/Berlin"}));
  EXPECT_EQ(zone("Etc/GMT+5"), (ZoneName{0, "Etc/GMT+5"}));
  for (const char* text : {"2", "%2B", "%2B16:00", "%2B02:60", "%2B02:00x", ""}) EXPECT_EQ(zone(text), std::nullopt) << text;
}

TEST(Parameters, ListsAreSplitAtCommasAndRepeatsLeftOut) {
  const auto head = head_of("/m?names=a,b,,c,a&names=d,b&n=5");
  Parameters parameters(head, kNow);
  const query::LatestQuery query = read_latest_query(parameters);
  EXPECT_FALSE(parameters.error().has_value());
  EXPECT_THAT(query.names, ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(query.n, 5u);
  EXPECT_EQ(query.from, Timestamp{kNow.ns - kDay});
}

TEST(Parameters, TheLatestPointsAreLookedForAsFarBackAsOneLikes) {
  const auto head = head_of("/m?names=a&from=now-90d");
  Parameters parameters(head, kNow);
  EXPECT_EQ(read_latest_query(parameters).from, Timestamp{kNow.ns - 90 * kDay});
  EXPECT_FALSE(parameters.error().has_value());
}

TEST(Parameters, ARangeQueryNeedsANameAndAKnownAggregate) {
  const auto nameless = head_of("/m?agg=p99");
  Parameters first(nameless, kNow);
  read_range_query(first);
  ASSERT_TRUE(first.error().has_value());
  EXPECT_EQ(first.error()->field, "name");

  const auto good = head_of("/m?name=cpu.usage&agg=p99&step=30s&by=source,room&label.room=attic");
  Parameters second(good, kNow);
  const query::RangeQuery query = read_range_query(second);
  EXPECT_FALSE(second.error().has_value());
  EXPECT_THAT(query.aggregates, ElementsAre(query::Aggregate::p99));
  EXPECT_EQ(query.step_ns, 30 * kSecond);
  ASSERT_TRUE(query.by.has_value());
  EXPECT_THAT(*query.by, ElementsAre("source", "room"));
  EXPECT_THAT(query.labels, ElementsAre(Pair("room", "attic")));
}

TEST(Parameters, AnEmptyByAsksForOneSeriesInAll) {
  const auto in_all = head_of("/m?name=a&by=");
  Parameters first(in_all, kNow);
  const query::RangeQuery one = read_range_query(first);
  EXPECT_FALSE(first.error().has_value());
  ASSERT_TRUE(one.by.has_value());
  EXPECT_TRUE(one.by->empty());

  const auto each = head_of("/m?name=a");
  Parameters second(each, kNow);
  EXPECT_FALSE(read_range_query(second).by.has_value());
}

TEST(Parameters, SeveralAggregatesAndTheLargestLinesCanBeAsked) {
  using query::Aggregate;
  const auto head = head_of("/m?name=a&agg=avg,min&agg=max&top=20&rank=last");
  Parameters parameters(head, kNow);
  const query::RangeQuery query = read_range_query(parameters);
  EXPECT_FALSE(parameters.error().has_value());
  EXPECT_THAT(query.aggregates, ElementsAre(Aggregate::avg, Aggregate::min, Aggregate::max));
  EXPECT_EQ(query.top, 20u);
  EXPECT_EQ(query.rank, query::Rank::last);
  const std::pair<const char*, const char*> bad[] = {{"agg=avg,mode", "agg"}, {"agg=", "agg"}, {"top=0", "top"}, {"top=x", "top"},
                                                     {"rank=first", "rank"}};
  for (const auto& [text, field] : bad) {
    const auto wrong = head_of(std::string("/m?name=a&") + text);
    Parameters read(wrong, kNow);
    read_range_query(read);
    ASSERT_TRUE(read.error().has_value()) << text;
    EXPECT_EQ(read.error()->field, field);
  }
}

TEST(Parameters, NamesAndLabelsThatHoldCommasCanBeAsked) {
  const auto latest = head_of("/l?names=a,b&names=c%5C,d&name=e,f&name=g"), catalog = head_of("/s?name=x,y&names=z,w"),
             range = head_of("/m?name=a,b&by=city%5C,%20state,source");
  Parameters first(latest, kNow), second(catalog, kNow), third(range, kNow);
  EXPECT_THAT(read_latest_query(first).names, ElementsAre("a", "b", "c,d", "e,f", "g"));
  EXPECT_THAT(read_series_query(second).names, ElementsAre("z", "w", "x,y"));
  const query::RangeQuery query = read_range_query(third);
  EXPECT_EQ(query.name, "a,b");
  EXPECT_THAT(*query.by, ElementsAre("city, state", "source"));
  for (auto* parameters : {&first, &second, &third}) EXPECT_FALSE(parameters->error().has_value());
}

}  // namespace
}  // namespace penstock::api
