#include "decode/aliases.hpp"

#include <algorithm>

namespace penstock::decode {
namespace {

constexpr std::uint8_t alias(int place) { return static_cast<std::uint8_t>(kCanonicalRank + place); }

Claim common_claim(std::string_view key) {
  switch (key.size()) {
    case 2:
      if (key == "ts") return {Role::time, alias(2)};
      break;
    case 4:
      if (key == "time") return {Role::time, alias(1)};
      if (key == "host") return {Role::source, alias(1)};
      if (key == "date") return {Role::time, alias(5)};
      break;
    case 5:
      if (key == "_time") return {Role::time, alias(4)};
      break;
    case 6:
      if (key == "source") return {Role::source, kCanonicalRank};
      if (key == "logger") return {Role::source, alias(4)};
      break;
    case 7:
      if (key == "service") return {Role::source, alias(3)};
      break;
    case 8:
      if (key == "hostname") return {Role::source, alias(2)};
      break;
    case 9:
      if (key == "timestamp") return {Role::time, kCanonicalRank};
      break;
    case 10:
      if (key == "deployment") return {Role::deployment, kCanonicalRank};
      if (key == "@timestamp") return {Role::time, alias(3)};
      break;
    default: break;
  }
  return {};
}

Claim log_claim(std::string_view key) {
  switch (key.size()) {
    case 3:
      if (key == "msg") return {Role::message, alias(1)};
      if (key == "log") return {Role::message, alias(3)};
      if (key == "lvl") return {Role::severity, alias(2)};
      break;
    case 4:
      if (key == "_msg") return {Role::message, alias(2)};
      if (key == "body") return {Role::message, alias(4)};
      break;
    case 5:
      if (key == "level") return {Role::severity, alias(1)};
      break;
    case 6:
      if (key == "fields") return {Role::fields, kCanonicalRank};
      break;
    case 7:
      if (key == "message") return {Role::message, kCanonicalRank};
      break;
    case 8:
      if (key == "severity") return {Role::severity, kCanonicalRank};
      break;
    default: break;
  }
  return {};
}

Claim point_claim(std::string_view key) {
  if (key == "metrics") return {Role::metrics, kCanonicalRank};
  if (key == "labels") return {Role::labels, kCanonicalRank};
  if (key == "name") return {Role::name, kCanonicalRank};
  if (key == "value") return {Role::value, kCanonicalRank};
  return {};
}

}  // namespace

Claim claim_of(std::string_view key, RecordKind kind) {
  const Claim common = common_claim(key);
  if (common.role != Role::none) return common;
  return kind == RecordKind::log ? log_claim(key) : point_claim(key);
}

Overrides::Overrides(const DecodeOptions& options) {
  const auto set = [this](Role role, std::string_view list) {
    lists_[static_cast<std::size_t>(role)] = list;
    any_ = any_ || !list.empty();
    dotted_ = dotted_ || list.find('.') != std::string_view::npos;
  };
  set(Role::time, options.time_field);
  set(Role::source, options.source_field);
  if (options.kind == RecordKind::log) {
    set(Role::message, options.message_field);
    set(Role::severity, options.severity_field);
  }
}

Claim Overrides::claim_of(std::string_view key) const {
  for (std::size_t role = 1; role < kSlotRoles; ++role) {
    std::string_view list = lists_[role];
    for (std::uint8_t rank = 0; !list.empty() && rank < kCanonicalRank; ++rank) {
      const std::size_t comma = std::min(list.find(','), list.size());
      if (list.substr(0, comma) == key && !key.empty()) return {static_cast<Role>(role), rank};
      list.remove_prefix(std::min(comma + 1, list.size()));
    }
  }
  return {};
}

}  // namespace penstock::decode
