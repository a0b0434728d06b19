// What a chunk of logs cannot contain: a split-block Bloom filter over hashed tokens, kept beside each chunk so that a search passes over
// the chunks that lack a word.
//
// Source: "Split Block Bloom Filters" as published in the Apache Parquet format (BloomFilter.md) after Putze, Sanders, Singler:
// "Cache-, Hash- and Space-Efficient Bloom Filters": blocks of 256 bits, eight odd multipliers, one bit a 32-bit word.
//
// It holds, of every record: token_hash of each word (tokenizer.hpp) of the message, of the source and of each field's value (any type; its
// text as append_text() spells it, of an array each element's); field_hash(name, text) of each field and of each element; and
// field_hash("source", source). Filters of earlier builds knew other words: see FilterRules.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/core/result.hpp"

namespace penstock::chunk {

// `word` folded, or plain in any case.
std::uint64_t token_hash(std::string_view word);
// The whole value of a field, folded here. `value` is the text as append_text() spells it.
std::uint64_t field_hash(std::string_view name, std::string_view value);
// The part of field_hash that depends on the name, for callers that hash many values of one field.
std::uint64_t field_name_seed(std::string_view name);
std::uint64_t field_value_hash(std::uint64_t name_seed, std::string_view value);

// By which rules the words in a filter were made, and so what may be asked of it.
enum class FilterRules : std::uint8_t {
  // "PSL1": every byte of a character that is not ASCII was part of a word, so that "“error”" was one word; values were hashed as they
  // are, and arrays whole.
  ascii = 1,
  words = 2,
};

// Read side; immutable, any thread. An absent filter (default constructed) may contain everything.
class TokenFilter {
 public:
  TokenFilter() = default;
  // From what TokenFilterBuilder::finish made; empty bytes give a filter that may contain everything. corrupt on any other length.
  static Result<TokenFilter> parse(std::string bytes, FilterRules rules = FilterRules::words);

  // False: surely absent. True: present, one of about 1.5 % false positives, or nothing that this filter can know.
  bool may_contain_token(std::string_view word) const;
  // `value` is what the field's whole folded value is to be.
  bool may_contain_field(std::string_view name, std::string_view value) const;
  // Every word of `text` (a phrase) may be there.
  bool may_contain_all_tokens(std::string_view text) const;

  bool may_contain(std::uint64_t hash) const;  // a hash that this filter's rules made
  // Whether the elements of arrays are in it.
  bool knows_elements() const { return rules_ != FilterRules::ascii; }

 private:
  bool knows_word(std::string_view word) const;

  std::string words_;  // blocks of eight little-endian 32-bit words
  FilterRules rules_ = FilterRules::words;
  std::uint8_t unicode_ = 0;  // version of the data by which words were cut
};

// Gathers distinct hashes. Not thread-safe. Few are kept in a table: 11 to 21 bytes each. Past 24,576 of them it goes on as a filter of
// 512 KiB, which finish() folds to the size that their number asks for; past some 460,000 there are more false positives.
class TokenFilterBuilder {
 public:
  void add(std::uint64_t hash) {
    if (hash == 0) hash = 1;
    std::uint64_t& recent = recent_[(hash >> 32) % kRecent];
    if (recent == hash) return;
    recent = hash;
    pending_[pending_count_++] = hash;
    if (pending_count_ == kPending) insert_pending();
  }
  // Hashes and adds every word of a text.
  void add_tokens(std::string_view text);

  // Distinct hashes; a few too little when there are many.
  std::size_t distinct() {
    insert_pending();
    return count_;
  }
  std::size_t memory_bytes() const { return slots_.capacity() * sizeof(std::uint64_t) + wide_.capacity(); }

  // The filter's bytes: 9 bits or more a distinct hash, at most `max_bytes` (fewer bits then, so more false positives), and one byte.
  std::string finish(std::size_t max_bytes = 512u << 10);
  void clear();

 private:
  void add_folded(std::string_view part);
  std::string finish_blocks(std::size_t max_bytes);
  void insert_pending();
  void insert(std::uint64_t hash);
  void grow();
  void widen();

  std::vector<std::uint64_t> slots_;  // open addressing, 0 = free
  std::size_t count_ = 0;
  // Most words of logs come again soon: a look here spares the one in the table, which no longer fits the fastest cache.
  static constexpr std::size_t kRecent = 512;
  std::array<std::uint64_t, kRecent> recent_{};
  // The others are looked up many at once, so that the memory's waits overlap.
  static constexpr std::size_t kPending = 128;
  std::array<std::uint64_t, kPending> pending_{};
  std::size_t pending_count_ = 0;
  std::string wide_;  // a filter of the largest size, once there are many hashes; they are in it, and not in the table
};

}  // namespace penstock::chunk
