// Frames to bytes and back: pack, seal, checksum.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "journal/segment_format.hpp"
#include "penstock/core/batch.hpp"
#include "penstock/core/frame.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/sealer.hpp"

namespace penstock::journal {

// An idempotency key with the time its batch was committed.
struct KeptKey {
  IdempotencyEntry entry;
  Timestamp committed_at;
};

// What a segment holds, written behind its last frame when it is left in good order. Trusted only to skip reading.
struct Footer {
  std::uint64_t keys_offset = 0;  // of the keys-only frame with all keys of the segment; 0: it has none
  Timestamp last_commit;
};
inline constexpr std::uint64_t kFooterBytes = frame_bytes(16);

// Builds the bytes of one frame at a time; keeps its buffers from frame to frame. Not thread-safe.
class FrameEncoder {
 public:
  // Frames of more than `compress_above` bytes are packed when `compress`.
  FrameEncoder(Sealer& sealer, bool compress, std::size_t compress_above);
  ~FrameEncoder();
  FrameEncoder(const FrameEncoder&) = delete;
  FrameEncoder& operator=(const FrameEncoder&) = delete;

  // First the content, once; then the bytes for a place, as often as a place is tried. Never seals twice for one place.
  void set_batches(const Frame& frame, bool has_idempotency);
  void set_keys(const std::vector<KeptKey>& keys, Sequence next);
  const FrameHeader& header() const { return header_; }  // of the content; what depends on the place is that of the last encode()
  Result<std::string_view> encode(FramePlace place, KeyId key, Sequence durable_end, Timestamp committed_at);

 private:
  struct Packer;
  void pack();

  Sealer& sealer_;
  const std::size_t compress_above_;
  std::unique_ptr<Packer> packer_;  // null: no packing
  FrameHeader header_;
  std::string plain_, packed_, out_;
};

std::string encode_footer(const Footer& footer, FramePlace place, Sequence end, Timestamp now);
Result<Footer> decode_footer(std::string_view payload);

// What the seal of a frame is bound to.
std::string associated_data(FramePlace place, Sequence first);

// All check every length. corrupt: the bytes fail a checksum or their seal, or are not what the header says; key_mismatch: the
// sealer has not got the key, and the bytes may be good.
Result<std::string> open_payload(Sealer& sealer, FramePlace place, const FrameHeader& header, std::string_view payload);
Result<FramePtr> decode_batches(JournalId journal, const FrameHeader& header, std::string_view plain);
Result<std::vector<KeptKey>> decode_keys(std::string_view plain);

}  // namespace penstock::journal
