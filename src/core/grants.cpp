#include "penstock/core/grants.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "penstock/core/name_pattern.hpp"
#include "penstock/core/names.hpp"

namespace penstock {
namespace {

constexpr std::size_t kMaxPatterns = 64, kMaxPatternBytes = 256;

struct NamedRight {
  Rights rights;
  std::string_view name;
};
// "ingest" stands before its parts, so that who holds both is said to hold it.
constexpr std::array<NamedRight, 10> kNames = {{{Right::deployment_read, "deployment:read"},
                                                {Right::metrics_read, "metrics:read"},
                                                {Right::logs_read, "logs:read"},
                                                {Right::logs_delete, "logs:delete"},
                                                {Right::custom_metrics_read, "custom_metrics:read"},
                                                {kIngest, "ingest"},
                                                {Right::ingest_logs, "ingest:logs"},
                                                {Right::ingest_metrics, "ingest:metrics"},
                                                {Right::admin, "admin"},
                                                {Right::audit_read, "audit:read"}}};

bool matches_one(const std::vector<std::string>& patterns, std::string_view name) {
  return patterns.empty() || std::any_of(patterns.begin(), patterns.end(), [name](const std::string& pattern) { return matches_pattern(pattern, name); });
}

// Names of custom metrics narrow the one right to read those.
bool covers(const Grant& grant, Rights any_of, const Grants::Target& target) {
  const Rights held = grant.rights & any_of;
  if (held.empty()) return false;
  if (target.source && !matches_one(grant.sources, *target.source)) return false;
  return held != Rights(Right::custom_metrics_read) || !target.metric || matches_one(grant.custom_metrics, *target.metric);
}

Result<void> check_patterns(const std::vector<std::string>& patterns, const char* field) {
  if (patterns.size() > kMaxPatterns) {
    return Error{ErrorCode::invalid_request, "A grant names at most 64 of these; a pattern with * stands for many.", field};
  }
  for (const std::string& pattern : patterns) {
    if (!is_name(pattern, kMaxPatternBytes)) {
      return Error{ErrorCode::invalid_request, "Each is a name or a pattern with * and ?, 1 to 256 bytes without control characters.", field};
    }
  }
  return {};
}

struct ByDeployment {
  bool operator()(const Grant& grant, std::string_view name) const { return grant.deployment < name; }
  bool operator()(std::string_view name, const Grant& grant) const { return name < grant.deployment; }
};

}  // namespace

std::string_view right_name(Right right) {
  const auto found = std::find_if(kNames.begin(), kNames.end(), [right](const NamedRight& one) { return one.rights == Rights(right); });
  return found == kNames.end() ? std::string_view() : found->name;
}

std::vector<std::string_view> right_names(Rights rights) {
  std::vector<std::string_view> names;
  Rights told;
  for (const NamedRight& one : kNames) {
    if (!rights.has_all(one.rights) || told.has_all(one.rights)) continue;
    names.push_back(one.name);
    told |= one.rights;
  }
  return names;
}

std::optional<Rights> parse_rights(std::string_view name) {
  for (const NamedRight& one : kNames) {
    if (one.name == name) return one.rights;
  }
  return std::nullopt;
}

Result<Rights> parse_rights(const std::vector<std::string>& names) {
  Rights rights;
  for (const std::string& name : names) {
    const auto known = parse_rights(name);
    if (!known) {
      std::string all;
      for (const NamedRight& one : kNames) all += (all.empty() ? "" : ", ") + std::string(one.name);
      return Error{ErrorCode::invalid_request, "There is no right of this name: take some of " + all + '.', "rights"};
    }
    rights |= *known;
  }
  return rights;
}

Result<void> check(const Grant& grant) {
  const auto wrong = [](const char* field, std::string message) { return Error{ErrorCode::invalid_request, std::move(message), field}; };
  if (grant.rights.empty()) return wrong("rights", "A grant needs one right at least.");
  if (grant.all_deployments != grant.deployment.empty()) return wrong("deployment", "A grant is for one deployment or for all, so give one of the two.");
  if (!grant.all_deployments && !is_deployment_name(grant.deployment)) return wrong("deployment", std::string(kDeploymentNameRule));
  if (grant.rights.has_any(kInstanceRights) && (!grant.all_deployments || !grant.sources.empty())) {
    return wrong("rights", "The rights admin and audit:read are of the whole instance: give them for all deployments and all sources.");
  }
  if (!grant.custom_metrics.empty() && !grant.rights.has(Right::custom_metrics_read)) {
    return wrong("custom_metrics", "Naming custom metrics needs the right custom_metrics:read.");
  }
  if (auto sources = check_patterns(grant.sources, "sources"); !sources) return sources;
  return check_patterns(grant.custom_metrics, "custom_metrics");
}

SourceFilter SourceFilter::of(std::vector<std::string> patterns) {
  if (patterns.empty()) return all();
  std::sort(patterns.begin(), patterns.end());
  patterns.erase(std::unique(patterns.begin(), patterns.end()), patterns.end());
  return SourceFilter(false, std::move(patterns));
}

bool SourceFilter::covers(std::string_view source) const { return all_ || (!patterns_.empty() && matches_one(patterns_, source)); }

void SourceFilter::unite(const SourceFilter& other) {
  if (all_ || other.is_none()) return;
  if (other.all_ || is_none()) {
    *this = other;
    return;
  }
  std::vector<std::string> both = patterns_;
  both.insert(both.end(), other.patterns_.begin(), other.patterns_.end());
  *this = of(std::move(both));
}

const SourceFilter& Reach::in(std::string_view deployment) const {
  const auto found = std::lower_bound(parts_.begin(), parts_.end(), deployment, [](const Part& part, std::string_view name) { return part.deployment < name; });
  return found != parts_.end() && found->deployment == deployment ? found->sources : elsewhere_;
}

std::vector<std::string> Reach::deployments() const {
  std::vector<std::string> names;
  names.reserve(parts_.size());
  for (const Part& part : parts_) names.push_back(part.deployment);
  return names;
}

bool Reach::narrowed() const {
  if (everywhere() && !elsewhere_.is_all()) return true;
  return std::any_of(parts_.begin(), parts_.end(), [](const Part& part) { return !part.sources.is_all(); });
}

void Reach::add(const Grant& grant) {
  const SourceFilter sources = SourceFilter::of(grant.sources);
  if (grant.all_deployments) {
    elsewhere_.unite(sources);
    for (Part& part : parts_) part.sources.unite(sources);
  } else {
    auto place = std::lower_bound(parts_.begin(), parts_.end(), grant.deployment, [](const Part& part, const std::string& name) { return part.deployment < name; });
    if (place == parts_.end() || place->deployment != grant.deployment) place = parts_.insert(place, {grant.deployment, elsewhere_});
    place->sources.unite(sources);
  }
  // What is covered as all the others are needs no mention.
  std::erase_if(parts_, [this](const Part& part) { return part.sources == elsewhere_; });
}

Grants::Grants(std::vector<Grant> grants) : grants_(std::move(grants)) {
  std::stable_sort(grants_.begin(), grants_.end(), [](const Grant& a, const Grant& b) {
    return a.all_deployments != b.all_deployments ? a.all_deployments : a.deployment < b.deployment;
  });
  for (Grant& grant : grants_) {
    // Whatever check() would have refused gives nothing.
    if (!grant.all_deployments || !grant.sources.empty()) grant.rights = grant.rights & kDeploymentRights;
    if (grant.all_deployments) ++general_;
    held_ |= grant.rights;
  }
}

Grants Grants::everything() {
  return Grants({Grant{.all_deployments = true, .deployment = {}, .rights = kDeploymentRights | kInstanceRights}});
}

bool Grants::may_any(Rights any_of, const Target& target) const {
  if (!held_.has_any(any_of)) return false;
  const auto named = grants_.begin() + static_cast<std::ptrdiff_t>(general_);
  const auto holds = [&](const Grant& grant) { return covers(grant, any_of, target); };
  if (std::any_of(grants_.begin(), named, holds)) return true;
  const auto [first, last] = std::equal_range(named, grants_.end(), target.deployment, ByDeployment());
  return std::any_of(first, last, holds);
}

SourceFilter Grants::sources(Right right, std::string_view deployment) const {
  SourceFilter all = SourceFilter::none();
  for (const Grant& grant : grants_) {
    if (grant.rights.has(right) && (grant.all_deployments || grant.deployment == deployment)) all.unite(SourceFilter::of(grant.sources));
  }
  return all;
}

Reach Grants::reach_of_any(Rights any_of) const {
  Reach reach;
  for (const Grant& grant : grants_) {
    if (grant.rights.has_any(any_of)) reach.add(grant);
  }
  return reach;
}

}  // namespace penstock
