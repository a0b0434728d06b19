// What the writer, the readers and the journal itself share.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "core/settled_clock.hpp"
#include "journal/damage_log.hpp"
#include "journal/disk_room.hpp"
#include "journal/idempotency_index.hpp"
#include "journal/instruments.hpp"
#include "journal/live_window.hpp"
#include "journal/options.hpp"
#include "journal/segment_catalog.hpp"
#include "penstock/ports/clock.hpp"
#include "penstock/ports/file_system.hpp"
#include "penstock/ports/sealer.hpp"

namespace penstock::journal {

// So that a query of a short time reads about a megabyte where segments have 64.
inline constexpr std::uint64_t kPartsOfSegment = 64;

// Each part is thread-safe. The plain members are set while the journal is opened and constant afterwards.
struct JournalState {
  JournalState(Options o, FileSystem& f, Clock& c, Sealer& s, MetricsRegistry& m)
      : options(fitting(std::move(o))),
        files(f),
        clock(c),
        ages(c),
        sealer(s),
        instruments(m),
        catalog(options.segment_bytes / kPartsOfSegment),
        window(options.live_window_bytes),
        damage(files, options.directory, instruments.lost_records),
        keys(options.idempotency_bytes, options.idempotency_age),
        room(options, files, catalog) {}

  std::string path(const std::string& file) const { return options.directory + "/" + file; }

  std::optional<std::pair<Sequence, Sequence>> renumbering_wanted() {
    const std::lock_guard guard(renumbering_mutex);
    return renumbering;
  }
  void want_renumbering(Sequence from, Sequence to) {
    const std::lock_guard guard(renumbering_mutex);
    renumbering.emplace(from, to);
  }
  void forget_renumbering() {
    const std::lock_guard guard(renumbering_mutex);
    renumbering.reset();
  }

  // Why a request of ordinary size would not be taken; nothing when it would.
  std::optional<ErrorCode> refusal() const {
    if (const int code = refuse.load(std::memory_order_relaxed); code != 0) return static_cast<ErrorCode>(code - 1);
    const std::uint64_t request = std::min<std::uint64_t>(64u << 10, options.disk_budget / 64);
    if (!room.admits(pending_bytes.load() + request)) return ErrorCode::storage_full;
    return std::nullopt;
  }

  const Options options;
  FileSystem& files;
  Clock& clock;
  SettledClock ages;  // for what goes when it is old: a clock that jumps must not make keys forgotten
  Sealer& sealer;
  Instruments instruments;
  SyncTimes sync_times;
  SegmentCatalog catalog;
  LiveWindow window;
  DamageLog damage;
  IdempotencyIndex keys;
  DiskRoom room;

  JournalId id;
  std::unique_ptr<File> lock;               // held while the journal is open
  std::uint32_t next_segment_number = 1;    // upper half of the next segment id
  std::uint64_t torn_bytes = 0;
  Timestamp last_commit;                      // the latest that an earlier run has left; 0: none
  std::atomic<std::size_t> pending_bytes{0};  // submitted, not yet answered
  std::atomic<bool> turned_away{false};       // a submission found no room since the writer looked last
  std::atomic<Sequence> retire_before{0};     // as Journal::retire
  std::mutex renumbering_mutex;
  std::optional<std::pair<Sequence, Sequence>> renumbering;  // from, to: asked for, and not done yet
  std::atomic<int> refuse{0};                 // 0, or 1 + the ErrorCode that submissions are refused with
};

}  // namespace penstock::journal
