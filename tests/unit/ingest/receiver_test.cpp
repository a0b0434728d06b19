#include "ingest/receiver.hpp"

#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "metrics/registry.hpp"

namespace penstock::ingest {
namespace {

constexpr Timestamp kNow{1'795'181'580 * kSecond};  // 2026-11-20T13:33:00Z

class Receiver : public ::testing::Test {
 protected:
  Receiver() {
    options_.retention = {{"", RecordKind::log, 30 * kDay, 0}, {"", RecordKind::metric, 90 * kDay, 0}, {"short", std::nullopt, kDay, 0}};
    good_log_.message = "hello";
    good_log_.wire_bytes = 20;
    good_point_.samples = samples_;
    good_point_.wire_bytes = 20;
  }
  BatchReceiver make(Authorize authorize = [](std::string_view) { return true; }) {
    return BatchReceiver(options_, {kNow, "shop", "10.0.0.7"}, std::move(authorize), writer_, &metrics_);
  }
  // What a log or point is refused with, or "" when it is taken: code, blank, field.
  std::string outcome(const DecodedLog& log) {
    BatchReceiver receiver = make();
    receiver.log(0, log);
    return outcome_of(receiver.report());
  }
  std::string outcome(const DecodedPoint& point) {
    BatchReceiver receiver = make();
    receiver.point(0, point);
    return outcome_of(receiver.report());
  }
  static std::string outcome_of(const IngestReport& report) {
    EXPECT_EQ(report.accepted + report.rejected, 1u);
    if (report.errors.empty()) return "";
    EXPECT_FALSE(report.errors[0].error.message.empty());
    return std::string(error_name(report.errors[0].error.code)) + " " + report.errors[0].error.field;
  }

  Options options_;
  BatchWriter writer_;
  metrics::Registry registry_;
  IngestMetrics metrics_{registry_};
  DecodedLog good_log_;
  DecodedPoint good_point_;
  const SampleView samples_[2] = {{"cpu.usage", 12.5}, {"ram.used", 4e8}};
};

TEST_F(Receiver, FillsInWhatARecordLacks) {
  BatchReceiver receiver = make();
  receiver.log(0, good_log_);
  receiver.point(1, good_point_);
  const std::string batch = writer_.take();
  BatchReader reader(batch);
  RecordView record;
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.log.timestamp, kNow);
  EXPECT_EQ(record.log.received_at, kNow);
  EXPECT_EQ(record.log.deployment, "shop");
  EXPECT_EQ(record.log.source, "10.0.0.7");
  EXPECT_EQ(record.log.severity, Severity::info);
  EXPECT_EQ(record.log.message, "hello");
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.point.timestamp, kNow);
  EXPECT_EQ(record.point.deployment, "shop");
  EXPECT_EQ(record.point.source, "10.0.0.7");
  EXPECT_EQ(record.point.samples.size(), 2u);
  EXPECT_EQ(receiver.report().accepted, 2u);
  EXPECT_EQ(receiver.report().logs, 1u);
  EXPECT_EQ(receiver.report().points, 1u);
  EXPECT_EQ(receiver.report().samples, 2u);
}

TEST_F(Receiver, KeepsWhatARecordSays) {
  BatchReceiver receiver = make();
  DecodedLog log = good_log_;
  const FieldView fields[] = {{"order", FieldValue::of(std::int64_t{7})}};
  log.timestamp = Timestamp{kNow.ns - kHour};
  log.deployment = "other";
  log.source = "checkout-1";
  log.severity = Severity::fatal;
  log.fields = fields;
  receiver.log(0, log);
  const std::string batch = writer_.take();
  BatchReader reader(batch);
  RecordView record;
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.log.timestamp.ns, kNow.ns - kHour);
  EXPECT_EQ(record.log.received_at, kNow);
  EXPECT_EQ(record.log.deployment, "other");
  EXPECT_EQ(record.log.source, "checkout-1");
  EXPECT_EQ(record.log.severity, Severity::fatal);
  EXPECT_EQ(record.log.fields[0].name, "order");
}

TEST_F(Receiver, TakesTimesFromRetentionToTenMinutesAhead) {
  struct Case {
    std::int64_t offset;
    std::string_view deployment, of_log, of_point;
  };
  const Case cases[] = {
      {10 * kMinute, "shop", "", ""},
      {10 * kMinute + 1, "shop", "timestamp_too_new timestamp", "timestamp_too_new timestamp"},
      {-30 * kDay, "shop", "", ""},
      {-30 * kDay - 1, "shop", "timestamp_too_old timestamp", ""},
      {-90 * kDay, "shop", "timestamp_too_old timestamp", ""},
      {-90 * kDay - 1, "shop", "timestamp_too_old timestamp", "timestamp_too_old timestamp"},
      {-kDay, "short", "", ""},
      {-kDay - 1, "short", "timestamp_too_old timestamp", "timestamp_too_old timestamp"},
  };
  for (const Case& item : cases) {
    DecodedLog log = good_log_;
    log.timestamp = Timestamp{kNow.ns + item.offset};
    log.deployment = item.deployment;
    EXPECT_EQ(outcome(log), item.of_log) << item.offset;
    DecodedPoint point = good_point_;
    point.timestamp = log.timestamp;
    point.deployment = item.deployment;
    EXPECT_EQ(outcome(point), item.of_point) << item.offset;
  }
  DecodedLog ends = good_log_;
  ends.timestamp = Timestamp{INT64_MAX};
  EXPECT_EQ(outcome(ends), "timestamp_too_new timestamp");
  ends.timestamp = Timestamp{INT64_MIN};
  EXPECT_EQ(outcome(ends), "timestamp_too_old timestamp");
  options_.retention.clear();
  EXPECT_EQ(outcome(ends), "");
}

TEST_F(Receiver, RefusesNamesThatAreNone) {
  const std::string long_name(201, 'n'), longest(200, 'n'), long_deployment(65, 'd'), longest_deployment(64, 'd');
  const std::pair<std::string_view, std::string_view> deployments[] = {
      {"A-b_c.9", ""}, {longest_deployment, ""}, {long_deployment, "invalid_name deployment"}, {"a b", "invalid_name deployment"},
      {"a/b", "invalid_name deployment"}, {"gr\xc3\xbcn", "invalid_name deployment"}, {std::string_view("a\0b", 3), "invalid_name deployment"}};
  for (const auto& [name, expected] : deployments) {
    DecodedLog log = good_log_;
    log.deployment = name;
    EXPECT_EQ(outcome(log), expected) << name;
  }
  const std::pair<std::string_view, std::string_view> sources[] = {
      {"gr\xc3\xbcn host/1", ""}, {longest, ""}, {long_name, "invalid_name source"}, {"a\nb", "invalid_name source"}, {"a\x7f", "invalid_name source"}};
  for (const auto& [name, expected] : sources) {
    DecodedLog log = good_log_;
    log.source = name;
    EXPECT_EQ(outcome(log), expected) << name;
    DecodedPoint point = good_point_;
    point.source = name;
    EXPECT_EQ(outcome(point), expected) << name;
  }
  const std::pair<std::string_view, std::string_view> metrics[] = {
      {"cpu.usage", ""}, {"temp \xc2\xb0" "C", ""}, {longest, ""}, {"", "invalid_name metrics."}, {"a\tb", "invalid_name metrics.a?b"},
      {long_name, "invalid_name metrics.nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"}};
  for (const auto& [name, expected] : metrics) {
    const SampleView samples[] = {{name, 1}};
    DecodedPoint point = good_point_;
    point.samples = samples;
    EXPECT_EQ(outcome(point), expected) << name;
  }
}

TEST_F(Receiver, AValueThatIsNoFiniteNumberCostsItselfAndAPointWithoutAnyIsRefused) {
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    const SampleView alone[] = {{"bad", bad}};
    DecodedPoint point = good_point_;
    point.samples = alone;
    EXPECT_EQ(outcome(point), "invalid_value metrics.bad");
    writer_.clear();
    const SampleView samples[] = {{"fine", 1}, {"bad", bad}, {"a\nb", 2}};
    point.samples = samples;
    BatchReceiver receiver = make();
    receiver.point(3, point);
    const IngestReport& report = receiver.report();
    EXPECT_EQ(report.accepted, 1u);
    EXPECT_EQ(report.samples, 1u);
    ASSERT_EQ(report.warnings.size(), 2u);
    EXPECT_EQ(report.warnings[0].index, 3u);
    EXPECT_EQ(report.warnings[0].error.code, ErrorCode::invalid_value);
    EXPECT_EQ(report.warnings[0].error.field, "metrics.bad");
    EXPECT_EQ(report.warnings[1].error.code, ErrorCode::invalid_name);
    const std::string batch = writer_.take();
    BatchReader reader(batch);
    RecordView record;
    ASSERT_TRUE(reader.next(record));
    ASSERT_EQ(record.point.samples.size(), 1u);
    EXPECT_EQ(record.point.samples[0].name, "fine");
  }
  EXPECT_EQ(registry_.value("penstock_ingest_samples_dropped_total"), 6);
  EXPECT_EQ(registry_.value("penstock_ingest_warnings_total", {{"reason", "invalid_value"}}), 3);
  DecodedPoint empty = good_point_;
  empty.samples = {};
  EXPECT_EQ(outcome(empty), "missing_field metrics");
}

TEST_F(Receiver, SourceAmongTheLabelsIsTheSource) {
  const LabelView labels[] = {{"room", "attic"}, {"source", "pi-3"}, {"empty", ""}};
  DecodedPoint point = good_point_;
  point.labels = labels;
  EXPECT_EQ(outcome(point), "");
  point.source = "pi-3";
  EXPECT_EQ(outcome(point), "");
  point.source = "pi-4";
  EXPECT_EQ(outcome(point), "");

  const std::string batch = writer_.take();
  BatchReader reader(batch);
  RecordView record;
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.point.source, "pi-3");
  ASSERT_EQ(record.point.labels.size(), 1u);
  EXPECT_EQ(record.point.labels[0], (LabelView{"room", "attic"}));
  ASSERT_TRUE(reader.next(record));
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.point.source, "pi-4");
  ASSERT_EQ(record.point.labels.size(), 2u);
  EXPECT_EQ(record.point.labels[1], (LabelView{"exported_source", "pi-3"}));
}

TEST_F(Receiver, TellsWhatWasSetAsideInWhatItTakes) {
  const Warning warnings[] = {{ErrorCode::invalid_timestamp, "time", "no time"}, {ErrorCode::invalid_severity, "level", "no severity"}};
  BatchReceiver receiver = make();
  DecodedLog log = good_log_;
  log.warnings = warnings;
  for (std::size_t i = 0; i < 60; ++i) receiver.log(i, log);
  log.timestamp = Timestamp{kNow.ns + kDay};
  receiver.log(60, log);
  EXPECT_EQ(receiver.report().accepted, 60u);
  ASSERT_EQ(receiver.report().warnings.size(), 100u);
  EXPECT_EQ(receiver.report().warnings[3].index, 1u);
  EXPECT_EQ(receiver.report().warnings[3].error.field, "level");
  EXPECT_EQ(registry_.value("penstock_ingest_warnings_total", {{"reason", "invalid_timestamp"}}), 60);
  EXPECT_EQ(registry_.value("penstock_ingest_warnings_total", {{"reason", "invalid_severity"}}), 60);
}

TEST_F(Receiver, AStrictRequestRefusesPointsOfWhichSomethingWouldBeSetAside) {
  RequestDefaults defaults{kNow, "shop", "10.0.0.7"};
  defaults.strict = true;
  const SampleView samples[] = {{"fine", 1}, {"bad", std::nan("")}};
  DecodedPoint point = good_point_;
  point.samples = samples;
  BatchReceiver receiver(options_, defaults, [](std::string_view) { return true; }, writer_, nullptr);
  receiver.point(0, point);
  EXPECT_EQ(outcome_of(receiver.report()), "invalid_value metrics.bad");
}

TEST_F(Receiver, RefusesLabelsThatAreNone) {
  const std::string long_value(1025, 'v');
  const std::pair<LabelView, std::string_view> cases[] = {{{"", "x"}, "invalid_name labels."},
                                                          {{"a\nb", "x"}, "invalid_name labels.a?b"},
                                                          {{"a", long_value}, "invalid_value labels.a"},
                                                          {{"a", std::string_view(long_value).substr(1)}, ""}};
  for (const auto& [label, expected] : cases) {
    const LabelView labels[] = {label};
    DecodedPoint point = good_point_;
    point.labels = labels;
    EXPECT_EQ(outcome(point), expected);
  }
}

TEST_F(Receiver, HoldsRecordsToTheirLimits) {
  DecodedLog log = good_log_;
  log.wire_bytes = options_.max_record_bytes + 1;
  EXPECT_EQ(outcome(log), "record_too_large ");
  const std::vector<FieldView> fields(options_.max_fields + 1, FieldView{"x", FieldValue::none()});
  log = good_log_;
  log.fields = fields;
  EXPECT_EQ(outcome(log), "too_many_fields fields");
  log.fields = log.fields.subspan(1);
  EXPECT_EQ(outcome(log), "");
  const std::vector<SampleView> samples(options_.max_fields + 1, SampleView{"x", 1});
  DecodedPoint point = good_point_;
  point.samples = samples;
  EXPECT_EQ(outcome(point), "too_many_fields metrics");
  const std::vector<LabelView> labels(options_.max_fields + 1, LabelView{"x", "1"});
  point = good_point_;
  point.labels = labels;
  EXPECT_EQ(outcome(point), "too_many_fields labels");
}

TEST_F(Receiver, AsksOncePerDeploymentWhetherTheCallerMaySendThere) {
  std::map<std::string, int, std::less<>> asked;
  BatchReceiver receiver = make([&asked](std::string_view name) {
    ++asked[std::string(name)];
    return name != "secret";
  });
  DecodedLog other = good_log_, secret = good_log_, malformed = good_log_;
  other.deployment = "other";
  secret.deployment = "secret";
  malformed.deployment = "not a name";
  for (std::size_t i = 0; i < 40; i += 4) {
    receiver.log(i, good_log_);
    receiver.log(i + 1, other);
    receiver.log(i + 2, secret);
    receiver.log(i + 3, malformed);
  }
  EXPECT_EQ(asked, (std::map<std::string, int, std::less<>>{{"shop", 1}, {"other", 1}, {"secret", 1}}));
  EXPECT_EQ(receiver.report().accepted, 20u);
  EXPECT_EQ(receiver.report().errors[0].error.code, ErrorCode::forbidden);
  EXPECT_EQ(receiver.report().errors[0].index, 2u);
  EXPECT_EQ(writer_.record_count(), 20u);
}

TEST_F(Receiver, ATokenOfOneKindOrSomeSourcesSendsTheseAndTheRestIsRefusedByName) {
  BatchReceiver receiver = make([](std::string_view name) {
    if (name == "logs") return MaySend(SourceFilter::all(), SourceFilter::none());
    return MaySend(SourceFilter::of({"web-*"}), SourceFilter::of({"pi"}));
  });
  const auto send_log = [&](std::string_view deployment, std::string_view source) {
    DecodedLog log = good_log_;
    log.deployment = deployment;
    log.source = source;
    receiver.log(receiver.report().accepted + receiver.report().rejected, log);
  };
  const auto send_point = [&](std::string_view deployment, std::string_view source) {
    DecodedPoint point = good_point_;
    point.deployment = deployment;
    point.source = source;
    receiver.point(receiver.report().accepted + receiver.report().rejected, point);
  };
  send_log("logs", "any");
  send_log("shop", "web-1");
  send_point("shop", "pi");
  EXPECT_EQ(receiver.report().accepted, 3u);
  send_point("logs", "any");
  send_log("shop", "db");
  send_point("shop", "web-1");
  send_log("shop", "");  // the peer's address is the source
  ASSERT_EQ(receiver.report().errors.size(), 4u);
  EXPECT_EQ(receiver.report().errors[0].error.field, "deployment");
  for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(receiver.report().errors[i].error.field, "source");
  for (const auto& refused : receiver.report().errors) EXPECT_EQ(refused.error.code, ErrorCode::forbidden);
  EXPECT_EQ(writer_.record_count(), 3u);
}

TEST_F(Receiver, ARequestOfManyDeploymentsIsBoundedAndStillRight) {
  int asked = 0;
  BatchReceiver receiver = make([&asked](std::string_view name) {
    ++asked;
    return name != "d7";
  });
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 1000; ++i) {
      const std::string name = "d" + std::to_string(i);
      DecodedLog log = good_log_;
      log.deployment = name;
      receiver.log(static_cast<std::size_t>(i), log);
    }
  }
  EXPECT_EQ(receiver.report().rejected, 2u);
  EXPECT_EQ(receiver.report().accepted, 1998u);
  EXPECT_GE(asked, 1000);
}

TEST_F(Receiver, WithoutADefaultEveryRecordMustNameItsDeployment) {
  BatchReceiver receiver(options_, {kNow, "", "peer"}, [](std::string_view) { return true; }, writer_, nullptr);
  receiver.log(0, good_log_);
  EXPECT_EQ(outcome_of(receiver.report()), "missing_field deployment");
}

TEST_F(Receiver, CountsEveryRefusalByReasonAndReportsTheFirstHundred) {
  BatchReceiver receiver = make();
  DecodedLog bad = good_log_;
  bad.timestamp = Timestamp{kNow.ns + kDay};
  for (std::size_t i = 0; i < 150; ++i) receiver.log(i, bad);
  receiver.reject(150, {ErrorCode::invalid_json, "broken", ""});
  receiver.log(151, good_log_);
  EXPECT_EQ(receiver.report().rejected, 151u);
  EXPECT_EQ(receiver.report().errors.size(), 100u);
  EXPECT_EQ(receiver.report().errors.back().index, 99u);
  EXPECT_EQ(registry_.value("penstock_ingest_rejected_total", {{"reason", "timestamp_too_new"}}), 150);
  EXPECT_EQ(registry_.value("penstock_ingest_rejected_total", {{"reason", "invalid_json"}}), 1);
  EXPECT_EQ(metrics_.rejected_total(), 151u);
  metrics_.accepted(receiver.report(), 1000);
  EXPECT_EQ(registry_.value("penstock_ingest_records_total", {{"kind", "log"}}), 1);
  EXPECT_EQ(registry_.value("penstock_ingest_bytes_total"), 1000);
  EXPECT_EQ(metrics_.records_total(), 1u);
}

class DeclaredMetricsOfAReceiver : public Receiver {
 protected:
  BatchReceiver make_with(const DeploymentRules& rules, bool strict = false) {
    return BatchReceiver(options_, {.received_at = kNow, .deployment = "shop", .source = "10.0.0.7", .strict = strict}, [](std::string_view) { return true; }, writer_, &metrics_, &rules);
  }
  DecodedPoint point(std::span<const SampleView> samples, std::string_view deployment = {}) {
    DecodedPoint point;
    point.samples = samples;
    point.deployment = deployment;
    point.wire_bytes = 20;
    return point;
  }
  // The names and values of what was taken.
  std::vector<std::pair<std::string, double>> taken() {
    const std::string batch = writer_.take();
    BatchReader reader(batch);
    RecordView record;
    std::vector<std::pair<std::string, double>> all;
    while (reader.next(record)) {
      for (const SampleView& sample : record.point.samples) all.emplace_back(sample.name, sample.value);
    }
    return all;
  }
  DeploymentRules rules_{MetricDeclarations::make({{.id = 1, .deployment = "shop", .name = "orders.open", .least = 0, .most = 100}, {.id = 2, .name = "load.*", .least = 0}}, {{"bank", true}}),
                         {{"", RecordKind::log, 30 * kDay, 0}, {"", RecordKind::metric, 90 * kDay, 0}}};
};

TEST_F(DeclaredMetricsOfAReceiver, ASampleOutsideItsRangeIsRefusedByNameAndTheRestIsTaken) {
  const SampleView first[] = {{"orders.open", 101}, {"cpu.usage", 5}, {"load.one", -1}, {"orders.shut", -5}};
  const SampleView second[] = {{"orders.open", 100}, {"cpu.usage", 6}, {"load.one", 0}, {"orders.shut", 1e9}};
  BatchReceiver receiver = make_with(rules_);
  receiver.point(0, point(first));
  receiver.point(1, point(second));
  const IngestReport& report = receiver.report();
  EXPECT_EQ(report.accepted, 2u);
  EXPECT_EQ(report.rejected, 0u);
  EXPECT_TRUE(report.errors.empty()) << "no record was refused";
  EXPECT_EQ(report.rejected_samples, 2u);
  EXPECT_EQ(report.samples, 6u);
  ASSERT_EQ(report.sample_errors.size(), 2u);
  EXPECT_EQ(report.sample_errors[0].index, 0u);
  EXPECT_EQ(report.sample_errors[0].error.field, "metrics.orders.open");
  EXPECT_EQ(report.sample_errors[0].error.code, ErrorCode::invalid_value);
  EXPECT_NE(report.sample_errors[0].error.message.find("from 0 to 100"), std::string::npos) << report.sample_errors[0].error.message;
  EXPECT_NE(report.sample_errors[1].error.message.find("at least 0, and this is -1"), std::string::npos) << report.sample_errors[1].error.message;
  EXPECT_NE(to_json(report).find("\"rejected_samples\":2"), std::string::npos);
  EXPECT_EQ(taken(), (std::vector<std::pair<std::string, double>>{{"cpu.usage", 5}, {"orders.shut", -5}, {"orders.open", 100}, {"cpu.usage", 6}, {"load.one", 0}, {"orders.shut", 1e9}}));
}

TEST_F(DeclaredMetricsOfAReceiver, APointAllOfWhoseSamplesAreRefusedIsRefused) {
  const SampleView bad[] = {{"orders.open", -1}, {"load.one", -1}};
  BatchReceiver receiver = make_with(rules_);
  receiver.point(0, point(bad));
  EXPECT_EQ(receiver.report().accepted, 0u);
  EXPECT_EQ(receiver.report().rejected, 1u);
  EXPECT_EQ(receiver.report().rejected_samples, 2u);
  EXPECT_EQ(receiver.report().errors.size(), 1u);
  EXPECT_EQ(receiver.report().sample_errors.size(), 1u);
}

TEST_F(DeclaredMetricsOfAReceiver, StrictRefusesTheWholePoint) {
  const SampleView mixed[] = {{"cpu.usage", 1}, {"orders.open", -1}};
  BatchReceiver receiver = make_with(rules_, true);
  receiver.point(0, point(mixed));
  EXPECT_EQ(receiver.report().rejected, 1u);
  EXPECT_EQ(receiver.report().accepted, 0u);
}

TEST_F(DeclaredMetricsOfAReceiver, WhatIsNotDeclaredIsTakenOrRefusedAsTheDeploymentSays) {
  const SampleView samples[] = {{"load.one", 1}, {"cpu.usage", 2}};
  BatchReceiver receiver = make_with(rules_);
  receiver.point(0, point(samples, "bank"));
  receiver.point(1, point(samples, "shop"));
  receiver.point(2, point(samples, "bank"));
  EXPECT_EQ(receiver.report().accepted, 3u);
  ASSERT_EQ(receiver.report().sample_errors.size(), 2u);
  EXPECT_EQ(receiver.report().sample_errors[1].index, 2u);
  EXPECT_EQ(receiver.report().sample_errors[1].error.code, ErrorCode::invalid_name);
  EXPECT_EQ(receiver.report().sample_errors[1].error.field, "metrics.cpu.usage");
  EXPECT_EQ(taken().size(), 4u);
}

// Places in a point remember what they found; a sender that mixes names, orders and lengths is judged as one that does not.
TEST_F(DeclaredMetricsOfAReceiver, EverySampleIsJudgedAsIfItCameAlone) {
  const std::string names[] = {"orders.open", "load.one", "load.two", "cpu.usage", "orders.shut"};
  BatchReceiver receiver = make_with(rules_);
  std::size_t refused = 0, all = 0;
  for (std::size_t i = 0; i < 500; ++i) {
    std::vector<SampleView> samples;
    const std::string_view deployment = i % 3 == 0 ? "bank" : "shop";
    for (std::size_t s = 0; s < 1 + i % 7; ++s) {
      const std::string& name = names[(i * 7 + s * 3) % 5];
      const double value = static_cast<double>((i + s) % 5) * 60 - 60;
      samples.push_back({name, value});
      ++all;
      const MetricDeclaration* const found = rules_.declared->find(deployment, name);
      refused += found == nullptr ? deployment == "bank" : !found->takes(value);
    }
    receiver.point(i, point(samples, deployment));
  }
  EXPECT_EQ(receiver.report().rejected_samples, refused);
  EXPECT_EQ(receiver.report().samples, all - refused);
  EXPECT_GT(refused, 100u);
}

TEST_F(DeclaredMetricsOfAReceiver, RetentionThatWasSetSaysHowOldARecordMayBe) {
  const DeploymentRules longer{nullptr, {{"shop", RecordKind::log, 365 * kDay, 0}, {"", RecordKind::log, 30 * kDay, 0}}};
  DecodedLog old = good_log_;
  old.timestamp = Timestamp{kNow.ns - 100 * kDay};
  BatchReceiver receiver = make_with(longer);
  receiver.log(0, old);
  EXPECT_EQ(receiver.report().accepted, 1u);
  old.deployment = "bank";
  receiver.log(1, old);
  EXPECT_EQ(receiver.report().rejected, 1u) << "the configuration's rule";
}

}  // namespace
}  // namespace penstock::ingest
