// The steps of an answer: instants from start(i) to before start(i + 1), i < count. As long as `step` each; but by the clocks of a zone with
// summer time, steps of an hour and more follow the clocks, so that a day has 23 or 25 hours when they change.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/clock_zone.hpp"
#include "penstock/core/result.hpp"
#include "penstock/core/time.hpp"

namespace penstock::query {

struct StepGrid {
  std::int64_t first = 0, step = 1;
  std::size_t count = 0;
  std::shared_ptr<const std::vector<std::int64_t>> borders = {};  // count + 1, from `first` on; null: they are even

  std::int64_t start(std::size_t i) const { return borders ? (*borders)[i] : first + static_cast<std::int64_t>(i) * step; }
  std::int64_t end() const { return start(count); }
  bool holds(std::int64_t time) const { return time >= first && time < end(); }
  // Of one that it holds.
  std::size_t index(std::int64_t time) const {
    const auto even = (static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(first)) / static_cast<std::uint64_t>(step);
    return borders ? near(even, time) : static_cast<std::size_t>(even);
  }
  std::size_t bytes() const { return borders ? borders->size() * sizeof(std::int64_t) : 0; }

 private:
  // Where clocks change, borders lie a few hours off at most: never far from where they would be.
  std::size_t near(std::uint64_t even, std::int64_t time) const {
    auto i = static_cast<std::size_t>(std::min<std::uint64_t>(even, count - 1));
    while (time < (*borders)[i]) --i;
    while (time >= (*borders)[i + 1]) ++i;
    return i;
  }
};

// Every step from the one that holds `from` to the one that holds the last instant before `to`; none when that is not later. Steps of an hour
// and more begin where clocks of the zone show a multiple of the step (the first time they do, or would have), weeks on Monday; hours that
// clocks show twice are steps of their own. invalid_request: more than `most`, or the last ends too late.
Result<StepGrid> make_grid(Timestamp from, Timestamp to, std::int64_t step, const ClockZone& zone, std::uint64_t most);

// How many that would be, had days 24 hours.
std::uint64_t step_count(Timestamp from, Timestamp to, std::int64_t step, std::int64_t utc_offset = 0);
// The start of the step that holds a time (towards the past), by clocks so far ahead of UTC. And a round step that gives about so many.
std::int64_t step_start(std::int64_t time, std::int64_t step, std::int64_t utc_offset = 0);
std::int64_t round_step(std::int64_t span_ns, std::uint32_t steps);

}  // namespace penstock::query
