#include "penstock/core/retention_rule.hpp"

namespace penstock {

const RetentionRule* governing_rule(const std::vector<RetentionRule>& rules, std::string_view deployment, RecordKind kind) {
  const RetentionRule* best = nullptr;
  int best_rank = -1;
  for (const RetentionRule& rule : rules) {
    if (!rule.deployment.empty() && rule.deployment != deployment) continue;
    if (rule.kind && *rule.kind != kind) continue;
    const int rank = (rule.deployment.empty() ? 0 : 2) + (rule.kind ? 1 : 0);
    if (rank > best_rank) {
      best = &rule;
      best_rank = rank;
    }
  }
  return best;
}

std::int64_t max_age_ns(const std::vector<RetentionRule>& rules, std::string_view deployment, RecordKind kind) {
  const RetentionRule* const rule = governing_rule(rules, deployment, kind);
  return rule == nullptr ? 0 : rule->max_age_ns;
}

}  // namespace penstock
