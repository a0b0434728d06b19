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

// Calls visit(offset, size) for every token.
template <class Visit>
void scan_tokens(std::string_view text, const Visit& visit) {
  constexpr std::size_t kNoStart = SIZE_MAX;
  std::size_t start = kNoStart;  // of the token under way
  for (std::size_t base = 0; base < text.size(); base += 64) {
    const std::size_t size = text.size() - base < 64 ? text.size() - base : 64;
    const std::uint64_t mask = token_mask(text.data() + base, size);
    unsigned at = 0;
    while (at < size) {
      if (start == kNoStart) {
        const std::uint64_t rest = mask >> at;
        if (rest == 0) break;
        at += static_cast<unsigned>(std::countr_zero(rest));
        start = base + at;
      }
      const std::uint64_t gaps = ~mask >> at;
      const unsigned run = gaps == 0 ? 64 : static_cast<unsigned>(std::countr_zero(gaps));
      if (at + run >= size) break;  // goes on in the next 64 bytes, or ends with the text
      visit(start, base + at + run - start);
      start = kNoStart;
      at += run;
    }
  }
  if (start != kNoStart) visit(start, text.size() - start);
}

}  // namespace penstock::chunk
