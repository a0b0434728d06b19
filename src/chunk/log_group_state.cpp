#include "chunk/log_group_state.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "chunk/codec/integer_codec.hpp"
#include "chunk/codec/string_codec.hpp"

namespace penstock::chunk {
namespace {

// Groups are cut at about half a megabyte; what unpacks to this is not one that a builder made.
constexpr std::size_t kMaxDecodedBytes = 256u << 20;

}  // namespace

LogGroup::State::State(LogChunkReader::State& of, std::size_t group)
    : chunk(&of), entry(&of.header.groups[group]), loaded(entry->blocks.size(), false) {}

std::vector<bool> LogGroup::State::wanted(const ColumnSelection& columns) const {
  std::vector<bool> ids(kFirstFieldColumn + chunk->header.columns.size(), columns.all_fields);
  ids[kTimestampColumn] = columns.timestamps || columns.received_at;  // received_at is kept as the difference
  ids[kSequenceColumn] = columns.sequences;
  ids[kSeverityColumn] = columns.severities;
  ids[kSourceColumn] = columns.sources;
  ids[kReceivedColumn] = columns.received_at;
  ids[kMessageColumn] = columns.messages;
  for (const std::string& name : columns.fields) {
    const auto known = chunk->by_name.find(name);
    if (known == chunk->by_name.end()) continue;
    for (const std::uint32_t column : known->second) ids[kFirstFieldColumn + column] = true;
  }
  return ids;
}

bool LogGroup::State::needs(const LogBlock& block, const std::vector<bool>& columns) const {
  for (const ColumnRun run : block.columns) {
    for (std::uint32_t i = 0; i < run.length; ++i) {
      if (columns[run.first + i]) return true;
    }
  }
  return false;
}

bool LogGroup::State::decode_block(const LogBlock& block, std::string_view plain) {
  std::uint64_t expected = 0;
  for (const ColumnRun run : block.columns) expected += run.length;
  ByteReader in(plain);
  std::uint64_t count = 0;
  if (!in.varint(count) || count != expected || count > in.remaining()) return false;
  std::vector<std::uint64_t> sizes(static_cast<std::size_t>(count));
  for (std::uint64_t& size : sizes) {
    if (!in.varint(size)) return false;
  }
  std::size_t next = 0;
  for (const ColumnRun run : block.columns) {
    for (std::uint32_t i = 0; i < run.length; ++i) {
      std::string_view body;
      if (sizes[next] > in.remaining() || !in.bytes(static_cast<std::size_t>(sizes[next++]), body)) return false;
      if (!decode_column(run.first + i, body) || memory_bytes() > kMaxDecodedBytes) return false;
    }
  }
  return in.done();
}

bool LogGroup::State::decode_column(std::uint32_t id, std::string_view body) {
  ByteReader in(body);
  const std::size_t rows = entry->info.rows;
  switch (id) {
    case kTimestampColumn: return decode_integers(in, rows, timestamps) && in.done();
    case kSequenceColumn: return decode_integers(in, rows, sequences) && in.done();
    case kSourceColumn: return StringColumnDecoder::decode(in, rows, sources) && in.done();
    case kMessageColumn: return StringColumnDecoder::decode(in, rows, messages) && in.done();
    case kReceivedColumn:
      received_is_relative = true;
      return decode_integers(in, rows, received) && in.done();
    case kSeverityColumn: {
      std::vector<std::int64_t> raw;
      if (!decode_integers(in, rows, raw) || !in.done()) return false;
      severities.clear();
      for (const std::int64_t severity : raw) {
        if (severity < 0 || severity >= static_cast<std::int64_t>(kSeverityCount)) return false;
        severities.push_back(static_cast<std::uint8_t>(severity));
      }
      return true;
    }
    default: break;
  }
  const std::uint32_t column = id - kFirstFieldColumn;
  const auto at = std::lower_bound(fields.begin(), fields.end(), column);
  const auto place = at - fields.begin();
  fields.insert(at, column);
  auto& decoded = *values.emplace(values.begin() + place);
  if (!decoded.decode(in, chunk->header.columns[column].type, rows) || !in.done()) return false;
  field_bytes += sizeof decoded + decoded.memory_bytes();
  return true;
}

std::size_t LogGroup::State::memory_bytes() const {
  return (timestamps.capacity() + sequences.capacity() + received.capacity()) * sizeof(std::int64_t) + severities.capacity() +
         sources.memory_bytes() + messages.memory_bytes() + field_bytes;
}

}  // namespace penstock::chunk
