// Passwords as scrypt hashes (RFC 7914).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/core/result.hpp"

namespace penstock::auth {

// What one hash costs: 128 · r · 2^log_n bytes of memory (16 MiB), and a quarter of a second on a small machine.
struct ScryptCost {
  unsigned log_n = 14, r = 8, p = 5;
  bool operator==(const ScryptCost&) const = default;
};

// "$scrypt$ln=14,r=8,p=5$SALT$KEY", both in base64url. Blocks for as long as the hash takes, and needs its memory: one at a time (PasswordDesk).
Result<std::string> hash_password(std::string_view password, const ScryptCost& cost = {});

struct PasswordCheck {
  bool right = false;
  bool outdated = false;  // made at another cost than is usual now: hash it anew while the password is at hand
};
// Takes the same time for what is no hash (an account without a password, an unknown account) as for one at the usual cost, and is never right then.
PasswordCheck check_password(std::string_view password, std::string_view hash, const ScryptCost& usual = {});

inline constexpr std::size_t kShortestPassword = 10, kLongestPassword = 1024;
// invalid_request (field "password") that says what is wrong with it: too short or too long, or is_common_password().
Result<void> check_new_password(std::string_view password, std::string_view user);

}  // namespace penstock::auth
