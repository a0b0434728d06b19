// What became of the records of one request.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "penstock/core/error.hpp"

namespace penstock::ingest {

// What there is to say about a record: why it was refused, or what of it was set aside.
struct RecordRemark {
  std::size_t index = 0;  // in the request, from 0
  Error error;
};

struct IngestReport {
  std::size_t accepted = 0;  // logs + points
  std::size_t logs = 0, points = 0;
  std::size_t samples = 0;   // in the points
  std::size_t rejected = 0;
  std::vector<RecordRemark> errors;    // the first ones
  // By what is declared. Apart from records, so that who sends again what was refused does not send a point again of which the rest was taken. A point all
  // of whose samples are refused is rejected, with the first of its errors.
  std::size_t rejected_samples = 0;
  std::vector<RecordRemark> sample_errors;  // the first ones that stand in no record's error
  std::vector<RecordRemark> warnings;  // of records that were taken: the first values that did not fit
  // Which records were rejected, all of them, as runs [first, last]: for a sender that keeps what was refused. Only where it was asked for, and
  // of a request that alternates without end only the first kMostRuns.
  static constexpr std::size_t kMostRuns = 4096;
  bool lists_rejected = false;
  std::vector<std::pair<std::size_t, std::size_t>> rejected_runs;

  void reject(std::size_t index, Error error, std::size_t most_errors);
  // Of a record that is taken otherwise, or rejected for another of its samples.
  void refuse_samples(std::size_t index, std::span<const Error> refusals, std::size_t most_errors);
};

// {"accepted":998,"rejected":2,"errors":[{"index":17,"field":"timestamp","code":"…","message":"…"}],
// "warnings":[…]}; `field` only where there is one.
// With refused samples also "rejected_samples":3,"sample_errors":[…], in the form of errors. With lists_rejected also "rejected_indexes":[[0,99],[105,105]].
std::string to_json(const IngestReport& report);
// The same members without the braces, for an answer that says more.
void append_json_members(std::string& out, const IngestReport& report);

}  // namespace penstock::ingest
