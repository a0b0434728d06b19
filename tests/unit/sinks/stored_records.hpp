// What lies in chunks, for comparing.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "chunk/log_chunk_reader.hpp"
#include "chunk/payload_reader.hpp"
#include "penstock/ports/sealer.hpp"
#include "support/fake_chunk_store.hpp"

namespace penstock::sinks::test {

// (sequence, message) of every record.
inline std::vector<std::pair<Sequence, std::string>> records_of(const Chunk& chunk, Sealer& sealer) {
  std::vector<std::pair<Sequence, std::string>> all;
  if (chunk.meta.kind != RecordKind::log) return all;
  auto reader = chunk::LogChunkReader::open(chunk, chunk::payload_in_memory(chunk.payload), sealer);
  if (!reader) throw std::runtime_error(reader.error().message);
  for (std::size_t g = 0; g < (*reader)->group_count(); ++g) {
    auto group = (*reader)->read(g, chunk::ColumnSelection::everything());
    if (!group) throw std::runtime_error(group.error().message);
    for (std::size_t i = 0; i < group->rows(); ++i) {
      chunk::LogRow row;
      group->row(i, row);
      all.emplace_back(row.sequence, std::string(row.log.message));
    }
  }
  return all;
}

inline std::vector<std::string> messages_of(const Chunk& chunk, Sealer& sealer) {
  std::vector<std::string> messages;
  for (auto& [sequence, message] : records_of(chunk, sealer)) messages.push_back(std::move(message));
  return messages;
}

// Every log's message, by sequence.
inline std::vector<std::string> stored_messages(const penstock::test::FakeChunkStore& store, Sealer& sealer) {
  std::vector<std::pair<Sequence, std::string>> all;
  for (const auto& chunk : store.all_chunks()) {
    for (auto& record : records_of(chunk, sealer)) all.push_back(std::move(record));
  }
  std::sort(all.begin(), all.end());
  std::vector<std::string> messages;
  for (auto& [sequence, message] : all) messages.push_back(std::move(message));
  return messages;
}

}  // namespace penstock::sinks::test
