// How much more the journal may take: its own budget, and what the disk has left.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "journal/options.hpp"
#include "journal/segment_catalog.hpp"
#include "penstock/ports/file_system.hpp"

namespace penstock::journal {

// Thread-safe. Numbers are those of the last update(); admits() is one atomic read.
class DiskRoom {
 public:
  DiskRoom(const Options& options, FileSystem& files, const SegmentCatalog& catalog);

  // Whether batches of this many bytes, submitted and not yet written, all find room.
  bool admits(std::uint64_t pending_bytes) const;
  // Bytes of a segment of its own for a frame with so many bytes of batches.
  static std::uint64_t room_for(std::uint64_t bytes);
  // Whether they would if everything else in the journal were gone.
  bool could_admit(std::uint64_t bytes) const;
  // After segments, cursors or their sizes changed.
  void update();
  // Asks the file system what is free, then update().
  void refresh();
  // Bytes of the segment made ahead, 0 when there is none.
  void set_prepared(std::uint64_t bytes);

  // How large a new segment may be, without deleting anything.
  std::uint64_t allowance() const;
  std::uint64_t free_bytes() const { return free_.load(std::memory_order_relaxed); }
  bool above_soft_limit() const;

 private:
  std::uint64_t left_by_disk() const;
  // What a new segment must have for so many bytes of batches.
  std::uint64_t elsewhere_for(std::uint64_t need) const;

  const Options& options_;
  FileSystem& files_;
  const SegmentCatalog& catalog_;
  std::atomic<std::uint64_t> free_{0}, prepared_{0};
  std::atomic<std::uint64_t> here_{0}, elsewhere_{0};  // left in the active segment, and for segments after it
};

}  // namespace penstock::journal
