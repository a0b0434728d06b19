#include "ingest/sample_rules.hpp"

#include <charconv>

#include "base/unicode.hpp"

namespace penstock::ingest {
namespace {

constexpr std::size_t kShownMetric = 64;

std::string number_text(double value) {
  char buffer[32];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
}

std::string range_text(const MetricDeclaration& declaration) {
  if (declaration.least && declaration.most) return "from " + number_text(*declaration.least) + " to " + number_text(*declaration.most);
  return declaration.least ? "of at least " + number_text(*declaration.least) : "of at most " + number_text(*declaration.most);
}

}  // namespace

std::optional<Error> SampleRules::refusal(std::string_view deployment, std::size_t place, const SampleView& sample) {
  if (deployment != deployment_) {
    deployment_ = deployment;
    refuses_undeclared_ = declared_->refuses_undeclared(deployment);
    found_.clear();
  }
  if (place >= found_.size()) found_.resize(place + 1);
  Found& found = found_[place];
  if (found.name != sample.name) {
    found.declaration = declared_->find(deployment, sample.name);
    found.name = sample.name;
  }
  const auto shown = [&] { return std::string(sample.name.substr(0, whole_characters(sample.name, kShownMetric))); };
  if (found.declaration == nullptr) {
    if (!refuses_undeclared_) return std::nullopt;
    return Error{ErrorCode::invalid_name, "This deployment takes declared metrics only, and \"" + shown() + "\" is not declared: have an administrator declare it.", "metrics." + shown()};
  }
  if (found.declaration->takes(sample.value)) return std::nullopt;
  return Error{ErrorCode::invalid_value,
               "The metric \"" + shown() + "\" takes values " + range_text(*found.declaration) + ", and this is " + number_text(sample.value) + ": set the sender right, or have the range changed.",
               "metrics." + shown()};
}

}  // namespace penstock::ingest
