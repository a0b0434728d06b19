#include "sinks/store/series_index.hpp"

#include <xxhash.h>

#include <algorithm>
#include <random>
#include <string>

namespace penstock::sinks {
namespace {

std::uint64_t draw_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

// Length first: "ab" + "c" is not "a" + "bc".
void append(std::string& out, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>((size >> shift) & 0xff);
  out += text;
}

std::size_t held_by(const Series& series) {
  std::size_t bytes = sizeof(SeenSeries) + series.deployment.capacity() + series.name.capacity();
  for (const auto& pair : series.labels.pairs) bytes += sizeof(pair) + pair.first.capacity() + pair.second.capacity();
  return bytes;
}

}  // namespace

SeriesIndex::SeriesIndex(std::size_t remembered, std::size_t refusals)
    : remembered_(remembered), refusals_(refusals), seed_(draw_seed()) {}

void SeriesIndex::begin(const PointView& point) {
  point_ = &point;
  day_ = day_of(point.timestamp);
  thread_local std::string text;
  text.clear();
  append(text, point.deployment);
  append(text, point.source);
  for (const auto& label : point.labels) {
    append(text, label.name);
    append(text, label.value);
  }
  const XXH128_hash_t hash = XXH3_128bits_withSeed(text.data(), text.size(), seed_);
  point_key_ = {hash.high64, hash.low64};
}

const SeriesId* SeriesIndex::find(const SampleView& sample) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(sample.name.data(), sample.name.size(), seed_ ^ point_key_.low);
  // The point's other half goes in by addition; both halves of the name's hash depend on the first.
  const Key key{hash.high64 + point_key_.high, hash.low64};
  auto found = known_.find(key);
  if (found == known_.end()) found = known_.emplace(key, learn(sample)).first;
  Entry& entry = found->second;
  if (entry.refused()) return nullptr;
  if (day_ < entry.first_day || day_ > entry.last_day) {
    learn(sample);
    entry.first_day = std::min(entry.first_day, day_);
    entry.last_day = std::max(entry.last_day, day_);
  }
  return &entry.id;
}

SeriesIndex::Entry SeriesIndex::learn(const SampleView& sample) {
  std::vector<std::pair<std::string, std::string>> pairs;
  pairs.reserve(point_->labels.size() + 1);
  for (const auto& label : point_->labels) pairs.emplace_back(label.name, label.value);
  pairs.emplace_back("source", point_->source);
  Series series;
  series.deployment = point_->deployment;
  series.name = sample.name;
  series.labels = Labels::from(std::move(pairs));
  series.id = series_id(series.deployment, series.name, series.labels);
  if (refused_.contains(identity(series))) return Entry{series.id};
  const Entry entry{series.id, day_, day_};
  fresh_bytes_ += held_by(series);
  fresh_.emplace_back(std::move(series), day_, day_);
  return entry;
}

std::vector<SeenSeries> SeriesIndex::take_fresh() {
  // Here, not while a point is looked up: entries in use stay where they are.
  if (known_.size() > remembered_) known_.clear();
  fresh_bytes_ = 0;
  return std::exchange(fresh_, {});
}

void SeriesIndex::forget() {
  known_.clear();
  fresh_.clear();
  fresh_bytes_ = 0;
}

std::pair<SeriesId, std::uint64_t> SeriesIndex::identity(const Series& series) const {
  std::string text;
  append(text, series.name);
  for (const auto& [name, value] : series.labels.pairs) {
    append(text, name);
    append(text, value);
  }
  return {series.id, XXH3_64bits_withSeed(text.data(), text.size(), seed_)};
}

void SeriesIndex::refuse(const Series& series) {
  if (refused_.size() >= refusals_) refused_.erase(refused_.begin());
  refused_.insert(identity(series));
  forget();
}

}  // namespace penstock::sinks
