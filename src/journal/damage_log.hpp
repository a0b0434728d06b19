// What was found damaged: put aside, counted exactly and once, and told.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "journal/segment_format.hpp"
#include "penstock/ports/file_system.hpp"
#include "penstock/ports/metrics.hpp"

namespace penstock::journal {

// Thread-safe. Several readers may meet the same damage.
class DamageLog {
 public:
  // Bytes go to `directory`/quarantine.
  DamageLog(FileSystem& files, std::string directory, Counter& lost_records);

  struct Place {
    SegmentId segment = 0;
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
  };
  // Records [from, to) cannot be read. `file` may be null when there is none.
  void lost(const Place& place, const File* file, Sequence from, Sequence to);
  std::uint64_t lost_records() const;

 private:
  std::uint64_t add(Sequence from, Sequence to);  // how many of them were not known yet
  void quarantine(const Place& place, const File& file);

  FileSystem& files_;
  const std::string directory_;
  Counter& lost_counter_;
  mutable std::mutex mutex_;
  std::map<Sequence, Sequence> ranges_;  // disjoint, begin → end
  std::uint64_t lost_ = 0;
};

}  // namespace penstock::journal
