#include "chunk/sample_buffer.hpp"

#include <algorithm>
#include <numeric>

namespace penstock::chunk {
namespace {

constexpr std::size_t kFirstSeriesSlots = 64;

// Ids are hashes already, but a caller's own numbering must not pile up either (Knuth's multiplicative hash).
std::size_t slot_of(SeriesId id, std::size_t slots) { return static_cast<std::size_t>((id * 0x9e3779b97f4a7c15ull) >> 20) & (slots - 1); }

}  // namespace

void SampleBuffer::grow() {
  slots_.assign(std::max(kFirstSeriesSlots, slots_.size() * 2), 0);
  for (std::uint32_t number = 0; number < series_.size(); ++number) {
    std::size_t at = slot_of(series_[number].id, slots_.size());
    while (slots_[at] != 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = number + 1;
  }
}

std::uint32_t SampleBuffer::number_of(SeriesId id) {
  if (slots_.size() < 2 * (series_.size() + 1)) grow();
  std::size_t at = slot_of(id, slots_.size());
  for (; slots_[at] != 0; at = (at + 1) & (slots_.size() - 1)) {
    if (series_[slots_[at] - 1].id == id) return slots_[at] - 1;
  }
  series_.push_back({id, 0, 0});
  slots_[at] = static_cast<std::uint32_t>(series_.size());
  return slots_[at] - 1;
}

void SampleBuffer::add(Timestamp timestamp, Timestamp received_at, std::span<const SeriesSample> samples) {
  if (timestamps_.empty() || timestamps_.back() != timestamp.ns || received_.back() != received_at.ns) {
    timestamps_.push_back(timestamp.ns);
    received_.push_back(received_at.ns);
  }
  const auto point = static_cast<std::uint32_t>(timestamps_.size() - 1);
  for (const SeriesSample& sample : samples) {
    std::uint32_t number = last_ < series_.size() ? series_[last_].next : 0;
    if (number >= series_.size() || series_[number].id != sample.series) {
      number = number_of(sample.series);
      series_[last_].next = number;
    }
    last_ = number;
    ++series_[number].count;
    sample_series_.push_back(number);
    sample_points_.push_back(point);
    values_.push_back(sample.value);
  }
}

std::size_t SampleBuffer::memory_bytes() const {
  return (timestamps_.capacity() + received_.capacity()) * sizeof(std::int64_t) +
         (sample_series_.capacity() + sample_points_.capacity() + slots_.capacity()) * sizeof(std::uint32_t) +
         values_.capacity() * sizeof(double) + series_.capacity() * sizeof(KnownSeries);
}

Result<void> SampleBuffer::visit(const std::function<Result<void>(const SeriesSamples&)>& visitor) const {
  // Samples of each series together, in the order they came (a counting sort).
  std::vector<std::uint32_t> ends(series_.size());
  std::uint32_t end = 0;
  for (std::size_t i = 0; i < series_.size(); ++i) {
    ends[i] = end;
    end += series_[i].count;
  }
  std::vector<std::uint32_t> by_series(values_.size());
  for (std::uint32_t sample = 0; sample < values_.size(); ++sample) by_series[ends[sample_series_[sample]]++] = sample;

  std::vector<std::uint32_t> order(series_.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) { return series_[a].id < series_[b].id; });

  std::vector<std::int64_t> timestamps, received;
  std::vector<double> values;
  const auto time_of = [this](std::uint32_t sample) { return timestamps_[sample_points_[sample]]; };
  for (const std::uint32_t number : order) {
    const auto samples = std::span(by_series).subspan(ends[number] - series_[number].count, series_[number].count);
    const auto earlier = [&](std::uint32_t a, std::uint32_t b) { return time_of(a) < time_of(b); };
    if (!std::is_sorted(samples.begin(), samples.end(), earlier)) std::stable_sort(samples.begin(), samples.end(), earlier);
    timestamps.clear();
    received.clear();
    values.clear();
    for (const std::uint32_t sample : samples) {
      timestamps.push_back(time_of(sample));
      received.push_back(received_[sample_points_[sample]]);
      values.push_back(values_[sample]);
    }
    if (auto visited = visitor({series_[number].id, timestamps, received, values}); !visited) return visited;
  }
  return {};
}

}  // namespace penstock::chunk
