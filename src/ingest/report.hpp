// What became of the records of one request.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "penstock/core/error.hpp"

namespace penstock::ingest {

struct RejectedRecord {
  std::size_t index = 0;  // in the request, from 0
  Error error;
};

struct IngestReport {
  std::size_t accepted = 0;  // logs + points
  std::size_t logs = 0, points = 0;
  std::size_t samples = 0;   // in the points
  std::size_t rejected = 0;
  std::vector<RejectedRecord> errors;  // the first ones
};

// {"accepted":998,"rejected":2,"errors":[{"index":17,"field":"timestamp","code":"…","message":"…"}]}; `field` only where there is one.
std::string to_json(const IngestReport& report);
// The same members without the braces, for an answer that says more.
void append_json_members(std::string& out, const IngestReport& report);

}  // namespace penstock::ingest
