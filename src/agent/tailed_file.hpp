// One file that is followed: from an offset on, line by line.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/descriptor.hpp"
#include "agent/line_joiner.hpp"
#include "agent/tail_place.hpp"

namespace penstock::agent {

// One thread. The file is open only while it is read and as long as descriptors suffice.
class TailedFile {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // Lines, most often one, without their line ends; those that belong together joined. False: no more for now; they will come again.
  using LineSink = std::function<bool(const std::vector<LogLine>& lines)>;

  struct Limits {
    std::size_t line_bytes = 64 << 10;               // a longer line comes in parts; one that may be JSON only past LineJoiner::kMost
    std::chrono::milliseconds partial_line{0};       // a line without end comes after this; 0: only when the file is let go
    LineOptions lines{};
    std::chrono::milliseconds more_lines{1'000};     // a line that others may belong to waits for them
    std::chrono::milliseconds last_words{60'000};    // a line without end of a rotated file comes after this
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
  // What stands at the end waits for more: for its line end, or for lines that may belong to it.
  bool has_partial_line() const { return partial_; }
  // It has waited for long enough.
  bool is_due(Time now) const { return lines_are_due(now) || end_is_due(now); }
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
  enum class Stretch { taken, refused, unread, nuls };
  // What has waited for long enough: lines for others that may belong to them, a line for its end.
  struct Due {
    bool lines = false, end = false;
  };

  bool lines_are_due(Time now) const;
  bool end_is_due(Time now) const;
  // Gives the lines of so many bytes from the place on, and what is due at the end of the file.
  Stretch read_stretch(std::size_t most, std::uint64_t size, Due due, const LineSink& sink);
  std::uint64_t end_of_nuls(std::uint64_t at, std::uint64_t size) const;
  bool skip_nuls(std::uint64_t size);

  Descriptor file_;
  TailPlace place_;
  Limits limits_;
  bool at_end_ = false;
  bool partial_ = false;
  bool rotated_ = false;
  bool last_ = false;               // the last stretch went to the end of the file, NULs there not counted
  bool lacks_end_ = false;          // a line without end waits, or a part of one
  bool waits_for_lines_ = false;    // lines wait for others that may belong to them
  std::uint64_t partial_size_ = 0;  // of the file when the partial line was last seen growing
  Time partial_since_{};
  Time grown_{};                    // when bytes were last read, or the file first seen
  std::uint64_t skipped_ = 0;
  std::uint64_t nuls_to_ = 0;       // from the place up to here there is nothing but NUL
};

}  // namespace penstock::agent
