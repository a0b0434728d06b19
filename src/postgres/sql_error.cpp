#include "postgres/sql_error.hpp"

#include <algorithm>
#include <array>

namespace penstock::postgres {
namespace {

// Not bad data, but a restored backup with stale sequences.
constexpr std::string_view kUniqueViolation = "23505";
constexpr std::string_view kCheckViolation = "23514";
constexpr std::string_view kQueryCanceled = "57014";

}  // namespace

ErrorCode classify(const SqlFailure& failure) {
  const std::string_view state = failure.state;
  if (state.size() != 5) return ErrorCode::unavailable;
  if (state == kQueryCanceled) return ErrorCode::canceled;
  if (state == kUniqueViolation) return ErrorCode::unavailable;
  // No partition for the row: retention dropped it between our look and the insert. Our own checks have names.
  if (state == kCheckViolation && failure.constraint.empty()) return ErrorCode::unavailable;
  const std::string_view group = state.substr(0, 2);
  // Class 42 (syntax, rights, objects that are not as expected) is about the schema: data goes in as parameters and COPY only.
  if (group == "22" || group == "23" || group == "54") return ErrorCode::invalid_value;
  return ErrorCode::unavailable;
}

std::string first_line(const char* text) {
  std::string line = text == nullptr ? "" : text;
  line.erase(std::min(line.find('\n'), line.size()));
  return line;
}

Error to_error(const SqlFailure& failure, std::string_view doing) {
  // What Postgres said may hold its host, users, and pieces of the data: it is for operators only.
  std::string said = failure.message.empty() ? "no answer" : failure.message;
  if (!failure.state.empty()) said += " (SQLSTATE " + failure.state + ")";
  return {classify(failure), "The database could not " + std::string(doing) + ".", "", std::move(said)};
}

}  // namespace penstock::postgres
