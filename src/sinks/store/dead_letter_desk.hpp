// What an operator does with dead letters: look at them, send them the normal way again, or let them go.
//
// A replay puts the record into the journal as a new one, with an identity of its own; when the store refuses it again, it comes back as
// a new dead letter. The old letter is removed only after the journal has the record. Its batch carries an idempotency key made of the
// letter's identity, so that a replay that was cut off in between (a crash, Postgres gone) doubles nothing when it is asked for again on
// the same server within journal::Options::idempotency_age.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "penstock/core/batch.hpp"
#include "penstock/ports/dead_letter_store.hpp"
#include "penstock/ports/journal.hpp"
#include "penstock/ports/sealer.hpp"

namespace penstock::sinks {

struct OpenLetter {
  RecordId id;
  std::string reason, detail;
  Timestamp kept_at;
  std::string batch;          // of the one record; empty when the store could not even keep that, or `unreadable`
  std::string unreadable;     // why the batch could not be opened
};

// Thread-safe; every call may block. The references must outlive it.
class DeadLetterDesk {
 public:
  // FileJournal::find.
  using FindKey = std::function<std::optional<IdempotencyEntry>(std::uint64_t key_hi, std::uint64_t key_lo)>;

  DeadLetterDesk(DeadLetterStore& store, Sealer& sealer, SubmissionQueue& journal, FindKey find_key);

  // As DeadLetterStore::list; a few MiB at most.
  Result<std::vector<OpenLetter>> list(RecordId after, std::size_t count);
  Result<OpenLetter> find(RecordId id);  // not_found
  // not_found: no such letter. corrupt, key_mismatch: its record cannot be read; it stays. Those of SubmissionQueue and of the journal's
  // disk: not replayed, it stays. unavailable: replayed or not, it may still be there: replay it again.
  // `by`: actor, address and time, for the audit entry that is made with it; without an actor there is none.
  Result<void> replay(RecordId id, const AuditEntry& by = {});
  Result<void> discard(RecordId id, const AuditEntry& by = {});
  // Those of a deployment that are kept unsealed; of the others its keys tell.
  Result<void> discard_plain(const std::string& deployment);

 private:
  OpenLetter open(const KeptDeadLetter& kept) const;
  Result<void> send(const DeadLetter& letter);

  DeadLetterStore& store_;
  Sealer& sealer_;
  SubmissionQueue& journal_;
  const FindKey find_key_;
  std::mutex replaying_;  // two at once could both find the key absent
};

}  // namespace penstock::sinks
