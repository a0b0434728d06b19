// The decoded columns of one group.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "chunk/field_values.hpp"
#include "chunk/log_chunk_reader.hpp"
#include "chunk/log_chunk_state.hpp"
#include "chunk/log_header.hpp"
#include "chunk/string_column.hpp"

namespace penstock::chunk {

struct LogGroup::State {
  State(LogChunkReader::State& of, std::size_t group);

  // By column id: what the selection needs.
  std::vector<bool> wanted(const ColumnSelection& columns) const;
  bool needs(const LogBlock& block, const std::vector<bool>& columns) const;
  // All columns of an unpacked block.
  bool decode_block(const LogBlock& block, std::string_view plain);
  bool decode_column(std::uint32_t id, std::string_view body);
  std::size_t memory_bytes() const;

  LogChunkReader::State* chunk;
  const LogGroupEntry* entry;
  std::vector<bool> loaded;  // by block

  std::vector<std::int64_t> timestamps, sequences, received;
  std::vector<std::uint8_t> severities;
  bool received_is_relative = false;  // until the timestamps are there
  StringColumn sources, messages;
  std::vector<std::uint32_t> fields;  // columns decoded, ascending
  std::vector<FieldValues> values;    // of each of them
  std::size_t field_bytes = 0;        // what they hold in memory
};

}  // namespace penstock::chunk
