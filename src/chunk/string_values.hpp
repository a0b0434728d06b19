// A column of strings while it is being gathered: a dictionary as long as values repeat, else every value an entry of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "chunk/text_arena.hpp"

namespace penstock::chunk {

// Not thread-safe. Entries live in the arena given to add().
class StringValues {
 public:
  // Appends a value. True when it became a new entry (not seen before, or the column stopped looking).
  bool add(std::string_view value, TextArena& arena);

  std::size_t size() const { return ids_.size(); }
  std::uint32_t id(std::size_t i) const { return ids_[i]; }
  std::string_view entry(std::uint32_t id) const { return entries_[id]; }
  std::size_t entry_count() const { return entries_.size(); }
  std::string_view operator[](std::size_t i) const { return entries_[ids_[i]]; }

  // Forgets the values, not what was learnt about looking for repeats.
  void clear();

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t entry = 0;  // + 1; 0 is free
  };
  std::uint32_t append_entry(std::string_view value, TextArena& arena);
  void grow();
  void judge();

  std::vector<std::uint32_t> ids_;
  std::vector<std::string_view> entries_;
  std::vector<Slot> slots_;
  std::uint32_t last_ = 0;         // entry of the last value, the likeliest next one
  std::uint32_t judged_at_ = 0;    // values and entries when repeats were last counted
  std::uint32_t judged_entries_ = 0;
  bool looking_ = true;
};

}  // namespace penstock::chunk
