#include "chunk/token_filter.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/bytes.hpp"
#include "chunk/corrupt.hpp"
#include "chunk/token_hash.hpp"
#include "chunk/token_scan.hpp"
#include "chunk/tokenizer.hpp"

namespace penstock::chunk {
namespace {

constexpr std::size_t kBlockBytes = 32;
constexpr std::size_t kBitsPerHash = 9;  // about 1.5 % false positives
constexpr std::size_t kMaxDistinct = 393216;  // three quarters of 4 MiB of slots
constexpr std::size_t kOverflowBytes = 512u << 10;
constexpr std::size_t kFirstTokenSlots = 1024;

// The multipliers that the Parquet format fixes.
constexpr std::array<std::uint32_t, 8> kSalt = {0x47b6137bu, 0x44974d91u, 0x8824ad5bu, 0xa2b7289du,
                                                0x705495c7u, 0x2df1424bu, 0x9efc4947u, 0x5c6bfb31u};

std::size_t block_of(std::uint64_t hash, std::size_t blocks) {
  return static_cast<std::size_t>(((hash >> 32) * static_cast<std::uint64_t>(blocks)) >> 32);
}

std::uint32_t bit_of(std::uint64_t hash, std::size_t word) {
  return std::uint32_t{1} << ((static_cast<std::uint32_t>(hash) * kSalt[word]) >> 27);
}

void set_bits(std::string& filter, std::uint64_t hash) {
  char* block = filter.data() + block_of(hash, filter.size() / kBlockBytes) * kBlockBytes;
  for (std::size_t i = 0; i < kSalt.size(); ++i) {
    char* word = block + 4 * i;
    write_fixed<std::uint32_t>(word, read_fixed<std::uint32_t>(word) | bit_of(hash, i));
  }
}

}  // namespace

std::uint64_t token_hash(std::string_view token) { return hash_text(token, 0); }

std::uint64_t field_name_seed(std::string_view name) { return hash_text(name, 0x70656e73746f636bull) | 1; }

std::uint64_t field_value_hash(std::uint64_t name_seed, std::string_view value) { return hash_text(value, name_seed); }

std::uint64_t field_hash(std::string_view name, std::string_view value) {
  return field_value_hash(field_name_seed(name), value);
}

Result<TokenFilter> TokenFilter::parse(std::string bytes) {
  if (bytes.size() % kBlockBytes != 0) return corrupt("a token filter's size");
  TokenFilter filter;
  filter.words_ = std::move(bytes);
  return filter;
}

bool TokenFilter::may_contain(std::uint64_t hash) const {
  if (words_.empty()) return true;
  const char* block = words_.data() + block_of(hash, words_.size() / kBlockBytes) * kBlockBytes;
  for (std::size_t i = 0; i < kSalt.size(); ++i) {
    if (!(read_fixed<std::uint32_t>(block + 4 * i) & bit_of(hash, i))) return false;
  }
  return true;
}

bool TokenFilter::may_contain_all_tokens(std::string_view text) const {
  std::string_view token;
  while (next_token(text, token)) {
    if (!may_contain_token(token)) return false;
  }
  return true;
}

void TokenFilterBuilder::insert_pending() {
  const std::size_t count = pending_count_;
  pending_count_ = 0;
  if (count == 0) return;
  if (!overflow_.empty()) {
    for (std::size_t i = 0; i < count; ++i) set_bits(overflow_, pending_[i]);
    return;
  }
  if (slots_.empty()) slots_.resize(kFirstTokenSlots);
  for (std::size_t i = 0; i < count; ++i) __builtin_prefetch(&slots_[pending_[i] & (slots_.size() - 1)]);
  for (std::size_t i = 0; i < count; ++i) insert(pending_[i]);
}

void TokenFilterBuilder::insert(std::uint64_t hash) {
  // The table may have given way to the filter in the midst of what was pending.
  if (!overflow_.empty()) return set_bits(overflow_, hash);
  std::size_t at = hash & (slots_.size() - 1);
  while (slots_[at] != 0) {
    if (slots_[at] == hash) return;
    at = (at + 1) & (slots_.size() - 1);
  }
  slots_[at] = hash;
  if (++count_ * 4 > slots_.size() * 3) grow();
}

void TokenFilterBuilder::grow() {
  if (count_ > kMaxDistinct) {
    overflow_.assign(kOverflowBytes, '\0');
    for (const std::uint64_t hash : slots_) {
      if (hash != 0) set_bits(overflow_, hash);
    }
    std::vector<std::uint64_t>().swap(slots_);
    return;
  }
  std::vector<std::uint64_t> old(slots_.size() * 2);
  old.swap(slots_);
  for (const std::uint64_t hash : old) {
    if (hash == 0) continue;
    std::size_t at = hash & (slots_.size() - 1);
    while (slots_[at] != 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = hash;
  }
}

void TokenFilterBuilder::add_tokens(std::string_view text) {
  scan_tokens(text, [this](const char* token, std::size_t size) {
    add(size <= kShortText ? hash_short(token, size, 0) : hash_text({token, size}, 0));
  });
}

std::string TokenFilterBuilder::finish(std::size_t max_bytes) {
  insert_pending();
  if (!overflow_.empty()) return overflow_;
  const std::size_t wanted = (count_ * kBitsPerHash + 8 * kBlockBytes - 1) / (8 * kBlockBytes) * kBlockBytes;
  std::string filter(std::clamp(wanted, kBlockBytes, std::max(max_bytes / kBlockBytes * kBlockBytes, kBlockBytes)), '\0');
  for (const std::uint64_t hash : slots_) {
    if (hash != 0) set_bits(filter, hash);
  }
  return filter;
}

void TokenFilterBuilder::clear() { *this = TokenFilterBuilder(); }

}  // namespace penstock::chunk
