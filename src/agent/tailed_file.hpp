// One file that is followed: from an offset on, line by line.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "agent/descriptor.hpp"

namespace penstock::agent {

// Where a file was read up to, and how to know it again: by inode, and by a checksum of its first bytes, since an inode may be
// used anew and a file may be cut off and filled again between two looks.
struct TailPlace {
  std::string path;
  std::uint64_t device = 0, inode = 0;
  std::uint64_t offset = 0;
  std::uint32_t head_bytes = 0;  // how many the checksum covers, at most kHeadBytes
  std::uint32_t head_crc = 0;
};

// One thread.
class TailedFile {
 public:
  static constexpr std::uint32_t kHeadBytes = 256;
  using Time = std::chrono::steady_clock::time_point;
  // A line without its line end. False: no more for now; that line will come again.
  using LineSink = std::function<bool(std::string_view line)>;

  struct Limits {
    std::size_t line_bytes = 64 << 10;               // a longer line comes in parts
    std::chrono::milliseconds partial_line{5'000};   // a line without end comes after this
  };

  TailedFile(Descriptor file, TailPlace place, Limits limits, Time now);

  // Gives the lines that are there from the place on, and moves it past those that were taken. True when there may be more.
  bool read(Time now, const LineSink& line);
  const TailPlace& place() const { return place_; }
  void set_path(std::string path) { place_.path = std::move(path); }
  // Nothing was left at the last look.
  bool at_end() const { return at_end_; }
  // Bytes stand after the last line end, waiting for theirs.
  bool has_partial_line() const { return partial_; }
  // The file has left its path. Its writer may not know yet, so it is let go only when it has not grown for a while.
  void set_rotated(bool rotated) { rotated_ = rotated; }
  bool rotated() const { return rotated_; }
  // What it takes of the disk though nobody else can open it any more; 0 while it has a name.
  std::uint64_t unlinked_bytes() const;
  // When bytes were last read, or the file first seen.
  Time quiet_since() const { return grown_; }
  bool finished(Time now, std::chrono::milliseconds grace) const { return rotated_ && at_end_ && now - grown_ >= grace; }

 private:
  void watch_for_truncation(std::uint64_t size);
  void remember_head();

  Descriptor file_;
  TailPlace place_;
  Limits limits_;
  bool at_end_ = false;
  bool partial_ = false;
  bool rotated_ = false;
  std::uint64_t partial_size_ = 0;  // of the file when the partial line was last seen growing
  Time partial_since_{};
  Time grown_{};                    // when bytes were last read, or the file first seen
};

}  // namespace penstock::agent
