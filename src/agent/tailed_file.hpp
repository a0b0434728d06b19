// One file that is followed: from an offset on, line by line.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "agent/descriptor.hpp"
#include "agent/tail_place.hpp"

namespace penstock::agent {

// One thread. The file is open only while it is read and as long as descriptors suffice.
class TailedFile {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // A line without its line end. False: no more for now; that line will come again.
  using LineSink = std::function<bool(std::string_view line)>;

  struct Limits {
    std::size_t line_bytes = 64 << 10;               // a longer line comes in parts
    std::chrono::milliseconds partial_line{5'000};   // a line without end comes after this
  };

  TailedFile(TailPlace place, Limits limits, Time now);

  void open(Descriptor file) { file_ = std::move(file); }
  void close() { file_.reset(); }
  Descriptor release() { return std::move(file_); }
  bool is_open() const { return static_cast<bool>(file_); }
  const Descriptor& descriptor() const { return file_; }

  // When the open file was cut off or another one stands in its place: where it had been read up to. It is read from its start then.
  std::optional<TailPlace> cut_off();
  // Gives the lines that are there from the place on, and moves it past those that were taken. Runs of NUL (holes, mostly, that were left where a
  // file was cut off under its writer) end a line and are left out; those that reach to the end of the file may still be written over and are
  // waited for. True when there may be more. The file is open.
  bool read(Time now, const LineSink& line);
  const TailPlace& place() const { return place_; }
  void set_path(std::string path) { place_.path = std::move(path); }
  // What is before `offset` is left out: it was read from another file, or before this one was followed.
  void skip_to(std::uint64_t offset);
  // Nothing was left at the last look.
  bool at_end() const { return at_end_; }
  // Bytes stand after the last line end, waiting for theirs.
  bool has_partial_line() const { return partial_; }
  // They have waited for long enough.
  bool is_due(Time now) const { return partial_ && now - partial_since_ >= limits_.partial_line; }
  // The file has left its path. Its writer may not know yet, so it is let go only when it has not grown for a while.
  void set_rotated(bool rotated) { rotated_ = rotated; }
  bool rotated() const { return rotated_; }
  // What it takes of the disk though nobody else can open it any more; 0 while it has a name.
  std::uint64_t unlinked_bytes() const;
  // When bytes were last read, or the file first seen.
  Time quiet_since() const { return grown_; }
  bool finished(Time now, std::chrono::milliseconds grace) const { return rotated_ && at_end_ && now - grown_ >= grace; }
  // NULs that were left out since the last call.
  std::uint64_t take_skipped() { return std::exchange(skipped_, 0); }

 private:
  std::uint64_t end_of_nuls(std::uint64_t at, std::uint64_t size) const;
  bool skip_nuls(std::uint64_t size);

  Descriptor file_;
  TailPlace place_;
  Limits limits_;
  bool at_end_ = false;
  bool partial_ = false;
  bool rotated_ = false;
  std::uint64_t partial_size_ = 0;  // of the file when the partial line was last seen growing
  Time partial_since_{};
  Time grown_{};                    // when bytes were last read, or the file first seen
  std::uint64_t skipped_ = 0;
  std::uint64_t nuls_to_ = 0;       // from the place up to here there is nothing but NUL
};

}  // namespace penstock::agent
