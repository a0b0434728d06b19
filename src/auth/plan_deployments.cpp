// What administrators set about deployments: declared metrics, retention, undeclared metrics.
#include <algorithm>
#include <charconv>
#include <map>
#include <tuple>

#include "auth/plan_parts.hpp"
#include "penstock/core/name_pattern.hpp"
#include "penstock/core/names.hpp"

namespace penstock::auth {
namespace {

std::string bound_text(const std::optional<double>& bound) {
  if (!bound) return "none";
  char buffer[32];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, *bound).ptr};
}

AuditDetail told(const MetricDeclaration& metric) {
  AuditDetail detail;
  detail.text("deployment", metric.deployment).text("name", metric.name).text("unit", metric.unit).text("description", metric.description);
  detail.text("min", bound_text(metric.least)).text("max", bound_text(metric.most));
  return detail;
}

void put(const MetricWish& wish, MetricDeclaration& metric) {
  if (wish.deployment) metric.deployment = *wish.deployment;
  if (wish.name) metric.name = *wish.name;
  if (wish.unit) metric.unit = *wish.unit;
  if (wish.description) metric.description = *wish.description;
  if (wish.least) metric.least = *wish.least;
  if (wish.most) metric.most = *wish.most;
}

// What is declared already, as far as it matters to others.
class Declared {
 public:
  explicit Declared(const std::map<std::int64_t, StoredDeclaration>& all, std::int64_t but = 0) {
    for (const auto& [id, one] : all) {
      if (id != but) add(one.metric);
    }
  }

  std::size_t size() const { return size_; }
  void add(const MetricDeclaration& metric) {
    ++size_;
    names_.emplace(key(metric), metric.id);
    if (is_pattern(metric.name)) ++alike_[{metric.deployment, literal_beginning(metric.name)}];
  }
  // Whether it fits in beside all of them.
  Result<void> check_beside(const MetricDeclaration& metric) const {
    if (auto fits = check(metric); !fits) return fits;
    if (const auto same = names_.find(key(metric)); same != names_.end()) {
      const std::string which = same->second == 0 ? std::string() : " (" + std::to_string(same->second) + ")";
      return Error{ErrorCode::conflict, "\"" + metric.name + "\" is declared there already" + which + ": change that declaration, or remove it.", "name"};
    }
    const auto alike = alike_.find({metric.deployment, literal_beginning(metric.name)});
    if (is_pattern(metric.name) && alike != alike_.end() && alike->second >= kMostPatternsAlike) {
      return Error{ErrorCode::conflict, "There are " + std::to_string(kMostPatternsAlike) + " patterns with this beginning there, which is the most: join some into one.", "name"};
    }
    return {};
  }

 private:
  // A name is the same in every spelling; of patterns the spelling counts.
  static std::tuple<std::string, bool, std::string> key(const MetricDeclaration& metric) {
    const bool pattern = is_pattern(metric.name);
    return {metric.deployment, pattern, pattern ? metric.name : literal_beginning(metric.name)};
  }

  std::size_t size_ = 0;
  std::map<std::tuple<std::string, bool, std::string>, std::int64_t> names_;
  std::map<std::pair<std::string, std::string>, std::size_t> alike_;  // patterns, by what they begin with
};

Error no_declaration(std::int64_t id) { return {ErrorCode::not_found, "There is no declaration " + std::to_string(id) + '.', ""}; }

bool is_place(const std::string& deployment) { return deployment == "*" || is_deployment_name(deployment); }

Error no_place() { return {ErrorCode::invalid_request, "Name a deployment, or * for all. " + std::string(kDeploymentNameRule), "deployment"}; }

std::string kind_text(RecordKind kind) { return kind == RecordKind::log ? "logs" : "metrics"; }

std::string kept_text(std::int64_t max_age_ns, std::uint64_t max_bytes) {
  std::string text = max_age_ns == 0 ? "for ever" : std::to_string(max_age_ns / kSecond) + " s";
  if (max_bytes != 0) text += ", up to " + std::to_string(max_bytes) + " bytes";
  return text;
}

const StoredRetention* find_retention(const Identities& identities, const std::string& deployment, RecordKind kind) {
  const auto found = std::find_if(identities.retention.begin(), identities.retention.end(),
                                  [&](const StoredRetention& one) { return one.deployment == deployment && one.kind == kind; });
  return found == identities.retention.end() ? nullptr : &*found;
}

}  // namespace

Planned plan_declarations(const PlanScene& scene, const std::vector<MetricWish>& wishes) {
  IdentityPlan plan;
  Declared there(scene.identities.declarations);
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    StoredDeclaration stored{{}, scene.now, scene.now, scene.caller.name, scene.caller.name};
    put(wishes[i], stored.metric);
    const auto at = [&](Error error) {
      if (wishes.size() > 1) error.field = "metrics[" + std::to_string(i) + "]." + error.field;
      return error;
    };
    if (there.size() >= kMostDeclarations) return at({ErrorCode::conflict, "There are 10,000 declarations, which is the most: a pattern with * stands for many.", "name"});
    if (auto fits = there.check_beside(stored.metric); !fits) return at(fits.error());
    there.add(stored.metric);
    plan.entries.push_back(done(scene, "custom_metric.declare", "metric:" + stored.metric.name, told(stored.metric)));
    plan.changes.emplace_back(std::move(stored));
  }
  return plan;
}

Planned plan_declaration_change(const PlanScene& scene, std::int64_t id, const MetricWish& wish, bool whole) {
  const auto found = scene.identities.declarations.find(id);
  if (found == scene.identities.declarations.end()) return no_declaration(id);
  StoredDeclaration stored = found->second;
  if (whole) stored.metric = {.id = id, .deployment = "*", .name = ""};
  put(wish, stored.metric);
  if (stored.metric == found->second.metric) return IdentityPlan{};
  if (auto fits = Declared(scene.identities.declarations, id).check_beside(stored.metric); !fits) return fits.error();
  stored.changed_at = scene.now;
  stored.changed_by = scene.caller.name;
  AuditDetail detail = told(stored.metric);
  if (stored.metric.name != found->second.metric.name) detail.text("name_before", found->second.metric.name);
  if (stored.metric.deployment != found->second.metric.deployment) detail.text("deployment_before", found->second.metric.deployment);
  detail.text("min_before", bound_text(found->second.metric.least)).text("max_before", bound_text(found->second.metric.most));
  const std::string object = "metric:" + stored.metric.name;
  return IdentityPlan{{std::move(stored)}, {done(scene, "custom_metric.change", object, std::move(detail))}};
}

Planned plan_declaration_removal(const PlanScene& scene, std::int64_t id) {
  const auto found = scene.identities.declarations.find(id);
  if (found == scene.identities.declarations.end()) return no_declaration(id);
  return IdentityPlan{{RemoveDeclaration{id}}, {done(scene, "custom_metric.remove", "metric:" + found->second.metric.name, told(found->second.metric))}};
}

Planned plan_retention(const PlanScene& scene, const StoredRetention& wish) {
  if (!is_place(wish.deployment)) return no_place();
  const StoredRetention* const there = find_retention(scene.identities, wish.deployment, wish.kind);
  if (there != nullptr && there->max_age_ns == wish.max_age_ns && there->max_bytes == wish.max_bytes) return IdentityPlan{};
  if (there == nullptr && scene.identities.retention.size() >= kMostRetentionRules) {
    return Error{ErrorCode::conflict, "There are 1,000 rules of retention, which is the most: the deployment * stands for all that have none of their own.", ""};
  }
  StoredRetention rule = wish;
  rule.changed_at = scene.now;
  rule.changed_by = scene.caller.name;
  AuditDetail detail;
  detail.text("kind", kind_text(rule.kind)).text("before", there == nullptr ? "as configured" : kept_text(there->max_age_ns, there->max_bytes));
  detail.text("after", kept_text(rule.max_age_ns, rule.max_bytes));
  const std::string object = "deployment:" + rule.deployment;
  return IdentityPlan{{std::move(rule)}, {done(scene, "retention.change", object, std::move(detail))}};
}

Planned plan_retention_removal(const PlanScene& scene, const std::string& deployment, RecordKind kind) {
  if (!is_place(deployment)) return no_place();
  const StoredRetention* const there = find_retention(scene.identities, deployment, kind);
  if (there == nullptr) return Error{ErrorCode::not_found, "No retention was set for the " + kind_text(kind) + " of \"" + deployment + "\".", ""};
  AuditDetail detail;
  detail.text("kind", kind_text(kind)).text("before", kept_text(there->max_age_ns, there->max_bytes)).text("after", "as configured");
  return IdentityPlan{{RemoveRetention{deployment, kind}}, {done(scene, "retention.change", "deployment:" + deployment, std::move(detail))}};
}

Planned plan_undeclared(const PlanScene& scene, const std::string& deployment, Undeclared metrics) {
  if (!is_place(deployment)) return no_place();
  const auto text = [](Undeclared one) { return one == Undeclared::unsaid ? "unsaid" : one == Undeclared::taken ? "taken" : "refused"; };
  const auto found = scene.identities.undeclared.find(deployment);
  const Undeclared before = found == scene.identities.undeclared.end() ? Undeclared::unsaid : found->second;
  if (before == metrics) return IdentityPlan{};
  if (before == Undeclared::unsaid && scene.identities.undeclared.size() >= kMostDeclarations) {
    return Error{ErrorCode::conflict, "10,000 deployments have settings of their own, which is the most: the deployment * stands for all others.", ""};
  }
  AuditDetail detail;
  detail.text("undeclared_metrics", text(metrics)).text("before", text(before));
  return IdentityPlan{{ChangeUndeclared{deployment, metrics}}, {done(scene, "deployment.change", "deployment:" + deployment, std::move(detail))}};
}

}  // namespace penstock::auth
