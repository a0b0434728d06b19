// Finds the words of plain text (tokenizer.hpp) 16 bytes at a time; of other text the runs of is_token_byte.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/bytes.hpp"

namespace penstock::chunk {

// Of eight bytes: a bit for each that belongs to a token, by arithmetic on all of them at once (Warren, "Hacker's Delight", 6-1). For
// every CPU; the one below is for those with SSE2.
inline unsigned token_bits_of_8(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101ull;
  constexpr std::uint64_t kHigh = 0x80 * kOnes;
  const std::uint64_t seven = word & ~kHigh;
  // Adding 0x80 - c to seven bits sets the eighth when they are c or more.
  const auto at_least = [](std::uint64_t bytes, unsigned c) { return bytes + (0x80 - c) * kOnes; };
  const std::uint64_t lower = seven | 0x20 * kOnes;
  const std::uint64_t letter = at_least(lower, 'a') & ~at_least(lower, 'z' + 1);
  const std::uint64_t digit = at_least(seven, '0') & ~at_least(seven, '9' + 1);
  const std::uint64_t underscore = at_least(seven, '_') & ~at_least(seven, '_' + 1);
  const std::uint64_t token = (letter | digit | underscore | word) & kHigh;
  // Moves bit 7 of byte i to bit i of the top byte.
  return static_cast<unsigned>((token >> 7) * 0x0102040810204080ull >> 56);
}

// A bit for each of 16 bytes that belongs to a token.
inline unsigned token_bits_of_16(const char* bytes) {
#if defined(__SSE2__)
  const auto all = [](int c) { return _mm_set1_epi8(static_cast<char>(c)); };
  const __m128i v = _mm_loadu_si128(static_cast<const __m128i*>(static_cast<const void*>(bytes)));
  // Signed compares: bytes from 0x80 are negative, and are token bytes.
  const __m128i lower = _mm_or_si128(v, all(0x20));
  const __m128i letter = _mm_and_si128(_mm_cmpgt_epi8(lower, all('a' - 1)), _mm_cmplt_epi8(lower, all('z' + 1)));
  const __m128i digit = _mm_and_si128(_mm_cmpgt_epi8(v, all('0' - 1)), _mm_cmplt_epi8(v, all('9' + 1)));
  const __m128i other = _mm_or_si128(_mm_cmpeq_epi8(v, all('_')), v);  // movemask looks at the highest bits only
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(letter, digit), other)));
#else
  return token_bits_of_8(read_fixed<std::uint64_t>(bytes)) | token_bits_of_8(read_fixed<std::uint64_t>(bytes + 8)) << 8;
#endif
}

// Calls visit(bytes, size) for every token, in order. 16 bytes may be read from `bytes`, which is in the text or in a copy of its end,
// valid during the visit; tokens longer than 16 bytes are always in the text.
template <class Visit>
void scan_tokens(std::string_view text, const Visit& visit) {
  // The last bytes, zeros behind them.
  char end[32] = {};
  const std::size_t end_begin = text.size() > 16 ? text.size() - 16 : 0;
  if (text.size() >= 16) {
    std::memcpy(end, text.data() + end_begin, 16);
  } else {
    text.copy(end, text.size());
  }
  const auto emit = [&](std::size_t start, std::size_t size) {
    visit(start + 16 <= text.size() || size > 16 ? text.data() + start : end + (start - end_begin), size);
  };

  std::size_t start = 0;   // of a token that goes on from the 64 bytes before …
  std::uint64_t open = 0;  // … when this is 1
  for (std::size_t base = 0; base < text.size(); base += 64) {
    std::uint64_t mask = 0;
    for (std::size_t at = base; at < text.size() && at < base + 64; at += 16) {
      const bool whole = at + 16 <= text.size();
      const char* bytes = whole ? text.data() + at : end + (at - end_begin);
      mask |= static_cast<std::uint64_t>(token_bits_of_16(bytes)) << (at - base);
    }
    const std::uint64_t before = mask << 1 | open;
    std::uint64_t starts = mask & ~before;
    std::uint64_t ends = before & ~mask;
    while (ends != 0) {
      if (open == 0) {
        start = base + static_cast<std::size_t>(std::countr_zero(starts));
        starts &= starts - 1;
      }
      open = 0;
      emit(start, base + static_cast<std::size_t>(std::countr_zero(ends)) - start);
      ends &= ends - 1;
    }
    if (starts != 0) start = base + static_cast<std::size_t>(std::countr_zero(starts));
    open = mask >> 63;
  }
  if (open != 0) emit(start, text.size() - start);
}

}  // namespace penstock::chunk
