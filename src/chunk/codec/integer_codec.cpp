#include "chunk/codec/integer_codec.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "chunk/codec/bit_pack.hpp"

namespace penstock::chunk {
namespace {

using U = std::uint64_t;
using I = std::int64_t;

enum class IntegerShape : std::uint8_t { constant = 0, linear = 1, runs = 2 };
enum Transform : unsigned { kValue = 0, kDelta = 1, kDeltaOfDelta = 2, kTransforms = 3 };

constexpr std::size_t kRun = 128;

I wrapping_sub(I a, I b) { return static_cast<I>(static_cast<U>(a) - static_cast<U>(b)); }
I wrapping_add(I a, I b) { return static_cast<I>(static_cast<U>(a) + static_cast<U>(b)); }
I wrapping_mul(I a, I b) { return static_cast<I>(static_cast<U>(a) * static_cast<U>(b)); }

// Greatest common divisor of all differences to the first value; 1 when a difference does not fit or nothing is gained.
I common_divisor(std::span<const I> values) {
  I divisor = 0;
  for (const I value : values) {
    I difference = 0;
    if (__builtin_sub_overflow(value, values[0], &difference) || difference == INT64_MIN) return 1;
    if (divisor != 0 && difference % divisor == 0) continue;
    divisor = std::gcd(divisor, difference);
    if (divisor == 1) return 1;
  }
  return divisor == 0 ? 1 : divisor;
}

struct Candidate {
  std::array<I, kRun> values;
  I min = INT64_MAX, max = INT64_MIN;

  void put(std::size_t i, I value) {
    values[i] = value;
    min = std::min(min, value);
    max = std::max(max, value);
  }
  unsigned width() const { return static_cast<unsigned>(std::bit_width(static_cast<U>(max) - static_cast<U>(min))); }
};

struct Position {
  I previous = 0;
  I delta = 0;
};

void encode_run(std::string& out, std::span<const I> values, I first, I divisor, Position& at) {
  std::array<Candidate, kTransforms> candidates;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const I difference = wrapping_sub(values[i], first);
    const I value = divisor == 1 ? difference : difference / divisor;
    const I delta = wrapping_sub(value, at.previous);
    candidates[kValue].put(i, value);
    candidates[kDelta].put(i, delta);
    candidates[kDeltaOfDelta].put(i, wrapping_sub(delta, at.delta));
    at = {value, delta};
  }
  unsigned best = kValue;
  std::size_t best_bits = SIZE_MAX;
  for (unsigned t = 0; t < kTransforms; ++t) {
    const std::size_t min_bits = static_cast<std::size_t>(std::bit_width(zigzag_encode(candidates[t].min)));
    const std::size_t bits = candidates[t].width() * values.size() + min_bits;
    if (bits < best_bits) {
      best = t;
      best_bits = bits;
    }
  }
  const Candidate& chosen = candidates[best];
  const unsigned width = chosen.width();
  out.push_back(static_cast<char>(best));
  out.push_back(static_cast<char>(width));
  append_zigzag(out, chosen.min);
  std::array<U, kRun> offsets;
  for (std::size_t i = 0; i < values.size(); ++i) offsets[i] = static_cast<U>(chosen.values[i]) - static_cast<U>(chosen.min);
  pack_bits(out, std::span(offsets).first(values.size()), width);
}

bool decode_run(ByteReader& in, std::span<I> values, I first, I divisor, Position& at) {
  std::uint8_t transform = 0;
  std::uint8_t width = 0;
  I min = 0;
  std::string_view packed;
  if (!in.byte(transform) || !in.byte(width) || transform >= kTransforms || width > 64 || !in.zigzag(min) ||
      !in.bytes(packed_bytes(values.size(), width), packed)) {
    return false;
  }
  std::array<U, kRun> offsets;
  unpack_bits(packed, std::span(offsets).first(values.size()), width);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const I raw = wrapping_add(min, static_cast<I>(offsets[i]));
    const I delta = transform == kDeltaOfDelta ? wrapping_add(at.delta, raw) : raw;
    const I value = transform == kValue ? raw : wrapping_add(at.previous, delta);
    at.delta = transform == kValue ? wrapping_sub(value, at.previous) : delta;
    at.previous = value;
    values[i] = wrapping_add(first, wrapping_mul(value, divisor));
  }
  return true;
}

bool is_linear(std::span<const I> values, I step) {
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (wrapping_sub(values[i], values[i - 1]) != step) return false;
  }
  return true;
}

}  // namespace

void encode_integers(std::string& out, std::span<const I> values) {
  if (values.empty()) return;
  const I first = values[0];
  const I step = values.size() > 1 ? wrapping_sub(values[1], first) : 0;
  if (is_linear(values, step)) {
    out.push_back(static_cast<char>(step == 0 ? IntegerShape::constant : IntegerShape::linear));
    append_zigzag(out, first);
    if (step != 0) append_zigzag(out, step);
    return;
  }
  const I divisor = common_divisor(values);
  // The first delta is given, so that a regular column's first run has no outlier.
  Position at{0, divisor == 1 ? step : step / divisor};
  out.push_back(static_cast<char>(IntegerShape::runs));
  append_zigzag(out, first);
  append_varint(out, static_cast<U>(divisor));
  append_zigzag(out, at.delta);
  for (std::size_t begin = 1; begin < values.size(); begin += kRun) {
    encode_run(out, values.subspan(begin, std::min(kRun, values.size() - begin)), first, divisor, at);
  }
}

bool decode_integers(ByteReader& in, std::size_t count, std::vector<I>& values) {
  values.clear();
  if (count == 0) return true;
  std::uint8_t shape = 0;
  I first = 0;
  if (!in.byte(shape) || !in.zigzag(first)) return false;
  if (shape == static_cast<std::uint8_t>(IntegerShape::constant)) {
    values.assign(count, first);
    return true;
  }
  if (shape == static_cast<std::uint8_t>(IntegerShape::linear)) {
    I step = 0;
    if (!in.zigzag(step)) return false;
    values.resize(count);
    for (I& value : values) {
      value = first;
      first = wrapping_add(first, step);
    }
    return true;
  }
  U divisor = 0;
  Position at;
  if (shape != static_cast<std::uint8_t>(IntegerShape::runs) || !in.varint(divisor) || !in.zigzag(at.delta)) return false;
  // Each run takes at least three bytes, so the input bounds what is allocated.
  if ((count - 1) / kRun > in.remaining() / 3) return false;
  values.resize(count);
  values[0] = first;
  for (std::size_t begin = 1; begin < count; begin += kRun) {
    const auto run = std::span(values).subspan(begin, std::min(kRun, count - begin));
    if (!decode_run(in, run, first, static_cast<I>(divisor), at)) return false;
  }
  return true;
}

}  // namespace penstock::chunk
