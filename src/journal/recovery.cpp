#include "journal/recovery.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "journal/id_file.hpp"
#include "journal/inspect.hpp"
#include "journal/random_bits.hpp"
#include "journal/segment_walker.hpp"

namespace penstock::journal {
namespace {

constexpr int kReadAttempts = 3;

std::optional<SegmentHeader> read_header(const File& file) {
  std::string bytes(kSegmentHeaderBytes, '\0');
  const auto got = file.read_at(0, std::as_writable_bytes(std::span(bytes)));
  if (!got || *got != bytes.size()) return std::nullopt;
  return decode_segment_header(bytes);
}

struct Tail {
  Sequence end = 0;
  std::uint64_t end_offset = kSegmentHeaderBytes;
  std::uint64_t torn_bytes = 0;
  bool readable = true;  // every byte could be read
  Timestamp last_commit;
};

// Frames are proven by the ones behind them, so only the last one's payload needs a look.
Result<Tail> scan_tail(const File& file, SegmentName name, bool tolerant) {
  SegmentWalker walker(file, name.id);
  if (tolerant) walker.tolerate_unreadable();
  Tail tail{name.first, kSegmentHeaderBytes, 0, !tolerant, {}};
  std::optional<SegmentWalker::Step> last;
  Sequence end_before_last = name.first;
  for (;;) {
    auto step = walker.next(UINT64_MAX);
    if (!step) return std::move(step).error();
    if (!step->found) {
      tail.torn_bytes = step->damaged_bytes;
      break;
    }
    end_before_last = tail.end;
    tail.end = std::max(tail.end, step->header.next());
    tail.end_offset = walker.offset();
    tail.last_commit = std::max(tail.last_commit, step->header.committed_at);
    last = std::move(*step);
  }
  if (!last) return tail;
  auto payload = walker.payload(*last);
  if (!payload) return std::move(payload).error();
  if (payload_matches({name.id, last->offset}, last->header, *payload)) return tail;
  tail.torn_bytes += tail.end_offset - last->offset;
  tail.end = std::max(end_before_last, last->header.durable_end);
  tail.end_offset = last->offset;
  return tail;
}

Result<Tail> scan_tail_patiently(const File& file, SegmentName name) {
  for (int attempt = 0; attempt < kReadAttempts; ++attempt) {
    auto tail = scan_tail(file, name, false);
    if (tail) return tail;
  }
  return scan_tail(file, name, true);
}

class Recovery {
 public:
  explicit Recovery(JournalState& state) : state_(state) {}

  Result<void> run() {
    if (auto listed = list(); !listed) return listed;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      // A step is made once, by the first segment there: others begin at the same place when that was left without records.
      const bool may_step = i == 0 || names_[i - 1].first != names_[i].first;
      if (auto added = add(names_[i], i + 1 == names_.size(), may_step); !added) return added;
    }
    failpoint("journal.recover.scanned");
    if (id_.value == 0) id_ = stored_id();
    state_.id = id_;
    store_id();
    state_.window.start_at(end_);
    if (state_.last_commit.ns != 0) state_.ages.begin_after(state_.last_commit);
    if (state_.torn_bytes != 0) {
      state_.instruments.torn_bytes.add(state_.torn_bytes);
      log::warn("journal", "The unacknowledged end of the last commit was dropped", {{"bytes", state_.torn_bytes}});
    }
    return state_.options.strict ? refuse_damage() : Result<void>();
  }

 private:
  Result<void> list() {
    auto files = state_.files.list(state_.options.directory);
    if (!files) return std::move(files).error();
    for (const std::string& file : *files) {
      if (file.ends_with(".segment.tmp")) {
        (void)state_.files.remove(state_.path(file));
      } else if (const auto name = parse_segment_file_name(file)) {
        names_.push_back(*name);
      }
    }
    std::sort(names_.begin(), names_.end());
    for (const SegmentName& name : names_) {
      state_.next_segment_number = std::max(state_.next_segment_number, static_cast<std::uint32_t>(name.id >> 32) + 1);
    }
    return {};
  }

  Result<void> add(SegmentName name, bool newest, bool may_step) {
    Segment segment;
    segment.name = name;
    segment.path = state_.path(segment_file_name(name));
    segment.first = segment.end = name.first;
    auto file = newest ? state_.files.open(segment.path) : state_.files.open_read(segment.path);
    if (file) {
      read_start(**file, segment, may_step);
      if (newest) {
        if (auto cut = cut_tail(**file, segment); !cut) return cut;
      }
    } else if (newest) {
      // Going on would give its sequences away a second time.
      return std::move(file).error();
    } else {
      log::error("journal", "A segment cannot be opened", {{"file", segment.path}, {"reason", file.error().message}});
    }
    end_ = std::max(end_, segment.end);
    state_.last_commit = std::max(state_.last_commit, segment.last_commit);
    state_.catalog.add(std::move(segment));
    return {};
  }

  void read_start(File& file, Segment& segment, bool may_step) {
    const auto size = file.size();
    segment.file_bytes = segment.end_offset = size ? *size : 0;
    if (const auto header = read_header(file)) {
      segment.last_commit = header->created_at;
      if (id_.value == 0) id_ = header->journal;
      const Sequence stood_at = header->stepped_from;
      if (may_step && stood_at != 0 && stood_at < segment.first && header->renumbered < stood_at) {
        segment.behind_step = header->renumbered == 0;
        state_.catalog.renumber(stood_at - header->renumbered, stood_at, segment.first - stood_at);
      }
    } else {
      log::error("journal", "The header of a segment is damaged; its frames are read all the same", {{"file", segment.path}});
    }
  }

  Result<void> cut_tail(File& file, Segment& segment) {
    auto tail = scan_tail_patiently(file, segment.name);
    if (!tail) return std::move(tail).error();
    segment.end = tail->end;
    segment.end_offset = tail->end_offset;
    segment.last_commit = std::max(segment.last_commit, tail->last_commit);
    state_.torn_bytes = tail->torn_bytes;
    // Bytes that could not be read may be good: they stay.
    if (tail->readable && segment.file_bytes > tail->end_offset && file.truncate(tail->end_offset)) {
      segment.file_bytes = tail->end_offset;
      failpoint("journal.recover.truncated");
    }
    // The last frame may be there only because the machine went on when its process ended: written, never synced, never answered. From
    // now on it counts, and who asks again with its key is told 200.
    return file.sync_data();
  }

  // Without a readable segment header the id is in its file; without any segment the journal begins anew, and so does its id.
  JournalId stored_id() {
    const JournalId fresh{static_cast<std::int64_t>(random_bits(state_.options) >> 1 | 1)};
    if (names_.empty()) return fresh;
    return read_id_file(state_.files, state_.options.directory).value_or(fresh);
  }

  // Best effort: the segments have it too.
  void store_id() {
    if (auto done = write_id_file(state_.files, state_.options.directory, state_.id); !done) {
      log::warn("journal", "The file with the journal's id could not be written", {{"reason", done.error().message}});
    }
  }

  Result<void> refuse_damage() {
    const auto report = inspect(state_.files, state_.options.directory, &state_.sealer);
    if (!report) return report.error();
    if (report->lost_records == 0) return {};
    return Error{ErrorCode::corrupt, "The journal has lost " + std::to_string(report->lost_records) +
                 " records to damage: mend the disk, or start without strict to go on with the rest.", ""};
  }

  JournalState& state_;
  std::vector<SegmentName> names_;
  JournalId id_;
  Sequence end_ = 1;
};

}  // namespace

Result<void> recover(JournalState& state) { return Recovery(state).run(); }

}  // namespace penstock::journal
