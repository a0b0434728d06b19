#include "journal/idempotency_index.hpp"

namespace penstock::journal {
namespace {

constexpr std::size_t kItemOverhead = 160;  // list node, map node and bucket

}  // namespace

IdempotencyIndex::IdempotencyIndex(std::size_t limit_bytes, std::chrono::seconds age)
    : limit_(limit_bytes), age_ns_(std::chrono::nanoseconds(age).count()) {}

std::size_t IdempotencyIndex::cost(const KeptKey& key) { return kItemOverhead + key.entry.answer.size(); }

void IdempotencyIndex::erase(Items::iterator item) {
  bytes_ -= cost(item->key);
  by_key_.erase({item->key.entry.key_hi, item->key.entry.key_lo});
  items_.erase(item);
}

std::size_t IdempotencyIndex::add(KeptKey key, SegmentId segment) {
  std::lock_guard lock(mutex_);
  const Key id{key.entry.key_hi, key.entry.key_lo};
  if (const auto known = by_key_.find(id); known != by_key_.end()) erase(known->second);
  bytes_ += cost(key);
  items_.push_back({std::move(key), segment});
  by_key_[id] = std::prev(items_.end());
  std::size_t gone = 0;
  for (; bytes_ > limit_ && !items_.empty(); ++gone) erase(items_.begin());
  return gone;
}

bool IdempotencyIndex::add_older(KeptKey key, SegmentId segment) {
  std::lock_guard lock(mutex_);
  const Key id{key.entry.key_hi, key.entry.key_lo};
  if (by_key_.contains(id)) return true;
  if (bytes_ + cost(key) > limit_) return false;
  bytes_ += cost(key);
  items_.push_front({std::move(key), segment});
  by_key_[id] = items_.begin();
  return true;
}

std::optional<IdempotencyEntry> IdempotencyIndex::find(std::uint64_t key_hi, std::uint64_t key_lo, Timestamp now) const {
  std::lock_guard lock(mutex_);
  const auto known = by_key_.find({key_hi, key_lo});
  if (known == by_key_.end() || expired(known->second->key, now)) return std::nullopt;
  return known->second->key.entry;
}

std::vector<KeptKey> IdempotencyIndex::of_segment(SegmentId segment, Timestamp now) const {
  std::lock_guard lock(mutex_);
  std::vector<KeptKey> keys;
  for (const Item& item : items_) {
    if (item.segment == segment && !expired(item.key, now)) keys.push_back(item.key);
  }
  return keys;
}

void IdempotencyIndex::move(const std::vector<KeptKey>& keys, SegmentId to) {
  std::lock_guard lock(mutex_);
  for (const KeptKey& key : keys) {
    const auto known = by_key_.find({key.entry.key_hi, key.entry.key_lo});
    if (known != by_key_.end()) known->second->segment = to;
  }
}

void IdempotencyIndex::drop_expired(Timestamp now) {
  std::lock_guard lock(mutex_);
  while (!items_.empty() && expired(items_.front().key, now)) erase(items_.begin());
}

std::size_t IdempotencyIndex::size_bytes() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace penstock::journal
