// The strings that a batch under construction has numbered.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/short_bytes.hpp"
#include "core/xxhash_inline.hpp"

namespace penstock {

// Open addressing by XXH3, linear probing, at most half full. Keeps no text: the strings lie in the batch's own bytes, whose start the
// caller gives to each call (they move when the batch grows).
class StringTable {
 public:
  StringTable() : slots_(kInitialSlots, 0) {}

  static std::uint32_t hash(std::string_view text) { return static_cast<std::uint32_t>(XXH3_64bits(text.data(), text.size())); }

  std::optional<std::uint32_t> find(const char* bytes, std::string_view text, std::uint32_t hash) const {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t slot = hash & mask; slots_[slot] != 0; slot = (slot + 1) & mask) {
      const std::uint32_t number = slots_[slot] - 1;
      if (entries_[number].hash == hash && is(bytes, number, text)) return number;
    }
    return std::nullopt;
  }
  // Numbers the string at `offset`, which is not in the table.
  std::uint32_t add(std::size_t offset, std::size_t length, std::uint32_t hash) {
    if ((entries_.size() + 1) * 2 > slots_.size()) grow();
    entries_.push_back({static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(length), hash});
    place(static_cast<std::uint32_t>(entries_.size()));
    return static_cast<std::uint32_t>(entries_.size() - 1);
  }
  bool is(const char* bytes, std::uint32_t number, std::string_view text) const {
    const Entry& entry = entries_[number];
    return same_bytes({bytes + entry.offset, entry.length}, text);
  }
  std::size_t size() const { return entries_.size(); }
  // What many strings took is given back.
  void clear() {
    if (slots_.size() > kKeptSlots) {
      std::vector<Entry>().swap(entries_);
      std::vector<std::uint32_t>().swap(slots_);
    }
    entries_.clear();
    slots_.assign(kInitialSlots, 0);
  }

 private:
  static constexpr std::size_t kInitialSlots = 128, kKeptSlots = 16 * 1024;
  struct Entry {
    std::uint32_t offset, length, hash;
  };

  void place(std::uint32_t number_plus_one) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = entries_[number_plus_one - 1].hash & mask;
    while (slots_[slot] != 0) slot = (slot + 1) & mask;
    slots_[slot] = number_plus_one;
  }
  void grow() {
    slots_.assign(slots_.size() * 2, 0);
    for (std::uint32_t i = 1; i <= entries_.size(); ++i) place(i);
  }

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> slots_;  // number + 1; 0 is free
};

}  // namespace penstock
