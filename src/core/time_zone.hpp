// Zones as texts name them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/civil.hpp"

namespace penstock {

// A date and a time of day, not yet bound to a zone.
struct CivilTime {
  CivilDate date;
  std::uint32_t hour = 0, minute = 0, second = 0;
};

// What a text says of its zone.
struct ZoneText {
  enum class Kind {
    none,    // nothing
    offset,  // so many seconds ahead of UTC
    own,     // this machine's, in summer time or not
    unsure,  // a name that stands for several
  };
  Kind kind = Kind::none;
  std::int64_t offset = 0;
  bool summer = false;
};

// The zone at the start of a text, taken off it; blanks before it are allowed. `local`: this machine's names count.
ZoneText take_zone(std::string_view& text, bool local);

// Seconds since the epoch of a time of this machine. `summer`: when the text told which of two it means.
std::int64_t local_seconds(const CivilTime& time, std::optional<bool> summer);

}  // namespace penstock
