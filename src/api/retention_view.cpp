#include "api/retention_view.hpp"

namespace penstock::api {

std::string_view kind_name(RecordKind kind) { return kind == RecordKind::log ? "logs" : "metrics"; }

nlohmann::json RetentionView::place_json(std::size_t rule) const {
  const RetentionRule& one = rules_[rule];
  return {{"deployment", one.deployment.empty() ? "*" : one.deployment},
          {"kind", one.kind ? std::string(kind_name(*one.kind)) : "*"},
          {"from", rule < set_ ? "set" : "configuration"}};
}

nlohmann::json RetentionView::in_force(std::string_view deployment, RecordKind kind) const {
  const RetentionRule* const rule = governing_rule(rules_, deployment, kind);
  if (rule == nullptr) return {{"keep_s", 0}, {"keep_bytes", 0}, {"keep_by", nullptr}};
  return {{"keep_s", rule->max_age_ns / kSecond}, {"keep_bytes", rule->max_bytes}, {"keep_by", place_json(static_cast<std::size_t>(rule - rules_.data()))}};
}

nlohmann::json RetentionView::listed() const {
  nlohmann::json list = nlohmann::json::array();
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    nlohmann::json one = place_json(i);
    one["keep_s"] = rules_[i].max_age_ns / kSecond;
    one["keep_bytes"] = rules_[i].max_bytes;
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace penstock::api
