// Query parameters as typed values. Unknown, repeated and malformed ones are errors that name the parameter.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock_zone.hpp"
#include "http/message.hpp"
#include "penstock/core/result.hpp"
#include "penstock/core/time.hpp"

namespace penstock::api {

enum class AnswerFormat { json, ndjson, csv };

// Reads one request's parameters. Absent and empty are two things: what is given empty is refused (a shell variable that was not set must never mean
// "all"), but where a name ends in _or_empty. The first problem is kept; ask error() once everything was read. Single-threaded,
// refers to the head it was made from.
class Parameters {
 public:
  // NUL and invalid UTF-8 in any name or value are errors. `ahead_ns`: how far ahead of now records may be dated.
  Parameters(const http::RequestHead& head, Timestamp now, std::int64_t ahead_ns = 0);

  std::optional<std::string> text(std::string_view name);
  std::string text(std::string_view name, std::string_view fallback);
  std::optional<std::string> text_or_empty(std::string_view name);
  std::string required_text(std::string_view name);
  std::vector<std::string> all(std::string_view name);   // repeatable
  // Separated by commas, and repeatable; each once. A comma that is part of an item is written \,
  std::vector<std::string> list(std::string_view name);
  std::vector<std::string> list_or_empty(std::string_view name);
  std::uint64_t number(std::string_view name, std::uint64_t fallback, std::uint64_t least, std::uint64_t most);
  bool given(std::string_view name) const;
  AnswerFormat answer_format();       // what `format`, or else Accept, asks for
  AnswerFormat format_asked() const;  // the same, where `format` need not be known
  bool flag(std::string_view name);  // "1", "true" or no value
  Timestamp time(std::string_view name, std::string_view fallback);
  // The end of a range: without one, as far ahead as records may be dated, for what was just accepted must be in the answer.
  Timestamp end_time(std::string_view name);
  Timestamp now() const { return now_; }
  std::int64_t duration(std::string_view name);  // nanoseconds; 0 when absent
  // "+02:00", "-0330", "+2", "Z" or a name such as "Europe/Berlin" (core/clock_zone.hpp); UTC when absent.
  ZoneName zone(std::string_view name);
  // All "prefixNAME=VALUE".
  std::vector<std::pair<std::string, std::string>> with_prefix(std::string_view prefix);

  void fail(ErrorCode code, std::string_view name, std::string message);
  // Set when something was malformed, or a parameter was given that nobody read.
  std::optional<Error> error();

 private:
  void refuse_empty(std::string_view name);

  const http::RequestHead& head_;
  Timestamp now_;
  std::int64_t ahead_ns_;
  std::vector<std::string_view> known_;     // names that were asked for; literals
  std::vector<std::string_view> prefixes_;  // the same of with_prefix()
  std::optional<Error> error_;
};

}  // namespace penstock::api
