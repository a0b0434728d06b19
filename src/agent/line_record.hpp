// Lines as records in NDJSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/line_joiner.hpp"
#include "agent/line_options.hpp"
#include "penstock/core/time.hpp"

namespace penstock::agent {

// Appends the records of a line, each with its line end, and to `starts` where each begins. A JSON object is one record, as a server would have read
// it: by the names that the decoder knows. Anything else is a message; of very long text each part that fits a server's limit of 1 MiB a record
// however much of it must be escaped, cut before a character. What the options give is added where the line tells nothing that fits (a `host` that
// is an object is no source). Returns why there is none: only for LineFormat::json. `now`: the time of reading.
std::optional<std::string> append_line_records(std::string& out, std::vector<std::size_t>& starts, const LogLine& line, const RecordOptions& options,
                                               Timestamp now);

// Appends the point of a line, JSON as it is with what it lacks, or "name value [timestamp]". Returns why there is none.
std::optional<std::string> append_line_point(std::string& out, std::string_view line, const RecordOptions& options);

// Whether a line is taken for JSON, which is a record or none, but never several.
bool is_for_json(std::string_view line, const LineOptions& options);

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
