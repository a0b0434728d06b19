// One journal on a simulated disk, driven without threads, and the ledger of what a client was told.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "journal/file_journal.hpp"
#include "metrics/registry.hpp"
#include "support/fake_clock.hpp"
#include "support/recording_sealer.hpp"
#include "support/sim_file_system.hpp"

namespace penstock::test {

// What was sent and what came of it. A payload is a batch; its text is unique.
class Ledger {
 public:
  enum class Fate { unknown, refused, acked };
  struct Entry {
    Fate fate = Fate::unknown;
    Sequence first = 0;  // when acked
    std::uint32_t count = 0;
  };

  std::string send(std::uint32_t count, std::size_t size, std::mt19937_64& random);
  void settle(const std::string& payload, Fate fate, Sequence first = 0);
  // A frame that a reader gave.
  void store(const Frame& frame);
  // Reading begins anew: for another look at the same journal.
  void forget_stored();
  // Sentences about broken promises; empty when all is well: acked − stored = ∅, stored − sent = ∅, no duplicates, bytes and
  // sequences as acknowledged.
  std::vector<std::string> complaints() const;
  std::size_t acked() const;
  std::uint64_t acked_records() const;
  std::uint64_t stored_records() const;

 private:
  std::map<std::string, Entry> sent_;
  std::map<std::string, std::set<Sequence>> stored_;  // payload → where it was read
  std::map<Sequence, std::string> by_sequence_;
  std::vector<std::string> broken_;
};

struct JournalRig {
  static constexpr const char* kDirectory = "/journal";

  JournalRig();

  Result<void> open();
  void close();                   // in good order
  void crash(std::uint64_t seed); // drops the journal as it is; what was not synced is at the mercy of the seed
  // Sends batches and commits them as one frame; true when all were acknowledged.
  bool commit(std::size_t batches = 1, std::size_t size = 200, std::uint32_t count = 3);
  // Reads everything from `from` into the ledger; returns the number of records read.
  std::uint64_t read_all(Sequence from = 1);
  // The same records as read_all() gives, by the parts of the journal, the newest first; checks that every frame lies in its part, and
  // its times too.
  std::uint64_t read_parts(Sequence from = 1);
  // Reads on from the sink's position and moves the cursor, as a sink does.
  void deliver();
  std::vector<std::string> segment_paths() const;  // oldest first
  double metric(const char* name) const { return registry->value(name).value_or(-1); }
  void expect_sound() const;  // no complaints, no violations of the disk's rules, no place sealed twice

  SimFileSystem fs;
  FakeClock clock;
  RecordingSealer sealer;
  journal::Options options;
  std::unique_ptr<metrics::Registry> registry;
  std::unique_ptr<journal::FileJournal> journal;
  Ledger ledger;
  Sequence delivered = 1;
  std::mt19937_64 random{42};
};

}  // namespace penstock::test
