// By whose clocks steps of time begin: so far from UTC, or as a zone of the tz database has it, summer time and all.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/core/result.hpp"

namespace date {
class time_zone;
}

namespace penstock {

// What a question says; cheap to have anywhere.
struct ZoneName {
  std::int64_t offset_ns = 0;  // ahead of UTC
  std::string name = {};       // of the tz database; empty: the offset counts

  bool operator==(const ZoneName&) const = default;
};

// "+02:00", "-0330", "+2", "Z", "UTC", "Europe/Berlin". invalid_request: none of these, by its form alone.
Result<ZoneName> parse_zone_name(std::string_view text);

// Thread-safe. Times are nanoseconds since the epoch; clock times those that a clock of the zone shows, as if it stood at UTC.
class ClockZone {
 public:
  ClockZone() = default;  // UTC
  // Reads the tz database of this machine the first time: not on an io thread. invalid_request: no such zone.
  static Result<ClockZone> open(const ZoneName& name);
  static ClockZone fixed(std::int64_t offset_ns);

  bool is_fixed() const { return zone_ == nullptr; }
  std::int64_t clock(std::int64_t time) const;
  // The first instant at which the clock shows this or more: what is skipped in spring is when it is skipped, of what comes twice in autumn
  // it is the first.
  std::int64_t first_at(std::int64_t clock_time) const;

 private:
  std::int64_t offset_ns_ = 0;
  const date::time_zone* zone_ = nullptr;
};

}  // namespace penstock
