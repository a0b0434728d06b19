// Which lines belong to a stack trace, or else to the line before.
#pragma once

#include <string_view>

namespace penstock::agent {

// Knows what Java, Kotlin, Scala, .NET, Python, Go, Node, Ruby, PHP and Rust print, one line after the other. A line belongs to the one before when
// it is indented, closes brackets, or begins with "Caused by:", "Suppressed:", "... 12 more", "at ", a class of exceptions (java.io.IOException:),
// "Traceback", "Stack trace:", "#0 ", "stack backtrace:", "note: ", "goroutine 1 [running]:"; within a traceback of Python and a dump of Go also
// where its lines look like any other. Pure.
class TraceRule {
 public:
  // The first line of a record.
  void begin(std::string_view line);
  // Whether the next line belongs to it; if so, it counts as seen.
  bool follows(std::string_view line);

 private:
  enum class Within { nothing, python, go };
  void enter(std::string_view line);

  Within within_ = Within::nothing;
  bool next_too_ = false;  // whatever the next line is
};

}  // namespace penstock::agent
