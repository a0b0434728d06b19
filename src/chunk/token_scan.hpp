// Finds tokens 64 bytes at a time: a bit for each byte that belongs to a token. The tokens are those of tokenizer.hpp.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "chunk/tokenizer.hpp"

namespace penstock::chunk {

// Bit i tells whether byte i (< size <= 64) is a token byte.
inline std::uint64_t token_mask(const char* bytes, std::size_t size) {
  std::uint64_t mask = 0;
  std::size_t i = 0;
#if defined(__SSE2__)
  const auto all = [](int c) { return _mm_set1_epi8(static_cast<char>(c)); };
  for (; i + 16 <= size; i += 16) {
    const __m128i v = _mm_loadu_si128(static_cast<const __m128i*>(static_cast<const void*>(bytes + i)));
    // Signed compares: bytes from 0x80 are negative, and are token bytes.
    const __m128i lower = _mm_or_si128(v, all(0x20));
    const __m128i letter = _mm_and_si128(_mm_cmpgt_epi8(lower, all('a' - 1)), _mm_cmplt_epi8(lower, all('z' + 1)));
    const __m128i digit = _mm_and_si128(_mm_cmpgt_epi8(v, all('0' - 1)), _mm_cmplt_epi8(v, all('9' + 1)));
    const __m128i other = _mm_or_si128(_mm_cmpeq_epi8(v, all('_')), _mm_cmplt_epi8(v, _mm_setzero_si128()));
    const int bits = _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(letter, digit), other));
    mask |= static_cast<std::uint64_t>(static_cast<unsigned>(bits)) << i;
  }
#endif
  for (; i < size; ++i) mask |= std::uint64_t{is_token_byte(bytes[i])} << i;
  return mask;
}

// Calls visit(offset, size) for every token, in order.
template <class Visit>
void scan_tokens(std::string_view text, const Visit& visit) {
  std::size_t start = 0;   // of a token that goes on from the 64 bytes before …
  std::uint64_t open = 0;  // … when this is 1
  for (std::size_t base = 0; base < text.size(); base += 64) {
    const std::size_t size = text.size() - base < 64 ? text.size() - base : 64;
    const std::uint64_t mask = token_mask(text.data() + base, size);
    const std::uint64_t before = mask << 1 | open;
    std::uint64_t starts = mask & ~before;
    std::uint64_t ends = before & ~mask;
    while (ends != 0) {
      if (open == 0) {
        start = base + static_cast<std::size_t>(std::countr_zero(starts));
        starts &= starts - 1;
      }
      open = 0;
      visit(start, base + static_cast<std::size_t>(std::countr_zero(ends)) - start);
      ends &= ends - 1;
    }
    if (starts != 0) start = base + static_cast<std::size_t>(std::countr_zero(starts));
    open = mask >> 63;
  }
  if (open != 0) visit(start, text.size() - start);
}

}  // namespace penstock::chunk
