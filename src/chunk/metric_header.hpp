// The header of a chunk of samples, unsealed: where its blocks lie. Layout: FORMAT.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/core/ids.hpp"
#include "penstock/core/result.hpp"
#include "penstock/core/time.hpp"

namespace penstock::chunk {

enum class MetricBlockKind : std::uint8_t { times = 0, segment = 1 };

struct MetricBlock {
  MetricBlockKind kind = MetricBlockKind::times;
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  std::uint32_t count = 0;      // time sets, or series
  std::uint32_t first_set = 0;  // times: number of the first set
  SeriesId min_series = 0, max_series = 0;  // segment
  Timestamp min_time, max_time;             // segment
};

struct MetricHeader {
  std::vector<MetricBlock> blocks;  // in payload order; segments ascend by series

  std::string encode() const;
  static Result<MetricHeader> decode(std::string_view bytes);
};

// A series is written in pieces of at most so many samples, which bounds what a reader must hold.
inline constexpr std::size_t kMaxPieceSamples = 65536;

}  // namespace penstock::chunk
