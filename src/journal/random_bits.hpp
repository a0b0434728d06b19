// Randomness for ids; secrets come from the sealer.
#pragma once

#include <cstdint>
#include <random>

#include "journal/options.hpp"

namespace penstock::journal {

inline std::uint64_t random_bits(const Options& options) {
  if (options.random) return options.random();
  std::random_device device;
  return static_cast<std::uint64_t>(device()) << 32 | device();
}

}  // namespace penstock::journal
