// How the agent and `send` read lines and make records of them.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace penstock::agent {

enum class LineFormat {
  detect,  // a line that is a JSON object is a record; Docker's and CRI's lines hold a line in turn
  text,    // every line is a message, whatever it looks like
  json,    // what is no JSON object is refused
};

// Which lines belong to the one before.
enum class Multiline {
  off,
  traces,  // those that stack traces consist of (TraceRule)
  time,    // all that do not begin with a time (line_time.hpp)
};

struct LineOptions {
  LineFormat format = LineFormat::detect;
  Multiline multiline = Multiline::off;
  bool line_time = false;  // lines that begin with a time get it; else that of their container's runtime, else that of reading
  // Names of JSON members that hold what, before the usual ones; several with commas, nested ones with dots.
  std::string message_field, time_field, severity_field, source_field;
};

struct RecordOptions {
  LineOptions lines;
  std::string source;    // of records that name none; empty: the server's view of the peer
  std::string severity;  // of records that name none; empty: INFO
  std::vector<std::pair<std::string, std::string>> fields;  // of records that have no field of that name (labels with metrics)
  // A file that is followed: every record has a time, be it that of reading, also in place of one that is too far ahead for a server to take, and
  // goes to the one deployment, whatever a member of that name says.
  bool followed = false;
};

}  // namespace penstock::agent
