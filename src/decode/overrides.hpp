// The meaning that a request gives to names (?time_field=a,b).
#pragma once

#include <string_view>

#include "decode/names.hpp"
#include "penstock/ports/decoder.hpp"

namespace penstock::decode {

// Looked at before the known names. Dotted names mean nested keys. Views into the options.
class Overrides {
 public:
  explicit Overrides(const DecodeOptions& options);
  bool any() const { return any_; }
  bool dotted() const { return dotted_; }
  Claim claim_of(std::string_view name) const;

 private:
  std::string_view lists_[kSlotRoles];
  bool any_ = false;
  bool dotted_ = false;
};

}  // namespace penstock::decode
