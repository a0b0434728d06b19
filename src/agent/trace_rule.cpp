#include "agent/trace_rule.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "base/ascii.hpp"

namespace penstock::agent {
namespace {

bool is_one_of(std::string_view line, std::initializer_list<std::string_view> starts) {
  return std::any_of(starts.begin(), starts.end(), [line](std::string_view start) { return line.starts_with(start); });
}

std::string_view first_word(std::string_view line, std::string_view ends) { return line.substr(0, line.find_first_of(ends)); }

// java.lang.IllegalStateException: boom, System.IO.IOException; a dotted name that ends as classes of exceptions do.
bool names_exception(std::string_view line) {
  const std::string_view name = first_word(line, ": ");
  if (name.size() < line.size() && line[name.size()] != ':') return false;
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '$'; });
  return plain && name.find('.') != std::string_view::npos &&
         (name.ends_with("Exception") || name.ends_with("Error") || name.ends_with("Throwable") || name.ends_with("Failure"));
}

bool is_indented(std::string_view line) { return line.front() == ' ' || line.front() == '\t'; }

// main.main(), created by net/http.(*Server).Serve in goroutine 1, exit status 2
bool is_of_go(std::string_view line) {
  return is_one_of(line, {"goroutine ", "created by ", "exit status ", "[signal ", "panic(", "runtime."}) ||
         (line.ends_with(')') && first_word(line, " ").find('(') != std::string_view::npos && first_word(line, "(").find('.') != std::string_view::npos);
}

bool begins_trace_of_go(std::string_view line) { return is_one_of(line, {"panic: ", "fatal error: ", "goroutine ", "SIGQUIT: ", "SIGSEGV: "}); }

}  // namespace

void TraceRule::enter(std::string_view line) {
  if (is_one_of(line, {"Traceback (most recent call last):"})) within_ = Within::python;
  if (begins_trace_of_go(line)) within_ = Within::go;
  // Rust: thread 'main' panicked at src/main.rs:2:5:
  next_too_ = line.find(" panicked at ") != std::string_view::npos && line.ends_with(':');
}

void TraceRule::begin(std::string_view line) {
  within_ = Within::nothing;
  enter(line);
}

bool TraceRule::follows(std::string_view line) {
  if (line.empty()) return true;
  if (std::exchange(next_too_, false)) return true;
  if (is_indented(line)) return true;
  const bool closes = std::string_view("}])").find(line.front()) != std::string_view::npos;
  const bool marked = is_one_of(line, {"Caused by:", "Suppressed:", "... ", "at ", "Traceback (most recent call last):", "Stack trace:", "stack backtrace:", "note: ",
                                       "During handling of the above exception", "The above exception was the direct cause"}) ||
                      (line.size() > 2 && line[0] == '#' && is_digit(line[1])) || (line.starts_with("goroutine ") && line.ends_with(':'));
  if (closes || marked || names_exception(line)) {
    enter(line);
    return true;
  }
  if (within_ == Within::python) {
    // The exception itself ends the traceback.
    within_ = Within::nothing;
    const std::string_view name = first_word(line, ": ");
    return name.size() == line.size() || line[name.size()] == ':';
  }
  if (within_ == Within::go && is_of_go(line)) return true;
  within_ = Within::nothing;
  return false;
}

}  // namespace penstock::agent
