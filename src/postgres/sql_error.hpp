// What an SQLSTATE means to the rest of Penstock.
#pragma once

#include <string>
#include <string_view>

#include "penstock/core/error.hpp"

namespace penstock::postgres {

// What the server (or libpq) said.
struct SqlFailure {
  std::string state;       // SQLSTATE; empty when there was no answer
  std::string message;     // first line, no user data
  std::string constraint;  // the violated constraint, when the server names one
};

// unavailable: wait and try again (connection, resources, locks, shutdown, and whatever an operator must put right:
// log-in, permission, schema). invalid_value: this very data can never be stored. canceled: 57014, a statement was
// interrupted or took too long.
ErrorCode classify(const SqlFailure& failure);

// The first line of what a library says, which may be nothing at all; the rest can hold user data.
std::string first_line(const char* text);

// An Error of that class; `doing` says what was tried: "store a commit".
Error to_error(const SqlFailure& failure, std::string_view doing);

}  // namespace penstock::postgres
