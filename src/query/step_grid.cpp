#include "query/step_grid.hpp"

#include <array>
#include <limits>
#include <string>
#include <utility>

namespace penstock::query {
namespace {

// Clocks change rarely, and by a day at most: with steps longer than this nobody sees it.
constexpr std::int64_t kLongestByClock = 400 * kDay;
constexpr std::int64_t kFarAway = std::numeric_limits<std::int64_t>::max() - 2 * kLongestByClock;

// A clock time at which a step begins.
std::int64_t clock_origin(std::int64_t step) {
  constexpr std::int64_t kWeek = 7 * kDay, kMonday = 4 * kDay;  // 1970-01-05
  return step % kWeek == 0 ? kMonday : 0;
}

Error too_many(std::uint64_t most) {
  return {ErrorCode::invalid_request, "step gives more than " + std::to_string(most) + " steps: make it longer, or the range shorter.", "step"};
}

Result<StepGrid> even_grid(Timestamp from, Timestamp to, std::int64_t step, std::int64_t utc_offset, std::uint64_t most) {
  const std::uint64_t count = step_count(from, to, step, utc_offset);
  if (count > most) return too_many(most);
  StepGrid grid{step_start(from.ns, step, utc_offset), step, static_cast<std::size_t>(count)};
  std::int64_t length = 0, end = 0;
  if (__builtin_mul_overflow(static_cast<std::int64_t>(count), step, &length) || __builtin_add_overflow(grid.first, length, &end)) {
    return Error{ErrorCode::invalid_request, "The time range ends too late.", "to"};
  }
  return grid;
}

// An hour that clocks show twice, or several of them.
void split_repeated(std::vector<std::int64_t>& borders, std::int64_t next, std::int64_t step) {
  if (step >= kDay || (next - borders.back()) % step != 0) return;
  while (next - borders.back() > step) borders.push_back(borders.back() + step);
}

}  // namespace

std::int64_t step_start(std::int64_t time, std::int64_t step, std::int64_t utc_offset) {
  const std::int64_t origin = clock_origin(step) - (step >= kHour ? utc_offset : 0);
  const auto past_multiple = [step](std::int64_t value) { return value % step < 0 ? value % step + step : value % step; };
  const std::int64_t rest = past_multiple(time) - past_multiple(origin);
  const std::int64_t back = rest < 0 ? rest + step : rest;
  // The step that holds the earliest times would begin before what an int64 can tell.
  constexpr auto kFirst = std::numeric_limits<std::int64_t>::min();
  return time < kFirst + back ? kFirst : time - back;
}

std::int64_t round_step(std::int64_t span_ns, std::uint32_t steps) {
  constexpr std::int64_t kMilli = 1'000'000;
  constexpr std::array kSteps = {
      kMilli,      10 * kMilli, 100 * kMilli, kSecond,      2 * kSecond,  5 * kSecond, 10 * kSecond, 15 * kSecond,
      30 * kSecond, kMinute,    2 * kMinute,  5 * kMinute,  10 * kMinute, 15 * kMinute, 30 * kMinute, kHour,
      2 * kHour,   3 * kHour,   6 * kHour,    12 * kHour,   kDay,         2 * kDay,    7 * kDay,     30 * kDay};
  for (const auto step : kSteps) {
    if (span_ns / step <= steps) return step;
  }
  return (span_ns / steps / kDay + 1) * kDay;
}

std::uint64_t step_count(Timestamp from, Timestamp to, std::int64_t step, std::int64_t utc_offset) {
  if (from >= to) return 0;
  const auto first = step_start(from.ns, step, utc_offset);
  const auto span = static_cast<std::uint64_t>(to.ns - 1) - static_cast<std::uint64_t>(first);
  return span / static_cast<std::uint64_t>(step) + 1;
}

Result<StepGrid> make_grid(Timestamp from, Timestamp to, std::int64_t step, const ClockZone& zone, std::uint64_t most) {
  const bool far = from.ns < -kFarAway || to.ns > kFarAway;
  if (zone.is_fixed() || step < kHour || step > kLongestByClock || far || from >= to) {
    return even_grid(from, to, step, zone.is_fixed() ? zone.clock(0) : 0, most);
  }
  if (step_count(from, to, step) > most + 2) return too_many(most);
  std::int64_t shown = step_start(zone.clock(from.ns), step);
  while (zone.first_at(shown + step) <= from.ns) shown += step;  // clocks went back since
  std::vector<std::int64_t> borders{zone.first_at(shown)};
  while (borders.back() < to.ns) {
    shown += step;
    const std::int64_t next = zone.first_at(shown);
    if (next <= borders.back()) continue;  // clocks skipped all of it
    split_repeated(borders, next, step);
    borders.push_back(next);
    if (borders.size() > most + 3) return too_many(most);
  }
  // What a split left outside of the range.
  while (borders.size() > 2 && borders[borders.size() - 2] >= to.ns) borders.pop_back();
  const auto holds_from = std::upper_bound(borders.begin(), borders.end(), from.ns) - 1;
  borders.erase(borders.begin(), holds_from);
  if (borders.size() - 1 > most) return too_many(most);
  StepGrid grid{borders.front(), step, borders.size() - 1};
  grid.borders = std::make_shared<const std::vector<std::int64_t>>(std::move(borders));
  return grid;
}

}  // namespace penstock::query
