#include "penstock/core/metric_declarations.hpp"

#include <algorithm>
#include <cmath>

#include "penstock/core/name_pattern.hpp"
#include "penstock/core/names.hpp"

namespace penstock {
namespace {

constexpr std::size_t kMaxMetricPattern = 200, kMaxUnit = 32, kMaxDescription = 1024;

// Calls `visit` with each character that stands for itself, and ends at the first that does not, when `whole` is false.
template <class Visit>
void each_literal(std::string_view pattern, bool whole, Visit visit) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '*' || pattern[i] == '?') {
      if (!whole) return;
      continue;
    }
    if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
    visit(pattern[i]);
  }
}

}  // namespace

Result<void> check(const MetricDeclaration& declaration) {
  const auto wrong = [](const char* field, std::string message) { return Error{ErrorCode::invalid_request, std::move(message), field}; };
  if (declaration.deployment != "*" && !is_deployment_name(declaration.deployment)) {
    return wrong("deployment", "Name a deployment, or * for all. " + std::string(kDeploymentNameRule));
  }
  if (!is_name(declaration.name, kMaxMetricPattern)) {
    return wrong("name", "This is a metric's name, or a pattern with * and ?, of 1 to 200 bytes without control characters.");
  }
  if (!declaration.unit.empty() && !is_name(declaration.unit, kMaxUnit)) return wrong("unit", "A unit is at most 32 bytes without control characters, such as bytes, s or °C.");
  if (!declaration.description.empty() && !is_name(declaration.description, kMaxDescription)) {
    return wrong("description", "A description is at most 1024 bytes without control characters.");
  }
  for (const auto& [bound, field] : {std::pair(declaration.least, "min"), std::pair(declaration.most, "max")}) {
    if (bound && !std::isfinite(*bound)) return wrong(field, "A bound is a finite number; leave it out where there is none. NaN and infinities are never taken.");
  }
  if (declaration.least && declaration.most && *declaration.least > *declaration.most) return wrong("max", "The largest value allowed lies below the smallest.");
  return {};
}

std::string literal_beginning(std::string_view pattern) {
  std::string beginning;
  each_literal(pattern, false, [&beginning](char c) { beginning += c; });
  return beginning;
}

std::shared_ptr<const MetricDeclarations> MetricDeclarations::make(std::vector<MetricDeclaration> list, Refusals refusals) {
  const bool refuses = std::any_of(refusals.begin(), refusals.end(), [](const auto& one) { return one.second; });
  if (list.empty() && !refuses) return nullptr;
  return std::shared_ptr<const MetricDeclarations>(new MetricDeclarations(std::move(list), std::move(refusals)));
}

MetricDeclarations::MetricDeclarations(std::vector<MetricDeclaration> list, Refusals refusals) : list_(std::move(list)), refusals_(std::move(refusals)) {
  for (std::size_t i = 0; i < list_.size(); ++i) {
    const MetricDeclaration& one = list_[i];
    std::size_t weight = 0;
    each_literal(one.name, true, [&weight](char) { ++weight; });
    weights_.push_back(weight);
    OfDeployment& of = of_[one.deployment];
    std::string beginning = literal_beginning(one.name);
    if (is_pattern(one.name)) {
      of.lengths.push_back(beginning.size());
      of.beginnings[std::move(beginning)].push_back(i);
    } else {
      of.names.emplace(std::move(beginning), i);
    }
  }
  for (auto& [deployment, of] : of_) {
    std::sort(of.lengths.begin(), of.lengths.end());
    of.lengths.erase(std::unique(of.lengths.begin(), of.lengths.end()), of.lengths.end());
    for (auto& [beginning, places] : of.beginnings) std::sort(places.begin(), places.end(), [this](std::size_t a, std::size_t b) { return before(a, b); });
  }
}

bool MetricDeclarations::before(std::size_t a, std::size_t b) const { return weights_[a] != weights_[b] ? weights_[a] > weights_[b] : list_[a].name < list_[b].name; }

const MetricDeclaration* MetricDeclarations::find_in(const OfDeployment& of, std::string_view name) const {
  if (const auto exact = of.names.find(name); exact != of.names.end()) return &list_[exact->second];
  const std::size_t none = list_.size();
  std::size_t best = none;
  for (const std::size_t length : of.lengths) {
    if (length > name.size()) break;
    const auto alike = of.beginnings.find(name.substr(0, length));
    if (alike == of.beginnings.end()) continue;
    for (const std::size_t place : alike->second) {
      if (best != none && !before(place, best)) break;
      if (!matches_pattern(list_[place].name, name)) continue;
      best = place;
      break;
    }
  }
  return best == none ? nullptr : &list_[best];
}

const MetricDeclaration* MetricDeclarations::find(std::string_view deployment, std::string_view name) const {
  for (const std::string_view where : {deployment, std::string_view("*")}) {
    const auto of = of_.find(where);
    if (of == of_.end()) continue;
    if (const MetricDeclaration* const found = find_in(of->second, name)) return found;
  }
  return nullptr;
}

bool MetricDeclarations::refuses_undeclared(std::string_view deployment) const {
  for (const std::string_view where : {deployment, std::string_view("*")}) {
    if (const auto said = refusals_.find(where); said != refusals_.end()) return said->second;
  }
  return false;
}

}  // namespace penstock
