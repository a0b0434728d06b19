// Lines within lines: what runtimes of containers write of each line of a program's output.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "penstock/core/time.hpp"

namespace penstock::agent {

struct Envelope {
  std::string text;    // the program's line, without its line end
  Timestamp time;      // when the runtime got it
  std::string stream;  // stdout or stderr
  bool partial = false;  // the line goes on in the stream's next envelope
};

// Docker's json-file: {"log":"text\n","stream":"stdout","time":"2026-11-20T13:33:00.123456789Z"}; without \n the line goes on.
// CRI (containerd, CRI-O, Podman): 2026-11-20T13:33:00.123456789Z stdout F text; with P for F the line goes on.
// nullopt: another line. Pure.
std::optional<Envelope> open_envelope(std::string_view line);

}  // namespace penstock::agent
