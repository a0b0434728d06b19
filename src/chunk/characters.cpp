// Logs are ASCII with some other text in it, and this is on the store's path. So what utf8proc knows of a character is kept in a table
// whose pages are made when first needed; text in which every character stands for itself needs nothing else. Only characters that
// meet their neighbours (marks, jamo) or become several when folded go to utf8proc, each with the character before it: composing never
// reaches further back, because characters that the table calls simple never join the one before.
#include "chunk/characters.hpp"

#include <utf8proc.h>

#include <array>
#include <atomic>
#include <charconv>
#include <memory>
#include <vector>

#include "base/ansi.hpp"
#include "base/unicode.hpp"
#include "chunk/tokenizer.hpp"

namespace penstock::chunk {
namespace {

constexpr utf8proc_option_t kFoldOptions = static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);

struct Range {
  std::uint32_t first, last;
};
// Scripts whose words are not set apart; of these the letters and marks.
constexpr Range kAlone[] = {
    {0x0e00, 0x0eff},    // Thai, Lao
    {0x1000, 0x109f},    // Myanmar
    {0x1100, 0x11ff},    // hangul jamo
    {0x1780, 0x17ff},    // Khmer
    {0x2e80, 0x2fdf},    // Han radicals
    {0x3005, 0x3007},    {0x3021, 0x3029}, {0x3031, 0x30ff}, {0x3100, 0x31ff}, {0x3400, 0x4dbf}, {0x4e00, 0x9fff},
    {0xa960, 0xa97f},    {0xac00, 0xd7ff}, {0xf900, 0xfaff}, {0xff66, 0xffdc}, {0x1b000, 0x1b16f}, {0x20000, 0x3ffff},
};

bool in_alone_range(std::uint32_t code) {
  for (const Range& range : kAlone) {
    if (code >= range.first && code <= range.last) return true;
  }
  return false;
}

bool is_radical(std::uint32_t code) { return code >= 0x2e80 && code <= 0x2fdf; }
// Zero-width joiner and non-joiner.
bool is_joiner(std::uint32_t code) { return code == 0x200c || code == 0x200d; }
bool is_variation_selector(std::uint32_t code) {
  return (code >= 0xfe00 && code <= 0xfe0f) || (code >= 0xe0100 && code <= 0xe01ef) || (code >= 0x180b && code <= 0x180f);
}
// Jamo that join the one before.
bool is_trailing_jamo(std::uint32_t code) { return (code >= 0x1160 && code <= 0x11ff) || (code >= 0xd7b0 && code <= 0xd7ff); }

CharKind look_up_kind(std::uint32_t code) {
  if (code < 0x80) return is_token_byte(static_cast<char>(code)) ? CharKind::word : CharKind::separator;
  if (is_joiner(code)) return CharKind::joined;
  if (is_variation_selector(code)) return CharKind::separator;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(code))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_NL: return in_alone_range(code) ? CharKind::alone : CharKind::word;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NO: return CharKind::word;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC: return in_alone_range(code) ? CharKind::alone : CharKind::joined;
    default: return is_radical(code) ? CharKind::alone : CharKind::separator;
  }
}

bool is_mark(std::uint32_t code) {
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(code));
  return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC || category == UTF8PROC_CATEGORY_ME;
}

// Code point 21 bits, CharKind of the character itself 2 bits, whether it is simple 1 bit.
class Entry {
 public:
  Entry() = default;
  explicit Entry(std::uint32_t code) {
    std::array<utf8proc_int32_t, 32> buffer;
    utf8proc_ssize_t size = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(code), buffer.data(), buffer.size(), kFoldOptions, nullptr);
    if (size > 0 && size <= static_cast<utf8proc_ssize_t>(buffer.size())) size = utf8proc_normalize_utf32(buffer.data(), size, kFoldOptions);
    const bool simple = size == 1 && !is_mark(code) && !is_trailing_jamo(code);
    bits_ = (simple ? static_cast<std::uint32_t>(buffer[0]) : code) | static_cast<std::uint32_t>(look_up_kind(code)) << 21 | (simple ? kSimple : 0);
  }
  std::uint32_t folded() const { return bits_ & 0x1fffff; }
  CharKind kind() const { return static_cast<CharKind>(bits_ >> 21 & 3); }
  bool simple() const { return (bits_ & kSimple) != 0; }

 private:
  static constexpr std::uint32_t kSimple = 1u << 23;
  std::uint32_t bits_ = 0;
};

// The pages of 256 characters that were needed; at most 512 KiB. Beyond are Han characters and little else.
class Table {
 public:
  static constexpr std::uint32_t kEnd = 0x20000;

  Entry at(std::uint32_t code) {
    if (code >= kEnd) return Entry(code);
    std::atomic<Page*>& slot = pages_[code >> 8];
    Page* page = slot.load(std::memory_order_acquire);
    if (page == nullptr) page = make(slot, code & ~0xffu);
    return (*page)[code & 0xff];
  }

 private:
  using Page = std::array<Entry, 256>;

  static Page* make(std::atomic<Page*>& slot, std::uint32_t first) {
    auto page = std::make_unique<Page>();
    for (std::uint32_t i = 0; i < page->size(); ++i) {
      if (first + i < 0xd800 || first + i > 0xdfff) (*page)[i] = Entry(first + i);
    }
    Page* there = nullptr;
    if (slot.compare_exchange_strong(there, page.get(), std::memory_order_acq_rel)) return page.release();
    return there;
  }

  std::array<std::atomic<Page*>, kEnd / 256> pages_{};
};

// Never destroyed: threads may fold until the process ends.
Table& table() {
  static Table& made = *new Table();
  return made;
}

void append_utf8(std::string& out, std::uint32_t code) {
  std::array<utf8proc_uint8_t, 4> bytes;
  const auto size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code), bytes.data());
  for (utf8proc_ssize_t i = 0; i < size; ++i) out += static_cast<char>(bytes[static_cast<std::size_t>(i)]);
}

// A character and those that join it.
void append_composed(std::string& out, std::string_view part) {
  std::array<utf8proc_int32_t, 64> few;
  std::vector<utf8proc_int32_t> many;
  const auto* bytes = static_cast<const utf8proc_uint8_t*>(static_cast<const void*>(part.data()));
  const auto length = static_cast<utf8proc_ssize_t>(part.size());
  utf8proc_int32_t* codes = few.data();
  utf8proc_ssize_t size = utf8proc_decompose(bytes, length, codes, few.size(), kFoldOptions);
  if (size > static_cast<utf8proc_ssize_t>(few.size())) {
    many.resize(static_cast<std::size_t>(size));
    codes = many.data();
    size = utf8proc_decompose(bytes, length, codes, size, kFoldOptions);
  }
  if (size > 0) size = utf8proc_normalize_utf32(codes, size, kFoldOptions);
  for (utf8proc_ssize_t i = 0; i < size; ++i) append_utf8(out, static_cast<std::uint32_t>(codes[i]));
}

bool may_be_of_a_word(char c) { return static_cast<unsigned char>(c) >= 0x80 || is_token_byte(c); }

// Valid UTF-8.
void append_folded_valid(std::string& out, std::string_view text, bool words) {
  constexpr std::size_t kNone = SIZE_MAX;
  std::size_t last_in = kNone, last_out = 0;  // where the character before begins, which a mark may join
  std::size_t at = 0;
  while (at < text.size()) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x80) {
      if (words && text[at] == kEscape) {
        while (at < text.size() && text[at] == kEscape) at += ansi_sequence(text.substr(at));
        if (!out.empty() && may_be_of_a_word(out.back()) && at < text.size() && may_be_of_a_word(text[at])) out += kEscape;
        last_in = kNone;
        continue;
      }
      last_in = at++;
      last_out = out.size();
      out += fold(static_cast<char>(byte));
      continue;
    }
    const Character character = character_at(text, at);
    const Entry entry = table().at(character.code);
    if (entry.simple()) {
      last_in = at;
      last_out = out.size();
      append_utf8(out, entry.folded());
      at += character.size;
      continue;
    }
    std::size_t end = at + character.size;
    while (end < text.size() && static_cast<unsigned char>(text[end]) >= 0x80) {
      const Character next = character_at(text, end);
      if (table().at(next.code).simple()) break;
      end += next.size;
    }
    const std::size_t begin = last_in == kNone ? at : last_in;
    if (last_in != kNone) out.resize(last_out);
    append_composed(out, text.substr(begin, end - begin));
    at = end;
    last_in = kNone;
  }
}

}  // namespace

CharKind kind_of(std::uint32_t code) { return code < 0x80 ? look_up_kind(code) : table().at(code).kind(); }

Character character_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at + i])); };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  if (lead < 0xe0) return {(lead & 0x1f) << 6 | (byte(1) & 0x3f), 2};
  if (lead < 0xf0) return {(lead & 0xf) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f), 3};
  return {(lead & 7) << 18 | (byte(1) & 0x3f) << 12 | (byte(2) & 0x3f) << 6 | (byte(3) & 0x3f), 4};
}

Character character_before(std::string_view text, std::size_t at) {
  std::size_t begin = at - 1;
  while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xc0) == 0x80) --begin;
  return character_at(text, begin);
}

void append_folded(std::string& out, std::string_view text, bool words) {
  if (is_valid_utf8(text)) return append_folded_valid(out, text, words);
  std::string repaired;
  append_repaired_utf8(repaired, text);
  append_folded_valid(out, repaired, words);
}

std::uint8_t unicode_version() {
  const std::string_view version = utf8proc_unicode_version();
  std::uint8_t major = 0;
  std::from_chars(version.data(), version.data() + version.size(), major);
  return major;
}

}  // namespace penstock::chunk
