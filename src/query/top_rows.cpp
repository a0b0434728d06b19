#include "query/top_rows.hpp"

#include <algorithm>
#include <utility>

#include "penstock/core/batch.hpp"
#include "query/chunk_walk.hpp"

namespace penstock::query {

TopRows::TopRows(std::size_t limit, bool ascending, std::optional<RowKey> after, std::size_t max_bytes,
                 ByteBudget::Lease& lease)
    : limit_(std::max<std::size_t>(limit, 1)),
      ascending_(ascending),
      after_(after),
      max_bytes_(max_bytes),
      lease_(lease) {}

bool TopRows::wants(Timestamp min, Timestamp max) const {
  if (!full()) return true;
  const Timestamp worst = slots_[heap_.front()].key.timestamp;
  return ascending_ ? min <= worst : max >= worst;
}

bool TopRows::takes(const RowKey& key) const {
  if (after_ && !before(*after_, key)) return false;
  return !full() || before(key, slots_[heap_.front()].key);
}

void TopRows::restrict_rows(const GroupColumns& in, RowMask& rows) const {
  if (!full() && !after_) return;
  const auto times = in.group.timestamps();
  const auto sequences = in.group.sequences();
  const JournalId journal = in.reader.meta().journal;
  rows.each([&](std::size_t row) {
    if (!takes({Timestamp{times[row]}, journal, sequences[row]})) rows.clear(row);
  });
}

void TopRows::evict_worst() {
  const auto worse = [this](std::size_t a, std::size_t b) { return before(slots_[a].key, slots_[b].key); };
  std::pop_heap(heap_.begin(), heap_.end(), worse);
  Slot& slot = slots_[heap_.back()];
  free_.push_back(heap_.back());
  heap_.pop_back();
  bytes_ -= slot.bytes;
  lease_.shrink(slot.bytes);
  slot = Slot{};
}

std::size_t TopRows::insert(const RowKey& key) {
  if (!takes(key)) return kNone;
  if (full()) evict_worst();
  std::size_t at = slots_.size();
  if (free_.empty()) {
    slots_.emplace_back();
  } else {
    at = free_.back();
    free_.pop_back();
  }
  slots_[at].key = key;
  slots_[at].pending = slots_[at].used = true;
  heap_.push_back(at);
  std::push_heap(heap_.begin(), heap_.end(),
                 [this](std::size_t a, std::size_t b) { return before(slots_[a].key, slots_[b].key); });
  return at;
}

Result<void> TopRows::fill(std::size_t at, LogRow row) {
  const std::size_t size = row.size_bytes() + sizeof(Slot) - sizeof(LogRow);
  while (bytes_ + size > max_bytes_ || !lease_.grow(size)) {
    if (heap_.size() <= 1) {
      if (lease_.grow(size)) break;  // one row is always given, be it larger than this query's share
      return memory_error();
    }
    truncated_ = true;
    const bool itself = heap_.front() == at;
    evict_worst();
    limit_ = heap_.size();
    if (itself) return {};
  }
  bytes_ += size;
  Slot& slot = slots_[at];
  slot.row = std::move(row);
  slot.bytes = size;
  slot.pending = false;
  return {};
}

Result<void> TopRows::group(const chunk::LogChunkReader& reader, chunk::LogGroup& group, const RowMask& rows) {
  const auto times = group.timestamps();
  const auto sequences = group.sequences();
  const JournalId journal = reader.meta().journal;
  std::vector<std::size_t> matching;
  rows.each([&](std::size_t row) { matching.push_back(row); });
  if (!ascending_) std::reverse(matching.begin(), matching.end());
  std::vector<std::pair<std::size_t, std::size_t>> entered;  // slot, row
  for (const std::size_t row : matching) {
    const RowKey key{Timestamp{times[row]}, journal, sequences[row]};
    const std::size_t slot = insert(key);
    // Rows of a group are in order: what follows is no better.
    if (slot == kNone && full() && !before(key, slots_[heap_.front()].key)) break;
    if (slot != kNone) entered.emplace_back(slot, row);
  }
  if (entered.empty()) return {};
  const std::size_t before_load = group.memory_bytes();
  if (auto ok = group.load(chunk::ColumnSelection::everything()); !ok) return ok;
  const std::size_t more = std::max(group.memory_bytes(), before_load) - before_load;
  if (!lease_.grow(more)) return memory_error();
  Result<void> result;
  chunk::LogRow row;
  for (const auto& [slot, index] : entered) {
    const RowKey key{Timestamp{times[index]}, journal, sequences[index]};
    if (!slots_[slot].pending || slots_[slot].key != key) continue;
    group.row(index, row);
    row.log.deployment = reader.meta().deployment;
    result = fill(slot, LogRow::from({journal, key.sequence}, row.log));
    if (!result) break;
  }
  lease_.shrink(more);
  return result;
}

Result<void> TopRows::record(RecordId id, const LogView& log) {
  const std::size_t slot = insert({log.timestamp, id.journal, id.sequence});
  if (slot != kNone) pending_.push_back(slot);
  return {};
}

Result<void> TopRows::frame_end(const Frame& frame) {
  std::sort(pending_.begin(), pending_.end());
  pending_.erase(std::unique(pending_.begin(), pending_.end()), pending_.end());
  std::erase_if(pending_, [this](std::size_t at) { return !slots_[at].pending; });
  std::sort(pending_.begin(), pending_.end(),
            [this](auto a, auto b) { return slots_[a].key.sequence < slots_[b].key.sequence; });
  std::vector<std::pair<Sequence, std::size_t>> wanted;
  for (const auto at : std::exchange(pending_, {})) wanted.emplace_back(slots_[at].key.sequence, at);
  std::size_t next = 0;
  BatchReader reader;
  RecordView record;
  for (const auto& batch : frame.batches) {
    if (next == wanted.size()) break;
    if (wanted[next].first >= batch.first + batch.count) continue;
    reader.open(batch.bytes);
    while (next < wanted.size() && wanted[next].first < batch.first + batch.count && reader.next(record)) {
      if (batch.first + record.index != wanted[next].first) continue;
      const auto [sequence, at] = wanted[next++];
      if (!slots_[at].pending || slots_[at].key.sequence != sequence) continue;  // made room meanwhile
      if (auto ok = fill(at, LogRow::from({frame.journal, sequence}, record.log)); !ok) return ok;
    }
  }
  return {};
}

std::vector<LogRow> TopRows::take() {
  std::sort(heap_.begin(), heap_.end(),
            [this](std::size_t a, std::size_t b) { return before(slots_[a].key, slots_[b].key); });
  std::vector<LogRow> rows;
  rows.reserve(heap_.size());
  for (const auto at : heap_) rows.push_back(std::move(slots_[at].row));
  heap_.clear();
  slots_.clear();
  free_.clear();
  return rows;
}

}  // namespace penstock::query
