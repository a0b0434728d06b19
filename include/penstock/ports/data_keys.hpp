// Where the data keys of chunks are kept, beside the chunks: servers on one store share them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/core/result.hpp"
#include "penstock/ports/sealer.hpp"

namespace penstock {

// A data key under an outer key. `use` within its deployment: "chunk/<day>", "dead-letter", "deletion".
struct WrappedKey {
  KeyId id = 0;
  std::string deployment;
  std::string use;
  std::string wrapped;
};

struct DataKeyCounts {
  std::string outer;             // fingerprint of the outer key in force in the store; empty: it has none yet
  std::uint64_t keys = 0;
  std::uint64_t retired = 0;     // replaced for new data, still needed to open old
  std::uint64_t sealed_chunks = 0, plain_chunks = 0;
  std::uint64_t retired_chunks = 0;  // under keys that were replaced: to be sealed anew
  std::uint64_t orphans = 0;     // sealed chunks whose key is not there
};

// Thread-safe; every call may block. unavailable: try again later.
class DataKeyStore {
 public:
  virtual ~DataKeyStore() = default;
  // The outer key in force, by its fingerprint; `own` becomes it where there is none.
  virtual Result<std::string> outer_in_force(const std::string& own) = 0;
  // The key in force for a use; where there is none, `fresh` becomes it, durably. key_mismatch: `outer`, under which `fresh` is wrapped, is
  // not (any more) the one in force, and nothing was kept.
  virtual Result<WrappedKey> in_force(const WrappedKey& fresh, const std::string& outer) = 0;
  // That key, and others of its deployment that are likely wanted next. Without it when it is not there (any more).
  virtual Result<std::vector<WrappedKey>> around(KeyId id) = 0;
  // Every key in one step: `rewrap` gives what to keep, and `outer` is in force from then on. All or nothing; how many there are.
  virtual Result<std::uint64_t> rewrap_all(const std::string& outer, const std::function<Result<std::string>(const WrappedKey&)>& rewrap) = 0;
  virtual Result<void> each(const std::function<Result<void>(const WrappedKey&)>& visit) = 0;
  // New data gets new keys from here on; how many were in force.
  virtual Result<std::uint64_t> retire_all() = 0;
  // They are gone, and so is what the store held under them; how many.
  virtual Result<std::uint64_t> destroy(const std::string& deployment) = 0;
  virtual Result<DataKeyCounts> counts() = 0;
};

}  // namespace penstock
