// How long records are kept, and which of several rules says so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/core/record.hpp"

namespace penstock {

// What to keep. Empty deployment or absent kind: every one.
struct RetentionRule {
  std::string deployment;
  std::optional<RecordKind> kind;
  std::int64_t max_age_ns = 0;     // 0: for ever
  std::uint64_t max_bytes = 0;     // 0: no limit; oldest chunks go first
};

// The rule that governs a deployment's records of a kind: deployment and kind before deployment before kind before neither; of equals the
// first. nullptr when none does.
const RetentionRule* governing_rule(const std::vector<RetentionRule>& rules, std::string_view deployment, RecordKind kind);

// How old such a record may become. 0: any age.
std::int64_t max_age_ns(const std::vector<RetentionRule>& rules, std::string_view deployment, RecordKind kind);

}  // namespace penstock
