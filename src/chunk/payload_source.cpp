#include "chunk/payload_source.hpp"

#include <cassert>
#include <utility>

#include "chunk/corrupt.hpp"

namespace penstock::chunk {

PayloadReader payload_in_memory(const std::string& payload) {
  return [&payload](std::uint32_t offset, std::uint32_t size) -> Result<std::string> {
    if (offset > payload.size()) return std::string();
    return payload.substr(offset, size);
  };
}

PayloadSource::PayloadSource(PayloadReader read, std::uint32_t payload_bytes)
    : read_(std::move(read)), payload_bytes_(payload_bytes) {}

Result<void> PayloadSource::read_piece(ByteRange range) {
  auto bytes = read_(range.offset, range.size);
  if (!bytes) return std::move(bytes).error();
  if (bytes->size() != range.size) return corrupt("a payload shorter than its directory says");
  bytes_read_ += bytes->size();
  pieces_.push_back({range.offset, *std::move(bytes)});
  return {};
}

Result<void> PayloadSource::fetch(const std::vector<ByteRange>& ranges) {
  for (const ByteRange range : ranges) {
    if (range.offset > payload_bytes_ || range.size > payload_bytes_ - range.offset) return corrupt("a block outside its payload");
  }
  if (whole_ || ranges.empty()) return {};
  pieces_.clear();
  if (payload_bytes_ < kWholeBelow) {
    if (auto read = read_piece({0, payload_bytes_}); !read) return read;
    whole_ = true;
    return {};
  }
  ByteRange joined = ranges.front();
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    const ByteRange next = ranges[i];
    const std::uint64_t size = std::uint64_t{next.offset} + next.size - joined.offset;
    if (next.offset - (joined.offset + joined.size) <= kJoinGap && size <= kMaxRead) {
      joined.size = static_cast<std::uint32_t>(size);
      continue;
    }
    if (auto read = read_piece(joined); !read) return read;
    joined = next;
  }
  return read_piece(joined);
}

std::string_view PayloadSource::find(ByteRange range) const {
  for (const Piece& piece : pieces_) {
    if (range.offset >= piece.offset && range.offset - piece.offset + std::uint64_t{range.size} <= piece.bytes.size()) {
      return std::string_view(piece.bytes).substr(range.offset - piece.offset, range.size);
    }
  }
  return {};
}

std::string_view PayloadSource::at(ByteRange range) const {
  assert(holds(range));
  return find(range);
}

void PayloadSource::release() {
  if (!whole_) pieces_.clear();
}

}  // namespace penstock::chunk
