// Which key of a record means what: the one table of the names that loggers and platforms use. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/short_bytes.hpp"
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

// The same for a key directly within the object `fields`, whose members are otherwise taken as they are. Of which sizes there are any, a bit each.
Claim claim_in_fields(std::string_view key, RecordKind kind);
extern const std::uint64_t kSizesInFields;

// Records that follow each other mostly have the same keys in the same order: remembers what the nth key of the record before claimed. One thread.
class KeyMemory {
 public:
  static constexpr std::size_t kKeys = 16;

  // The claim of a record's nth key.
  Claim claim_of(std::size_t n, std::string_view key, RecordKind kind) {
    if (n >= kKeys || key.size() > sizeof(Key::bytes)) return decode::claim_of(key, kind);
    Key& known = keys_[n];
    if (key.size() != known.size || !same_bytes({known.bytes, known.size}, key)) {
      put_bytes(known.bytes, key);
      known.size = static_cast<std::uint8_t>(key.size());
      known.claim = decode::claim_of(key, kind);
    }
    return known.claim;
  }

 private:
  struct Key {
    char bytes[24];
    std::uint8_t size = 255;
    Claim claim;
  };
  Key keys_[kKeys];
};

// The same of a value: the name that was last found to fit. One thread.
class ValueMemory {
 public:
  bool is(std::string_view value) const { return value.size() == size_ && same_bytes({bytes_, size_}, value); }
  void set(std::string_view value) {
    if (value.size() > sizeof bytes_) return;
    put_bytes(bytes_, value);
    size_ = static_cast<std::uint8_t>(value.size());
  }

 private:
  char bytes_[64];
  std::uint8_t size_ = 0;
};

}  // namespace penstock::decode
