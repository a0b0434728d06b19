// The steps of an answer: [first + i * step, first + (i + 1) * step), i < count.
#pragma once

#include <cstddef>
#include <cstdint>

#include "penstock/core/time.hpp"

namespace penstock::query {

struct StepGrid {
  std::int64_t first = 0, step = 1;
  std::size_t count = 0;

  std::int64_t end() const { return first + static_cast<std::int64_t>(count) * step; }
  bool holds(std::int64_t time) const { return time >= first && time < end(); }
  std::size_t index(std::int64_t time) const { return static_cast<std::size_t>((time - first) / step); }  // of one that it holds
};

}  // namespace penstock::query
