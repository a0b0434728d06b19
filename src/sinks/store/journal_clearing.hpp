// Sees to it that what was deleted leaves the journal too, and notes when it has.
#pragma once

#include <cstdint>
#include <map>

#include "penstock/ports/deletion_receipts.hpp"
#include "penstock/ports/journal.hpp"

namespace penstock::sinks {

// The references must outlive it. One thread.
class JournalClearing {
 public:
  JournalClearing(DeletionReceipts& receipts, Journal& journal) : receipts_(receipts), journal_(journal) {}

  // Looks once at every deletion that the store has carried out; true: something is about to go, look again soon. Errors as of DeletionReceipts.
  Result<bool> look_once();

 private:
  Sequence end_of(const Deletion& deletion);

  DeletionReceipts& receipts_;
  Journal& journal_;
  std::map<std::int64_t, Sequence> ends_;  // of others' deletions: our journal's end when we first saw that they were carried out
};

}  // namespace penstock::sinks
