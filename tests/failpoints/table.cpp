#include "failpoints/table.hpp"

#include <array>

namespace penstock::failpoints {
namespace {

constexpr auto kTable = std::to_array<Point>({
    {"journal.write.before", "load", 20},
    {"journal.sync.before", "load", 20},
    {"journal.sync.after", "load", 20},
    {"journal.publish.before", "load", 20},
    {"journal.answer.before", "load", 20},
    {"journal.answer.after", "load", 20},
    {"journal.segment.created", "rotation", 4},
    {"journal.segment.allocated", "rotation", 4},
    {"journal.segment.headed", "rotation", 4},
    {"journal.segment.synced", "rotation", 4},
    {"journal.segment.renamed", "rotation", 4},
    {"journal.segment.placed", "rotation", 4},
    {"journal.rotate.before", "rotation", 3},
    {"journal.rotate.footer", "rotation", 3},
    {"journal.rotate.truncated", "rotation", 3},
    {"journal.remove.before", "rotation", 2},
    {"journal.remove.keys", "rotation", 2},
    {"journal.remove.unlinked", "rotation", 2},
    {"journal.remove.synced", "rotation", 2},
    {"journal.cursor.before", "first", 1},
    {"journal.cursor.written", "first", 1},
    {"journal.cursor.synced", "first", 1},
    {"journal.cursor.renamed", "first", 1},
    {"journal.recover.scanned", "restart", 1},
    {"journal.recover.truncated", "restart", 1},
    {"postgres.migration.applied", "first", 1},
    {"postgres.migration.committed", "first", 1},
    {"postgres.cursor.read", "restart", 1},
    {"postgres.store.begun", "load", 3},
    {"postgres.store.cursor", "load", 3},
    {"postgres.store.partitions", "load", 3},
    {"postgres.copy.sent", "load", 3},
    {"postgres.store.copied", "load", 3},
    {"postgres.commit.before", "load", 5},
    {"postgres.commit.sent", "load", 5},
    {"postgres.commit.answered", "load", 5},
    {"sinks.deliver.before", "load", 3},
    {"sinks.deliver.after", "load", 3},
    {"sinks.cursor.before", "load", 3},
    {"sinks.cursor.after", "load", 3},
    {"seal.outer_key.written", "first", 1},
    {"seal.ring.written", "first", 1},
    {"seal.data_key.kept", "load", 1},
    {"postgres.deletion.noted", "audit", 1},
    {"postgres.deletion.committed", "audit", 1},
    {"postgres.identity.applied", "audit", 1},
    {"postgres.identity.committed", "audit", 1},
    {"postgres.removal.asked", "removal", 1},
    {"postgres.removal.noted", "removal", 1},
    {"postgres.removal.portions", "removal", 1},
    {"postgres.removal.rows", "removal", 1},
    {"postgres.removal.done", "removal", 1},
    {"seal.rotate.both_keys", "keys", 1},
    {"seal.rotate.ring", "keys", 1},
    {"seal.rotate.store", "keys", 1},
    {"seal.rotate.store_done", "keys", 1},
    {"postgres.job.taken", "compaction", 1},
    {"postgres.job.deleted", "compaction", 1},
    {"postgres.job.stored", "compaction", 1},
    {"postgres.job.committed", "compaction", 1},
    {"postgres.retention.looked", "retention", 3},
    {"postgres.retention.removed", "retention", 1},
});

}  // namespace

std::span<const Point> table() { return kTable; }

}  // namespace penstock::failpoints
