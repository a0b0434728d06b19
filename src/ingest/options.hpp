// What a record must keep to be taken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "penstock/core/time.hpp"
#include "penstock/core/retention_rule.hpp"

namespace penstock::ingest {

struct Options {
  std::size_t max_record_bytes = std::size_t{1} << 20;  // on the wire
  std::size_t max_fields = 1000;                        // of a log; labels or samples of a point
  std::size_t max_depth = 64;                           // for decoders
  std::size_t max_name_bytes = 200;                     // source, metric and label names
  std::size_t max_label_value_bytes = 1024;
  std::int64_t max_ahead_ns = 10 * kMinute;             // how far a timestamp may lie after the time of receipt
  // Records older than what is kept are refused. No rule for a record: any age is taken.
  std::vector<RetentionRule> retention;
  std::size_t max_reported_errors = 100;
};

}  // namespace penstock::ingest
