// Keeps the largest of many lines, and of the others an envelope.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "query/metric_query.hpp"
#include "query/query_run.hpp"

namespace penstock::query {

// Lines are given one at a time, and what does not stay is freed at once, so that thousands can pass.
class TopLines {
 public:
  // `most` 0: all stay. A line's rank is that measure of the points of its first aggregate.
  TopLines(std::size_t most, Rank rank, QueryRun& run) : most_(most), rank_(rank), run_(run) {}

  // A line with at least one value; `held` bytes of the lease are its own.
  void add(RangeResult::Line line, std::size_t held);
  // The largest first; with `most` 0 by deployment and labels. Then also what is left out, and how many there were.
  void finish(RangeResult& into);

 private:
  struct Kept {
    RangeResult::Line line;
    std::size_t held = 0;
  };
  static bool before(const Kept& a, const Kept& b);
  void leave_out(Kept&& kept);

  const std::size_t most_;
  const Rank rank_;
  QueryRun& run_;
  std::vector<Kept> kept_;  // with `most`: a heap, the least on top
  RangeResult::Rest rest_;
  std::size_t seen_ = 0;
};

}  // namespace penstock::query
