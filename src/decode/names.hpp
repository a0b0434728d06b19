// Which key of a record means what: the one table of the names that loggers and platforms use. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "penstock/core/record.hpp"

namespace penstock::decode {

// nanos: the part of a time below its second, where a logger sends the two apart.
enum class Role : std::uint8_t { none, time, nanos, message, severity, source, deployment, fields, labels, metrics, name, value };
inline constexpr std::size_t kSlotRoles = 7;  // none … deployment: those that several keys may claim

// What a value under a name must look like, or how it is read, where that is not told by the role.
enum class Reading : std::uint8_t {
  usual,
  line,            // a message with the line end of the output it was taken from, which goes
  recent,          // a time that, as a number, is one of this century: the name is used for other numbers too
  second,          // a time in whole seconds, to which a value of Role::nanos may belong
  python_number,   // 10 DEBUG … 50 CRITICAL
  otel_number,     // 1 TRACE … 24 FATAL4
  letter,          // one capital letter, or D1 … D5
};

enum class Records : std::uint8_t { logs = 1, points = 2, both = 3 };

struct KnownName {
  std::string_view name;  // nested keys with a dot between: {"log": {"level": …}} is log.level, as is {"log.level": …}
  Role role = Role::none;
  Records records = Records::both;
  std::string_view from;  // who sends it
  Reading reading = Reading::usual;
};

// All of them. Within a role in the order of preference; the first is the canonical name.
std::span<const KnownName> known_names();

// Of several keys that claim a role and whose values fit it, the lowest rank has it; the others are ordinary keys. Overrides come first
// (overrides.hpp), then the canonical name, then the others in the order of known_names().
inline constexpr std::uint8_t kCanonicalRank = 100;

struct Claim {
  Role role = Role::none;
  std::uint8_t rank = 0;
  Reading reading = Reading::usual;
  // The sender surely meant it: the canonical name, or one that the request gave.
  bool certain() const { return rank <= kCanonicalRank; }
};

// What a dotted name claims; Role::none when it is not known for this kind. Names are matched as they are spelled.
Claim claim_of(std::string_view name, RecordKind kind);

// The same for a key directly within the object `fields`, whose members are otherwise taken as they are.
Claim claim_in_fields(std::string_view key, RecordKind kind);

}  // namespace penstock::decode
