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

// Reads lines of bounded length: a longer one comes in parts that end before a character. CR before the line end goes.
class LineReader {
 public:
  LineReader(std::istream& in, std::size_t longest) : in_(in), longest_(longest) {}
  // False at the end of the input.
  bool next(std::string& line);

 private:
  std::istream& in_;
  std::size_t longest_;
  std::string carried_;  // the start of a character that was cut
};

}  // namespace penstock::agent
