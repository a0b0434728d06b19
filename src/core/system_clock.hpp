// The clock of the machine.
#pragma once

#include "penstock/ports/clock.hpp"

namespace penstock {

class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
  std::chrono::steady_clock::time_point steady_now() const override;
};

}  // namespace penstock
