#include "chunk/tokenizer.hpp"

#include <cstring>

#include "base/ansi.hpp"
#include "chunk/characters.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace penstock::chunk {
namespace {

// True when a byte is not ASCII, or with `escapes` is ESC.
template <bool escapes>
bool has_other(std::string_view text) {
  std::size_t at = 0;
#if defined(__SSE2__)
  const __m128i escape = _mm_set1_epi8(kEscape);
  for (; at + 16 <= text.size(); at += 16) {
    const __m128i v = _mm_loadu_si128(static_cast<const __m128i*>(static_cast<const void*>(text.data() + at)));
    const __m128i other = escapes ? _mm_or_si128(v, _mm_cmpeq_epi8(v, escape)) : v;
    if (_mm_movemask_epi8(other) != 0) return true;
  }
#endif
  for (; at < text.size(); ++at) {
    if (static_cast<unsigned char>(text[at]) >= 0x80 || (escapes && text[at] == kEscape)) return true;
  }
  return false;
}

// Of the character that ends before `at` (> 0): whether it is part of a word that may go on.
bool word_may_go_on(std::string_view text, std::size_t at) {
  while (at > 0) {
    const Character before = character_before(text, at);
    const CharKind kind = kind_of(before.code);
    if (kind != CharKind::joined) return kind == CharKind::word;
    at -= before.size;
  }
  return false;
}

}  // namespace

bool is_ascii(std::string_view text) { return !has_other<false>(text); }
bool is_plain(std::string_view text) { return !has_other<true>(text); }

std::string folded_words(std::string_view text) {
  std::string out;
  append_folded(out, text, true);
  return out;
}

std::string folded_value(std::string_view text) {
  std::string out;
  append_folded(out, text, false);
  return out;
}

std::string_view word_text(std::string_view text, std::string& scratch) {
  if (is_plain(text)) return text;
  scratch.clear();
  append_folded(scratch, text, true);
  return scratch;
}

std::string_view value_text(std::string_view text, std::string& scratch) {
  if (is_ascii(text)) return text;
  scratch.clear();
  append_folded(scratch, text, false);
  return scratch;
}

bool is_inside_word(std::string_view text, std::size_t at) {
  if (at == 0 || at >= text.size()) return false;
  const auto here = static_cast<unsigned char>(text[at]);
  if (here < 0x80 && !is_word_byte(text[at])) return false;
  if (static_cast<unsigned char>(text[at - 1]) < 0x80) {
    if (!is_word_byte(text[at - 1])) return false;
    if (here < 0x80) return true;
  }
  if (here >= 0x80) {
    const CharKind kind = kind_of(character_at(text, at).code);
    if (kind != CharKind::word && kind != CharKind::joined) return false;
  }
  return word_may_go_on(text, at);
}

bool next_word(std::string_view& rest, std::string_view& word) {
  std::size_t at = 0;
  CharKind kind = CharKind::separator;
  Character character;
  for (; at < rest.size(); at += character.size) {
    character = character_at(rest, at);
    kind = kind_of(character.code);
    if (kind == CharKind::word || kind == CharKind::alone) break;
  }
  if (at >= rest.size()) {
    rest = {};
    return false;
  }
  std::size_t end = at + character.size;
  while (kind == CharKind::word && end < rest.size()) {
    character = character_at(rest, end);
    const CharKind next = kind_of(character.code);
    if (next != CharKind::word && next != CharKind::joined) break;
    end += character.size;
  }
  word = rest.substr(at, end - at);
  rest.remove_prefix(end);
  return true;
}

std::vector<std::string> words_of(std::string_view text) {
  const std::string folded = folded_words(text);
  std::vector<std::string> words;
  std::string_view rest = folded, word;
  while (next_word(rest, word)) words.emplace_back(word);
  return words;
}

}  // namespace penstock::chunk
