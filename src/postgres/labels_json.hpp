// Labels as the catalog keeps them.
#pragma once

#include <string_view>

#include "penstock/core/labels.hpp"
#include "penstock/core/result.hpp"

namespace penstock::postgres {

// {"name": "value", …}; corrupt when it is anything else.
Result<Labels> parse_labels(std::string_view json);

}  // namespace penstock::postgres
