// Lines of standard input as NDJSON records.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/sender.hpp"
#include "penstock/core/time.hpp"

namespace penstock::agent {

// Appends the record of a line with its line end. Returns why there is none: a text line among metrics that is no "name value [timestamp]".
// `now` tells the year of a time that names none.
std::optional<std::string> append_line_record(std::string& out, std::string_view line, const SendOptions& options, Timestamp now);

// How much of a line goes into one record: all of JSON and of a metric; of text what fits a server's limit of 1 MiB a record however much of it
// must be escaped. Ends before a character.
std::size_t record_part(std::string_view line, const SendOptions& options);

// Whether a line becomes one record or none, but never several: JSON and metrics.
bool goes_whole(std::string_view line, const SendOptions& options);

// Cuts bytes into lines of bounded length: a longer one comes in parts that end before a character. CR before the line end goes. Memory: one
// line and what was added since. Pure.
class LineCutter {
 public:
  struct Part {
    std::string_view text;  // good until the next call
    bool first = true;      // begins a line
    bool last = true;       // ends it
  };

  // `longest` in bytes.
  explicit LineCutter(std::size_t longest) : longest_(longest) {}
  void add(std::string_view bytes);
  // No more bytes come: what has no line end is a line too.
  void end() { ended_ = true; }
  // False: it takes more bytes, or all was given.
  bool next(Part& part);

 private:
  std::size_t longest_;
  std::string bytes_;
  std::size_t at_ = 0;  // what was given
  bool first_ = true;
  bool ended_ = false;
};

}  // namespace penstock::agent
