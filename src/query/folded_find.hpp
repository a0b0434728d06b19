// Looks for folded text in plain or folded text (chunk/tokenizer.hpp).
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

#include "chunk/tokenizer.hpp"

namespace penstock::query {

// `text` has at least as many bytes.
inline bool matches_folded(const char* text, std::string_view lower) {
  for (std::size_t i = 0; i < lower.size(); ++i) {
    if (chunk::fold(text[i]) != lower[i]) return false;
  }
  return true;
}

// Next place from `from` on where `lower` (folded, not empty) may begin by its first byte.
inline const char* find_first(const char* from, const char* end, char lower) {
  const auto size = static_cast<std::size_t>(end - from);
  const auto* a = static_cast<const char*>(std::memchr(from, lower, size));
  if (lower < 'a' || lower > 'z') return a;
  const auto limit = a != nullptr ? static_cast<std::size_t>(a - from) : size;
  const auto* b = static_cast<const char*>(std::memchr(from, lower - ('a' - 'A'), limit));
  return b != nullptr ? b : a;
}

// The first place of `lower` (not empty) at `from` or behind; npos: none.
inline std::size_t find_folded(std::string_view text, std::string_view lower, std::size_t from) {
  if (lower.size() > text.size()) return std::string_view::npos;
  const char* const begin = text.data();
  const char* const last = begin + (text.size() - lower.size());
  for (const char* at = begin + from; at <= last; ++at) {
    at = find_first(at, last + 1, lower.front());
    if (at == nullptr) return std::string_view::npos;
    if (matches_folded(at, lower)) return static_cast<std::size_t>(at - begin);
  }
  return std::string_view::npos;
}

}  // namespace penstock::query
