#include <gmock/gmock.h>

#include <set>

#include "config/loader.hpp"
#include "config/option.hpp"
#include "config/retention_text.hpp"
#include "config/values.hpp"

namespace penstock::config {
namespace {

using testing::HasSubstr;

TEST(Options, EachHasADescriptionAndAKeyOfItsOwn) {
  std::set<std::string> keys, variables;
  for (const Option& option : options()) {
    EXPECT_TRUE(keys.insert(option.key).second) << option.key;
    EXPECT_TRUE(variables.insert(environment_name(option.key)).second) << option.key;
    EXPECT_FALSE(option.description.empty()) << option.key;
  }
  EXPECT_EQ(environment_name("journal.disk_budget"), "PENSTOCK_JOURNAL_DISK_BUDGET");
}

TEST(Options, WhatOneGivesItTakesBack) {
  for (const Option& option : options()) {
    Config config;
    const std::string text = option.get(config);
    const auto set = option.set(config, text);
    EXPECT_TRUE(set.has_value()) << option.key << " = " << text;
    EXPECT_EQ(option.get(config), text) << option.key;
  }
}

TEST(Options, BoundsAreKept) {
  const Option* option = find_option("query.concurrent");
  ASSERT_NE(option, nullptr);
  Config config;
  EXPECT_FALSE(option->set(config, "0").has_value());
  EXPECT_FALSE(option->set(config, "257").has_value());
  EXPECT_TRUE(option->set(config, "256").has_value());
  EXPECT_EQ(config.query.concurrent, 256u);
}

TEST(Values, SizesAreReadInTheirUnits) {
  EXPECT_EQ(*parse_bytes("512"), 512u);
  EXPECT_EQ(*parse_bytes("64KiB"), 65536u);
  EXPECT_EQ(*parse_bytes("16 MiB"), 16u << 20);
  EXPECT_EQ(*parse_bytes("2G"), 2ull << 30);
  for (const char* wrong : {"", "MiB", "-1", "1.5GiB", "5 parsecs", "99999999999999999999", "99999999999TiB"}) {
    EXPECT_FALSE(parse_bytes(wrong).has_value()) << wrong;
  }
  EXPECT_EQ(format_bytes(2ull << 30), "2GiB");
  EXPECT_EQ(format_bytes(1000), "1000");
}

TEST(Values, DurationsAreReadInTheirUnits) {
  EXPECT_EQ(*parse_duration_or_zero("250ms"), 250'000'000);
  EXPECT_EQ(*parse_duration_or_zero("0"), 0);
  EXPECT_FALSE(parse_duration_or_zero("soon").has_value());
  EXPECT_EQ(format_duration(90 * kMinute), "90m");
  EXPECT_EQ(format_duration(30 * kDay), "30d");
}

TEST(RetentionText, RulesGoThereAndBack) {
  const auto rules = parse_retention_rules("shop/logs=7d,2GiB; */metrics=365d;web/*=0,1GiB;");
  ASSERT_TRUE(rules.has_value());
  ASSERT_EQ(rules->size(), 3u);
  EXPECT_EQ((*rules)[0].deployment, "shop");
  EXPECT_EQ((*rules)[0].kind, RecordKind::log);
  EXPECT_EQ((*rules)[0].max_age_ns, 7 * kDay);
  EXPECT_EQ((*rules)[0].max_bytes, 2ull << 30);
  EXPECT_EQ((*rules)[1].deployment, "");
  EXPECT_FALSE((*rules)[2].kind.has_value());
  EXPECT_EQ(format_retention_rules(*rules), "shop/logs=7d,2GiB; */metrics=365d; web/*=0,1GiB");
  for (const char* wrong : {"shop", "shop=7d", "shop/events=7d", "/logs=7d", "shop/logs=soon", "shop/logs=7d,much"}) {
    EXPECT_FALSE(parse_retention_rules(wrong).has_value()) << wrong;
  }
}

TEST(Loader, LaterSourcesWinAndAllErrorsAreTold) {
  Sources sources;
  sources.environment = {
      {"PENSTOCK_QUERY_CONCURRENT", "5"}, {"PENSTOCK_QUERY_MEMORY", "much"}, {"PENSTOCK_NOTHING", "1"}, {"HOME", "/"}};
  sources.flags = {{"query.concurrent", "7"}, {"query.colour", "blue"}};
  const Loaded loaded = load(sources);
  EXPECT_EQ(loaded.config.query.concurrent, 7u);
  ASSERT_EQ(loaded.errors.size(), 3u);
  EXPECT_THAT(loaded.errors[0].message, HasSubstr("query.memory"));
  EXPECT_THAT(loaded.errors[1].message, HasSubstr("PENSTOCK_NOTHING"));
  EXPECT_THAT(loaded.errors[2].message, HasSubstr("query.colour"));
}

TEST(Loader, WhatCannotWorkTogetherIsToldBeforeTheStart) {
  const auto errors = [](Sources sources) { return load(sources).errors.size(); };
  Sources folder;
  folder.file = "/";
  EXPECT_EQ(errors(folder), 1u);
  Sources half;
  half.flags = {{"http.tls_key", "key.pem"}};
  EXPECT_EQ(errors(half), 1u);
  half.flags.push_back({"http.tls_certificate", "cert.pem"});
  EXPECT_EQ(errors(half), 0u);
  Sources loud;
  loud.flags = {{"log.level", "loud"}};
  EXPECT_EQ(errors(loud), 1u);
}

TEST(Loader, WhatKubernetesPutsIntoEveryPodIsNoOption) {
  Sources pod;
  pod.environment = {{"PENSTOCK_SERVICE_HOST", "10.0.0.1"}, {"PENSTOCK_PORT", "tcp://10.0.0.1:8080"}, {"PENSTOCK_PORT_8080_TCP_PORT", "8080"}};
  EXPECT_TRUE(load(pod).errors.empty());
  pod.environment.push_back({"PENSTOCK_SERVER_HOST", "10.0.0.1"});
  EXPECT_EQ(load(pod).errors.size(), 1u);
}

TEST(Loader, SettingsUnderWhichALargeRecordWouldBeRefusedForEverAreRefused) {
  for (const auto& [key, value] : {std::pair("journal.queue", "1MiB"), std::pair("ingest.max_record", "32MiB")}) {
    Sources sources;
    sources.flags = {{key, value}};
    const auto loaded = load(sources);
    ASSERT_FALSE(loaded.errors.empty()) << key;
    EXPECT_THAT(loaded.errors[0].message, HasSubstr("has no room for records of ingest.max_record")) << key;
  }
  Sources small;
  small.flags = {{"journal.disk_budget", "8MiB"}};
  EXPECT_TRUE(load(small).errors.empty()) << "segments become smaller by themselves";
}

TEST(Loader, SecretsAreNotPrinted) {
  Config config;
  config.database.connection.url = "postgresql://u:hunter2@h/d";
  EXPECT_EQ(print(config).find("hunter2"), std::string::npos);
  EXPECT_THAT(print(config), HasSubstr("database.url = \"***\""));
}

TEST(Config, DefaultsStandBehindTheMoreSpecificRules) {
  Config config;
  config.retention.rules = {{"shop", RecordKind::log, kDay, 0}};
  const auto rules = config.retention_rules();
  ASSERT_EQ(rules.size(), 3u);
  EXPECT_EQ(rules[0].deployment, "shop");
  EXPECT_EQ(rules[1].max_age_ns, config.retention.logs_ns);
  EXPECT_EQ(rules[2].max_age_ns, config.retention.metrics_ns);
}

}  // namespace
}  // namespace penstock::config
