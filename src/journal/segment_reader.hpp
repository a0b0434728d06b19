// Reads the frames of one segment file, whatever state it is in.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "journal/damage_log.hpp"
#include "journal/frame_codec.hpp"
#include "journal/segment_walker.hpp"

namespace penstock::journal {

// Not thread-safe.
class SegmentReader {
 public:
  // Read errors in a row until a place counts as damaged. With the pump's pauses between them this is half a minute: a disk that hangs for
  // a moment costs nothing.
  static constexpr int kPatience = 8;

  struct Content {
    FramePlace place;
    FrameHeader header;
    std::string plain;
  };
  // Records [from, to) cannot be read. `file` is the segment's.
  using OnLost = std::function<void(const DamageLog::Place&, const File* file, Sequence from, Sequence to)>;

  SegmentReader(std::unique_ptr<File> file, SegmentName name, Sealer& sealer, OnLost on_lost);

  void start_at(std::uint64_t offset) { walker_.move_to(offset); }
  // The next frame with records that ends after `position`, which moves past it and past what is lost; nullopt when `position` reached
  // `end`, or nothing more lies below `end_offset`. io_error and key_mismatch: nothing moved, the same call may work later. A byte that
  // cannot be read several times counts as damaged.
  Result<std::optional<Content>> next(Sequence& position, std::uint64_t end_offset, Sequence end);

 private:
  void lose(std::uint64_t from_offset, std::uint64_t to_offset, Sequence& position, Sequence to);
  Error failed(Error error, std::uint64_t back_to);

  std::unique_ptr<File> file_;
  const SegmentName name_;
  Sealer& sealer_;
  OnLost on_lost_;
  SegmentWalker walker_;
  int failures_ = 0;                                // read errors in a row
};

}  // namespace penstock::journal
