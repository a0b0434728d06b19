#include "sinks/store/dead_letter_desk.hpp"

#include <future>
#include <utility>

#include "core/xxhash_inline.hpp"
#include "sinks/store/dead_letters.hpp"

namespace penstock::sinks {
namespace {

constexpr std::size_t kPageBytes = 4u << 20;
constexpr std::size_t kPageLetters = 1000;

AuditEntry letter_entry(AuditEntry by, const char* action, RecordId id) {
  if (by.actor.empty()) return {};
  by.action = action;
  by.object = "dead-letter:" + to_string(id);
  return by;
}

IdempotencyEntry key_of(RecordId id) {
  const std::string name = "dead-letter/" + to_string(id);
  const XXH128_hash_t hash = XXH3_128bits(name.data(), name.size());
  return {hash.high64, hash.low64, 0, 0, "200{}"};
}

}  // namespace

DeadLetterDesk::DeadLetterDesk(DeadLetterStore& store, Sealer& sealer, SubmissionQueue& journal, FindKey find_key)
    : store_(store), sealer_(sealer), journal_(journal), find_key_(std::move(find_key)) {}

OpenLetter DeadLetterDesk::open(const KeptDeadLetter& kept) const {
  const DeadLetter& letter = kept.letter;
  OpenLetter opened{{letter.journal, letter.sequence}, letter.reason, letter.detail, kept.kept_at, "", ""};
  auto batch = open_dead_letter(sealer_, letter);
  if (batch) {
    opened.batch = std::move(*batch);
  } else {
    opened.unreadable = batch.error().message;
  }
  return opened;
}

Result<std::vector<OpenLetter>> DeadLetterDesk::list(RecordId after, std::size_t count) {
  const auto kept = store_.list(after, count, kPageBytes);
  if (!kept) return kept.error();
  std::vector<OpenLetter> letters;
  for (const KeptDeadLetter& one : *kept) letters.push_back(open(one));
  return letters;
}

Result<OpenLetter> DeadLetterDesk::find(RecordId id) {
  const auto kept = store_.find(id);
  if (!kept) return kept.error();
  return open(*kept);
}

Result<void> DeadLetterDesk::replay(RecordId id, const AuditEntry& by) {
  const std::lock_guard lock(replaying_);
  return store_.take(id, letter_entry(by, "dead_letter.replay", id), [this](const DeadLetter& letter) { return send(letter); });
}

Result<void> DeadLetterDesk::discard(RecordId id, const AuditEntry& by) {
  return store_.take(id, letter_entry(by, "dead_letter.discard", id), [](const DeadLetter&) { return Result<void>(); });
}

Result<void> DeadLetterDesk::discard_plain(const std::string& deployment) {
  const auto is_of = [&deployment](const DeadLetter& letter) {
    BatchReader reader(plain_batch(letter));
    RecordView record;
    return reader.next(record) && (record.kind == RecordKind::log ? record.log.deployment : record.point.deployment) == deployment;
  };
  for (RecordId after{};;) {
    const auto page = store_.list(after, kPageLetters, kPageBytes);
    if (!page) return page.error();
    if (page->empty()) return {};
    for (const KeptDeadLetter& kept : *page) {
      after = {kept.letter.journal, kept.letter.sequence};
      if (!is_of(kept.letter)) continue;
      auto gone = discard(after);
      if (!gone && gone.error().code != ErrorCode::not_found) return gone;
    }
  }
}

Result<void> DeadLetterDesk::send(const DeadLetter& letter) {
  const auto batch = open_dead_letter(sealer_, letter);
  if (!batch) return batch.error();
  BatchReader reader(*batch);
  RecordView record;
  if (batch->empty() || !reader.next(record)) {
    return Error{ErrorCode::corrupt, "This dead letter holds no record that could be sent again: discard it.", ""};
  }
  const IdempotencyEntry key = key_of({letter.journal, letter.sequence});
  if (find_key_(key.key_hi, key.key_lo)) return {};

  BatchWriter writer;
  if (record.kind == RecordKind::log) {
    writer.add(record.log);
  } else {
    writer.add(record.point);
  }
  writer.set_idempotency(key);
  Submission submission;
  submission.count = 1;
  submission.min_time = writer.min_time();
  submission.max_time = writer.max_time();
  submission.batch = writer.take();
  std::promise<Result<Sequence>> stored;
  submission.done = [&stored](Result<Sequence> sequence) { stored.set_value(std::move(sequence)); };
  if (auto taken = journal_.submit(std::move(submission)); !taken) return taken;
  const Result<Sequence> sequence = stored.get_future().get();
  if (!sequence) return sequence.error();
  return {};
}

}  // namespace penstock::sinks
