// Which top-level key of a record means what.
#pragma once

#include <cstdint>
#include <string_view>

#include "penstock/ports/decoder.hpp"

namespace penstock::decode {

enum class Role : std::uint8_t { none, time, message, severity, source, deployment, fields, labels, metrics, name, value };
inline constexpr std::size_t kSlotRoles = 6;  // none … deployment: those that several keys may claim

// Of several keys that claim a role the lowest rank has it; the others are ordinary keys. Overrides come first, in the order in
// which they are listed, then the canonical name, then the aliases in this order:
//   timestamp: time ts @timestamp _time date      message: msg _msg log body
//   severity: level lvl                           source: host hostname service logger
inline constexpr std::uint8_t kCanonicalRank = 100;

struct Claim {
  Role role = Role::none;
  std::uint8_t rank = 0;
  // The canonical name and overrides mean it: a value of the wrong type refuses the record. Under an alias it is an ordinary field.
  bool strict() const { return rank <= kCanonicalRank; }
};

// The meaning of a key by its usual names.
Claim claim_of(std::string_view key, RecordKind kind);

// The meaning that the request gave to a key (?time_field=a,b), which is looked at first. Dotted names mean nested keys.
class Overrides {
 public:
  explicit Overrides(const DecodeOptions& options);
  bool any() const { return any_; }
  bool dotted() const { return dotted_; }
  Claim claim_of(std::string_view key) const;

 private:
  std::string_view lists_[kSlotRoles];
  bool any_ = false;
  bool dotted_ = false;
};

}  // namespace penstock::decode
