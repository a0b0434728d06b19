#include "chunk/log_header.hpp"

#include "base/bytes.hpp"
#include "chunk/corrupt.hpp"

namespace penstock::chunk {
namespace {

void append_group(std::string& out, const LogGroupEntry& group, std::int64_t previous_time) {
  const GroupInfo& info = group.info;
  append_varint(out, info.rows);
  append_varint(out, static_cast<std::uint64_t>(info.min_time.ns) - static_cast<std::uint64_t>(previous_time));
  append_varint(out, static_cast<std::uint64_t>(info.max_time.ns) - static_cast<std::uint64_t>(info.min_time.ns));
  append_varint(out, info.min_sequence);
  append_varint(out, info.max_sequence - info.min_sequence);
  out.push_back(static_cast<char>(static_cast<unsigned>(info.min_severity) << 4 | static_cast<unsigned>(info.max_severity)));
  append_varint(out, group.blocks.size());
  std::uint32_t next = 0;
  for (const LogBlock& block : group.blocks) {
    append_varint(out, block.size);
    append_varint(out, block.columns.size());
    for (const ColumnRun run : block.columns) {
      append_varint(out, run.first - next);
      append_varint(out, run.length);
      next = run.first + run.length;
    }
  }
}

class HeaderReader {
 public:
  explicit HeaderReader(std::string_view bytes) : in_(bytes) {}

  bool read(LogHeader& out) {
    std::uint64_t columns = 0;
    if (!in_.varint(columns) || columns > in_.remaining()) return false;
    out.columns.reserve(columns);
    for (std::uint64_t i = 0; i < columns; ++i) {
      std::string_view name;
      std::uint8_t type = 0;
      FieldColumn column;
      if (!in_.sized(name) || !in_.byte(type) || type > static_cast<std::uint8_t>(FieldType::json) || !in_.varint(column.count)) {
        return false;
      }
      column.name = name;
      column.type = static_cast<FieldType>(type);
      out.columns.push_back(std::move(column));
    }
    column_end_ = kFirstFieldColumn + columns;
    std::uint64_t groups = 0;
    if (!in_.varint(groups) || groups > in_.remaining()) return false;
    out.groups.reserve(groups);
    for (std::uint64_t i = 0; i < groups; ++i) {
      if (!read_group(out.groups.emplace_back())) return false;
    }
    return in_.done();
  }

 private:
  bool read_group(LogGroupEntry& group) {
    std::uint64_t rows = 0, step = 0, span = 0, sequences = 0, blocks = 0;
    std::uint8_t severities = 0;
    GroupInfo& info = group.info;
    if (!in_.varint(rows) || rows == 0 || rows > kMaxGroupRows || !in_.varint(step) || !in_.varint(span) ||
        !in_.varint(info.min_sequence) || !in_.varint(sequences) || !in_.byte(severities) || !in_.varint(blocks) ||
        blocks > in_.remaining()) {
      return false;
    }
    info.rows = static_cast<std::uint32_t>(rows);
    info.min_time.ns = static_cast<std::int64_t>(static_cast<std::uint64_t>(time_) + step);
    info.max_time.ns = static_cast<std::int64_t>(static_cast<std::uint64_t>(info.min_time.ns) + span);
    info.max_sequence = info.min_sequence + sequences;
    time_ = info.max_time.ns;
    const unsigned least = severities >> 4;
    const unsigned most = severities & 15;
    if (most >= kSeverityCount || least > most) return false;
    info.min_severity = static_cast<Severity>(least);
    info.max_severity = static_cast<Severity>(most);
    group.first_block = block_;
    std::uint64_t next_column = 0;
    group.blocks.reserve(blocks);
    for (std::uint64_t i = 0; i < blocks; ++i, ++block_) {
      if (!read_block(group.blocks.emplace_back(), next_column)) return false;
      info.payload_bytes += group.blocks.back().size;
    }
    return true;
  }

  bool read_block(LogBlock& block, std::uint64_t& next_column) {
    std::uint64_t size = 0, runs = 0;
    if (!in_.varint(size) || size > UINT32_MAX - offset_ || !in_.varint(runs) || runs > in_.remaining() / 2) return false;
    block.offset = static_cast<std::uint32_t>(offset_);
    block.size = static_cast<std::uint32_t>(size);
    offset_ += size;
    block.columns.reserve(runs);
    for (std::uint64_t i = 0; i < runs; ++i) {
      std::uint64_t gap = 0, length = 0;
      if (!in_.varint(gap) || !in_.varint(length) || gap > column_end_ - next_column ||
          length > column_end_ - next_column - gap || length == 0) {
        return false;
      }
      block.columns.push_back({static_cast<std::uint32_t>(next_column + gap), static_cast<std::uint32_t>(length)});
      next_column += gap + length;
    }
    return true;
  }

  ByteReader in_;
  std::uint64_t column_end_ = 0;
  std::int64_t time_ = 0;
  std::uint64_t offset_ = 0;
  std::uint32_t block_ = 0;
};

}  // namespace

std::string LogHeader::encode() const {
  std::string out;
  append_varint(out, columns.size());
  for (const FieldColumn& column : columns) {
    append_sized(out, column.name);
    out.push_back(static_cast<char>(column.type));
    append_varint(out, column.count);
  }
  append_varint(out, groups.size());
  std::int64_t time = 0;
  for (const LogGroupEntry& group : groups) {
    append_group(out, group, time);
    time = group.info.max_time.ns;
  }
  return out;
}

Result<LogHeader> LogHeader::decode(std::string_view bytes) {
  LogHeader header;
  if (!HeaderReader(bytes).read(header)) return corrupt("the header of a chunk of logs");
  return header;
}

}  // namespace penstock::chunk
