// Lines as they stand in a file or stream, put together to those that records are made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/line_options.hpp"
#include "agent/trace_rule.hpp"
#include "penstock/core/time.hpp"

namespace penstock::agent {

struct LogLine {
  std::string text;                // of several lines those after the first behind a '\n'
  std::optional<Timestamp> time;   // when the container's runtime got it
  std::string stream;              // stdout or stderr of a container
  std::uint64_t place = 0;         // where it begins
};

// Opens the envelopes of containers' runtimes, joins the parts of a line that they have split (of each stream for itself), and lines that belong
// together by options.multiline. What it is given is counted in places, which only grow: offsets of a file, or numbers of lines. What take() gives
// is complete up to a place behind which nothing was given yet, so whoever begins again at that place gets every line once. Memory: what is open, at
// most kMost bytes. One thread.
class LineJoiner {
 public:
  static constexpr std::size_t kMost = 1 << 20;        // of parts that are joined, and of what waits for them
  static constexpr std::size_t kMostLines = 128 << 10;  // bytes of lines that are joined to one text

  explicit LineJoiner(const LineOptions& options) : options_(options) {}

  // The line from place `begin` up to `end`, without its line end. `now`: the time of reading.
  void add(std::string_view line, std::uint64_t begin, std::uint64_t end, Timestamp now);
  // No line follows for now: what waits for lines that might belong to it is complete; parts of a line go on waiting.
  void pause() { close_group(); }
  // No line follows: everything is complete.
  void finish();

  // What is complete, in order. False: nothing. `upto`: all before that place was given.
  bool take(std::vector<LogLine>& lines, std::uint64_t& upto);
  // A line waits for others that might belong to it, and
  bool waits_for_lines() const { return group_.has_value(); }
  // for its other part.
  bool waits_for_part() const { return !parts_.empty(); }

 private:
  struct Open {
    LogLine line;
    std::uint64_t end = 0;
  };
  void add_whole(Open&& whole, Timestamp now);
  bool belongs(const Open& whole, Timestamp now);
  void put(Open&& whole);
  void close_group();

  const LineOptions& options_;
  std::vector<Open> parts_;    // at most one a stream
  std::optional<Open> group_;
  TraceRule traces_;
  std::vector<LogLine> done_;
  std::uint64_t done_end_ = 0;  // where the last of done_ ends
  std::uint64_t end_ = 0;       // of the last line
  std::uint64_t taken_ = 0;
  std::size_t bytes_ = 0;       // since the last take()
};

}  // namespace penstock::agent
