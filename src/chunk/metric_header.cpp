#include "chunk/metric_header.hpp"

#include "base/bytes.hpp"
#include "chunk/corrupt.hpp"

namespace penstock::chunk {
namespace {

bool read_block(ByteReader& in, MetricBlock& block) {
  std::uint8_t kind = 0;
  std::uint64_t size = 0, count = 0, series = 0, span = 0;
  if (!in.byte(kind) || kind > 1 || !in.varint(size) || size > UINT32_MAX || !in.varint(count) || count > UINT32_MAX) return false;
  block.kind = static_cast<MetricBlockKind>(kind);
  block.size = static_cast<std::uint32_t>(size);
  block.count = static_cast<std::uint32_t>(count);
  if (block.kind == MetricBlockKind::times) return true;
  if (!in.fixed64(block.min_series) || !in.varint(series) || series > UINT64_MAX - block.min_series ||
      !in.zigzag(block.min_time.ns) || !in.varint(span)) {
    return false;
  }
  block.max_series = block.min_series + series;
  block.max_time.ns = static_cast<std::int64_t>(static_cast<std::uint64_t>(block.min_time.ns) + span);
  return true;
}

}  // namespace

std::string MetricHeader::encode() const {
  std::string out;
  append_varint(out, blocks.size());
  for (const MetricBlock& block : blocks) {
    out.push_back(static_cast<char>(block.kind));
    append_varint(out, block.size);
    append_varint(out, block.count);
    if (block.kind == MetricBlockKind::times) continue;
    append_fixed64(out, block.min_series);
    append_varint(out, block.max_series - block.min_series);
    append_zigzag(out, block.min_time.ns);
    append_varint(out, static_cast<std::uint64_t>(block.max_time.ns) - static_cast<std::uint64_t>(block.min_time.ns));
  }
  return out;
}

Result<MetricHeader> MetricHeader::decode(std::string_view bytes) {
  const auto damaged = [] { return corrupt("the header of a chunk of samples"); };
  ByteReader in(bytes);
  std::uint64_t count = 0;
  if (!in.varint(count) || count > in.remaining()) return damaged();
  MetricHeader header;
  header.blocks.resize(static_cast<std::size_t>(count));
  std::uint64_t offset = 0;
  std::uint64_t sets = 0;
  SeriesId last = 0;
  for (MetricBlock& block : header.blocks) {
    if (!read_block(in, block) || offset + block.size > UINT32_MAX || sets > UINT32_MAX) return damaged();
    block.offset = static_cast<std::uint32_t>(offset);
    offset += block.size;
    if (block.kind == MetricBlockKind::times) {
      block.first_set = static_cast<std::uint32_t>(sets);
      sets += block.count;
    } else {
      if (block.min_series < last) return damaged();
      last = block.max_series;
    }
  }
  if (!in.done()) return damaged();
  return header;
}

}  // namespace penstock::chunk
