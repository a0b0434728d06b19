// Idempotency keys of durable batches, in memory, bounded by bytes and age.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "journal/frame_codec.hpp"

namespace penstock::journal {

// Thread-safe.
class IdempotencyIndex {
 public:
  IdempotencyIndex(std::size_t limit_bytes, std::chrono::seconds age);

  // A newly committed key, or one kept in another segment from now on. Over the limit the oldest go: tells how many.
  std::size_t add(KeptKey key, SegmentId segment);
  // While reading backwards at the start: false when there is no room for older keys.
  bool add_older(KeptKey key, SegmentId segment);
  std::optional<IdempotencyEntry> find(std::uint64_t key_hi, std::uint64_t key_lo, Timestamp now) const;
  // The unexpired keys that lie in this segment, oldest first.
  std::vector<KeptKey> of_segment(SegmentId segment, Timestamp now) const;
  void move(const std::vector<KeptKey>& keys, SegmentId to);
  void drop_expired(Timestamp now);
  std::size_t size_bytes() const;

 private:
  struct Key {
    std::uint64_t hi, lo;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const { return key.lo; }
  };
  struct Item {
    KeptKey key;
    SegmentId segment;
  };
  using Items = std::list<Item>;

  static std::size_t cost(const KeptKey& key);
  bool expired(const KeptKey& key, Timestamp now) const { return now.ns - key.committed_at.ns > age_ns_; }
  void erase(Items::iterator item);

  const std::size_t limit_;
  const std::int64_t age_ns_;
  mutable std::mutex mutex_;
  Items items_;  // oldest first
  std::unordered_map<Key, Items::iterator, Hash> by_key_;
  std::size_t bytes_ = 0;
};

}  // namespace penstock::journal
