// How much of a thing a test does: the usual amount, or what an operator asks for in the environment (tests/soak does).
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace penstock::test {

// A sanitizer makes every step many times slower; there the usual amount is a small part.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr std::uint64_t kShare = 20;
#elif defined(__SANITIZE_THREAD__)
inline constexpr std::uint64_t kShare = 200;
#else
inline constexpr std::uint64_t kShare = 1;
#endif

// The number in the environment variable `name`, else `usual`. Printed when it was asked for, so that a failure can be run again.
inline std::uint64_t amount(const char* name, std::uint64_t usual) {
  const char* const asked = std::getenv(name);
  if (asked == nullptr || *asked == '\0') return usual / kShare;
  const std::uint64_t value = std::strtoull(asked, nullptr, 10);
  std::printf("%s=%llu\n", name, static_cast<unsigned long long>(value));
  return value;
}

// Where random choices begin; a seed is taken as it is.
inline std::uint64_t seed(const char* name) {
  const char* const asked = std::getenv(name);
  return asked == nullptr || *asked == '\0' ? 1 : std::strtoull(asked, nullptr, 10);
}

}  // namespace penstock::test
