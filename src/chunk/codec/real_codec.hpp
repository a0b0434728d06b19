// Columns of doubles, bit-exact (NaN payloads, infinities and -0 included).
//
// Values that are decimals with few digits become integers: value = integer / 10^e, with one e for the column and a list of exceptions.
// Sources: Afroozeh, Kuffo, Boncz, "ALP: Adaptive Lossless floating-Point Compression"; VictoriaMetrics' decimal scaling. The rest is
// XORed with its predecessor (Pelkonen et al., "Gorilla") and written byte plane by byte plane, left for zstd to shrink.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace penstock::chunk {

// The number of values is not written: the reader must know it.
void encode_reals(std::string& out, std::span<const double> values);

// Reads exactly `count` values, replacing `values`. False on corrupt bytes.
bool decode_reals(ByteReader& in, std::size_t count, std::vector<double>& values);

}  // namespace penstock::chunk
