#include "config/retention_text.hpp"

#include <algorithm>

#include "config/values.hpp"

namespace penstock::config {
namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

Result<RetentionRule> parse_rule(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return Error{ErrorCode::config_error, "\"" + std::string(text) + "\": " + std::string(why), ""};
  };
  const std::size_t equals = text.find('='), slash = text.find('/');
  if (equals == std::string_view::npos || slash == std::string_view::npos || slash > equals) {
    return wrong("a rule is DEPLOYMENT/KIND=AGE[,SIZE], such as shop/logs=7d,2GiB.");
  }
  RetentionRule rule;
  const std::string_view deployment = trimmed(text.substr(0, slash)),
                         kind = trimmed(text.substr(slash + 1, equals - slash - 1));
  if (deployment.empty()) return wrong("name a deployment, or * for every one.");
  if (deployment != "*") rule.deployment = std::string(deployment);
  if (kind == "logs") {
    rule.kind = RecordKind::log;
  } else if (kind == "metrics") {
    rule.kind = RecordKind::metric;
  } else if (kind != "*") {
    return wrong("the kind is logs, metrics or *.");
  }
  std::string_view limits = text.substr(equals + 1);
  const std::size_t comma = std::min(limits.find(','), limits.size());
  auto age = parse_duration_or_zero(trimmed(limits.substr(0, comma)));
  if (!age) return age.error();
  rule.max_age_ns = *age;
  if (comma < limits.size()) {
    auto size = parse_bytes(trimmed(limits.substr(comma + 1)));
    if (!size) return size.error();
    rule.max_bytes = *size;
  }
  return rule;
}

}  // namespace

Result<std::vector<RetentionRule>> parse_retention_rules(std::string_view text) {
  std::vector<RetentionRule> rules;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    const std::string_view part = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (part.empty()) continue;
    auto rule = parse_rule(part);
    if (!rule) return rule.error();
    rules.push_back(std::move(*rule));
  }
  return rules;
}

std::string format_retention_rules(const std::vector<RetentionRule>& rules) {
  std::string text;
  for (const RetentionRule& rule : rules) {
    if (!text.empty()) text += "; ";
    text += rule.deployment.empty() ? "*" : rule.deployment;
    text += rule.kind ? (*rule.kind == RecordKind::log ? "/logs=" : "/metrics=") : "/*=";
    text += format_duration(rule.max_age_ns);
    if (rule.max_bytes != 0) text += "," + format_bytes(rule.max_bytes);
  }
  return text;
}

}  // namespace penstock::config
