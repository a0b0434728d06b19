// The header of a chunk of logs, unsealed: columns, groups and where their blocks lie. Layout: FORMAT.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chunk/log_layout.hpp"
#include "penstock/core/result.hpp"

namespace penstock::chunk {

// Column ids: six that every record has, then the field columns in the header's order.
enum Column : std::uint32_t {
  kTimestampColumn = 0,
  kSequenceColumn = 1,
  kSeverityColumn = 2,
  kSourceColumn = 3,
  kReceivedColumn = 4,
  kMessageColumn = 5,
  kFirstFieldColumn = 6,
};

// Columns first, first + 1, … first + length - 1.
struct ColumnRun {
  std::uint32_t first = 0;
  std::uint32_t length = 0;
};

struct LogBlock {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  std::vector<ColumnRun> columns;  // ascending
};

struct LogGroupEntry {
  GroupInfo info;
  std::uint32_t first_block = 0;  // counted over the whole chunk
  std::vector<LogBlock> blocks;   // ascending in offset and in columns
};

struct LogHeader {
  std::vector<FieldColumn> columns;
  std::vector<LogGroupEntry> groups;

  std::string encode() const;
  static Result<LogHeader> decode(std::string_view bytes);
};

// More rows in a group are taken for corruption; builders stay far below.
inline constexpr std::uint32_t kMaxGroupRows = 1u << 16;

}  // namespace penstock::chunk
