// Which line of the answer a series belongs to.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "penstock/core/labels.hpp"
#include "query/metric_query.hpp"

namespace penstock::query {

class LineGrouping {
 public:
  // `by` as in RangeQuery.
  explicit LineGrouping(std::optional<std::vector<std::string>> by);

  // `index`: the series' place in its set.
  std::size_t line_of(const Series& series, std::size_t index);
  RangeResult::Line& line(std::size_t i) { return made_[i]; }  // without values

 private:
  static constexpr std::size_t kUnknown = SIZE_MAX;

  std::optional<std::vector<std::string>> by_;
  std::map<std::pair<std::string, Labels>, std::size_t> known_;
  std::vector<RangeResult::Line> made_;
  std::vector<std::size_t> lines_;  // by series
};

}  // namespace penstock::query
