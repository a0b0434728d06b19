// Fetches byte ranges of a payload with few calls: neighbours are read together, small payloads whole.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chunk/payload_reader.hpp"
#include "penstock/core/result.hpp"

namespace penstock::chunk {

struct ByteRange {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
};

// One thread.
class PayloadSource {
 public:
  static constexpr std::uint32_t kWholeBelow = 64u << 10;  // payloads smaller than this are fetched in one call and kept
  static constexpr std::uint32_t kJoinGap = 16u << 10;     // ranges closer than this are fetched together
  static constexpr std::uint32_t kMaxRead = 4u << 20;      // one call asks for at most so much, unless a single range is larger

  PayloadSource(PayloadReader read, std::uint32_t payload_bytes);

  // Brings these ranges (ascending) into memory, in place of what the last call brought.
  Result<void> fetch(const std::vector<ByteRange>& ranges);
  // Bytes of a range named in the last fetch; valid until the next fetch or release.
  std::string_view at(ByteRange range) const;
  // True when the bytes are in memory.
  bool holds(ByteRange range) const { return !find(range).empty() || range.size == 0; }
  // Lets go of what was fetched (a small payload stays).
  void release();

  std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  struct Piece {
    std::uint32_t offset = 0;
    std::string bytes;
  };
  Result<void> read_piece(ByteRange range);
  std::string_view find(ByteRange range) const;  // empty when not in memory

  PayloadReader read_;
  std::uint32_t payload_bytes_;
  std::vector<Piece> pieces_;
  bool whole_ = false;
  std::uint64_t bytes_read_ = 0;
};

}  // namespace penstock::chunk
