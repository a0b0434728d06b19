#include "query/line_grouping.hpp"

#include <algorithm>

namespace penstock::query {

LineGrouping::LineGrouping(std::optional<std::vector<std::string>> by) : by_(std::move(by)) {
  if (by_) std::sort(by_->begin(), by_->end());
}

std::size_t LineGrouping::line_of(const Series& series, std::size_t index) {
  if (index < lines_.size() && lines_[index] != kUnknown) return lines_[index];
  RangeResult::Line line;
  if (!by_) {
    line.deployment = series.deployment;
    line.labels = series.labels;
  } else {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const auto& label : *by_) {
      if (label == "deployment") {
        line.deployment = series.deployment;
      } else if (const auto value = series.labels.get(label); !value.empty()) {
        pairs.emplace_back(label, std::string(value));
      }
    }
    line.labels = Labels::from(std::move(pairs));
  }
  const auto [at, added] = known_.try_emplace({line.deployment.value_or(""), line.labels}, made_.size());
  if (added) made_.push_back(std::move(line));
  if (index >= lines_.size()) lines_.resize(index + 1, kUnknown);
  return lines_[index] = at->second;
}

}  // namespace penstock::query
