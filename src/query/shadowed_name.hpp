// A log may have a field that is called like one of a record's own members: source, severity, deployment, message. In q,
// facets and lists of fields the bare name means the member, and `fields.source` such a field. (A field may have that very
// name, when a log nests fields in fields: the two are then asked and counted as one.)
#pragma once

#include <string_view>

namespace penstock::query {

inline bool is_member_name(std::string_view name) {
  return name == "source" || name == "severity" || name == "deployment" || name == "message";
}

// What a field of this name is called in answers, and may be called in questions.
inline std::string_view shown_field_name(std::string_view name) {
  if (name == "source") return "fields.source";
  if (name == "severity") return "fields.severity";
  if (name == "deployment") return "fields.deployment";
  if (name == "message") return "fields.message";
  return name;
}

// The field that `fields.source` stands for: "source". Empty: the name means the field that is called so.
inline std::string_view shadowed_field(std::string_view name) {
  constexpr std::string_view kPrefix = "fields.";
  if (!name.starts_with(kPrefix)) return {};
  name.remove_prefix(kPrefix.size());
  return is_member_name(name) ? name : std::string_view();
}

}  // namespace penstock::query
