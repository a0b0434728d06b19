#include "base/unicode.hpp"

#include <algorithm>

#include <cstdint>
#include <cstring>

namespace penstock::inline base {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// What starts at a place: `size` bytes that are one character, or one maximal invalid part.
struct Step {
  std::size_t size;
  bool valid;
};

Step step_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  if (lead < 0x80) return {1, true};
  std::size_t length = 0;
  unsigned char low = 0x80, high = 0xbf;  // of the second byte; they keep out overlong forms, surrogates and > U+10FFFF
  if (lead >= 0xc2 && lead <= 0xdf) {
    length = 2;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    length = 3;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    length = 4;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
  } else {
    return {1, false};
  }
  for (std::size_t i = 1; i < length; ++i) {
    if (at + i >= text.size() || byte(at + i) < low || byte(at + i) > high) return {i, false};
    low = 0x80;
    high = 0xbf;
  }
  return {length, true};
}

bool ascii_word(const char* at, bool nul_ends) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  constexpr std::uint64_t high_bits = 0x8080808080808080, ones = 0x0101010101010101;
  if ((word & high_bits) != 0) return false;
  return !nul_ends || ((word - ones) & high_bits) == 0;
}

std::size_t valid_prefix(std::string_view text, bool nul_ends) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (text.size() - at >= 8 && ascii_word(text.data() + at, nul_ends)) {
      at += 8;
      continue;
    }
    if (nul_ends && text[at] == '\0') return at;
    const Step step = step_at(text, at);
    if (!step.valid) return at;
    at += step.size;
  }
  return at;
}

}  // namespace

bool is_valid_utf8(std::string_view text) { return valid_prefix(text, false) == text.size(); }

std::size_t whole_characters(std::string_view text, std::size_t at_most) {
  if (text.size() <= at_most) return text.size();
  std::size_t at = at_most;
  while (at > at_most - 3 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

std::size_t complete_characters(std::string_view text) {
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0) == 0x80) continue;
    const std::size_t size = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    return size > back ? text.size() - back : text.size();
  }
  return text.size();
}

std::size_t clean_utf8_prefix(std::string_view text) { return valid_prefix(text, true); }

void append_repaired_utf8(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t clean = clean_utf8_prefix(text);
    out.append(text.substr(0, clean));
    text.remove_prefix(clean);
    if (text.empty()) return;
    out.append(kReplacement);
    text.remove_prefix(step_at(text, 0).size);
  }
}

std::string repaired_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  append_repaired_utf8(out, text);
  return out;
}

}  // namespace penstock::inline base
