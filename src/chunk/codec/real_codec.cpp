#include "chunk/codec/real_codec.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "chunk/codec/integer_codec.hpp"

namespace penstock::chunk {
namespace {

enum class RealShape : std::uint8_t { constant = 0, decimal = 1, planes = 2 };

constexpr unsigned kMaxExponent = 15;
// Powers of ten up to 10^22 are exact doubles, so one correctly rounded division gives the double nearest to the decimal.
constexpr std::array<double, kMaxExponent + 1> kPowers = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                          1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
constexpr double kMaxInteger = 9007199254740992.0;  // 2^53
constexpr unsigned kNone = kMaxExponent + 1;

std::uint64_t bits_of(double value) { return std::bit_cast<std::uint64_t>(value); }

bool to_decimal(double value, unsigned exponent, std::int64_t& out) {
  const double scaled = value * kPowers[exponent];
  if (!(std::fabs(scaled) < kMaxInteger)) return false;  // NaN too
  // Adding and taking away 1.5 * 2^52 rounds to the nearest integer, without a call, below 2^51; above it values are tried as they are.
  const double rounded = std::fabs(scaled) < 2251799813685248.0 ? (scaled + 6755399441055744.0) - 6755399441055744.0
                                                                : std::nearbyint(scaled);
  out = static_cast<std::int64_t>(rounded);
  return bits_of(static_cast<double>(out) / kPowers[exponent]) == bits_of(value);
}

unsigned smallest_exponent(double value, unsigned from) {
  std::int64_t ignored = 0;
  for (unsigned e = from; e <= kMaxExponent; ++e) {
    if (to_decimal(value, e, ignored)) return e;
  }
  return kNone;
}

// The smallest exponent that fits all but one in sixteen of a sample.
unsigned choose_exponent(std::span<const double> values) {
  constexpr std::size_t kSample = 64;
  std::array<std::size_t, kNone + 1> counts{};
  const std::size_t stride = std::max<std::size_t>(1, values.size() / kSample);
  std::size_t sampled = 0;
  for (std::size_t i = 0; i < values.size(); i += stride, ++sampled) ++counts[smallest_exponent(values[i], 0)];
  std::size_t uncovered = sampled;
  for (unsigned e = 0; e <= kMaxExponent; ++e) {
    uncovered -= counts[e];
    if (uncovered <= sampled / 16) return e;
  }
  return kNone;
}

struct Decimals {
  std::vector<std::int64_t> integers;
  std::vector<std::int64_t> exceptions;  // their places
};

void scale(std::span<const double> values, unsigned exponent, Decimals& out) {
  out.integers.resize(values.size());
  out.exceptions.clear();
  std::int64_t previous = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!to_decimal(values[i], exponent, out.integers[i])) {
      out.exceptions.push_back(static_cast<std::int64_t>(i));
      out.integers[i] = previous;  // costs the least
    }
    previous = out.integers[i];
  }
}

void encode_decimals(std::string& out, std::span<const double> values, unsigned exponent, const Decimals& decimals) {
  out.push_back(static_cast<char>(RealShape::decimal));
  out.push_back(static_cast<char>(exponent));
  append_varint(out, decimals.exceptions.size());
  encode_integers(out, decimals.exceptions);
  for (const std::int64_t at : decimals.exceptions) append_double(out, values[static_cast<std::size_t>(at)]);
  encode_integers(out, decimals.integers);
}

void encode_planes(std::string& out, std::span<const double> values) {
  out.push_back(static_cast<char>(RealShape::planes));
  std::uint64_t used = 0;
  std::uint64_t previous = 0;
  for (const double value : values) {
    used |= bits_of(value) ^ previous;
    previous = bits_of(value);
  }
  std::uint8_t planes = 0;
  for (unsigned plane = 0; plane < 8; ++plane) {
    if ((used >> (8 * plane)) & 0xff) planes = static_cast<std::uint8_t>(planes | (1u << plane));
  }
  out.push_back(static_cast<char>(planes));
  for (unsigned plane = 0; plane < 8; ++plane) {
    if (!(planes & (1u << plane))) continue;
    previous = 0;
    for (const double value : values) {
      out.push_back(static_cast<char>(((bits_of(value) ^ previous) >> (8 * plane)) & 0xff));
      previous = bits_of(value);
    }
  }
}

bool decode_decimals(ByteReader& in, std::size_t count, std::vector<double>& values) {
  std::uint8_t exponent = 0;
  std::uint64_t exception_count = 0;
  std::vector<std::int64_t> places;
  if (!in.byte(exponent) || exponent > kMaxExponent || !in.varint(exception_count) || exception_count > count ||
      exception_count > in.remaining() / 8 || !decode_integers(in, exception_count, places)) {
    return false;
  }
  std::vector<double> exceptions(places.size());
  for (double& value : exceptions) {
    if (!in.real(value)) return false;
  }
  std::vector<std::int64_t> integers;
  if (!decode_integers(in, count, integers)) return false;
  values.resize(count);
  const double power = kPowers[exponent];
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<double>(integers[i]) / power;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i] < 0 || static_cast<std::uint64_t>(places[i]) >= count) return false;
    values[static_cast<std::size_t>(places[i])] = exceptions[i];
  }
  return true;
}

bool decode_planes(ByteReader& in, std::size_t count, std::vector<double>& values) {
  std::uint8_t planes = 0;
  // All planes away would let a few bytes ask for any amount of memory; encode never writes that for more than one value.
  if (!in.byte(planes) || count > (in.remaining() + 1) * (planes == 0 ? 1 : 8)) return false;
  std::vector<std::uint64_t> bits(count);
  for (unsigned plane = 0; plane < 8; ++plane) {
    if (!(planes & (1u << plane))) continue;
    std::string_view bytes;
    if (!in.bytes(count, bytes)) return false;
    for (std::size_t i = 0; i < count; ++i) {
      bits[i] |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * plane);
    }
  }
  values.resize(count);
  std::uint64_t previous = 0;
  for (std::size_t i = 0; i < count; ++i) {
    previous ^= bits[i];
    values[i] = std::bit_cast<double>(previous);
  }
  return true;
}

}  // namespace

void encode_reals(std::string& out, std::span<const double> values) {
  if (values.empty()) return;
  unsigned exponent = choose_exponent(values);
  const bool constant = std::all_of(values.begin(), values.end(), [&](double v) { return bits_of(v) == bits_of(values[0]); });
  if (constant && exponent == kNone) {
    out.push_back(static_cast<char>(RealShape::constant));
    append_double(out, values[0]);
    return;
  }
  if (exponent != kNone) {
    Decimals decimals;
    scale(values, exponent, decimals);
    if (decimals.exceptions.size() > values.size() / 16) {
      for (const std::int64_t at : decimals.exceptions) {
        const unsigned needed = smallest_exponent(values[static_cast<std::size_t>(at)], exponent);
        if (needed != kNone) exponent = needed;
      }
      scale(values, exponent, decimals);
    }
    if (decimals.exceptions.size() <= values.size() / 8) {
      encode_decimals(out, values, exponent, decimals);
      return;
    }
  }
  encode_planes(out, values);
}

bool decode_reals(ByteReader& in, std::size_t count, std::vector<double>& values) {
  values.clear();
  if (count == 0) return true;
  std::uint8_t shape = 0;
  if (!in.byte(shape)) return false;
  switch (static_cast<RealShape>(shape)) {
    case RealShape::constant: {
      double value = 0;
      if (!in.real(value)) return false;
      values.assign(count, value);
      return true;
    }
    case RealShape::decimal: return decode_decimals(in, count, values);
    case RealShape::planes: return decode_planes(in, count, values);
  }
  return false;
}

}  // namespace penstock::chunk
