#include "chunk/string_values.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace penstock::chunk {
namespace {

constexpr std::size_t kFirstValueSlots = 64;
constexpr std::uint32_t kJudgeEvery = 512;

std::uint64_t hash_of(std::string_view value) { return XXH3_64bits(value.data(), value.size()); }

}  // namespace

std::uint32_t StringValues::append_entry(std::string_view value, TextArena& arena) {
  entries_.push_back(arena.add(value));
  return static_cast<std::uint32_t>(entries_.size() - 1);
}

bool StringValues::add(std::string_view value, TextArena& arena) {
  if (last_ < entries_.size() && entries_[last_] == value) {
    ids_.push_back(last_);
    return false;
  }
  if (!looking_) {
    last_ = append_entry(value, arena);
    ids_.push_back(last_);
    return true;
  }
  if (slots_.empty()) slots_.resize(kFirstValueSlots);
  const std::uint64_t hash = hash_of(value);
  const auto tag = static_cast<std::uint32_t>(hash >> 32);
  std::size_t at = hash & (slots_.size() - 1);
  while (slots_[at].entry != 0) {
    if (slots_[at].tag == tag && entries_[slots_[at].entry - 1] == value) {
      last_ = slots_[at].entry - 1;
      ids_.push_back(last_);
      return false;
    }
    at = (at + 1) & (slots_.size() - 1);
  }
  last_ = append_entry(value, arena);
  slots_[at] = {tag, last_ + 1};
  ids_.push_back(last_);
  if (entries_.size() * 2 > slots_.size()) grow();
  if (ids_.size() - judged_at_ >= kJudgeEvery) judge();
  return true;
}

void StringValues::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  for (const Slot slot : old) {
    if (slot.entry == 0) continue;
    std::size_t at = hash_of(entries_[slot.entry - 1]) & (slots_.size() - 1);
    while (slots_[at].entry != 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = slot;
  }
}

// A column where three in four values are new gains nothing from looking.
void StringValues::judge() {
  const std::size_t values = ids_.size() - judged_at_;
  const std::size_t entries = entries_.size() - judged_entries_;
  judged_at_ = static_cast<std::uint32_t>(ids_.size());
  judged_entries_ = static_cast<std::uint32_t>(entries_.size());
  if (entries * 4 > values * 3) {
    looking_ = false;
    std::vector<Slot>().swap(slots_);
  }
}

void StringValues::clear() {
  ids_.clear();
  entries_.clear();
  slots_.assign(looking_ ? kFirstValueSlots : 0, Slot{});
  last_ = judged_at_ = judged_entries_ = 0;
}

}  // namespace penstock::chunk
