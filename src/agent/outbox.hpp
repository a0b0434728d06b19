// The spool together with the places of the tailed files, kept such that a restart neither loses nor doubles a line.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "agent/agent.hpp"
#include "agent/spool.hpp"

namespace penstock::agent {

// State file "state" in the directory: how far the spool was taken, and the places as of a batch ("covered"). Every batch of lines
// carries the places that are right once it is in the spool, so what the file lacks is read back from the spool; before a batch that
// the file does not cover leaves the spool, the file is written. How far the spool was taken may lag behind: what is sent once more goes
// under its old key. So a machine that only samples itself writes the file rarely, which spares its SD card.
//
// A full disk: without the state file no batch could leave the spool and make room. So a file "reserve" holds room for it, and nothing is put into
// the spool while there is no reserve. Thread-safe.
class Outbox {
 public:
  // A damaged state is said in the log, put aside as "state.bad" and taken as none. conflict: another agent is at work there; too_large: the state
  // has more than 256 MiB; key_mismatch: the spool is sealed with another key; io_error, storage_full.
  static Result<std::unique_ptr<Outbox>> open(const std::string& directory, std::size_t limit_bytes, Sealer* sealer = nullptr);

  // As they were when the last batch was put or set_places() was called; "" until somebody looked at files and told their places for the first
  // time, if only as "\n": there are none.
  std::string places() const;
  void set_places(std::string places);

  // Puts a batch under a fresh idempotency key, together with the places that then hold (empty: as before). Errors as of Spool::append().
  Result<void> put(SpoolKind kind, std::uint32_t records, std::string places, std::string_view body);
  std::optional<SpooledBatch> front();
  // False: the places that the batch brought could not be written down, so it stays and is to be sent again under its key.
  bool taken(std::uint64_t sequence);
  // Writes the state file when it lacks places; with `all`, also when it lacks how far the spool was taken.
  Result<void> save(bool all);

  std::uint64_t bytes() const;
  std::uint64_t dropped_batches() const;
  std::uint64_t dropped_bytes() const;

 private:
  Outbox(Descriptor lock, std::string path, Spool spool, std::string places);
  Result<void> save_locked();
  std::string reserve_path() const;
  Result<void> keep_reserve(std::size_t places_bytes);

  Descriptor lock_;  // held as long as this lives: a second agent on the same directory is refused
  mutable std::mutex mutex_;
  std::string path_;
  Spool spool_;
  std::string places_;
  std::uint64_t covered_ = 0;
  std::uint64_t reserved_ = 0;  // bytes of the reserve
  bool places_changed_ = true;
  bool taken_changed_ = false;
};

}  // namespace penstock::agent
