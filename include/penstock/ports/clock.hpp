// Time as a port, so that tests own it.
#pragma once

#include <chrono>

#include "penstock/core/time.hpp"

namespace penstock {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;                                    // wall clock; may step
  virtual std::chrono::steady_clock::time_point steady_now() const = 0;  // never runs backwards
};

}  // namespace penstock
