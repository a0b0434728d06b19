// Which of many declarations counts for a metric, and what may be declared.
#include "penstock/core/metric_declarations.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <tuple>

#include "penstock/core/deployment_rules.hpp"
#include "penstock/core/name_pattern.hpp"
#include "penstock/core/time.hpp"

namespace penstock {
namespace {

MetricDeclaration declared(std::int64_t id, std::string deployment, std::string name) { return {.id = id, .deployment = std::move(deployment), .name = std::move(name)}; }

std::int64_t counting(const std::shared_ptr<const MetricDeclarations>& all, std::string_view deployment, std::string_view name) {
  const MetricDeclaration* const found = all->find(deployment, name);
  return found == nullptr ? 0 : found->id;
}

TEST(MetricDeclarations, OfSeveralThatFitTheRuleSaysWhichCounts) {
  const auto all = MetricDeclarations::make({declared(1, "*", "orders.open"), declared(2, "*", "orders.*"), declared(3, "shop", "*"), declared(4, "shop", "orders.*"),
                                             declared(5, "shop", "orders.o*"), declared(6, "shop", "orders.open"), declared(7, "bank", "?.*"), declared(8, "bank", "*.x"),
                                             declared(9, "*", "größe.*"), declared(10, "*", "cost\\*"), declared(11, "*", "a\\?b*")},
                                            {});
  ASSERT_TRUE(all);
  EXPECT_EQ(counting(all, "shop", "orders.open"), 6) << "a name before patterns";
  EXPECT_EQ(counting(all, "shop", "orders.other"), 5) << "of patterns the one that says more";
  EXPECT_EQ(counting(all, "shop", "orders.lost"), 4);
  EXPECT_EQ(counting(all, "shop", "cpu.usage"), 3) << "the deployment's own, though one for all says more";
  EXPECT_EQ(counting(all, "till", "orders.open"), 1);
  EXPECT_EQ(counting(all, "till", "orders.lost"), 2);
  EXPECT_EQ(counting(all, "till", "cpu.usage"), 0);
  EXPECT_EQ(counting(all, "bank", "a.x"), 8) << "of equals the first in the order of bytes";
  EXPECT_EQ(counting(all, "bank", "orders.open"), 1) << "what does not fit does not count";
  EXPECT_EQ(counting(all, "till", "größe.länge"), 9);
  EXPECT_EQ(counting(all, "till", "cost*"), 10) << "an escaped star is a star";
  EXPECT_EQ(counting(all, "till", "costs"), 0);
  EXPECT_EQ(counting(all, "till", "a?bc"), 11);
  EXPECT_EQ(counting(all, "till", "aXbc"), 0);
}

// What find() says with its tables, said by looking at every declaration.
TEST(MetricDeclarations, LookingUpIsTheSameAsLookingThroughAllOfThem) {
  std::mt19937 random(7);
  const auto one_of = [&random](const std::vector<std::string>& list) { return list[random() % list.size()]; };
  const auto text = [&](const std::vector<std::string>& parts, int most) {
    std::string out;
    for (int i = static_cast<int>(random() % static_cast<unsigned>(most)); i >= 0; --i) out += one_of(parts);
    return out;
  };
  const auto weight = [](const std::string& pattern) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      if (pattern[i] == '*' || pattern[i] == '?') continue;
      if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
      ++count;
    }
    return count;
  };
  for (int round = 0; round < 200; ++round) {
    std::vector<MetricDeclaration> list;
    for (int i = 0; i < 12; ++i) {
      const MetricDeclaration next = declared(i + 1, one_of({"*", "shop"}), text({"a", "b", ".", "*", "?", "\\*", "ü"}, 5));
      const bool there = std::any_of(list.begin(), list.end(), [&](const auto& old) {
        return old.deployment == next.deployment && (old.name == next.name || (!is_pattern(old.name) && !is_pattern(next.name) && literal_beginning(old.name) == literal_beginning(next.name)));
      });
      if (!there) list.push_back(next);
    }
    const auto all = MetricDeclarations::make(list, {});
    for (int i = 0; i < 50; ++i) {
      const std::string name = text({"a", "b", ".", "*", "?", "ü"}, 6), deployment = one_of({"shop", "till"});
      const auto rank = [&](const MetricDeclaration& one) { return std::tuple(one.deployment == "*", is_pattern(one.name), -static_cast<std::int64_t>(weight(one.name)), one.name); };
      const MetricDeclaration* best = nullptr;
      for (const MetricDeclaration& one : list) {
        if (one.deployment != "*" && one.deployment != deployment) continue;
        if (matches_pattern(one.name, name) && (best == nullptr || rank(one) < rank(*best))) best = &one;
      }
      EXPECT_EQ(counting(all, deployment, name), best == nullptr ? 0 : best->id) << name;
    }
  }
}

TEST(MetricDeclarations, WhatIsNotDeclaredIsTakenUnlessTheDeploymentOrAllSayOtherwise) {
  EXPECT_FALSE(MetricDeclarations::make({}, {})) << "nothing to ask";
  EXPECT_FALSE(MetricDeclarations::make({}, {{"shop", false}, {"*", false}}));
  const auto some = MetricDeclarations::make({}, {{"shop", true}});
  ASSERT_TRUE(some);
  EXPECT_FALSE(some->declares_any());
  EXPECT_TRUE(some->refuses_undeclared("shop"));
  EXPECT_FALSE(some->refuses_undeclared("bank"));
  const auto all = MetricDeclarations::make({}, {{"*", true}, {"lab", false}});
  EXPECT_TRUE(all->refuses_undeclared("shop"));
  EXPECT_FALSE(all->refuses_undeclared("lab"));
}

TEST(MetricDeclarations, BoundsAreInTheRangeAndRangesAreFinite) {
  MetricDeclaration metric = declared(1, "shop", "orders.open");
  EXPECT_TRUE(metric.takes(-1e300));
  metric.least = 0;
  metric.most = 10;
  EXPECT_TRUE(check(metric));
  for (const double inside : {0.0, -0.0, 10.0, 5.5}) EXPECT_TRUE(metric.takes(inside)) << inside;
  for (const double outside : {-1e-9, std::nextafter(10.0, 11.0), 1e308}) EXPECT_FALSE(metric.takes(outside)) << outside;
  metric.least = metric.most = 3;
  EXPECT_TRUE(check(metric)) << "one value";
  EXPECT_TRUE(metric.takes(3));
}

TEST(MetricDeclarations, WhatCannotBeDeclaredIsNamed) {
  const auto field = [](MetricDeclaration metric) {
    const auto fits = check(metric);
    return fits ? std::string() : fits.error().field;
  };
  const MetricDeclaration good = declared(0, "*", "ordérs.*");
  EXPECT_EQ(field(good), "");
  auto with = [&good](auto change) {
    MetricDeclaration metric = good;
    change(metric);
    return metric;
  };
  EXPECT_EQ(field(with([](auto& m) { m.deployment = ""; })), "deployment");
  EXPECT_EQ(field(with([](auto& m) { m.deployment = "a b"; })), "deployment");
  EXPECT_EQ(field(with([](auto& m) { m.name = ""; })), "name");
  EXPECT_EQ(field(with([](auto& m) { m.name = std::string(201, 'x'); })), "name");
  EXPECT_EQ(field(with([](auto& m) { m.name = "a\nb"; })), "name");
  EXPECT_EQ(field(with([](auto& m) { m.unit = std::string(33, 'x'); })), "unit");
  EXPECT_EQ(field(with([](auto& m) { m.description = "a\x01"; })), "description");
  for (const double wrong : {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(), std::nan("")}) {
    EXPECT_EQ(field(with([wrong](auto& m) { m.least = wrong; })), "min");
    EXPECT_EQ(field(with([wrong](auto& m) { m.most = wrong; })), "max");
  }
  EXPECT_EQ(field(with([](auto& m) { m.least = 2, m.most = 1; })), "max");
}

TEST(CurrentRules, GiveWhatWasSetLastAndNothingBefore) {
  CurrentRules rules;
  EXPECT_FALSE(rules.get());
  rules.set(std::make_shared<const DeploymentRules>(DeploymentRules{nullptr, {{"shop", RecordKind::log, kDay, 0}}}));
  ASSERT_TRUE(rules.get());
  EXPECT_EQ(rules.get()->retention.size(), 1u);
  rules.set(nullptr);
  EXPECT_FALSE(rules.get());
}

}  // namespace
}  // namespace penstock
