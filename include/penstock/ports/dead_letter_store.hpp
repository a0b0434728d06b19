// Where records wait that the chunk store could not take (the store sink puts them there: StoreCommit::dead_letters).
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "penstock/core/ids.hpp"
#include "penstock/core/result.hpp"
#include "penstock/core/time.hpp"
#include "penstock/ports/chunk_store.hpp"

namespace penstock {

struct KeptDeadLetter {
  DeadLetter letter;
  Timestamp kept_at;
};

// Thread-safe; every call may block. unavailable: try again later.
class DeadLetterStore {
 public:
  virtual ~DeadLetterStore() = default;
  // Those after `after` (RecordId{}: from the first), by journal and sequence: at most `count`, and no further one once their batches
  // come to `bytes`. Empty only at the end.
  virtual Result<std::vector<KeptDeadLetter>> list(RecordId after, std::size_t count, std::size_t bytes) = 0;
  virtual Result<KeptDeadLetter> find(RecordId id) = 0;  // not_found
  // Holds the letter, so that no other server takes it, calls `use`, and removes it when that succeeds; else it stays, and the error is
  // use's. not_found: somebody took it. After unavailable it may be gone or not, though `use` succeeded. The audit entry goes with the removal, or neither
  // does; one without an action is not written.
  virtual Result<void> take(RecordId id, const AuditEntry& entry, const std::function<Result<void>(const DeadLetter&)>& use) = 0;
};

}  // namespace penstock
