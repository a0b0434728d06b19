// From a sample's name and labels to its series' id, fast; and which series, or days of them, the store has not heard of yet.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/core/labels.hpp"
#include "penstock/core/record.hpp"
#include "penstock/ports/chunk_store.hpp"

namespace penstock::sinks {

// Not thread-safe. Remembers hashes of 128 bits under a seed of its own, so that nobody can make two series meet here.
class SeriesIndex {
 public:
  SeriesIndex(std::size_t remembered, std::size_t refusals);

  // All lookups until the next call are for samples of this point.
  void begin(const PointView& point);
  // The id of a sample's series, or nullptr when that series was refused. The first time, and when the point's day lies
  // outside those known, the series joins the fresh ones.
  const SeriesId* find(const SampleView& sample);

  // Series found since the last take, to be stored with the samples.
  std::vector<SeenSeries> take_fresh();
  std::size_t fresh_bytes() const { return fresh_bytes_; }  // about what they hold in memory
  // What was taken did not reach the store for certain, or the store may have changed: all series are fresh again.
  void forget();
  // This series has the id of another one: its samples are not to be stored.
  void refuse(const Series& series);

 private:
  struct Key {
    std::uint64_t high = 0, low = 0;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    using is_avalanching = void;  // says the table: the bits are mixed already
    std::size_t operator()(const Key& key) const noexcept { return key.low; }
  };
  struct Entry {
    SeriesId id = 0;
    std::int32_t first_day = 1, last_day = 0;  // that were told; none when it is refused
    bool refused() const { return first_day > last_day; }
  };

  Entry learn(const SampleView& sample);
  std::pair<SeriesId, std::uint64_t> identity(const Series& series) const;

  const std::size_t remembered_, refusals_;
  const std::uint64_t seed_;
  const PointView* point_ = nullptr;
  std::int32_t day_ = 0;  // of the point
  Key point_key_;
  // Entries side by side: looking up series after series waits for memory, and here one wait covers the next.
  boost::unordered_flat_map<Key, Entry, KeyHash> known_;
  std::vector<SeenSeries> fresh_;
  std::size_t fresh_bytes_ = 0;
  std::set<std::pair<SeriesId, std::uint64_t>> refused_;
};

}  // namespace penstock::sinks
