// What a reader may know of a chunk of logs before it reads any block.
#pragma once

#include <cstdint>
#include <string>

#include "penstock/core/ids.hpp"
#include "penstock/core/record.hpp"

namespace penstock::chunk {

// A column of fields: one for each (name, type), and one more where a record had the same name and type again.
struct FieldColumn {
  std::string name;
  FieldType type = FieldType::string;
  std::uint64_t count = 0;  // values in the chunk
};

struct GroupInfo {
  std::uint32_t rows = 0;
  Timestamp min_time, max_time;  // groups are in time order: a group's min_time is not before the former's max_time
  Sequence min_sequence = 0, max_sequence = 0;
  Severity min_severity = Severity::trace, max_severity = Severity::fatal;
  std::uint32_t payload_bytes = 0;
};

}  // namespace penstock::chunk
