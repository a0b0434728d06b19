#include "base/backoff.hpp"

#include <algorithm>

namespace penstock::inline base {
namespace {

// SplitMix64, Sebastiano Vigna, https://prng.di.unimi.it/splitmix64.c (public domain algorithm).
std::uint64_t next_random(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  std::uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

}  // namespace

Backoff::Backoff(std::chrono::milliseconds min, std::chrono::milliseconds max, std::uint64_t seed)
    : min_(std::max(min, std::chrono::milliseconds(1))), max_(std::max(max, min_)), ceiling_(min_), random_(seed) {}

std::chrono::milliseconds Backoff::next() {
  const auto half = ceiling_.count() / 2;
  const auto span = static_cast<std::uint64_t>(ceiling_.count() - half) + 1;
  const auto wait = half + static_cast<std::int64_t>(next_random(random_) % span);
  ceiling_ = ceiling_ > max_ / 2 ? max_ : ceiling_ * 2;
  return std::chrono::milliseconds(wait);
}

void Backoff::reset() { ceiling_ = min_; }

}  // namespace penstock::inline base
