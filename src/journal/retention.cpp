#include "journal/retention.hpp"

#include <algorithm>

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "journal/hold.hpp"

namespace penstock::journal {
namespace {

// Keys whose segment had to go while there was nowhere to write them: in memory only, until there is.
constexpr SegmentId kNoSegment = 0;

}  // namespace

Retention::Retention(JournalState& state, SegmentWriter& writer)
    : state_(state), writer_(writer), encoder_(state.sealer, state.options.compress, state.options.compress_above) {}

void Retention::run(std::uint64_t wanted) {
  while (const auto oldest = state_.catalog.oldest_consumed()) {
    if (!due(*oldest, wanted) || !remove(*oldest)) break;
  }
  if (writer_.open()) (void)keep_keys(kNoSegment);
}

bool Retention::due(const Segment& oldest, std::uint64_t wanted) const {
  if (oldest.first < state_.retire_before.load(std::memory_order_relaxed)) return true;
  if (state_.catalog.sizes().consumed > state_.options.keep_consumed_bytes) return true;
  if (state_.room.allowance() < std::max(state_.options.segment_bytes, wanted)) return true;
  const std::int64_t age = state_.ages.now().ns - oldest.last_commit.ns;
  return age > std::chrono::nanoseconds(state_.options.keep_consumed_age).count();
}

bool Retention::remove(const Segment& segment) {
  failpoint("journal.remove.before");
  if (!keep_keys(segment.name.id)) return false;
  failpoint("journal.remove.keys");
  // First of all: a reader that finds the file gone while the segment is still listed would call it lost.
  state_.catalog.set_leaving(segment.name.id, true);
  if (auto done = let_go(segment); !done && state_.files.exists(segment.path)) {
    log::warn("journal", "A consumed segment could not be removed", {{"file", segment.path}, {"reason", done.error().message}});
    state_.catalog.set_leaving(segment.name.id, false);
    return false;
  }
  failpoint("journal.remove.unlinked");
  // One by one: were a later segment gone after a crash and an earlier one back, the gap would look like loss.
  if (auto done = state_.files.sync_directory(state_.options.directory); !done) {
    log::warn("journal", "The journal's directory could not be synced", {{"reason", done.error().message}});
  }
  failpoint("journal.remove.synced");
  for (const CursorJump& jump : state_.catalog.remove(segment.name.id)) {
    state_.instruments.jumped(jump.sink).add(jump.to - jump.from);
    log::warn("journal", "A reader lagged further behind than it may; it goes on at the oldest record that is left",
              {{"reader", jump.sink}, {"from", jump.from}, {"to", jump.to}});
  }
  state_.room.refresh();
  return true;
}

// A backup that runs looks for new segments ten times a second, and may miss one that goes sooner: it is given them instead. Renaming onto a link to the
// same file does nothing, so what the backup holds already is removed here.
Result<void> Retention::let_go(const Segment& segment) {
  const std::string& journal = state_.options.directory;
  const std::string held = hold_folder(journal) + segment.path.substr(journal.size());
  if (backup_runs(state_.files, journal) && !state_.files.exists(held)) {
    if (auto given = state_.files.rename(segment.path, held); given) return given;
  }
  return state_.files.remove(segment.path);
}

bool Retention::keep_keys(SegmentId segment) {
  const auto keys = state_.keys.of_segment(segment, state_.ages.now());
  if (keys.empty()) return true;
  if (!writer_.open()) {
    state_.keys.move(keys, kNoSegment);
    return true;
  }
  const Sequence end = state_.window.durable_end();
  encoder_.set_keys(keys, end);
  const auto written = writer_.append(encoder_);
  if (written) state_.keys.move(keys, *written);
  return written.has_value();
}

}  // namespace penstock::journal
