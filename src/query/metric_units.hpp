// Units of the metrics that Penstock's own agent sends, as far as the name tells.
#pragma once

#include <string>
#include <string_view>

namespace penstock::query {

// "%", "bytes", "bytes/s", "°C", "s", or "".
std::string unit_of(std::string_view name);

}  // namespace penstock::query
