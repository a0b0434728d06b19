// The keys of sealing as an administrator sees and changes them. No key is ever told, only fingerprints.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "penstock/core/result.hpp"
#include "penstock/core/time.hpp"
#include "penstock/ports/data_keys.hpp"

namespace penstock {

struct KeyStatus {
  std::string cipher;              // of what comes; empty: nothing new is sealed
  bool sealed = false;             // something in this data folder is or will be sealed; else all below is empty
  std::vector<std::string> outer;  // fingerprints, the one in force first; several: a rotation is not finished
  std::string outer_from;          // the file, or the option
  bool outer_in_file = false;      // of ours: this server can replace it
  struct Root {
    std::string id, under;  // under: the outer key's fingerprint
    Timestamp made_at;
  };
  std::vector<Root> roots;              // of the data folder, the newest last
  std::optional<DataKeyCounts> store;   // none: the database is away
};

struct KeyRotation {
  std::string from, to;  // fingerprints
  std::uint64_t roots = 0, data_keys = 0;
  std::uint64_t replaced = 0;      // data keys that new data has no more: chunks under them are sealed anew
  bool resumed = false;            // an earlier one was finished
  bool old_key_to_remove = false;  // the key is in no file of ours: it still holds the old one
};

struct KeyCheck {
  enum class State { never, running, passed, failed };
  State state = State::never;
  Timestamp begun, ended;
  std::uint64_t good = 0, bad = 0;  // data keys
  std::uint64_t orphans = 0;        // chunks without a key
  std::uint64_t damage = 0;         // places in the journal
  std::string problem;              // why it failed, or could not be done
};

// Thread-safe; every call blocks, but for check() and last_check().
class KeyKeeper {
 public:
  virtual ~KeyKeeper() = default;
  virtual Result<KeyStatus> status() = 0;
  // Done again after it was cut off, it goes on. conflict: the key is in no file of ours, and no new one stands before it.
  virtual Result<KeyRotation> rotate(bool data_keys) = 0;
  // In the background. False: one is under way.
  virtual bool check() = 0;
  virtual KeyCheck last_check() const = 0;
};

}  // namespace penstock
