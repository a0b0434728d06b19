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

}  // namespace penstock::query
