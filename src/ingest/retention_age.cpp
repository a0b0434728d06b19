#include "ingest/options.hpp"

namespace penstock::ingest {

std::int64_t max_age_ns(const std::vector<RetentionRule>& rules, std::string_view deployment, RecordKind kind) {
  std::int64_t age = 0;
  int best = -1;
  for (const RetentionRule& rule : rules) {
    if (!rule.deployment.empty() && rule.deployment != deployment) continue;
    if (rule.kind && *rule.kind != kind) continue;
    const int specific = (rule.deployment.empty() ? 0 : 2) + (rule.kind ? 1 : 0);
    if (specific > best) {
      best = specific;
      age = rule.max_age_ns;
    }
  }
  return age;
}

}  // namespace penstock::ingest
