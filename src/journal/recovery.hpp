// What the directory tells when the journal is opened. State comes from scanning segment files and from nothing else.
#pragma once

#include "journal/journal_state.hpp"

namespace penstock::journal {

// Fills id, catalog, window (its end), next_segment_number and torn_bytes of `state`. Removes temporary files, cuts the torn tail off.
// Damage is left to the readers. Errors: io_error when the directory cannot be read; with strict, corrupt on any damage.
Result<void> recover(JournalState& state);

// Reads the idempotency keys of the last hours back, newest first, until the index is full. Best effort.
void recover_keys(JournalState& state);

}  // namespace penstock::journal
