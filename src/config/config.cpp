#include "config/config.hpp"

namespace penstock::config {

std::vector<RetentionRule> Config::retention_rules() const {
  std::vector<RetentionRule> all = retention.rules;
  all.push_back({"", RecordKind::log, retention.logs_ns, retention.logs_max_bytes});
  all.push_back({"", RecordKind::metric, retention.metrics_ns, retention.metrics_max_bytes});
  return all;
}

}  // namespace penstock::config
