#include "query/aggregate.hpp"

#include <array>

namespace penstock::query {
namespace {

constexpr std::array<std::string_view, 11> kAggregateNames = {"avg",  "min",  "max", "sum", "count", "last",
                                                              "rate", "p50", "p90", "p95", "p99"};

}  // namespace

std::optional<Aggregate> parse_aggregate(std::string_view text) {
  for (std::size_t i = 0; i < kAggregateNames.size(); ++i) {
    if (text == kAggregateNames[i]) return static_cast<Aggregate>(i);
  }
  return std::nullopt;
}

std::string_view aggregate_name(Aggregate aggregate) { return kAggregateNames[static_cast<std::size_t>(aggregate)]; }

std::string aggregate_names() {
  std::string out;
  for (const auto name : kAggregateNames) out.append(out.empty() ? "" : " ").append(name);
  return out;
}

// The first of the aggregates, in the same order.
std::optional<Within> parse_within(std::string_view text) {
  const auto known = parse_aggregate(text);
  if (!known || *known > Aggregate::rate) return std::nullopt;
  return static_cast<Within>(*known);
}

std::optional<double> quantile_of(Aggregate aggregate) {
  switch (aggregate) {
    case Aggregate::p50: return 0.50;
    case Aggregate::p90: return 0.90;
    case Aggregate::p95: return 0.95;
    case Aggregate::p99: return 0.99;
    default: return std::nullopt;
  }
}

Result<AggregatePlan> AggregatePlan::of(Aggregate aggregate, std::optional<Within> within) {
  const auto only = [&](Within one) -> Result<void> {
    if (!within || *within == one) return {};
    return Error{ErrorCode::invalid_request, "agg=" + std::string(aggregate_name(aggregate)) + " has a function within the series of its own: "
                 "leave within out, or take another agg, as sum.", "within"};
  };
  switch (aggregate) {
    case Aggregate::avg:
    case Aggregate::sum: return AggregatePlan{aggregate, within.value_or(Within::avg)};
    case Aggregate::rate:
      if (auto ok = only(Within::rate); !ok) return std::move(ok).error();
      return AggregatePlan{Aggregate::sum, Within::rate};
    case Aggregate::last:
      if (auto ok = only(Within::last); !ok) return std::move(ok).error();
      return AggregatePlan{Aggregate::last, std::nullopt};
    default: return AggregatePlan{aggregate, within};
  }
}

}  // namespace penstock::query
