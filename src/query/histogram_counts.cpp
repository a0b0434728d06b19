#include "query/histogram_counts.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace penstock::query {

std::int64_t step_start(std::int64_t time, std::int64_t step, std::int64_t utc_offset) {
  constexpr std::int64_t kWeek = 7 * kDay, kMonday = 4 * kDay;  // 1970-01-05
  const std::int64_t origin = (step % kWeek == 0 ? kMonday : 0) - (step >= kHour ? utc_offset : 0);
  const auto past_multiple = [step](std::int64_t value) { return value % step < 0 ? value % step + step : value % step; };
  const std::int64_t rest = past_multiple(time) - past_multiple(origin);
  const std::int64_t back = rest < 0 ? rest + step : rest;
  // The step that holds the earliest times would begin before what an int64 can tell.
  constexpr auto kFirst = std::numeric_limits<std::int64_t>::min();
  return time < kFirst + back ? kFirst : time - back;
}

std::int64_t round_step(std::int64_t span_ns, std::uint32_t buckets) {
  constexpr std::int64_t kMilli = 1'000'000;
  constexpr std::array kSteps = {
      kMilli,      10 * kMilli, 100 * kMilli, kSecond,      2 * kSecond,  5 * kSecond, 10 * kSecond, 15 * kSecond,
      30 * kSecond, kMinute,    2 * kMinute,  5 * kMinute,  10 * kMinute, 15 * kMinute, 30 * kMinute, kHour,
      2 * kHour,   3 * kHour,   6 * kHour,    12 * kHour,   kDay,         2 * kDay,    7 * kDay,     30 * kDay};
  for (const auto step : kSteps) {
    if (span_ns / step <= buckets) return step;
  }
  return (span_ns / buckets / kDay + 1) * kDay;
}

std::uint64_t HistogramCounts::bucket_count(Timestamp from, Timestamp to, std::int64_t step_ns, std::int64_t utc_offset) {
  if (from >= to) return 0;
  const auto first = step_start(from.ns, step_ns, utc_offset);
  const auto span = static_cast<std::uint64_t>(to.ns - 1) - static_cast<std::uint64_t>(first);
  return span / static_cast<std::uint64_t>(step_ns) + 1;
}

HistogramCounts::HistogramCounts(Timestamp from, Timestamp to, std::int64_t step_ns, std::int64_t utc_offset)
    : step_(step_ns), first_(step_start(from.ns, step_ns, utc_offset)), buckets_(bucket_count(from, to, step_ns, utc_offset)) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    buckets_[i].time = Timestamp{first_ + static_cast<std::int64_t>(i) * step_};
  }
}

void HistogramCounts::count(std::int64_t time, std::size_t severity) {
  const auto bucket =
      (static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(first_)) / static_cast<std::uint64_t>(step_);
  ++buckets_[bucket].counts[std::min(severity, kSeverityCount - 1)];
}

Result<void> HistogramCounts::group(const chunk::LogChunkReader&, chunk::LogGroup& group, const RowMask& rows) {
  const auto times = group.timestamps();
  const auto severities = group.severities();
  rows.each([&](std::size_t row) { count(times[row], severities[row]); });
  return {};
}

Result<void> HistogramCounts::record(RecordId, const LogView& log) {
  count(log.timestamp.ns, static_cast<std::size_t>(log.severity));
  return {};
}

}  // namespace penstock::query
