#include "chunk/token_filter.hpp"

#include <algorithm>
#include <utility>

#include "base/ansi.hpp"
#include "chunk/characters.hpp"
#include "chunk/corrupt.hpp"
#include "chunk/filter_blocks.hpp"
#include "chunk/token_hash.hpp"
#include "chunk/token_scan.hpp"
#include "chunk/tokenizer.hpp"

namespace penstock::chunk {
namespace {

constexpr std::size_t kBitsPerHash = 9;  // about 1.5 % false positives
constexpr std::size_t kFirstTokenSlots = 1024;
constexpr std::size_t kMaxInTable = 24576;  // three quarters of 256 KiB of slots
// The widest filter has just under 512 KiB. Its number of blocks, 2² × 3² × 5 × 7 × 13, has 72 divisors to fold it by.
constexpr std::size_t kWideBlocks = 16380;

std::size_t blocks_for(std::size_t hashes) {
  constexpr std::size_t bits = 8 * kFilterBlockBytes;
  return std::max<std::size_t>((hashes * kBitsPerHash + bits - 1) / bits, 1);
}

// What the wide filter is to be folded by: as much as leaves the blocks wanted, or more where that is too many.
std::size_t divisor_for(std::size_t wanted_blocks, std::size_t max_blocks) {
  std::size_t divisor = std::max<std::size_t>(kWideBlocks / std::min(wanted_blocks, kWideBlocks), 1);
  while (kWideBlocks % divisor != 0) --divisor;
  while (divisor < kWideBlocks && (kWideBlocks % divisor != 0 || kWideBlocks / divisor > max_blocks)) ++divisor;
  return divisor;
}

}  // namespace

std::uint64_t token_hash(std::string_view token) { return hash_text(token, 0); }

std::uint64_t field_name_seed(std::string_view name) { return hash_text(name, 0x70656e73746f636bull) | 1; }

std::uint64_t field_value_hash(std::uint64_t name_seed, std::string_view value) {
  std::string scratch;
  return hash_text(value_text(value, scratch), name_seed);
}

std::uint64_t field_hash(std::string_view name, std::string_view value) {
  return field_value_hash(field_name_seed(name), value);
}

Result<TokenFilter> TokenFilter::parse(std::string bytes, FilterRules rules) {
  TokenFilter filter;
  filter.rules_ = rules;
  if (rules == FilterRules::words && !bytes.empty()) {
    filter.unicode_ = static_cast<std::uint8_t>(bytes.back());
    bytes.pop_back();
  }
  if (bytes.size() % kFilterBlockBytes != 0) return corrupt("a token filter's size");
  filter.words_ = std::move(bytes);
  return filter;
}

bool TokenFilter::may_contain(std::uint64_t hash) const {
  return words_.empty() || has_bits(words_, hash);
}

// Words that another version of Unicode cut: a later one knows more letters, so a word of ASCII may have been part of a longer one; an
// earlier one took them for separators, so only words with others than ASCII may be missing.
bool TokenFilter::knows_word(std::string_view word) const {
  if (rules_ == FilterRules::ascii || unicode_ > unicode_version()) return false;
  return unicode_ == unicode_version() || is_ascii(word);
}

bool TokenFilter::may_contain_token(std::string_view word) const { return !knows_word(word) || may_contain(token_hash(word)); }

bool TokenFilter::may_contain_field(std::string_view name, std::string_view value) const {
  // A value of ASCII is made by folding others only when it has one of these: "K" (the sign of kelvin) is "k", "ß" is "ss", "ﬁ" is "fi".
  const bool known = rules_ == FilterRules::ascii ? is_ascii(value) && value.find_first_of("fksFKS;`") == std::string_view::npos : knows_word(value);
  return !known || may_contain(field_hash(name, value));
}

bool TokenFilter::may_contain_all_tokens(std::string_view text) const {
  const std::vector<std::string> words = words_of(text);
  return std::all_of(words.begin(), words.end(), [this](const std::string& word) { return may_contain_token(word); });
}

void TokenFilterBuilder::insert_pending() {
  const std::size_t count = std::exchange(pending_count_, 0);
  if (count == 0) return;
  std::size_t at = 0;
  if (wide_.empty()) {
    if (slots_.empty()) slots_.resize(kFirstTokenSlots);
    for (std::size_t i = 0; i < count; ++i) __builtin_prefetch(&slots_[pending_[i] & (slots_.size() - 1)]);
    while (at < count && wide_.empty()) insert(pending_[at++]);
  }
  if (!wide_.empty()) count_ += set_bits(wide_, {pending_.data() + at, count - at});
}

void TokenFilterBuilder::insert(std::uint64_t hash) {
  std::size_t at = hash & (slots_.size() - 1);
  while (slots_[at] != 0) {
    if (slots_[at] == hash) return;
    at = (at + 1) & (slots_.size() - 1);
  }
  slots_[at] = hash;
  if (++count_ * 4 <= slots_.size() * 3) return;
  if (count_ >= kMaxInTable) {
    widen();
  } else {
    grow();
  }
}

void TokenFilterBuilder::widen() {
  wide_.assign(kWideBlocks * kFilterBlockBytes, '\0');
  std::vector<std::uint64_t> hashes;
  hashes.swap(slots_);
  std::erase(hashes, 0);
  set_bits(wide_, hashes);
}

void TokenFilterBuilder::grow() {
  std::vector<std::uint64_t> old(slots_.size() * 2);
  old.swap(slots_);
  for (const std::uint64_t hash : old) {
    if (hash == 0) continue;
    std::size_t at = hash & (slots_.size() - 1);
    while (slots_[at] != 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = hash;
  }
}

void TokenFilterBuilder::add_folded(std::string_view part) {
  std::string folded;
  append_folded(folded, part, true);
  std::string_view rest = folded, word;
  while (next_word(rest, word)) add(hash_text(word, 0));
}

void TokenFilterBuilder::add_tokens(std::string_view text) {
  if (is_plain(text)) [[likely]] {
    scan_tokens(text, [this](const char* token, std::size_t size) {
      add(size <= kShortText ? hash_short(token, size, 0) : hash_text({token, size}, 0));
    });
    return;
  }
  if (text.find(kEscape) != std::string_view::npos) return add_folded(text);
  // No word, and nothing that joins another character, reaches over a separator of ASCII.
  scan_tokens(text, [this](const char* token, std::size_t size) {
    const std::string_view part(token, size);
    if (!is_ascii(part)) return add_folded(part);
    add(size <= kShortText ? hash_short(token, size, 0) : hash_text(part, 0));
  });
}

std::string TokenFilterBuilder::finish(std::size_t max_bytes) {
  std::string filter = finish_blocks(max_bytes);
  filter.push_back(static_cast<char>(unicode_version()));
  return filter;
}

std::string TokenFilterBuilder::finish_blocks(std::size_t max_bytes) {
  insert_pending();
  const std::size_t max_blocks = std::max<std::size_t>(max_bytes / kFilterBlockBytes, 1);
  if (!wide_.empty()) return fold_filter(wide_, divisor_for(blocks_for(count_), max_blocks));
  std::string filter(std::min(blocks_for(count_), max_blocks) * kFilterBlockBytes, '\0');
  std::vector<std::uint64_t> hashes = slots_;
  std::erase(hashes, 0);
  set_bits(filter, hashes);
  return filter;
}

void TokenFilterBuilder::clear() { *this = TokenFilterBuilder(); }

}  // namespace penstock::chunk
