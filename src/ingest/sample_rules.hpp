// Samples against what is declared about their metrics.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/core/error.hpp"
#include "penstock/core/metric_declarations.hpp"
#include "penstock/core/record.hpp"

namespace penstock::ingest {

// One a request. A sender's points tell the same names in the same order, so each place in a point remembers what it found for its name: a declaration is
// looked up for each series, not for each sample.
class SampleRules {
 public:
  // null: everything is taken.
  explicit SampleRules(const MetricDeclarations* declared) : declared_(declared) {}

  bool none() const { return declared_ == nullptr; }
  // Why the sample at that place of its point is refused; nullopt: it is taken.
  std::optional<Error> refusal(std::string_view deployment, std::size_t place, const SampleView& sample);

 private:
  struct Found {
    std::string name;
    const MetricDeclaration* declaration = nullptr;
  };

  const MetricDeclarations* const declared_;
  std::string deployment_;  // that found_ is about
  bool refuses_undeclared_ = false;
  std::vector<Found> found_;
};

}  // namespace penstock::ingest
