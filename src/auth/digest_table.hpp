// Entries by their digests, laid out so that finding one among ten thousand waits for memory twice.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "auth/token_digest.hpp"

namespace penstock::auth {

// `Entry` has a member `digest`. Immutable; thread-safe. Of several with one digest the first is found.
template <class Entry>
class DigestTable {
 public:
  DigestTable() : DigestTable(std::vector<Entry>()) {}
  explicit DigestTable(std::vector<Entry> entries) : entries_(std::move(entries)), slots_(std::bit_ceil(2 * entries_.size() + 1)) {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      std::size_t at = first_slot(entries_[i].digest);
      while (slots_[at].number != 0) at = next(at);
      slots_[at] = {tag(entries_[i].digest), static_cast<std::uint32_t>(i + 1)};
    }
  }

  const Entry* find(const TokenDigest& digest) const {
    for (std::size_t at = first_slot(digest); slots_[at].number != 0; at = next(at)) {
      if (slots_[at].tag != tag(digest)) continue;
      const Entry& entry = entries_[slots_[at].number - 1];
      if (same_digest(entry.digest, digest)) return &entry;
    }
    return nullptr;
  }
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t number = 0;  // of the entry, from 1; 0: none
  };
  // A digest is as good as a hash already.
  template <int begin>
  static std::uint32_t bits(const TokenDigest& digest) {
    std::uint32_t read = 0;
    std::memcpy(&read, digest.data() + begin, sizeof read);
    return read;
  }
  static std::uint32_t tag(const TokenDigest& digest) { return bits<4>(digest); }
  std::size_t first_slot(const TokenDigest& digest) const { return bits<0>(digest) & (slots_.size() - 1); }
  std::size_t next(std::size_t slot) const { return (slot + 1) & (slots_.size() - 1); }

  std::vector<Entry> entries_;
  std::vector<Slot> slots_;  // a power of two, at most half of them taken
};

}  // namespace penstock::auth
