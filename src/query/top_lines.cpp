#include "query/top_lines.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace penstock::query {
namespace {

double measure(const RangeResult::Values& values, Rank rank) {
  double out = 0;
  std::size_t count = 0;
  for (const auto& value : values) {
    if (!value) continue;
    const bool first = count++ == 0;
    switch (rank) {
      case Rank::min: out = first ? *value : std::min(out, *value); break;
      case Rank::max: out = first ? *value : std::max(out, *value); break;
      case Rank::last: out = *value; break;
      case Rank::avg: out += (*value - out) / static_cast<double>(count); break;
      case Rank::sum: out += *value; break;
    }
  }
  return out;
}

void widen(RangeResult::Values& envelope, const RangeResult::Values& values, bool upwards) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i]) continue;
    auto& edge = envelope[i];
    if (!edge || (upwards ? *values[i] > *edge : *values[i] < *edge)) edge = values[i];
  }
}

}  // namespace

std::optional<Rank> parse_rank(std::string_view text) {
  constexpr std::pair<std::string_view, Rank> kRanks[] = {
      {"avg", Rank::avg}, {"min", Rank::min}, {"max", Rank::max}, {"last", Rank::last}, {"sum", Rank::sum}};
  for (const auto& [name, rank] : kRanks) {
    if (text == name) return rank;
  }
  return std::nullopt;
}

bool TopLines::before(const Kept& a, const Kept& b) {
  if (*a.line.rank != *b.line.rank) return *a.line.rank > *b.line.rank;
  return std::tie(a.line.deployment, a.line.labels) < std::tie(b.line.deployment, b.line.labels);
}

void TopLines::add(RangeResult::Line line, std::size_t held) {
  ++seen_;
  if (most_ > 0) line.rank = measure(line.values(), rank_);
  kept_.push_back({std::move(line), held});
  if (most_ == 0) return;
  std::push_heap(kept_.begin(), kept_.end(), before);
  if (kept_.size() <= most_) return;
  std::pop_heap(kept_.begin(), kept_.end(), before);
  Kept least = std::move(kept_.back());
  kept_.pop_back();
  leave_out(std::move(least));
}

// Its memory becomes the envelope's, or is given back.
void TopLines::leave_out(Kept&& kept) {
  const auto& values = kept.line.values();
  if (rest_.series++ == 0) {
    rest_.min = rest_.max = values;
    return;
  }
  widen(rest_.min, values, false);
  widen(rest_.max, values, true);
  run_.lease.shrink(kept.held);
}

void TopLines::finish(RangeResult& into) {
  if (most_ > 0) {
    std::sort_heap(kept_.begin(), kept_.end(), before);
  } else {
    std::sort(kept_.begin(), kept_.end(), [](const Kept& a, const Kept& b) {
      return std::tie(a.line.deployment, a.line.labels) < std::tie(b.line.deployment, b.line.labels);
    });
  }
  for (auto& kept : kept_) into.series.push_back(std::move(kept.line));
  into.series_total = seen_;
  if (rest_.series > 0) into.rest = std::move(rest_);
}

}  // namespace penstock::query
