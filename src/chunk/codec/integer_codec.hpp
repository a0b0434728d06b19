// Columns of 64-bit integers: times, sequences, counters, dictionary indexes, scaled decimals.
//
// The common divisor of all differences is taken out, then runs of 128 values are written as the smallest of value, delta or
// delta-of-delta, each less its run's minimum and bit-packed (frame of reference). Sources: Lemire and Boytsov, "Decoding billions of
// integers per second through vectorization"; Pelkonen et al., "Gorilla" (delta-of-delta). Any int64 values; arithmetic wraps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace penstock::chunk {

// The number of values is not written: the reader must know it.
void encode_integers(std::string& out, std::span<const std::int64_t> values);

// Reads exactly `count` values, replacing `values`. False on corrupt bytes.
bool decode_integers(ByteReader& in, std::size_t count, std::vector<std::int64_t>& values);

}  // namespace penstock::chunk
