#include "sinks/store/journal_clearing.hpp"

#include <algorithm>
#include <set>

namespace penstock::sinks {

// No record from here on is one that was deleted. In the journal of the server that took the deletion it says so itself; in ours all that it may
// be about had come before the store was done with it.
Sequence JournalClearing::end_of(const Deletion& deletion) {
  if (deletion.journal == journal_.id()) return deletion.before;
  return ends_.try_emplace(deletion.id, journal_.durable_end()).first->second;
}

Result<bool> JournalClearing::look_once() {
  auto waiting = receipts_.waiting_for(journal_.id());
  if (!waiting) return waiting.error();
  Sequence retire = 0;
  std::set<std::int64_t> open;
  for (const Deletion& deletion : *waiting) {
    open.insert(deletion.id);
    const Sequence end = end_of(deletion);
    if (journal_.oldest() < end) {
      retire = std::max(retire, end);
    } else if (auto noted = receipts_.left_journal(deletion.id, journal_.id()); !noted) {
      return noted.error();
    }
  }
  std::erase_if(ends_, [&open](const auto& entry) { return !open.contains(entry.first); });
  if (retire > 0) journal_.retire(retire);
  return retire > 0;
}

}  // namespace penstock::sinks
