// Retention rules as one line of text: "shop/logs=7d,2GiB; */metrics=90d".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "penstock/core/result.hpp"
#include "penstock/ports/chunk_maintenance.hpp"

namespace penstock::config {

Result<std::vector<RetentionRule>> parse_retention_rules(std::string_view text);
std::string format_retention_rules(const std::vector<RetentionRule>& rules);

}  // namespace penstock::config
