// Walks the frames of a segment file by their headers, across damage.
#pragma once

#include <cstdint>
#include <string>

#include "journal/segment_format.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/file_system.hpp"

namespace penstock::journal {

// Not thread-safe. The file must outlive it.
class SegmentWalker {
 public:
  struct Step {
    bool found = false;                // a frame; else the end
    std::uint64_t offset = 0;          // of the frame
    FrameHeader header;
    std::uint64_t damaged_from = 0;    // bytes before it (or before the end) that are no frame …
    std::uint64_t damaged_bytes = 0;   // … up to the last one that is not zero
  };

  SegmentWalker(const File& file, SegmentId segment, std::uint64_t offset = kSegmentHeaderBytes);

  // The next header at or after offset() whose frame lies wholly below `limit` or the end of the file. Where there is none, every
  // multiple of 8 is tried. Moves past the frame. Only headers are checked. io_error: offset() stays.
  Result<Step> next(std::uint64_t limit);
  std::uint64_t offset() const { return offset_; }
  void move_to(std::uint64_t offset) { offset_ = offset; }
  // Bytes that cannot be read count as zeros from now on, so that a bad sector is damage and not an error.
  void tolerate_unreadable() { tolerant_ = true; }

  // The payload of the frame a step found. Shorter when the file ends.
  Result<std::string> payload(const Step& step) const;

 private:
  Result<std::string_view> look(std::uint64_t limit);  // at offset(), kFrameHeaderBytes or more
  Result<void> fill(std::uint64_t offset, std::size_t size);
  Result<Step> search(std::uint64_t limit);
  Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> into) const;

  const File& file_;
  const SegmentId segment_;
  std::uint64_t offset_;
  bool tolerant_ = false;
  std::string buffer_;
  std::uint64_t buffer_at_ = 0;
};

}  // namespace penstock::journal
