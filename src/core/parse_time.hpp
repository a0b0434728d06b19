// The forms of time that nearly every record has.
#pragma once

#include <string_view>

#include "penstock/core/time.hpp"

namespace penstock {

// RFC 3339 and epochs, the whole text, nothing else. invalid_timestamp.
Result<Timestamp> parse_usual_time(std::string_view text);

}  // namespace penstock
