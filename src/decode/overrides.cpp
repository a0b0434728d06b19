#include "decode/overrides.hpp"

#include <algorithm>

namespace penstock::decode {

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

Claim Overrides::claim_of(std::string_view name) const {
  for (std::size_t role = 1; role < kSlotRoles; ++role) {
    std::string_view list = lists_[role];
    for (std::uint8_t rank = 0; !list.empty() && rank < kCanonicalRank; ++rank) {
      const std::size_t comma = std::min(list.find(','), list.size());
      if (list.substr(0, comma) == name && !name.empty()) return {static_cast<Role>(role), rank};
      list.remove_prefix(std::min(comma + 1, list.size()));
    }
  }
  return {};
}

}  // namespace penstock::decode
