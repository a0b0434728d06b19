// The bytes of segment files: names, segment headers, frame headers. Pure. Layout: FORMAT.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "penstock/core/ids.hpp"
#include "penstock/core/time.hpp"
#include "penstock/ports/sealer.hpp"

namespace penstock::journal {

// Unique for ever: a number that grows with every segment of the journal in the upper half, random bits in the lower.
using SegmentId = std::uint64_t;

struct SegmentName {
  Sequence first = 0;  // of the first record it may hold; of two segments with the same one, only the later holds any
  SegmentId id = 0;
  auto operator<=>(const SegmentName&) const = default;
};

// "00000000000000000001-0000000100ab12cd.segment": sorts as the segments follow each other.
std::string segment_file_name(SegmentName name);
std::optional<SegmentName> parse_segment_file_name(std::string_view file);

struct SegmentHeader {
  SegmentId id = 0;
  JournalId journal;
  KeyId key = 0;  // what its frames are sealed with
  Timestamp created_at;
  // Where numbering stood when it stepped to this segment's first sequence; 0: this segment begins where the one before ended. Of the records
  // before the step the last `renumbered` count as those directly before this segment's first.
  Sequence stepped_from = 0;
  std::uint32_t renumbered = 0;
};

inline constexpr std::uint64_t kSegmentHeaderBytes = 64;
std::string encode_segment_header(const SegmentHeader& header);
std::optional<SegmentHeader> decode_segment_header(std::string_view bytes);

enum FrameFlag : std::uint16_t {
  kCompressed = 1,      // the payload is zstd
  kHasIdempotency = 2,  // at least one batch carries a key
  kKeysOnly = 4,        // no records: idempotency keys kept for longer than the batches that brought them
  kFooter = 8,          // no records: what the segment holds
};

struct FrameHeader {
  std::uint16_t flags = 0;
  Sequence first = 0;              // of the first record; for frames without records, of the next one
  std::uint32_t count = 0;         // records
  std::uint32_t batches = 0;
  std::uint32_t payload_bytes = 0; // as stored
  std::uint32_t plain_bytes = 0;   // unsealed and unpacked
  Sequence durable_end = 0;        // everything below was synced when the frame was built
  Timestamp min_time, max_time;
  Timestamp committed_at;
  KeyId key = 0;
  std::uint32_t payload_crc = 0;

  Sequence next() const { return first + count; }
};

inline constexpr std::uint64_t kFrameHeaderBytes = 80;

// Where a frame lies; binds its checksums and its seal to that place.
struct FramePlace {
  SegmentId segment = 0;
  std::uint64_t offset = 0;
  std::uint32_t checksum_seed() const;
};

// Header, payload and padding to the next multiple of 8.
constexpr std::uint64_t frame_bytes(std::uint64_t payload_bytes) {
  return (kFrameHeaderBytes + payload_bytes + 7) & ~std::uint64_t{7};
}

// Writes kFrameHeaderBytes at `out`.
void encode_frame_header(char* out, const FrameHeader& header, FramePlace place);
// nullopt unless the bytes are a frame header that was written for this very place.
std::optional<FrameHeader> decode_frame_header(std::string_view bytes, FramePlace place);

bool payload_matches(FramePlace place, const FrameHeader& header, std::string_view payload);

}  // namespace penstock::journal
